"""Settings: every problem at once, each with name, place, value and remedy; the values come as they were meant."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from platformdirs import user_config_path

from watcher.config import Settings, load, person, templates_folder, trusted_authserv
from watcher.domain.kinds import VerdictKind
from watcher.errors import Problem, Show

WHOLE = {
    "WATCHER_IMAP_HOST": "imap.example.test",
    "WATCHER_IMAP_USER": "me@example.test",
    "WATCHER_IMAP_PASSWORD": "a password",
    "WATCHER_MY_NAME": "Robin Ashdown",
}
PLACE = "environment"

Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The person's configuration folder, empty."""
    folder = tmp_path / "configuration" / "invitation-watcher"
    folder.mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder.parent))
    monkeypatch.setenv("HOME", str(tmp_path))
    return folder


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


def _write(folder: Path, *lines: str, mode: int = 0o600) -> Path:
    path = folder / ".env"
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    path.chmod(mode)
    return path


def _lines(**changes: str) -> list[str]:
    return [f"{name}='{value}'" for name, value in {**WHOLE, **changes}.items()]


def _problems(environ: dict[str, str], folder: Path) -> dict[str, Problem]:
    with pytest.raises(Show) as shown:
        load(environ, folder)
    return {problem.where: problem for problem in shown.value.problems}


def _problem(here: Path, name: str, value: str) -> Problem:
    problems = _problems({**WHOLE, name: value}, here)
    assert list(problems) == [f"{name}, {PLACE}"]
    return problems[f"{name}, {PLACE}"]


def test_four_settings_are_enough(here: Path) -> None:
    settings = load(WHOLE, here)
    assert (settings.imap_host, settings.port, settings.imap_security) == ("imap.example.test", 993, "tls")
    assert settings.my_address == "me@example.test"
    assert settings.ledger.endswith("/invitation-watcher/ledger.sqlite")


@pytest.mark.parametrize(
    ("name", "value", "field", "wanted"),
    [
        ("LOOK_BACK", "14 days", "look_back", timedelta(days=14)),
        ("LOOK_BACK", "0 days", "look_back", timedelta(0)),
        ("LOOK_BACK", "2w", "look_back", timedelta(weeks=2)),
        ("POLL_EVERY", "90 s", "poll_every", timedelta(seconds=90)),
        ("POLL_EVERY", "1.5 Hours", "poll_every", timedelta(minutes=90)),
        ("FOLDERS", "INBOX, Work/LinkedIn ,INBOX", "folders", ("INBOX", "Work/LinkedIn")),
        ("LANGUAGES", "DE, en", "languages", ("de", "en")),
        ("DRAFT_FOR", "Generic", "draft_for", frozenset({VerdictKind.GENERIC})),
        ("SKIP", "Brock Hadley, EXAMPLE.net", "skip", frozenset({"brock hadley", "example.net"})),
        ("SIGNATURE", r"Robin\nAshdown and Daughters", "signature", "Robin\nAshdown and Daughters"),
        ("IMAP_SECURITY", " STARTTLS ", "imap_security", "starttls"),
        ("IMAP_PORT", "1143", "port", 1143),
        ("TRUSTED_AUTHSERV", "-", "trusted_authserv", "-"),
        ("AUTHENTICITY", "Warn", "authenticity", "warn"),
        ("MAX_DRAFTS_PER_PASS", "1", "max_drafts_per_pass", 1),
    ],
)
def test_values_are_what_was_meant(here: Path, name: str, value: str, field: str, wanted: object) -> None:
    assert getattr(load({**WHOLE, f"WATCHER_{name}": value}, here), field) == wanted


