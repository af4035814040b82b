"""From what is given to Settings: each problem names setting, place, value (never a secret) and remedy, all at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from platformdirs import user_config_path, user_data_path
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz.process import extractOne

from watcher.config.given import PREFIX, Entry, Given, gather, refuse_open_to_others, text_of, told
from watcher.config.settings import Settings, at_home, host_of, is_this_machine
from watcher.domain.values import Person
from watcher.errors import Problem, Show

APP = "invitation-watcher"

_LATER_VALUES = {
    "ledger": re.compile("postgresql(?:[+]\\w+)?://.*"),
}
_PLACES = (
    ("WATCHER_TEMPLATES", "folder", Path.is_dir),
    ("WATCHER_IMAP_CA_FILE", "file", Path.is_file),
    ("WATCHER_ADDRESS_BOOK", "file or folder", Path.exists),
    ("WATCHER_ACCOUNTS", "folder", Path.is_dir),
)
_SECRET_FIELDS = frozenset({"imap_password", "oauth_client_secret", "llm_key", "llm_url"})
"""An address may hold a key, wrongly."""

_DESTINATIONS = frozenset({"alarms", "notices"})
"""Their addresses hold secrets; what is wrong with them is told without."""

_LOGIN = re.compile("(?<=://).*@", re.DOTALL)


def load(environ: Mapping[str, str], folder: Path) -> Settings:
    """The settings, from the environment and the `.env` of `folder` or the user's configuration. Raises Show."""
    return settled(gathered(environ, folder))


def settled(given: Given) -> Settings:
    """One mailbox's settings from all that is given for it. Raises Show with every problem."""
    problems = [*given.problems, *_unknown(given), *_place_problems(given), *_path_problems(given)]
    problems += [*_model_problems(given), *_schedule_problems(given)]
    problems += [*_secret_problems(given, "alarms"), *_secret_problems(given, "notices")]
    try:
        settings = Settings.model_validate(_values(given))
    except ValidationError as error:
        problems += (_told(detail, given) for detail in error.errors(include_url=False, include_input=False))
        raise Show(*_in_order(problems)) from None
    if problems:
        raise Show(*_in_order(problems))
    return settings


def trusted_authserv(environ: Mapping[str, str], folder: Path) -> str | None:
    """The one setting that `watcher explain` can use, whatever the others are. Raises Show."""
    return _gather(environ, folder).text("WATCHER_TRUSTED_AUTHSERV")


def judge(environ: Mapping[str, str], folder: Path) -> str:
    """How `watcher explain` judges own words, whatever the other settings are. Raises Show."""
    return (_gather(environ, folder).text("WATCHER_JUDGE") or "default").strip().lower()


def templates_folder(environ: Mapping[str, str], folder: Path) -> Path:
    """Where the person's own templates are, whatever the other settings are; it need not be there. Raises Show."""
    given = _gather(environ, folder)
    problems = tuple(_path_problems(given, only="WATCHER_TEMPLATES"))
    if problems:
        raise Show(*problems)
    path = given.text("WATCHER_TEMPLATES")
    return at_home(path) if path else _own_templates()


def person(environ: Mapping[str, str], folder: Path) -> Person | None:
    """Who answers, for previews, whatever the other settings are; None where the settings do not tell. Raises Show."""
    given = _gather(environ, folder)
    name = given.text("WATCHER_MY_NAME")
    address = given.text("WATCHER_MY_ADDRESS") or given.text("WATCHER_IMAP_USER")
    if name is None or address is None:
        return None
    signature = (given.text("WATCHER_SIGNATURE") or "").replace("\\n", "\n")
    return Person(name, address, given.text("WATCHER_MY_HEADLINE") or "", signature)


def gathered(environ: Mapping[str, str], folder: Path) -> Given:
    """What is given outside of any mailbox's own file. Raises Show, also where that is nothing at all."""
    given = _gather(environ, folder)
    if not given.entries and not given.problems:
        raise Show(_nothing_yet())
    return given


def manner(environ: Mapping[str, str], folder: Path) -> tuple[tuple[str, ...], str, bool]:
    """The languages answered in, the variant wanted, and whether the invitation is quoted, for `watcher templates`.

    Whatever the other settings are; no language where none is named. Raises Show.
    """
    given = _gather(environ, folder)
    told = {name: (given.text(f"WATCHER_{name}") or "").strip() for name in ("LANGUAGES", "VARIANT", "QUOTE")}
    languages = dict.fromkeys(piece.strip().lower() for piece in told["LANGUAGES"].split(",") if piece.strip())
    return tuple(languages), told["VARIANT"], told["QUOTE"].lower() == "below"


