"""Several mailboxes: one `NAME.env` each in the folder of WATCHER_ACCOUNTS, over what is set outside of it.

Each is told of by itself, so that what is wrong in one file stops that mailbox alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from watcher.config.given import Entry, Given, read, told
from watcher.config.loading import gathered, settled
from watcher.config.settings import Settings, at_home
from watcher.errors import Problem, Show

SETTING = "WATCHER_ACCOUNTS"
SUFFIX = ".env"

_FOR_ALL = (SETTING, "WATCHER_LOG", "WATCHER_LOG_LEVEL", "WATCHER_WEB")
"""What holds for the whole program, whatever mailboxes it watches."""

_EITHER_OR = (
    ("WATCHER_IMAP_PASSWORD", "WATCHER_IMAP_PASSWORD_FILE"),
    ("WATCHER_IMAP_HOST", "WATCHER_MAILBOX"),
    ("WATCHER_OAUTH_CLIENT_SECRET", "WATCHER_OAUTH_CLIENT_SECRET_FILE"),
    ("WATCHER_LLM_KEY", "WATCHER_LLM_KEY_FILE"),
    ("WATCHER_ALARMS", "WATCHER_ALARMS_FILE"),
    ("WATCHER_NOTICES", "WATCHER_NOTICES_FILE"),
    ("WATCHER_SCHEDULE", "WATCHER_POLL_EVERY"),
)
"""Settings that cannot stand together: a file that names one of them takes the place of the other outside, too."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """What each mailbox is set to, by its name, or what is wrong with it. Alone, a mailbox is named by its address."""

    settings: Mapping[str, Settings]
    problems: Mapping[str, Show]

    @property
    def names(self) -> list[str]:
        """Every name, in alphabetical order."""
        return sorted({*self.settings, *self.problems})

    def only(self, name: str) -> Accounts:
        """The one of this name. Raises Show where there is none."""
        if name in self.problems:
            raise self.problems[name]
        if name not in self.settings:
            what = f"there is no mailbox {name!r}"
            raise Show(Problem("--account", what, f"name one of {', '.join(self.names)}"))
        return Accounts({name: self.settings[name]}, {})

    def one(self, name: str | None) -> Settings:
        """The settings of this name, or of the only mailbox. Raises Show where it is not clear which is meant."""
        if name is None and len(self.names) > 1:
            what = f"there are {len(self.names)} mailboxes"
            raise Show(Problem("--account", what, f"name one of {', '.join(self.names)}"))
        (settings,) = self.only(name or self.names[0]).settings.values()
        return settings


def load_accounts(environ: Mapping[str, str], folder: Path) -> Accounts:
    """The settings of every mailbox. Raises Show for what concerns all of them."""
    outside = gathered(environ, folder)
    place = outside.text(SETTING)
    if place is None:
        alone = settled(outside)
        return Accounts({alone.my_address.lower(): alone}, {})
    settings: dict[str, Settings] = {}
    problems: dict[str, Show] = {}
    for path in _files(at_home(place), outside):
        try:
            settings[path.stem] = settled(_over(outside, path))
        except Show as shown:
            problems[path.stem] = shown
    return _told_apart(settings, problems, at_home(place))


def _files(folder: Path, outside: Given) -> list[Path]:
    """The files, by name. Raises Show where there is none."""
    where = f"{SETTING}, {outside.entries[SETTING].place}"
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix == SUFFIX and not path.name.startswith("."))
    except OSError as error:
        raise Show(Problem(where, f"{folder} cannot be read: {told(error)}", "name a folder of yours")) from None
    if not found:
        remedy = f"write one for each mailbox, such as {folder / 'robin.env'}, or take the setting out"
        raise Show(Problem(where, f"there is no NAME.env in {folder}", remedy))
    return found


def _over(outside: Given, path: Path) -> Given:
    """What is given for the mailbox of this file. Raises Show."""
    refuse_odd_name(path.stem, str(path))
    own = read(path)
    if own is None:
        raise Show(Problem(str(path), "holds no setting", "fill it in, or take it out of the folder"))
    return laid_over(outside, own, path)


def refuse_odd_name(name: str, where: str) -> None:
    """Raises Show where no mailbox can be called so."""
    if not re.fullmatch(r"[A-Za-z0-9][\w@.+-]{0,63}", name, re.ASCII):
        what = "cannot be the name of a mailbox"
        raise Show(Problem(where, what, "name the file with letters, digits and . _ - + @, such as robin.env"))


def laid_over(outside: Given, own: Given, path: Path) -> Given:
    """What a mailbox's own file gives, and below it what is set outside."""
    replaced = {name for group in _EITHER_OR if any(map(own.text, group)) for name in group}
    inherited = {name: entry for name, entry in outside.entries.items() if name not in {SETTING, *replaced}}
    entries = {**inherited, **{name: entry for name, entry in own.entries.items() if entry.value}}
    return replace(own, entries=entries, problems=(*outside.problems, *own.problems, *_misplaced(own)), file=str(path))


