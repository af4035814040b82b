"""An atheris target for the pure path: coverage leads it to mails that no table of mutations names.

    python tests/fuzz/fuzz_reading.py build/fuzz/corpus -max_total_time=60

The real and invented mails are its first inputs; what it finds new is added to the folder it is given. atheris is no
dependency of the project: whoever runs this installs it.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["watcher", "email"]):
    from pure_path import walk

from mutations import KEPT, seeds

LONGEST = 64 << 10


def plant(folder: Path) -> None:
    """Put the known mails where libFuzzer looks for its first inputs."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, mail in enumerate(seeds()):
        (folder / f"known-{number}.eml").write_bytes(mail)


def main() -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    folders = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    if folders:
        plant(Path(folders[0]))
    options = [f"-max_len={LONGEST}", "-timeout=20", "-rss_limit_mb=1024", f"-artifact_prefix={KEPT}/"]
    atheris.Setup([sys.argv[0], *options, *sys.argv[1:]], walk)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