def _gather(environ: Mapping[str, str], folder: Path) -> Given:
    return gather(environ, (folder, user_config_path(APP, appauthor=False)))


def _nothing_yet() -> Problem:
    remedy = (
        "`watcher init` asks for what is needed, and tries it. Without a terminal, `watcher settings > .env` writes "
        "every setting down; then `chmod 600 .env`, and fill in WATCHER_IMAP_HOST, WATCHER_IMAP_USER, "
        "WATCHER_IMAP_PASSWORD and WATCHER_MY_NAME; then run `watcher doctor`. "
        "`watcher demo` shows the whole job without any setting"
    )
    return Problem(".env", "nothing is set up yet", remedy)


def _values(given: Given) -> dict[str, str]:
    """What pydantic gets, by field; defaults that depend on the machine or on another setting are put in here."""
    names = {name: name.removeprefix(PREFIX).lower() for name in given.entries}
    found = {
        field: text for name, field in names.items() if field in Settings.model_fields and (text := given.text(name))
    }
    found.setdefault("ledger", f"sqlite:///{user_data_path(APP, appauthor=False) / 'ledger.sqlite'}")
    found.setdefault("templates", str(_own_templates()))
    if "imap_user" in found:
        found.setdefault("my_address", found["imap_user"])
    for field in ("imap_password", "llm_key", "oauth_client_secret", "alarms", "notices"):
        if field not in found and (secret := _from_file(given, f"{PREFIX}{field.upper()}_FILE")):
            found[field] = secret
    return found


def _own_templates() -> Path:
    return user_config_path(APP, appauthor=False) / "templates"


def _from_file(given: Given, name: str) -> str | None:
    """The secret of WATCHER_IMAP_PASSWORD_FILE or its like, without the line end that editors add."""
    path = given.text(name)
    if path is None:
        return None
    try:
        return text_of(at_home(path)).removesuffix("\n")
    except (OSError, UnicodeDecodeError):
        return None  # told by _secret_problems


def _place_problems(given: Given) -> Iterator[Problem]:
    """What is missing to reach the mail: a server and a login, or a Maildir and whose it is."""
    server, local = "WATCHER_IMAP_HOST", "WATCHER_MAILBOX"
    if not given.text(local):
        yield from _missing(given, "imap_host", "imap_user")
        yield from _password_problems(given) if _by_password(given) else _oauth_problems(given)
    elif given.text(server):
        yield Problem(_where(local, given), f"is set beside {_where(server, given)}", "keep one of them")
    elif not given.text("WATCHER_IMAP_USER"):
        yield from _missing(given, "my_address")


def _by_password(given: Given) -> bool:
    return (given.text("WATCHER_IMAP_AUTH") or "").strip().lower() not in {"xoauth2", "oauthbearer"}


def _password_problems(given: Given) -> Iterator[Problem]:
    yield from _secret_problems(given, "imap_password")
    if not given.text("WATCHER_IMAP_PASSWORD") and not given.text("WATCHER_IMAP_PASSWORD_FILE"):
        remedy = f"{_wanted('imap_password')}; or name a file in WATCHER_IMAP_PASSWORD_FILE"
        if given.text("WATCHER_OAUTH_PROVIDER"):
            remedy = "set WATCHER_IMAP_AUTH=xoauth2 to sign in by the provider that is set, or write a password"
        yield Problem(_where("WATCHER_IMAP_PASSWORD", given), "is missing", remedy)


def _oauth_problems(given: Given) -> Iterator[Problem]:
    """What is missing to sign in by a provider; a custom one has no addresses that could be known."""
    yield from _missing(given, "oauth_provider", "oauth_client_id")
    yield from _secret_problems(given, "oauth_client_secret")
    provider = (given.text("WATCHER_OAUTH_PROVIDER") or "").strip().lower()
    if provider == "custom":
        yield from _missing(given, "oauth_authorize_url", "oauth_token_url", "oauth_scope")
    if provider == "google" and not any(given.text(f"WATCHER_OAUTH_CLIENT_SECRET{end}") for end in ("", "_FILE")):
        yield from _missing(given, "oauth_client_secret")


def _missing(given: Given, *fields: str) -> Iterator[Problem]:
    for field in fields:
        name = PREFIX + field.upper()
        if not given.text(name):
            yield Problem(_where(name, given), "is missing", _wanted(field))


def _secret_problems(given: Given, field: str) -> Iterator[Problem]:
    """A secret that is given twice, or in a file that cannot be used."""
    name = PREFIX + field.upper()
    by_file = f"{name}_FILE"
    path = given.text(by_file)
    if given.text(name) and path:
        yield Problem(_where(name, given), f"is set beside {_where(by_file, given)}", "keep one of them")
    elif path:
        yield from _secret_file_problems(at_home(path), _where(by_file, given), _wanted(f"{field}_file"))