def _misplaced(own: Given) -> Iterator[Problem]:
    for name in _FOR_ALL:
        if entry := own.entries.get(name):
            what = "holds for the whole program, not for one mailbox"
            yield Problem(f"{name}, {entry.place}", what, "set it outside of this folder")


def _told_apart(settings: dict[str, Settings], problems: dict[str, Show], folder: Path) -> Accounts:
    """Two files of one mailbox or of one address are both refused: each would draft what the other has drafted."""
    owners: dict[str, list[str]] = {}
    for name, one in settings.items():
        for what in {f"the address {one.my_address.lower()}", _mailbox(one)}:
            owners.setdefault(what, []).append(name)
    for what, names in owners.items():
        for name in names if len(names) > 1 else []:
            others = ", ".join(str(folder / f"{other}{SUFFIX}") for other in names if other != name)
            problem = Problem(str(folder / f"{name}{SUFFIX}"), f"{what} is in {others} too", "keep one of them")
            problems[name] = Show(*_of(problems.get(name)), problem)
            settings.pop(name, None)
    return Accounts(settings, problems)


def _mailbox(one: Settings) -> str:
    if one.mailbox is not None:
        return f"the Maildir {one.mailbox.absolute()}"
    return f"the mailbox of {one.imap_user} on {one.imap_host.lower()}, port {one.port},"


def _of(shown: Show | None) -> tuple[Problem, ...]:
    return shown.problems if shown else ()


# ----------------------------------------------------------------------------------------------- for whoever mends them


@dataclass(frozen=True, slots=True)
class Trial:
    """One mailbox's settings as far as they can be used: without those that have problems, None where that is too few.

    `files` are those in which they stand.
    """

    name: str
    settings: Settings | None
    problems: tuple[Problem, ...]
    files: tuple[Path, ...]


def as_far_as_they_go(environ: Mapping[str, str], folder: Path) -> tuple[Trial, ...]:
    """Every mailbox, also one whose settings cannot be used as they are. Raises Show for what concerns all of them."""
    outside = gathered(environ, folder)
    place = outside.text(SETTING)
    if place is None:
        return (_trial("", outside),)
    return tuple(_one_of(load_accounts(environ, folder), at_home(place), outside))


def _one_of(accounts: Accounts, folder: Path, outside: Given) -> Iterator[Trial]:
    for name in accounts.names:
        shown = accounts.problems.get(name)
        try:
            trial = _trial(name, _over(outside, folder / f"{name}{SUFFIX}"))
        except Show as refused:
            yield Trial(name, None, refused.problems, ())
        else:
            yield replace(trial, problems=_of(shown))


def _trial(name: str, given: Given) -> Trial:
    files = tuple(dict.fromkeys(map(Path, filter(None, map(_file_of, given.entries.values())))))
    try:
        whole = settled(given)
    except Show as shown:
        part = _without_the_wrong(given, shown.problems)
        return Trial(name or (part.my_address.lower() if part else ""), part, shown.problems, files)
    return Trial(name or whole.my_address.lower(), whole, (), files)


def _without_the_wrong(given: Given, problems: Sequence[Problem]) -> Settings | None:
    wrong = {problem.where.partition(",")[0] for problem in problems}
    rest = {name: entry for name, entry in given.entries.items() if name not in wrong}
    try:
        return settled(replace(given, entries=rest, problems=()))
    except Show:
        return None


def _file_of(entry: Entry) -> str:
    path, line, number = entry.place.rpartition(" line ")
    return path if line and number.isdecimal() else ""
