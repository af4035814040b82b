"""The file that `watcher init` fills in: what stands there, what will, and what that makes of the settings.

What the person wrote themselves stays as it is, but that lines end as on Unix: only the lines of answers are put in,
changed or taken out. A value that is written is read back as it was, whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import unified_diff
from io import StringIO
from pathlib import Path

from dotenv.parser import Binding, parse_stream
from platformdirs import user_config_path

from watcher.config.accounts import SETTING, SUFFIX, laid_over, load_accounts, refuse_odd_name
from watcher.config.given import Entry, Given, of_text, read, text_of, told, with_environment
from watcher.config.loading import APP, gathered, settled
from watcher.config.settings import Settings, at_home
from watcher.errors import Problem, Show

_BARE = re.compile(r"[A-Za-z0-9@._+:/-]+")
"""What needs no quotes in any reader of such files."""

_SECRET = re.compile("PASSWORD|SECRET|KEY|TOKEN|ALARMS|NOTICES", re.IGNORECASE)
"""In the names of what is not shown, also where it is another program's."""

_HIDDEN = "(not shown)"

_SECRET_UNREAD = re.compile(rf"^([^=\n]*(?:{_SECRET.pattern})[^=\n]*=).*", re.IGNORECASE | re.MULTILINE)
"""One that stands in a comment, or in a line with a slip in it."""

_HEAD = """\
# Settings of invitation-watcher, written by `watcher init`. `watcher settings` tells of all others there are.
# A line is NAME=value; in single quotes a value is taken as it stands, only \\' is written for ' and \\\\ for \\ there.
"""