def _secret_file_problems(path: Path, where: str, wanted: str) -> Iterator[Problem]:
    try:
        refuse_open_to_others(path, where)
        if not text_of(path).strip():
            yield Problem(where, f"{path} is empty", wanted)
    except Show as shown:
        yield from shown.problems
    except (OSError, UnicodeDecodeError) as error:
        yield Problem(where, f"{path} cannot be read: {told(error)}", wanted)


def _model_problems(given: Given) -> Iterator[Problem]:
    """A language model without a name, and one to which notes may not go."""
    yield from _secret_problems(given, "llm_key")
    name = "WATCHER_LLM_URL"
    url = given.text(name)
    if url is None:
        return
    yield from _missing(given, "llm_model")
    host = host_of(url)
    if not host or is_this_machine(host):
        return
    if (given.text("WATCHER_LLM_ALLOW") or "").strip().lower() != host:
        what = f"{host} is another machine: notes would go there, with names replaced"
        yield Problem(_where(name, given), what, f"set WATCHER_LLM_ALLOW={host} if you want that")
    elif not url.lower().startswith("https:"):
        what = f"would send notes to {host} unencrypted"
        yield Problem(_where(name, given), what, "write https://; http:// is for this machine only")


def _schedule_problems(given: Given) -> Iterator[Problem]:
    """Passes that are due in two ways."""
    schedule, every = "WATCHER_SCHEDULE", "WATCHER_POLL_EVERY"
    if given.text(schedule) and given.text(every):
        yield Problem(_where(schedule, given), f"is set beside {_where(every, given)}", "keep one of them")


def _path_problems(given: Given, only: str = PREFIX) -> Iterator[Problem]:
    for name, kind, is_there in _PLACES:
        path = given.text(name)
        if path and name.startswith(only) and not is_there(at_home(path)):
            wanted = _wanted(name.removeprefix(PREFIX).lower())
            yield Problem(_where(name, given), f"{path!r} is no {kind}", wanted)


def _unknown(given: Given) -> Iterator[Problem]:
    known = [field.upper() for field in Settings.model_fields]
    for name, entry in given.entries.items():
        bare = name.removeprefix(PREFIX)
        if bare not in known:
            close = extractOne(bare.upper(), known, score_cutoff=75)
            remedy = f"did you mean {PREFIX}{close[0]}?" if close else "config.example.env lists every setting"
            yield Problem(f"{name}, {entry.place}", "is no setting", remedy)


def _told(detail: ErrorDetails, given: Given) -> Problem:
    field = str(detail["loc"][0])
    name = PREFIX + field.upper()
    value = given.text(name)
    if value is None and field == "my_address":
        value = given.text("WATCHER_IMAP_USER")
    is_filed = value is None and given.text(f"{name}_FILE") is not None
    if field in _DESTINATIONS:
        place = _where(f"{name}_FILE" if is_filed else name, given)
        return Problem(place, f"its value {_words(detail)}", _wanted(field))
    if is_filed:
        return Problem(_where(f"{name}_FILE", given), "what the file holds cannot be used", _wanted(field))
    if value is None:
        return Problem(_where(name, given), "is missing", _wanted(field))
    shown = repr(_LOGIN.sub("…@", value))
    if field in _LATER_VALUES and _LATER_VALUES[field].fullmatch(value):
        return Problem(_where(name, given), f"{shown} comes with a later version", f"leave it out, or {_wanted(field)}")
    what = "its value cannot be used" if field in _SECRET_FIELDS else f"{shown} {_words(detail)}"
    return Problem(_where(name, given), what, _wanted(field))


def _words(detail: ErrorDetails) -> str:
    own = detail.get("ctx", {}).get("error")
    return str(own) if own else "cannot be used"


def _wanted(field: str) -> str:
    return f"write {Settings.model_fields[field].description}"


def _where(name: str, given: Given) -> str:
    entry: Entry | None = given.entries.get(name)
    place = entry.place if entry else given.file
    return f"{name}, {place}" if place else name


def _in_order(problems: Sequence[Problem]) -> list[Problem]:
    """Each place once, in the order in which the settings are listed."""
    first: dict[str, Problem] = {}
    for problem in problems:
        first.setdefault(problem.where, problem)
    order = [PREFIX + field.upper() for field in Settings.model_fields]

    def rank(problem: Problem) -> int:
        name = problem.where.partition(",")[0]
        return order.index(name) if name in order else len(order)

    return sorted(first.values(), key=rank)
