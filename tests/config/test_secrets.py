"""Passwords come through as they are, from wherever they are given, and no error ever shows one."""

import os
import stat
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watcher.config import load
from watcher.errors import Problem, Show

CANARY = "c4n4ry$-s3cr3t"
OTHERS = {
    "WATCHER_IMAP_HOST": "imap.example.test",
    "WATCHER_IMAP_USER": "me@example.test",
    "WATCHER_MY_NAME": "Robin Ashdown",
}
HARD = [
    "$HOME",
    "${HOME}",
    "pass # word",
    "#begins",
    " # ",
    "it's",
    "'",
    '"',
    "\\",
    "ends with \\",
    "\\'",
    "\\n is no line end",
    " blanks around ",
    "a=b",
    "`id`",
    "100% $(true) \\$ '\" #",
    "Grüße 🔑",
]

# NUL stands in no environment, CR in no text file; a password is not all blank.
passwords = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), min_size=1).filter(str.strip)


@pytest.fixture(autouse=True)
def _nothing_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-settings-here"))


def _private(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_bytes(text.encode())
    path.chmod(mode)
    return path


def _lines(**changes: str) -> str:
    return "".join(f"{name}={value}\n" for name, value in {**OTHERS, **changes}.items())


def _password(environ: dict[str, str], folder: Path) -> str:
    password = load(environ, folder).imap_password
    assert password is not None
    return password.get_secret_value()


def _problems(environ: dict[str, str], folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(Show) as shown:
        load(environ, folder)
    return shown.value.problems


def _quoted(password: str) -> str:
    return "'" + password.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _comes_through_in_single_quotes(password: str, folder: Path) -> None:
    # What follows has quotes of its own: an end that is taken for an escaped quote would run on into it.
    text = f"WATCHER_IMAP_PASSWORD={_quoted(password)}  # it's a comment\n" + _lines(WATCHER_SIGNATURE="'Robin'")
    _private(folder / ".env", text)
    assert _password({}, folder) == password
    assert load({}, folder).signature == "Robin"


@pytest.mark.parametrize("password", HARD)
def test_a_hard_password_survives_in_env_in_the_environment_and_in_a_file(password: str, tmp_path: Path) -> None:
    secret = _private(tmp_path / "secret", password + "\n")
    assert _password({**OTHERS, "WATCHER_IMAP_PASSWORD": password}, tmp_path) == password
    assert _password({**OTHERS, "WATCHER_IMAP_PASSWORD_FILE": str(secret)}, tmp_path) == password
    _comes_through_in_single_quotes(password, tmp_path)


@given(passwords)
@example("\\")
@example("\\'")
def test_any_password_survives_in_single_quotes(password: str) -> None:
    with TemporaryDirectory() as folder:
        _comes_through_in_single_quotes(password, Path(folder))


@given(passwords)
def test_any_password_survives_in_the_environment_and_in_a_file(password: str) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        secret = _private(folder / "secret", password)
        assert _password({**OTHERS, "WATCHER_IMAP_PASSWORD": password}, folder) == password
        if not password.startswith("\ufeff") and not password.endswith("\n"):
            assert _password({**OTHERS, "WATCHER_IMAP_PASSWORD_FILE": str(secret)}, folder) == password


@pytest.mark.parametrize("password", ["pa$$word", "it's", 'say"so', "back\\slash", "a#b", "two words", "${HOME}"])
def test_a_password_without_quotes_is_taken_literally(password: str, tmp_path: Path) -> None:
    _private(tmp_path / ".env", _lines(WATCHER_IMAP_PASSWORD=password))
    assert _password({}, tmp_path) == password


@pytest.mark.parametrize("value", [f"{CANARY} #rest", f"{CANARY}\t# rest", f" #{CANARY}", f"{CANARY}\u00a0#rest"])
def test_a_password_that_a_comment_would_cut_is_refused(value: str, tmp_path: Path) -> None:
    path = _private(tmp_path / ".env", _lines(WATCHER_IMAP_PASSWORD=value))
    (problem,) = _problems({}, tmp_path)
    assert problem.where == f"WATCHER_IMAP_PASSWORD, {path} line 4"
    assert "put it in single quotes" in problem.remedy
    assert CANARY not in str(problem)


@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
def test_the_line_end_that_editors_add_is_no_part_of_the_password(ending: str, tmp_path: Path) -> None:
    secret = _private(tmp_path / "secret", f" two  blanks {ending}")
    assert _password({**OTHERS, "WATCHER_IMAP_PASSWORD_FILE": str(secret)}, tmp_path) == " two  blanks "


def test_the_byte_order_mark_that_editors_add_is_no_part_of_it_either(tmp_path: Path) -> None:
    secret = _private(tmp_path / "secret", "\ufeffpassword\r\n")
    assert _password({**OTHERS, "WATCHER_IMAP_PASSWORD_FILE": str(secret)}, tmp_path) == "password"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o666, 0o610])
