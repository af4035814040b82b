"""Takes real and hostile mails apart at random and sends each through the pure path: nothing may raise, stall or swell.

    python tests/fuzz/mutations.py --count 300000 [--seed N] [--jobs N]

The first mails are the hostile ones as they stand; mail number N of a seed is always the same one. A mail that fails
is kept in build/fuzz.
"""

import argparse
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from random import Random
from types import FrameType

from hostile import HOSTILE, Mail, bait, baited
from pure_path import walk

from watcher.samples import sample_mails

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "build" / "fuzz"
MAX_SECONDS = 2.0
MAX_MEGABYTES = 300.0
GIVE_UP_AFTER = 20
CHUNK = 250

HOSTILE_SHARE = 0.002
"""How many of the mails come of hostile ones, as they cost a hundred times what others do."""

Mutation = Callable[[Random, bytes], bytes]


class TooSlow(BaseException):
    """A mail that would go on for ever; no handler of the program's own may swallow it."""


@dataclass(frozen=True)
class Failure:
    """One mail that broke a promise."""

    number: int
    why: str


@dataclass(frozen=True)
class Measured:
    """What a run of mails cost."""

    mails: int
    failures: tuple[Failure, ...]
    slowest: tuple[float, int]
    megabytes: float


# ------------------------------------------------------------------------------------------------- how mail is changed


def flip(rng: Random, mail: bytes) -> bytes:
    changed = bytearray(mail)
    for _ in range(rng.choice((1, 3, 20))):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def cut(rng: Random, mail: bytes) -> bytes:
    start, end = _span(rng, mail)
    return mail[:start] if rng.random() < 0.5 else mail[:start] + mail[end:]


def repeat(rng: Random, mail: bytes) -> bytes:
    start, end = _span(rng, mail)
    piece = mail[start : min(end, start + 400)]
    return mail[:start] + piece * rng.choice((2, 5, 60)) + mail[start:]


def splice(rng: Random, mail: bytes) -> bytes:
    other = rng.choice(seeds())
    return mail[: _span(rng, mail)[0]] + other[_span(rng, other)[0] :]


def double_header(rng: Random, mail: bytes) -> bytes:
    head, gap, body = _parted(mail)
    lines = head.splitlines(keepends=True)
    if lines:
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(lines))
    return b"".join(lines) + gap + body


def strange_header(rng: Random, mail: bytes) -> bytes:
    return rng.choice(HEADERS) + b"\r\n" + mail


def strange_bytes(rng: Random, mail: bytes) -> bytes:
    start, _ = _span(rng, mail)
    return mail[:start] + rng.choice(STRANGE) * rng.choice((1, 1, 4, 300)) + mail[start:]


def swap_lines(rng: Random, mail: bytes) -> bytes:
    lines = mail.splitlines(keepends=True)
    if len(lines) > 1:
        one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def other_charset(rng: Random, mail: bytes) -> bytes:
    return mail.replace(rng.choice((b"utf-8", b"UTF-8", b"us-ascii")), rng.choice(CHARSETS))


def other_encoding(rng: Random, mail: bytes) -> bytes:
    encodings = (b"base64", b"quoted-printable", b"8bit", b"7bit")
    return mail.replace(rng.choice(encodings), rng.choice((*encodings, b"x-uuencode", b"\0")))


def nest(rng: Random, mail: bytes) -> bytes:
    head, _, body = _parted(mail)
    kind = rng.choice((b"multipart/mixed; boundary=zz", b"multipart/alternative; boundary=zz", b"message/rfc822"))
    return head + b"\r\nContent-Type: " + kind + b"\r\n\r\n--zz\r\n" + head + b"\r\n\r\n" + body + b"\r\n--zz--\r\n"


def take_bait(rng: Random, mail: bytes) -> bytes:
    start, _ = _span(rng, mail)
    run = rng.choice(bait())[: rng.choice((40, 400, 4_000))]
    return mail[:start] + run.encode("utf-8", "surrogatepass") + mail[start:]


MUTATIONS: tuple[Mutation, ...] = (
    flip, cut, repeat, splice, double_header, strange_header, strange_bytes, swap_lines, other_charset, other_encoding,
    nest, take_bait,
)  # fmt: skip
CHARSETS = tuple(
    b"utf-7 utf-16 utf-32 iso-2022-jp hz gb18030 big5 cp037 koi8-r punycode idna unicode_escape zlib none \xff".split()
)
STRANGE = (
    b"\0",
    b"\r",
    b"\n\n",
    b"\x85",
    b"\x1b[31m",
    "\u202e".encode(),
    "\u200b".encode(),
    "\u2028".encode(),
    b"\xed\xa0\x80",
    b"\xff\xfe",
    b"\xc3",
    b"&#xd800;",
    b"&#0;",
    b"&lt;",
    b"=?UTF-8?Q?=0ABcc:_a@example.test?=",
    b"=\r\n",
    b"--",
    b"<div>",
    b"</table>",
    b"<!--",
    b"<![CDATA[",
    b"<style>",
    b"http://[",
    b"https://www.linkedin.com/comm/in/a?trk=eml-a",
    "ﷺ".encode(),
    "\U0001f600".encode(),
    "a\u0301".encode(),
    "ı".encode(),
    "ß".encode(),
    "日本".encode(),
    "।".encode(),
)
HEADERS = (
    b"To: (c):",
    b"From: ",
    b"From: =?UTF-8?Q?a=0D=0Ab?= <a@linkedin.com>",
    b"Subject: =?utf-8?B?//8=?=",
    b"Subject: Re: aw: [",
    b"Date: Mon, 99 Foo 2026 99:99:99 +9999",
    b"Date: Fri, 31 Dec 9999 23:00:00 -2300",
    b"Message-ID: <>",
    b"Message-ID: <\xff>",
    b"References: <a@b> <c",
    b"Reply-To: Tilda <x@reply.linkedin.com>",
    b"Reply-To: a@b@c, \xff",
    b"Content-Type: text/html",
    b"Content-Type: multipart/mixed; boundary*0*=utf-8''%ff",
    b"Content-Type: text/plain; charset*=utf-16''%ff%fe",
    b"Content-Disposition: inline; filename*=utf-16''%ff%fe",
    b'Authentication-Results: mx.example.test; dkim=pass ("',
    b"Received: from (",
    b"X-LinkedIn-Template: invite_member_28",
    b"X-LinkedIn-Class: INVITE-MBR",
    b"Feedback-ID: a:linkedin",
    b" folded",
    b": no name",
    b"Sender: messages-noreply@bounce.linkedin.com",
    b"From: a <invitations@linkedin.com>",
)