LOCAL = {
    "WATCHER_MAILBOX": "maildir:/home/robin/Mail",
    "WATCHER_MY_ADDRESS": "me@example.test",
    "WATCHER_MY_NAME": "Robin Ashdown",
}


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("maildir:/home/robin/Mail", "/home/robin/Mail"),
        ("Maildir: /home/robin/My Mail ", "/home/robin/My Mail"),
        ("maildir:/a:b", "/a:b"),
        ("maildir:~/Mail", "{home}/Mail"),
    ],
)
def test_a_maildir_needs_no_server(here: Path, tmp_path: Path, value: str, place: str) -> None:
    settings = load({**LOCAL, "WATCHER_MAILBOX": value}, here)
    assert settings.mailbox == Path(place.format(home=tmp_path))
    assert settings.my_address == "me@example.test"


@pytest.mark.parametrize(
    "value", ["/home/robin/Mail", "maildir:", "maildir: ", "mbox:/home/robin/mbox", "imap.example.test"]
)
def test_what_is_no_maildir_is_told_with_what_to_write(here: Path, value: str) -> None:
    (problem,) = _problems({**LOCAL, "WATCHER_MAILBOX": value}, here).values()
    assert (problem.where, problem.what) == ("WATCHER_MAILBOX, environment", f"{value!r} is no Maildir")
    assert "maildir: and the path" in problem.remedy


def test_a_maildir_beside_a_server_is_one_too_many(here: Path) -> None:
    (problem,) = _problems({**WHOLE, **LOCAL}, here).values()
    assert (problem.where, problem.what) == (
        "WATCHER_MAILBOX, environment",
        "is set beside WATCHER_IMAP_HOST, environment",
    )


def test_a_maildir_does_not_tell_whose_mail_it_is(here: Path) -> None:
    given = {name: value for name, value in LOCAL.items() if name != "WATCHER_MY_ADDRESS"}
    (problem,) = _problems(given, here).values()
    assert (problem.where, problem.what) == ("WATCHER_MY_ADDRESS", "is missing")


def test_starttls_has_a_port_of_its_own(here: Path) -> None:
    assert load({**WHOLE, "WATCHER_IMAP_SECURITY": "starttls"}, here).port == 143