def test_a_file_that_others_may_read_is_refused_with_the_command_that_mends_it(mode: int, tmp_path: Path) -> None:
    env = _private(tmp_path / ".env", _lines(WATCHER_IMAP_PASSWORD=f"'{CANARY}'"), mode)
    (problem,) = _problems({}, tmp_path)
    assert problem.remedy == f"chmod 600 {env}"
    assert f"mode {mode:o}" in problem.what
    assert CANARY not in str(problem)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_private_file_is_read(mode: int, tmp_path: Path) -> None:
    _private(tmp_path / ".env", _lines(WATCHER_IMAP_PASSWORD=CANARY), mode)
    assert _password({}, tmp_path) == CANARY


def test_a_password_file_that_others_may_read_is_refused_too(tmp_path: Path) -> None:
    secret = _private(tmp_path / "secret", CANARY, 0o644)
    (problem,) = _problems({**OTHERS, "WATCHER_IMAP_PASSWORD_FILE": str(secret)}, tmp_path)
    assert problem.where == "WATCHER_IMAP_PASSWORD_FILE, environment"
    assert problem.remedy == f"chmod 600 {secret}"
    assert CANARY not in str(problem)


def test_a_secret_that_root_mounted_for_us_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = _private(tmp_path / "secret", CANARY, 0o444)
    real = Path.stat

    def owned_by_root(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        found = list(real(path, follow_symlinks=follow_symlinks))
        found[stat.ST_UID] = 0
        return os.stat_result(found)

    monkeypatch.setattr(Path, "stat", owned_by_root)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert _password({**OTHERS, "WATCHER_IMAP_PASSWORD_FILE": str(secret)}, tmp_path) == CANARY
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    (problem,) = _problems({**OTHERS, "WATCHER_IMAP_PASSWORD_FILE": str(secret)}, tmp_path)
    assert "may be read by others" in problem.what


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "No such file"), (b"", "is empty"), (b" \n", "is empty"), (b"\xff\xfe", "it is not UTF-8")],
)
def test_a_password_file_that_gives_no_password_is_told_once(content: bytes | None, told: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    if content is not None:
        secret.write_bytes(content)
        secret.chmod(0o600)
    (problem,) = _problems({**OTHERS, "WATCHER_IMAP_PASSWORD_FILE": str(secret)}, tmp_path)
    assert problem.where == "WATCHER_IMAP_PASSWORD_FILE, environment"
    assert told in problem.what
    assert "mode 0600" in problem.remedy


def test_no_password_at_all_names_both_ways(tmp_path: Path) -> None:
    (problem,) = _problems(OTHERS, tmp_path)
    assert (problem.where, problem.what) == ("WATCHER_IMAP_PASSWORD", "is missing")
    assert "WATCHER_IMAP_PASSWORD_FILE" in problem.remedy


def test_two_passwords_are_one_too_many_and_both_places_are_told(tmp_path: Path) -> None:
    env = _private(tmp_path / ".env", _lines(WATCHER_IMAP_PASSWORD=CANARY))
    secret = _private(tmp_path / "secret", "another")
    (problem,) = _problems({"WATCHER_IMAP_PASSWORD_FILE": str(secret)}, tmp_path)
    assert problem.where == f"WATCHER_IMAP_PASSWORD, {env} line 4"
    assert "WATCHER_IMAP_PASSWORD_FILE, environment" in problem.what
    assert CANARY not in str(problem)


WRONG_FILES = {
    "no closing quote": f"WATCHER_IMAP_PASSWORD='{CANARY}\n",
    "words behind the quote": f"WATCHER_IMAP_PASSWORD='x' {CANARY}\n",
    "a misspelt name": f"WATCHER_IMAP_PASWORD={CANARY}\n",
    "a later version's name": f"WATCHER_OAUTH_CLIENT_SECRET={CANARY}\n",
    "no equals sign": f"WATCHER_IMAP_PASSWORD {CANARY}\n",
    "not UTF-8": f"WATCHER_IMAP_PASSWORD={CANARY}\xff\n",
    "a database with a login": f"WATCHER_LEDGER=postgresql://me:{CANARY}@db.example.test/x\n",
    "a host with a login": f"WATCHER_IMAP_HOST=imaps://me:{CANARY}/@imap.example.test\n",
    "a good password beside bad settings": f"WATCHER_IMAP_PASSWORD={CANARY}\nWATCHER_IMAP_PORT=imap\n",
}


@pytest.mark.parametrize("text", WRONG_FILES.values(), ids=WRONG_FILES)
def test_no_error_shows_a_secret(text: str, tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(text.encode("latin-1"))
    path.chmod(0o600)
    with pytest.raises(Show) as shown:
        load({}, tmp_path)
    chain: list[BaseException] = [shown.value]
    while later := chain[-1].__cause__:
        chain.append(later)
    assert not [error for error in chain if CANARY in f"{error} {error!r} {error.args}"]


def test_settings_that_are_printed_show_no_secret(tmp_path: Path) -> None:
    settings = load({**OTHERS, "WATCHER_IMAP_PASSWORD": CANARY}, tmp_path)
    assert CANARY not in f"{settings} {settings!r} {settings.model_dump()} {settings.model_dump_json()}"
