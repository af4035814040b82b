"""Errors are sorted by what the caller does next, not by where they come from.

`Show`      the person must change something: every problem is told at once, exit code 2.
`TryAgain`  the server, the network or the disk failed: the next pass may succeed, exit code 3.
`GiveUp`    this one message cannot be worked on; the pass goes on with the others.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where it stands, and what to do about it.

    `where` names the setting, file and line (`WATCHER_IMAP_PORT, .env line 3`); `what` never holds a secret.
    """

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} — {self.remedy}"


class WatcherError(Exception):
    """Anything this program raises on purpose."""


class Show(WatcherError):  # noqa: N818 - named by what the caller does
    """The person has to change a setting, a password, a folder or a template."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class NotSignedIn(Show):
    """Nobody can sign in with what is set and kept: the person corrects it, or signs in anew by `watcher login`."""


class NotLetIn(NotSignedIn):
    """The server refused the user or the password. Too many of these, and a provider locks the account."""


class ShowForNow(Show):
    """The same; but time or somebody else may put it right, as a certificate: who stays and watches tries it again."""


class TryAgain(WatcherError):  # noqa: N818 - named by what the caller does
    """The server, the network or the disk failed; nothing is lost and a later pass may succeed.

    `wait` is the server's own "back off for so many seconds", where it said one.
    """

    def __init__(self, what: str, *, wait: float | None = None) -> None:
        self.wait = wait
        super().__init__(what)


class NotStored(TryAgain):
    """A draft was to be stored, and it is certain that it was not: the same may be tried again without a doubt."""


class GiveUp(WatcherError):  # noqa: N818 - named by what the caller does
    """One message or one invitation cannot be worked on; `str()` says why, in words for the person."""