@pytest.mark.parametrize(
    ("name", "value", "told", "remedy"),
    [
        ("IMAP_PORT", "imap", "'imap'", "a number from 1 to 65535"),
        ("IMAP_PORT", "0", "'0'", "a number from 1 to 65535"),
        ("IMAP_PORT", "65536", "'65536'", "a number from 1 to 65535"),
        ("POLL_EVERY", "5 parsecs", "'5 parsecs' is no duration", "5 minutes"),
        ("POLL_EVERY", "300", "'300' is no duration", "5 minutes"),
        ("POLL_EVERY", "1 s", "'1 s'", "from 10 s"),
        ("POLL_EVERY", "999999999 weeks", "'999999999 weeks'", "to 31 days"),
        ("LOOK_BACK", "-3 days", "'-3 days' is no duration", "14 days"),
        ("LOOK_BACK", "999999999 weeks", "'999999999 weeks'", "14 days"),
        ("IMAP_HOST", "imaps://imap.example.test", "is no name of a server", "such as imap.example.test"),
        ("IMAP_SECURITY", "ssl", "'ssl'", "tls, starttls, or none"),
        ("IMAP_AUTH", "kerberos", "'kerberos' cannot be used", "write password"),
        ("MY_ADDRESS", "robin", "'robin' is no e-mail address", "the address drafts are from"),
        ("MY_NAME", "   ", "'   ' is blank", "your name"),
        ("FOLDERS", " , ", "' , '", "names of folders"),
        ("DRAFT_FOR", "generic, everything", "'generic, everything'", "any of generic"),
        ("MAX_DRAFTS_PER_PASS", "0", "'0'", "from 1 on"),
        ("AUTHENTICITY", "maybe", "'maybe'", "require, warn or off"),
        ("TRUSTED_AUTHSERV", "two words", "'two words'", "one word"),
        ("LEDGER", "/var/lib/ledger", "'/var/lib/ledger'", "sqlite:///"),
        ("TEMPLATES", "/nowhere/at/all", "'/nowhere/at/all' is no folder", "a folder with templates"),
        ("TEMPLATES", "~nobody-of-this-name/x", "is no folder", "a folder with templates"),
        ("IMAP_CA_FILE", "/nowhere/ca.pem", "'/nowhere/ca.pem' is no file", "a PEM file"),
        ("LOG_LEVEL", "loud", "'loud'", "debug, info"),
        ("IDLE", "sometimes", "'sometimes'", "auto, on or off"),
        ("ACCOUNTS", "/nowhere/mailboxes", "is no folder", "one NAME.env for each"),
        ("JITTER", "2 hours", "'2 hours'", "at most 1 hour"),
        ("TIME_ZONE", "Europe/Entenhausen", "no time zone that is known here", "Europe/Berlin"),
        ("SCHEDULE", "every day", "five fields", "five fields of cron"),
        ("SCHEDULE", "99 * * * *", "higher than the maximum", "five fields of cron"),
        ("SCHEDULE", "0 0 30 2 *", "no day that there is", "five fields of cron"),
        ("SCHEDULE", "0 8 1 * mon", "leave one of them at *", "five fields of cron"),
        ("QUIET_HOURS", "22-7", "'22-7' is no time of the day to another", "22:00-07:00"),
        ("QUIET_HOURS", "22:00-07:00, 25:00-26:00", "'25:00-26:00'", "22:00-07:00"),
        ("QUIET_HOURS", "07:00-07:00", "no time or all of it", "22:00-07:00"),
        ("QUIET_HOURS", "00:00-12:00, 12:00-24:00", "leaves no time for a pass", "22:00-07:00"),
        ("WEB", "0.0.0.0:8765", "would let other machines in", "127.0.0.1"),
        ("WEB", "[::]:8765", "would let other machines in", "127.0.0.1"),
        ("WEB", "192.0.2.7:8765", "would let other machines in", "127.0.0.1"),
        ("WEB", "watcher.example.test:8765", "would let other machines in", "127.0.0.1"),
        ("WEB", "127.0.0.1.example.test:8765", "would let other machines in", "127.0.0.1"),
        ("WEB", ":8765", "no address and port", "127.0.0.1:8765"),
        ("WEB", "8765", "no address and port", "127.0.0.1:8765"),
        ("WEB", "127.0.0.1:0", "no address and port", "127.0.0.1:8765"),
        ("WEB", "127.0.0.1:65536", "no address and port", "127.0.0.1:8765"),
        ("WEB", "127.0.0.1:٣", "no address and port", "127.0.0.1:8765"),
    ],
)
def test_a_wrong_value_is_named_with_what_to_write(here: Path, name: str, value: str, told: str, remedy: str) -> None:
    problem = _problem(here, f"WATCHER_{name}", value)
    assert told in problem.what
    assert remedy in problem.remedy


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEDGER", "postgresql://me@db.example.test/ledger"),
    ],
)
def test_what_a_later_version_knows_is_told_so(here: Path, name: str, value: str) -> None:
    assert "comes with a later version" in _problem(here, f"WATCHER_{name}", value).what


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("LANGUAGE", "LANGUAGES"),
        ("IMAP_PASWORD", "IMAP_PASSWORD"),
        ("PASSWORD", "IMAP_PASSWORD"),
        ("HOST", "IMAP_HOST"),
        ("LOGLEVEL", "LOG_LEVEL"),
        ("imap_server", "IMAP_USER"),
    ],
)
def test_an_unknown_setting_is_told_with_the_one_that_was_meant(here: Path, name: str, meant: str) -> None:
    problem = _problem(here, f"WATCHER_{name}", "x")
    assert problem.what == "is no setting"
    assert problem.remedy == f"did you mean WATCHER_{meant}?"


@pytest.mark.parametrize("name", ["WATCHER_COLOUR", "WATCHER_XYZZY", "WATCHER_FOO"])
def test_one_that_is_near_nothing_leads_to_the_list(here: Path, name: str) -> None:
    assert _problem(here, name, "x").remedy == "config.example.env lists every setting"


