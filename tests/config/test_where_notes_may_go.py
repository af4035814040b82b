"""Where notes may go is decided by settings alone, and no key is ever shown."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from watcher.config import Settings, load
from watcher.errors import Problem, Show

KEY = "sk-c4n4ry-key"
OTHERS = {
    "WATCHER_IMAP_HOST": "imap.example.test",
    "WATCHER_IMAP_USER": "me@example.test",
    "WATCHER_IMAP_PASSWORD": "secret",
    "WATCHER_MY_NAME": "Robin Ashdown",
}


@pytest.fixture(autouse=True)
def _no_settings_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))


def _load(tmp_path: Path, **settings: str) -> Settings:
    return load(OTHERS | {f"WATCHER_LLM_{name}": value for name, value in settings.items()}, tmp_path)


def _problem(tmp_path: Path, **settings: str) -> Problem:
    with pytest.raises(Show) as shown:
        _load(tmp_path, **settings)
    (problem,) = shown.value.problems
    assert KEY not in str(problem)
    return problem


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8080/v1", "http://localhost/v1/", "http://LOCALHOST:11434", "https://[::1]:8443/v1",
     "http://127.8.8.8/v1"],
)  # fmt: skip
def test_this_machine_is_allowed_without_more(url: str, tmp_path: Path) -> None:
    assert _load(tmp_path, URL=url, MODEL="m").llm_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    ["https://llm.example.test/v1", "https://localhost.example.test/v1", "https://127.0.0.1.example.test/v1",
     "https://0.0.0.0/v1", "https://192.0.2.7/v1", "https://2130706433/v1"],
)  # fmt: skip
def test_another_machine_is_refused_until_it_is_named(url: str, tmp_path: Path) -> None:
    problem = _problem(tmp_path, URL=url, MODEL="m")
    assert problem.where == "WATCHER_LLM_URL, environment"
    host = problem.remedy.partition("WATCHER_LLM_ALLOW=")[2].split()[0]
    assert "another" in _problem(tmp_path, URL=url, MODEL="m", ALLOW=f"www.{host}").what
    assert _load(tmp_path, URL=url, MODEL="m", ALLOW=host.upper()).llm_allow == host


def test_another_machine_is_never_written_to_without_encryption(tmp_path: Path) -> None:
    problem = _problem(tmp_path, URL="http://llm.example.test/v1", MODEL="m", ALLOW="llm.example.test")
    assert "unencrypted" in problem.what


@pytest.mark.parametrize(
    "url",
    ["llm.example.test", "ftp://127.0.0.1/v1", "http://", "http:///v1", f"http://me:{KEY}@127.0.0.1/v1",
     f"http://127.0.0.1/v1?key={KEY}", "http://127.0.0.1:99999/v1", "http://127.0.0.1:0/v1", "http://127.0.0.1/v 1",
     "http://[::1/v1", "http://127.0.0.1\\@llm.example.test/v1"],
)  # fmt: skip
def test_what_is_no_address_of_an_endpoint_is_refused_and_not_repeated(url: str, tmp_path: Path) -> None:
    problem = _problem(tmp_path, URL=url, MODEL="m")
    assert problem.where == "WATCHER_LLM_URL, environment"
    assert "/chat/completions" in problem.remedy or "another machine" in problem.what


def test_an_address_needs_a_model(tmp_path: Path) -> None:
    problem = _problem(tmp_path, URL="http://127.0.0.1/v1")
    assert (problem.where, problem.what) == ("WATCHER_LLM_MODEL", "is missing")


def test_a_key_comes_from_a_private_file_too(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text(f"{KEY}\n")
    secret.chmod(0o644)
    assert "may be read by others" in _problem(tmp_path, KEY_FILE=str(secret)).what
    secret.chmod(0o600)
    assert _load(tmp_path, KEY_FILE=str(secret)).llm_key == SecretStr(KEY)
    assert "is set beside" in _problem(tmp_path, KEY_FILE=str(secret), KEY=KEY).what


@pytest.mark.parametrize("key", [f"{KEY}\r\nX-More: 1", f"{KEY} two", f"{KEY}ü"])
def test_a_key_that_no_header_can_hold_is_refused_wherever_it_stands(key: str, tmp_path: Path) -> None:
    assert _problem(tmp_path, KEY=key).where == "WATCHER_LLM_KEY, environment"
    secret = tmp_path / "key"
    secret.write_text(key, "utf-8")
    secret.chmod(0o600)
    assert _problem(tmp_path, KEY_FILE=str(secret)).where == "WATCHER_LLM_KEY_FILE, environment"


def test_a_key_that_a_comment_would_cut_is_refused(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text(f"WATCHER_LLM_KEY={KEY} #rest\n")
    env.chmod(0o600)
    with pytest.raises(Show, match="would end at the blank") as shown:
        load(OTHERS, tmp_path)
    assert KEY not in str(shown.value)


def test_settings_that_are_printed_show_no_key(tmp_path: Path) -> None:
    settings = _load(tmp_path, KEY=KEY)
    assert KEY not in f"{settings} {settings!r} {settings.model_dump_json()}"


@pytest.mark.parametrize(("name", "value"), [("TIMEOUT", "61 s"), ("TIMEOUT", "0 s"), ("PER_DAY", "0")])
def test_bounds_hold(name: str, value: str, tmp_path: Path) -> None:
    assert _problem(tmp_path, **{name: value}).where == f"WATCHER_LLM_{name}, environment"
