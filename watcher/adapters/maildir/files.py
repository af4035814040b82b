"""One mail's file: read without a trace, up to a limit, as it would travel by IMAP; and a draft put as a new file.

Maildirs keep lines with LF by custom; IMAP, signatures and sizes know CRLF alone, so that is what is handed on. A draft
is written with LF, and read back it is what it was.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from watcher.adapters.maildir.names import as_draft, new_name
from watcher.domain.message import MAX_HEADER_BLOCK

_BARE_LF = re.compile(rb"(?<!\r)\n")
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_CHUNK = 16 << 10
# Without it a mere look would set the time of last access, where the disk keeps one; only the owner may ask for it.
_NO_ATIME = getattr(os, "O_NOATIME", 0)


@dataclass(frozen=True, slots=True)
class OnDisk:
    """What was read of one mail's file: with CRLF; the whole mail's size as IMAP counts it; the octets that it took."""

    content: bytes
    size: int
    octets: int


def read_header(path: bytes) -> OnDisk:
    """The header block alone, without the blank line. Raises OSError."""
    descriptor = _opened(path)
    try:
        read = os.read(descriptor, _CHUNK)
        while not (end := _HEADER_END.search(read)) and len(read) < MAX_HEADER_BLOCK:
            more = os.read(descriptor, _CHUNK)
            if not more:
                break
            read += more
    finally:
        os.close(descriptor)
    header = with_crlf(read[: end.start() if end else MAX_HEADER_BLOCK])
    return OnDisk(header, len(header), len(read))


def read_mail(path: bytes, most: int) -> OnDisk:
    """The first `most` octets of a file. Raises OSError."""
    with open(_opened(path), "rb") as file:
        read = file.read(most)
        left = max(os.fstat(file.fileno()).st_size - len(read), 0)
    content = with_crlf(read)
    return OnDisk(content, len(content) + left, len(read))


def with_crlf(content: bytes) -> bytes:
    """The same lines as they travel."""
    return _BARE_LF.sub(b"\r\n", content)


def deliver_draft(folder: Path, content: bytes, at: datetime, handing_over: Callable[[], None]) -> str:
    """Put a draft into `cur`, whole or not at all: where this raises, nothing of it is there.

    Written and flushed in `tmp`, dated, then renamed: a name that nobody else has, so nothing can be overwritten.
    """
    name = new_name(at)
    folder.joinpath("tmp").mkdir(mode=0o700, exist_ok=True)
    written = folder / "tmp" / name
    try:
        _write(written, content.replace(b"\r\n", b"\n"))
        os.utime(written, (at.timestamp(), at.timestamp()))
        handing_over()
        written.rename(folder / "cur" / as_draft(name))
    except BaseException:
        with suppress(OSError):
            written.unlink()
        raise
    return name


def flush_directory(place: Path) -> None:
    """Let the disk keep a new name also over a power cut. Raises OSError."""
    descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(place: Path, content: bytes) -> None:
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _opened(path: bytes) -> int:
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.open(path, flags | _NO_ATIME)
    except PermissionError:
        return os.open(path, flags)
