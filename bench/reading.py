"""What reading a mail costs beside the standard library's own parser, over the same mails, in one run.

Ours: bytes → Message → Reading (genuine, kind, card, verdict, route) → the draft of an invitation. Beside it:
`message_from_bytes` with the default policy and the text and HTML bodies decoded, which tells nothing of the mail yet.
The ways take turns, so that all meet the same machine. Prints mails a second and the ratio; ends with 1 below the bar.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from email import message_from_bytes, policy
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "fuzz"))

from pure_path import draft, read

from watcher.samples import sample_mails

CORPUS = Path(__file__).parents[1] / "tests" / "corpus"
ROUNDS = 40
BAR = 0.4

Way = Callable[[bytes], object]


def with_draft(content: bytes) -> None:
    draft(read(content))


def standard_library(content: bytes) -> None:
    mail = message_from_bytes(content, policy=policy.default)
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        try:
            body.get_content() if body is not None else None
        except (LookupError, ValueError):
            continue  # a charset or an encoding that the library gives up on


WAYS: dict[str, Way] = {
    "ours, with the draft": with_draft,
    "ours, reading alone": read,
    "standard library": standard_library,
}


def rate(way: Way, mails: Sequence[bytes]) -> float:
    """Mails a second of CPU time."""
    gc.collect()
    started = time.process_time()
    for mail in mails:
        way(mail)
    return len(mails) / (time.process_time() - started)


def main() -> int:
    corpus = [path.read_bytes() for path in sorted(CORPUS.glob("*.eml"))]
    mails = [*corpus, *(sample.content for sample in sample_mails())]
    rounds = [{name: rate(way, mails) for name, way in WAYS.items()} for _ in range(ROUNDS + 1)][
        1:
    ]  # the first warms up
    print(f"{len(mails)} mails, {sum(map(len, mails)):,} octets, {ROUNDS} rounds; mails a second, min / median / max")
    for name in WAYS:
        rates = [each[name] for each in rounds]
        print(f"  {name:21} {min(rates):6.0f} / {statistics.median(rates):6.0f} / {max(rates):6.0f}")
    whole, alone = (
        statistics.median(each[name] / each["standard library"] for each in rounds) for name in list(WAYS)[:2]
    )
    print(f"  ratio to the standard library: {whole:.2f} with the draft (bar {BAR}), {alone:.2f} reading alone")
    return 0 if whole >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
