"""Implements `ports.Premises`: the files of one mailbox's program, the disk, and who is at the page's address."""

from __future__ import annotations

import http.client
import shutil
import socket
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from watcher.errors import TryAgain
from watcher.ports import Door, PrivateFile

_PATIENCE = 2.0
_KEPT = ("key", "page-token", "sign-in-*", "opinions.sqlite*", "maildir-*.sqlite*")
_OURS = b"watcher open"
"""Stands on what the page shows to whoever comes without its link."""


@dataclass(frozen=True, slots=True)
class LocalPremises:
    """`settings` are files of settings; `web` is host and port of the page, None where it is off."""

    settings: Sequence[Path]
    ledger: Path
    web: tuple[str, int] | None

    @property
    def data(self) -> Path:
        """The folder of the ledger."""
        return self.ledger.parent

    def files(self) -> Iterator[PrivateFile]:
        """The settings, the ledger, and what the program keeps beside it. Raises TryAgain."""
        try:
            beside = {path for name in (f"{self.ledger.name}*", *_KEPT) for path in self.data.glob(name)}
            for path in (*self.settings, *sorted(beside)):
                if path.is_file():
                    yield PrivateFile(str(path), stat.S_IMODE(path.stat().st_mode))
        except OSError as error:
            raise TryAgain(f"{self.data} cannot be looked into: {error.strerror}") from error

    def room(self) -> int:
        """Octets that are free to us where the ledger lies, or will lie. Raises TryAgain."""
        there = next(folder for folder in (self.data, *self.data.parents) if folder.is_dir())
        try:
            return shutil.disk_usage(there).free
        except OSError as error:
            raise TryAgain(f"{there} cannot be looked into: {error.strerror}") from error

    def page(self) -> tuple[str, Door] | None:
        """Who answers there; whoever listens and says something else is another program."""
        if self.web is None:
            return None
        host, port = self.web
        place = f"{f'[{host}]' if ':' in host else host}:{port}"
        try:
            socket.create_connection((host, port), _PATIENCE).close()
        except OSError:
            return place, Door.NOBODY
        return place, Door.OURSELVES if self._is_ours(host, port) else Door.ANOTHER

    @staticmethod
    def _is_ours(host: str, port: int) -> bool:
        asked = http.client.HTTPConnection(host, port, timeout=_PATIENCE)
        try:
            asked.request("GET", "/")
            return _OURS in asked.getresponse().read(64 << 10)
        except (OSError, http.client.HTTPException):
            return False
        finally:
            asked.close()
