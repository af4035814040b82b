"""Servers' programs out of Debian's packages, unpacked under `build` by `unpack.sh` and not installed.

Where a program has a folder compiled in, a copy of it gets another path of the same length, and a link there leads into
the copy: so nothing outside it is touched, and nobody has to be root.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from servers.loopback import NotHere, hand_over, private_folder

BUILD = Path(__file__).parents[2] / "build"
_PROGRAM = b"\x7fELF"
_SHORTEST = 6  # so many letters of a digest tell links apart


def unpacked(name: str, program: str) -> Path:
    """The unpacked packages of `name`, with `program` among them. Raises NotHere."""
    place = BUILD / name
    if not (place / "root" / program).is_file():
        told = place / "NOT-HERE"
        raise NotHere(told.read_text().strip() if told.is_file() else f"`make build/{name}/.ready` unpacks it")
    return place / "root"


@contextmanager
def copied(source: Path, compiled_in: Sequence[str] = ()) -> Iterator[Path]:
    """A copy at a place that the server's user can reach; its programs look there for what is `compiled_in`."""
    with private_folder("iw-root-") as place:
        root = place / "root"
        shutil.copytree(source, root, symlinks=True, ignore=shutil.ignore_patterns("doc", "man", "locale"))
        links = {path: _link_of_the_same_length(root, path) for path in compiled_in}
        _rewrite(root, {path.encode(): str(link).encode() for path, link in links.items()})
        try:
            for path, link in links.items():
                (root / path.lstrip("/")).mkdir(parents=True, exist_ok=True)
                link.symlink_to(root / path.lstrip("/"))
            hand_over(root)
            yield root
        finally:
            for link in links.values():
                link.unlink(missing_ok=True)


def _link_of_the_same_length(root: Path, path: str) -> Path:
    folder = Path(tempfile.gettempdir())
    left = len(path) - len(f"{folder}/")
    if left < _SHORTEST:
        raise NotHere(f"{folder} has too long a name: set TMPDIR to a short one")
    return folder / hashlib.sha256(f"{root}{path}".encode()).hexdigest()[:left]


def _rewrite(root: Path, paths: dict[bytes, bytes]) -> None:
    found = set[bytes]()
    for file in root.rglob("*") if paths else ():
        content = b"" if file.is_symlink() or not file.is_file() else file.read_bytes()
        named = {path for path in paths if path in content} if content.startswith(_PROGRAM) else set()
        for path in named:
            content = content.replace(path, paths[path])
        if named:
            file.write_bytes(content)
        found |= named
    assert found == paths.keys(), f"these packages are laid out differently: {found ^ paths.keys()}"


def library_path(root: Path) -> str:
    return ":".join(sorted({str(path.parent) for path in root.rglob("*.so*")}))
