"""Several mailboxes: a file each over what is set outside; what is wrong in one stops that one alone."""

from pathlib import Path

import pytest

from watcher.config import Accounts, load_accounts
from watcher.errors import Show

OUTSIDE = {"WATCHER_IMAP_HOST": "imap.example.test", "WATCHER_MY_NAME": "Robin Ashdown", "WATCHER_POLL_EVERY": "1 hour"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-settings-here"))
    accounts = tmp_path / "mailboxes"
    accounts.mkdir()
    return accounts


def _write(folder: Path, name: str, *lines: str, mode: int = 0o600) -> None:
    file = folder / f"{name}.env"
    file.write_text("".join(f"WATCHER_{line}\n" for line in lines))
    file.chmod(mode)


def _login(name: str) -> tuple[str, str]:
    return f"IMAP_USER={name}@example.test", "IMAP_PASSWORD=secret"


def _load(folder: Path, **more: str) -> Accounts:
    return load_accounts({**OUTSIDE, "WATCHER_ACCOUNTS": str(folder), **more}, folder.parent)


def test_each_file_is_a_mailbox_over_what_is_set_outside(folder: Path) -> None:
    _write(folder, "anna", *_login("anna"))
    _write(folder, "bert", *_login("bert"), "IMAP_HOST=mail.example.org", "POLL_EVERY=10 minutes", "MY_NAME=Bert Loy")
    (folder / ".env").write_text("WATCHER_IMAP_USER=nobody@example.test\n")
    (folder / "README").write_text("no settings\n")
    accounts = _load(folder)
    assert (list(accounts.settings), accounts.problems) == (["anna", "bert"], {})
    anna, bert = accounts.settings.values()
    assert (anna.imap_host, anna.my_name, anna.poll_every.seconds) == ("imap.example.test", "Robin Ashdown", 3600)
    assert (bert.imap_host, bert.my_name, bert.poll_every.seconds) == ("mail.example.org", "Bert Loy", 600)


def test_without_a_folder_there_is_one_mailbox_named_by_its_address(tmp_path: Path) -> None:
    environ = {**OUTSIDE, "WATCHER_IMAP_USER": "Robin@example.test", "WATCHER_IMAP_PASSWORD": "secret"}
    assert list(load_accounts(environ, tmp_path).settings) == ["robin@example.test"]


def test_a_file_takes_the_place_of_either_of_two_that_exclude_each_other(folder: Path, tmp_path: Path) -> None:
    _write(folder, "anna", *_login("anna"), "SCHEDULE='0 8 * * *'")
    _write(folder, "bert", f"MAILBOX=maildir:{tmp_path}", "MY_ADDRESS=bert@example.test")
    accounts = _load(folder, WATCHER_IMAP_PASSWORD_FILE="/no/such/file")
    assert accounts.settings["anna"].schedule == "0 8 * * *"
    assert accounts.settings["bert"].mailbox == tmp_path


def test_a_client_secret_in_a_file_takes_the_place_of_one_that_is_set_outside(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "client-secret"
    secret.write_text("of-anna\n")
    secret.chmod(0o600)
    oauth = ("IMAP_AUTH=xoauth2", "OAUTH_PROVIDER=google", "OAUTH_CLIENT_ID=anna-1")
    _write(folder, "anna", "IMAP_USER=anna@example.test", *oauth, f"OAUTH_CLIENT_SECRET_FILE={secret}")
    accounts = _load(folder, WATCHER_OAUTH_CLIENT_SECRET="of all")
    assert accounts.problems == {}
    found = accounts.settings["anna"].oauth_client_secret
    assert found is not None
    assert found.get_secret_value() == "of-anna"


def test_every_problem_of_every_file_is_told_with_file_and_line(folder: Path) -> None:
    _write(folder, "anna", *_login("anna"))
    _write(folder, "bert", "IMAP_USER=bert@example.test", "IMAP_PORT=none", "COLOUR=red")
    _write(folder, "cleo", *_login("cleo"), "LOG=json", "ACCOUNTS=/elsewhere")
    _write(folder, "dora", *_login("dora"), mode=0o644)
    _write(folder, "emil")
    accounts = _load(folder)
    assert list(accounts.settings) == ["anna"]
    told = {name: [problem.where for problem in shown.problems] for name, shown in accounts.problems.items()}
    at = {name: folder / f"{name}.env" for name in told}
    assert told == {
        "bert": [
            f"WATCHER_IMAP_PORT, {at['bert']} line 2",
            f"WATCHER_IMAP_PASSWORD, {at['bert']}",
            f"WATCHER_COLOUR, {at['bert']} line 3",
        ],
        "cleo": [f"WATCHER_ACCOUNTS, {at['cleo']} line 4", f"WATCHER_LOG, {at['cleo']} line 3"],
        "dora": [str(at["dora"])],
        "emil": [str(at["emil"])],
    }


@pytest.mark.parametrize(
    "other",
    [
        ("IMAP_USER=bert@example.test", "IMAP_PASSWORD=x", "MY_ADDRESS=Anna@Example.Test"),
        ("IMAP_USER=anna@example.test", "IMAP_PASSWORD=x", "MY_ADDRESS=b@example.test", "IMAP_HOST=IMAP.example.test"),
    ],
    ids=["address", "mailbox"],
)
def test_two_files_of_one_mailbox_or_address_are_both_refused(folder: Path, other: tuple[str, ...]) -> None:
    _write(folder, "anna", *_login("anna"))
    _write(folder, "bert", *other)
    _write(folder, "cleo", *_login("cleo"))
    accounts = _load(folder)
    assert list(accounts.settings) == ["cleo"]
    for name, twin in (("anna", "bert"), ("bert", "anna")):
        assert accounts.problems[name].problems[0].where == str(folder / f"{name}.env")
        assert f"{twin}.env too" in accounts.problems[name].problems[0].what


@pytest.mark.parametrize("name", ["two words", "-dash", "né"])
def test_a_name_that_nobody_could_type_is_refused(folder: Path, name: str) -> None:
    _write(folder, name, *_login("anna"))
    assert list(_load(folder).problems) == [name]


def test_a_folder_that_is_empty_or_away_stops_everything(folder: Path) -> None:
    with pytest.raises(Show, match="WATCHER_ACCOUNTS, environment: there is no NAME"):
        _load(folder)
    with pytest.raises(Show, match="WATCHER_ACCOUNTS"):
        _load(folder / "away")


def test_one_is_chosen_by_its_name_and_needs_none_where_it_is_alone(folder: Path) -> None:
    _write(folder, "anna", *_login("anna"))
    assert _load(folder).one(None).imap_user == "anna@example.test"
    _write(folder, "bert", *_login("bert"))
    assert _load(folder).one("bert").imap_user == "bert@example.test"
    with pytest.raises(Show, match="name one of anna, bert"):
        _load(folder).one(None)
    with pytest.raises(Show, match="there is no mailbox 'cleo'"):
        _load(folder).one("cleo")