def _span(rng: Random, mail: bytes) -> tuple[int, int]:
    one, other = rng.randrange(len(mail) + 1), rng.randrange(len(mail) + 1)
    return min(one, other), max(one, other)


def _parted(mail: bytes) -> tuple[bytes, bytes, bytes]:
    gap = b"\r\n\r\n" if b"\r\n\r\n" in mail else b"\n\n"
    return mail.partition(gap)


# ------------------------------------------------------------------------------------------------------- which mails


@cache
def seeds() -> tuple[bytes, ...]:
    corpus = sorted((ROOT / "tests" / "corpus").glob("*.eml"))
    return (*(path.read_bytes() for path in corpus), *(sample.content for sample in sample_mails()))


@cache
def fixed() -> tuple[Mail, ...]:
    """What every row begins with: each hostile mail, and each piece of bait at each place."""
    return (*HOSTILE.values(), *(built for run in bait() for built in baited(run).values()))


def mail_number(seed: int, number: int) -> bytes:
    """One mail of the endless row that a seed stands for."""
    if number < len(fixed()):
        return fixed()[number]()
    rng = Random(f"{seed}:{number}")
    mail = rng.choice(fixed())() if rng.random() < HOSTILE_SHARE else rng.choice(seeds())
    for _ in range(rng.choice((1, 1, 2, 4))):
        mail = rng.choice(MUTATIONS)(rng, mail)
    return mail


# --------------------------------------------------------------------------------------------------------- measuring


def failure_of(content: bytes) -> tuple[str | None, float]:
    """Why one mail fails, None where it does not, and its CPU seconds."""
    signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, GIVE_UP_AFTER)
    started = time.process_time()
    try:
        walk(content)
    except (Exception, TooSlow) as error:  # noqa: BLE001 - whatever it raises is the finding
        return f"{type(error).__name__}: {error}"[:300], time.process_time() - started
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    seconds = time.process_time() - started
    return (f"took {seconds:.1f} s" if seconds > MAX_SECONDS else None), seconds


def measure(seed: int, numbers: range) -> Measured:
    """Send a run of mails through the pure path."""
    failures, slowest = [], (0.0, numbers.start)
    for number in numbers:
        why, seconds = failure_of(mail_number(seed, number))
        slowest = max(slowest, (seconds, number))
        if why:
            failures.append(Failure(number, why))
    return Measured(len(numbers), tuple(failures), slowest, megabytes())


def megabytes() -> float:
    """The most memory that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def together(runs: list[Measured]) -> Measured:
    return Measured(
        sum(run.mails for run in runs),
        tuple(failure for run in runs for failure in run.failures),
        max(run.slowest for run in runs),
        max(run.megabytes for run in runs),
    )


def keep(seed: int, failure: Failure) -> Path:
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"{seed}-{failure.number}.eml"
    path.write_bytes(mail_number(seed, failure.number))
    return path


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise TooSlow(f"not done after {GIVE_UP_AFTER} s of CPU")


# ------------------------------------------------------------------------------------------------------- command line


def _run(work: tuple[int, range]) -> Measured:
    seed, numbers = work
    return measure(seed, numbers)


def _runs(seed: int, count: int, jobs: int) -> Iterator[Measured]:
    chunks = [(seed, range(start, min(start + CHUNK, count))) for start in range(0, count, CHUNK)]
    # Spawned, so that a worker's memory is its own and not what it was forked with.
    with get_context("spawn").Pool(jobs) as pool:
        for run in pool.imap_unordered(_run, chunks):
            for failure in run.failures:
                print(f"{keep(seed, failure)}: {failure.why}", flush=True)  # noqa: T201 - a command's output
            yield run


def main() -> int:
    parser = argparse.ArgumentParser(description="Send mutated mails through the pure path.")
    parser.add_argument("--count", type=int, default=300_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    wanted = parser.parse_args()
    started = time.perf_counter()
    total = together(list(_runs(wanted.seed, wanted.count, wanted.jobs)))
    seconds = time.perf_counter() - started
    print(  # noqa: T201 - a command's output
        f"{total.mails:,} mails of seed {wanted.seed} in {seconds:.0f} s ({total.mails / seconds:.0f} a second):"
        f" {len(total.failures)} failed; slowest {total.slowest[0]:.2f} s CPU (mail {total.slowest[1]}),"
        f" most memory {total.megabytes:.0f} MB"
    )
    return 1 if total.failures or total.megabytes > MAX_MEGABYTES else 0


if __name__ == "__main__":
    sys.exit(main())