def test_every_problem_is_told_at_once_in_the_order_of_the_settings_with_its_place(here: Path) -> None:
    path = _write(
        here,
        "# a comment",
        "WATCHER_POLL_EVERY='5 parsecs'",
        "",
        "WATCHER_IMAP_PORT=imap",
        "WATCHER_MY_NAME=' '",
        "WATCHER_LANGAUGES=de",
        "export WATCHER_SIGNATURE='never closed",
    )
    environ = {"WATCHER_LOG": "xml", "WATCHER_IMAP_PASSWORD_FILE": "/nowhere/secret"}
    assert list(_problems(environ, here)) == [
        "WATCHER_IMAP_HOST",
        f"WATCHER_IMAP_PORT, {path} line 4",
        "WATCHER_IMAP_USER",
        "WATCHER_IMAP_PASSWORD_FILE, environment",
        f"WATCHER_POLL_EVERY, {path} line 2",
        f"WATCHER_MY_NAME, {path} line 5",
        "WATCHER_LOG, environment",
        f"{path} line 7",
        f"WATCHER_LANGAUGES, {path} line 6",
    ]


def test_each_problem_reads_as_place_fault_and_remedy(here: Path) -> None:
    path = _write(here, *_lines(WATCHER_IMAP_PORT="imap"))
    with pytest.raises(Show) as shown:
        load({}, here)
    wanted = f"WATCHER_IMAP_PORT, {path} line 5: 'imap' cannot be used — write a number from 1 to 65535; 993 for tls"
    assert str(shown.value) == wanted


def test_a_login_name_that_is_no_address_asks_for_the_address(here: Path) -> None:
    problems = _problems({**WHOLE, "WATCHER_IMAP_USER": "robin"}, here)
    assert [(problem.where, problem.what) for problem in problems.values()] == [
        ("WATCHER_MY_ADDRESS", "'robin' is no e-mail address")
    ]


def test_a_line_without_a_value_is_told_with_its_line(here: Path) -> None:
    lines = [line for line in _lines() if not line.startswith("WATCHER_MY_NAME")]
    path = _write(here, *lines, "WATCHER_MY_NAME")
    assert {where: problem.what for where, problem in _problems({}, here).items()} == {
        f"WATCHER_MY_NAME, {path} line 4": "has no value"
    }


def test_an_empty_value_counts_as_left_out(here: Path) -> None:
    assert load({**WHOLE, "WATCHER_IMAP_PORT": "", "WATCHER_MY_ADDRESS": ""}, here).port == 993
    _write(here, *_lines(WATCHER_IMAP_HOST=""))
    assert list(_problems({}, here)) == [f"WATCHER_IMAP_HOST, {here / '.env'} line 1"]


def test_where_nothing_is_set_up_it_says_how_to_begin(here: Path) -> None:
    problem = _problems({"PATH": "/usr/bin"}, here)[".env"]
    for words in ("watcher settings > .env", "chmod 600 .env", "WATCHER_IMAP_HOST", "watcher doctor", "watcher demo"):
        assert words in problem.remedy


def test_the_environment_wins_over_the_file(here: Path) -> None:
    _write(here, *_lines(WATCHER_IMAP_HOST="of-the-file.example.test", WATCHER_LOG="json"))
    settings = load({"WATCHER_IMAP_HOST": "of-the-environment.example.test", "WATCHER_LOG": ""}, here)
    assert settings.imap_host == "of-the-environment.example.test"
    assert settings.log == "json", "an empty variable takes nothing away"


def test_the_working_folder_comes_before_the_configuration_folder(here: Path, configuration: Path) -> None:
    _write(configuration, *_lines(WATCHER_IMAP_HOST="of-the-configuration.example.test"))
    assert load({}, here).imap_host == "of-the-configuration.example.test"
    _write(here, *_lines(WATCHER_IMAP_HOST="of-the-folder.example.test"))
    assert load({}, here).imap_host == "of-the-folder.example.test"