_COMMENTS = {
    "WATCHER_IMAP_HOST": "Your mail server.",
    "WATCHER_IMAP_PORT": "Its port, where that is not the usual one.",
    "WATCHER_IMAP_SECURITY": "How the connection is protected: tls, starttls, or none on this machine.",
    "WATCHER_IMAP_CA_FILE": "The certificate of the authority that vouches for the server.",
    "WATCHER_IMAP_USER": "The name you log in with.",
    "WATCHER_IMAP_PASSWORD": "Your password, or an app password: keep this file to yourself.",
    "WATCHER_IMAP_AUTH": "How you log in: by OAuth; `watcher login` signs in anew.",
    "WATCHER_OAUTH_PROVIDER": "Who signs you in.",
    "WATCHER_OAUTH_CLIENT_ID": "The client that you registered there.",
    "WATCHER_OAUTH_CLIENT_SECRET": "What belongs to it.",
    "WATCHER_DRAFTS_FOLDER": "The folder that drafts go to.",
    "WATCHER_MY_NAME": "Your name, as drafts are signed.",
    "WATCHER_MY_ADDRESS": "The address that drafts are from.",
    "WATCHER_LANGUAGES": "The languages you answer in; the first is the fallback.",
    "WATCHER_DRAFT_FOR": "Which verdicts get a draft: any of generic, personalised, unsure.",
    "WATCHER_TRUSTED_AUTHSERV": 'Whose word on "did LinkedIn really send this?" is trusted.',
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """`text` is what the file holds, "" where there is none. `outside` is None for the only mailbox."""

    path: Path
    text: str
    environ: Mapping[str, str]
    outside: Given | None = None

    def value(self, name: str) -> str:
        """What the file says now."""
        found = of_text(self.text, self.path)
        return (found.text(name) if found else None) or ""

    def anew(self) -> Sheet:
        """With what the file holds by now: the person may have mended it meanwhile. Raises Show."""
        return replace(self, text=_text(self.path))

    def filled(self, answers: Mapping[str, str]) -> str:
        """The text with these settings, by full name; "" takes one out."""
        kept = "".join(_replaced(self.text, answers))
        standing = {binding.key for binding in parse_stream(StringIO(kept))}
        fresh = [name for name in _COMMENTS if answers.get(name) and name not in standing]
        added = "\n\n".join(f"# {_COMMENTS[name]}\n{line(name, answers[name])}" for name in fresh)
        pieces = [kept.rstrip("\n") or _HEAD.rstrip("\n"), added]
        return "\n\n".join(filter(None, pieces)) + "\n"

    def settings(self, answers: Mapping[str, str]) -> Settings:
        """What the program will be set to. Raises Show with every problem."""
        own = self._given(answers)
        if self.outside is None:
            return settled(with_environment(own, self.environ))
        return settled(laid_over(self.outside, own, self.path))

    def _given(self, answers: Mapping[str, str]) -> Given:
        """What will be given; each value with the place where it stands by now."""
        before = of_text(self.text, self.path) or Given({})
        kept = {name: entry for name, entry in before.entries.items() if name not in answers}
        answered = {name: Entry(value, "your answer") for name, value in answers.items() if value}
        return replace(before, entries={**kept, **answered})

    def difference(self, answers: Mapping[str, str]) -> tuple[str, ...]:
        """What would change, line by line, without a secret; nothing where all stays as it is."""
        before, after = self.text, self.filled(answers)
        if before == after:
            return ()
        old, new = _without_secrets(before).splitlines(), _without_secrets(after, before).splitlines()
        return tuple(unified_diff(old, new, lineterm="", n=1))[2:]


def sheet(environ: Mapping[str, str], folder: Path, account: str | None = None, *, everywhere: bool = False) -> Sheet:
    """The file to fill in. Raises Show where that cannot be said, or the environment would stand before it.

    That of the only mailbox is the `.env` that is in force, else a new one in `folder`, or in the person's
    configuration folder where it is to be found from `everywhere`.
    """
    if account is not None:
        return _of_account(environ, folder, account)
    given = with_environment(Given({}), environ)
    places = (folder / ".env", user_config_path(APP, appauthor=False) / ".env")
    in_force = next((path for path in places if read(path) is not None), None)
    _refuse_several(in_force, environ)
    _refuse_overruled(given)
    path = in_force or places[1 if everywhere or places[0].exists() else 0]
    return Sheet(path, _text(path), environ)


def _of_account(environ: Mapping[str, str], folder: Path, account: str) -> Sheet:
    outside = gathered(environ, folder)
    place = outside.text(SETTING)
    if place is None:
        what, remedy = f"{SETTING} is not set", "name a folder of yours in it, then the mailboxes in it can have names"
        raise Show(Problem("--account", what, remedy))
    refuse_odd_name(account, f"--account {account}")
    path = at_home(place) / f"{account}{SUFFIX}"
    if not path.parent.is_dir():
        raise Show(Problem(SETTING, f"{path.parent} is no folder", f"make it: mkdir -m 700 {path.parent}"))
    return Sheet(path, _text(path), environ, outside)


def _refuse_several(in_force: Path | None, environ: Mapping[str, str]) -> None:
    given = (read(in_force) if in_force else None) or Given({})
    if with_environment(given, environ).text(SETTING):
        raise Show(Problem(SETTING, "there are several mailboxes", "say which: `watcher init --account NAME`"))


def _refuse_overruled(given: Given) -> None:
    """The environment wins over the file: what is asked for would count for nothing."""
    asked = [name for name in (*_COMMENTS, "WATCHER_MAILBOX", "WATCHER_IMAP_PASSWORD_FILE") if given.text(name)]
    if asked:
        what = "is set in the environment, which stands before what is written here"
        raise Show(*(Problem(name, what, f"take it out: unset {name}") for name in asked))


def same_mailbox(sheet: Sheet, settings: Settings, folder: Path) -> str | None:
    """The name of another mailbox in the same folder that has this address; None where there is none."""
    if sheet.outside is None:
        return None
    try:
        others = load_accounts(sheet.environ, folder)
    except Show:
        return None  # the first of them
    address = settings.my_address.lower()
    same = (name for name, one in others.settings.items() if one.my_address.lower() == address)
    return next((name for name in same if name != sheet.path.stem), None)


def _text(path: Path) -> str:
    try:
        return text_of(path) if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise Show(Problem(str(path), f"cannot be read: {told(error)}", "save it as UTF-8, readable by you")) from None


def line(name: str, value: str) -> str:
    """One setting as the file holds it."""
    if _BARE.fullmatch(value):
        return f"{name}={value}"
    return "{}='{}'".format(name, value.replace("\\", "\\\\").replace("'", "\\'"))


def _replaced(text: str, answers: Mapping[str, str]) -> list[str]:
    """Piece by piece; of a name that stands there twice one line is left."""
    pieces: list[str] = []
    done: set[str] = set()
    for binding in parse_stream(StringIO(text)):
        name = binding.key or ""
        if name not in answers:
            pieces.append(binding.original.string)
        elif answers[name] and name not in done:
            is_same = binding.value == answers[name]
            pieces.append(binding.original.string if is_same else _around(binding, line(name, answers[name])))
            done.add(name)
        else:
            _take_out(binding, pieces)
    return pieces


def _take_out(binding: Binding, pieces: list[str]) -> None:
    """With our own words on it, where they stand right before; the person's stay."""
    if pieces and pieces[-1].strip() == f"# {_COMMENTS.get(binding.key or '')}":
        pieces.pop()
    pieces.append(_around(binding, None))


def _around(binding: Binding, written: str | None) -> str:
    """The blank lines before a setting stay."""
    original = binding.original.string
    before = original[: len(original) - len(original.lstrip("\r\n"))]
    return before if written is None else f"{before}{written}\n"


def _without_secrets(text: str, before: str = "") -> str:
    """The secrets of a text are hidden; one that is another than before is marked, so that the change shows."""
    there = {binding.key: binding.value for binding in parse_stream(StringIO(before))}
    pieces = []
    for binding in parse_stream(StringIO(text)):
        if binding.key and _SECRET.search(binding.key):
            mark = ", another one" if there.get(binding.key, binding.value) != binding.value else ""
            pieces.append(_around(binding, f"{binding.key}={_HIDDEN}{mark}"))
        elif binding.key is None:
            pieces.append(_SECRET_UNREAD.sub(rf"\1{_HIDDEN}", binding.original.string))
        else:
            pieces.append(binding.original.string)
    return "".join(pieces)
