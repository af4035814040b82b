"""Where one account's tokens are kept: a file of mode 0600 beside the ledger, or the keyring of the desktop.

Who renews them holds the lock, and reads them again once it has it: a refresh token that was replaced meanwhile is
worth nothing any more. The lock is a file in either case, and is held by the kernel, so no crash leaves it behind.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from watcher.domain.tokens import Tokens
from watcher.errors import Problem, Show, TryAgain

LOCK_WITHIN = 45.0
"""Seconds: longer than a renewal by somebody else may take."""

_TURN = 0.05
_SERVICE = "invitation-watcher"
_LONGEST_NAME = 150  # a file's may have 255 octets
_PASSING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE})


@dataclass(frozen=True, slots=True)
class Kept:
    """Tokens, and from whom: of another provider or client they are worth nothing. `over`: the provider ended it."""

    provider: str
    client_id: str
    tokens: Tokens
    over: datetime | None = None


class Store(Protocol):
    """Keeps one account's tokens. Raises Show where that cannot be done."""

    def read(self) -> Kept | None:
        """What is kept; None where there is nothing."""

    def write(self, kept: Kept) -> None:
        """Replace it as a whole."""

    def locked(self) -> Any:  # noqa: ANN401 - a context manager, however it is made
        """Inside, nobody else renews. Raises TryAgain where somebody else takes too long."""


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of the ledger, and whose tokens these are."""

    folder: Path
    account: str

    @property
    def stem(self) -> str:
        """What the files of this account are called."""
        name = quote(self.account, safe="@+")
        if len(name) > _LONGEST_NAME:
            name = f"{name[:100]}-{sha256(self.account.encode()).hexdigest()[:20]}"
        return f"sign-in-{name}"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Inside, no other thread or process holds it."""
        opened = self._opened()
        try:
            _lock(opened)
            yield
        finally:
            os.close(opened)

    def _opened(self) -> int:
        path = self.folder / f"{self.stem}.lock"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _unusable(path, error) from error


def _lock(opened: int) -> None:
    ends = time.monotonic() + LOCK_WITHIN
    while True:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > ends:
                raise TryAgain("another process is renewing the sign-in and does not come to an end") from None
            time.sleep(_TURN)
        else:
            return


@dataclass(frozen=True, slots=True)
class TokenFile:
    """Implements `Store` by a file."""

    place: Place

    @property
    def path(self) -> Path:
        """The file."""
        return self.place.folder / f"{self.place.stem}.json"

    def locked(self) -> Any:  # noqa: ANN401 - a context manager
        """See `Store`."""
        return self.place.locked()

    def read(self) -> Kept | None:
        """What the file holds. Raises Show where others may read it, or where it is damaged."""
        try:
            mode = stat.S_IMODE(self.path.stat().st_mode)
            if mode & 0o077:
                what = f"may be read by others (mode {mode:o})"
                raise Show(Problem(str(self.path), what, f"chmod 600 {self.path}"))
            return _kept(self.path.read_text("utf-8"), str(self.path))
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise _unusable(self.path, error) from error

    def write(self, kept: Kept) -> None:
        """By a new file that takes the place of the old one at once: a crash leaves the one or the other.

        Inside the lock, so that nobody else writes the new one.
        """
        new = self.path.with_suffix(".new")
        try:
            opened = os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(opened, "w", encoding="utf-8") as file:
                os.fchmod(opened, 0o600)
                file.write(_text(kept))
                file.flush()
                os.fsync(opened)
            new.replace(self.path)
            _sync(self.place.folder)
        except OSError as error:
            raise _unusable(self.path, error) from error


def _unusable(path: Path, error: OSError | UnicodeDecodeError) -> Show | TryAgain:
    """A disk that is full or failing may not be so for long: that is no reason to give the mailbox up."""
    what = getattr(error, "strerror", None) or "cannot be read"
    if isinstance(error, OSError) and error.errno in _PASSING:
        return TryAgain(f"the sign-in cannot be kept in {path}: {what}")
    return Show(Problem(str(path), what, "let the program read and write it"))


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@dataclass(frozen=True, slots=True)
class KeyringStore:
    """Implements `Store` by the desktop's keyring (extra `keyring`)."""

    place: Place

    def locked(self) -> Any:  # noqa: ANN401 - a context manager
        """See `Store`."""
        return self.place.locked()

    def read(self) -> Kept | None:
        """What the keyring holds."""
        with _keyring() as keyring:
            text = keyring.get_password(_SERVICE, self.place.account)
        return None if text is None else _kept(text, "the keyring")

    def write(self, kept: Kept) -> None:
        """Put it there."""
        with _keyring() as keyring:
            keyring.set_password(_SERVICE, self.place.account, _text(kept))


@contextmanager
def _keyring() -> Iterator[Any]:
    where = "WATCHER_OAUTH_STORE"
    try:
        import keyring  # noqa: PLC0415 - comes with an extra
        import keyring.errors  # noqa: PLC0415 - same
    except ImportError as error:
        remedy = "pip install 'invitation-watcher[keyring]', or set it to file"
        raise Show(Problem(where, "the keyring needs the extra keyring", remedy)) from error
    try:
        yield keyring
    except keyring.errors.NoKeyringError as error:
        raise Show(Problem(where, "this machine has no keyring", "set it to file")) from error
    except (keyring.errors.KeyringError, OSError) as error:
        raise TryAgain(f"the keyring does not open ({type(error).__name__})") from error


def _text(kept: Kept) -> str:
    tokens = kept.tokens
    return json.dumps(
        {
            "version": 1,
            "provider": kept.provider,
            "client_id": kept.client_id,
            "access_token": tokens.access,
            "ends": _iso(tokens.ends),
            "refresh_token": tokens.refresh,
            "since": _iso(tokens.since),
            "refresh_ends": _iso(tokens.refresh_ends),
            "over": _iso(kept.over),
        }
    )


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _kept(text: str, where: str) -> Kept:
    try:
        told = json.loads(text)
        tokens = Tokens(
            access=str(told["access_token"]),
            ends=_moment(told["ends"]),
            refresh=told["refresh_token"],
            since=datetime.fromisoformat(told["since"]).astimezone(UTC),
            refresh_ends=_moment(told["refresh_ends"]),
        )
        return Kept(str(told["provider"]), str(told["client_id"]), tokens, _moment(told["over"]))
    except (ValueError, LookupError, TypeError):
        raise Show(Problem(where, "the sign-in that is kept there is damaged", "run `watcher login`")) from None


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def over(kept: Kept, now: datetime) -> Kept:
    """The same, of which the provider wants to know nothing any more."""
    return replace(kept, over=now)