def test_another_programs_file_in_the_working_folder_is_passed_over(here: Path, configuration: Path) -> None:
    _write(configuration, *_lines())
    _write(here, "DATABASE_URL=x", "broken line '", mode=0o644)
    assert load({}, here).imap_host == "imap.example.test"


def test_a_file_whose_only_line_of_ours_is_broken_is_not_passed_over(here: Path) -> None:
    path = _write(here, "WATCHER_IMAP_PASSWORD='never closed")
    assert f"{path} line 1" in _problems({}, here)


def test_a_file_that_begins_with_a_byte_order_mark_and_ends_its_lines_with_cr_lf_is_read(here: Path) -> None:
    path = _write(here)
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(_lines()).encode())
    settings = load({}, here)
    assert (settings.imap_host, settings.my_name) == ("imap.example.test", "Robin Ashdown")


def test_a_file_that_is_not_utf_8_is_told_so(here: Path) -> None:
    path = _write(here)
    path.write_bytes("WATCHER_MY_NAME=Jörn\n".encode("latin-1"))
    problem = _problems({}, here)[str(path)]
    assert "not UTF-8" in problem.what
    assert "save it as UTF-8" in problem.remedy


def test_the_settings_cannot_be_changed(here: Path) -> None:
    settings = load(WHOLE, here)
    with pytest.raises(ValueError, match="frozen"):
        settings.imap_host = "elsewhere.example.test"


def test_single_settings_are_found_whatever_the_others_are(here: Path) -> None:
    own = here / "own"
    own.mkdir()
    _write(
        here,
        "WATCHER_IMAP_PORT=imap",
        "WATCHER_TRUSTED_AUTHSERV=mx.example.test",
        f"WATCHER_TEMPLATES={own}",
        "WATCHER_MY_NAME=Robin Ashdown",
        "WATCHER_IMAP_USER=me@example.test",
        r"WATCHER_SIGNATURE=Robin\nAshdown",
    )
    assert trusted_authserv({}, here) == "mx.example.test"
    assert templates_folder({}, here) == own
    me = person({}, here)
    assert me is not None
    assert (me.name, me.address, me.signature) == ("Robin Ashdown", "me@example.test", "Robin\nAshdown")


def test_nobody_is_named_where_the_settings_tell_no_name(here: Path) -> None:
    assert person({"WATCHER_IMAP_USER": "me@example.test"}, here) is None


def test_a_persons_own_templates_lie_beside_their_settings_where_no_folder_is_named(here: Path) -> None:
    assert templates_folder({}, here) == user_config_path("invitation-watcher", appauthor=False) / "templates"


def test_a_templates_folder_that_is_not_there_is_told(here: Path) -> None:
    with pytest.raises(Show, match="WATCHER_TEMPLATES, environment: '/nowhere' is no folder"):
        templates_folder({"WATCHER_TEMPLATES": "/nowhere"}, here)


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_says_what_to_write(field: str) -> None:
    assert Settings.model_fields[field].description


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("22:00-07:00", [("22:00", "07:00")]),
        (" 9:30 - 10:00 ,22:00-24:00", [("09:30", "10:00"), ("22:00", "00:00")]),
        ("", []),
    ],
)
def test_quiet_hours_are_times_of_the_day(here: Path, written: str, meant: list[tuple[str, str]]) -> None:
    settings = load({**WHOLE, "WATCHER_QUIET_HOURS": written}, here)
    assert [(f"{one.start:%H:%M}", f"{one.end:%H:%M}") for one in settings.quiet_hours] == meant


def test_a_schedule_stands_in_the_place_of_an_interval_not_beside_it(here: Path) -> None:
    assert load({**WHOLE, "WATCHER_SCHEDULE": " */15  8-18 * * 1-5 "}, here).schedule == "*/15 8-18 * * 1-5"
    with pytest.raises(Show, match="WATCHER_SCHEDULE, environment: is set beside WATCHER_POLL_EVERY"):
        load({**WHOLE, "WATCHER_SCHEDULE": "0 8 * * *", "WATCHER_POLL_EVERY": "1 hour"}, here)
