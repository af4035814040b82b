"""config.example.env lists every setting once, says only what is true, and works as it stands."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from watcher.config import Settings, load

EXAMPLE = Path(__file__).parents[2] / "config.example.env"
TEXT = EXAMPLE.read_text("utf-8")
LINE = re.compile(r"((?:# .*\n)+)(#?)(WATCHER_[A-Z_]+)=(.+)\n")
ENTRIES = {name: (comment, bool(out), value) for comment, out, name, value in LINE.findall(TEXT)}
OPTIONAL = {name: (comment, value) for name, (comment, out, value) in ENTRIES.items() if out}
REQUIRED = {"WATCHER_IMAP_HOST", "WATCHER_IMAP_USER", "WATCHER_IMAP_PASSWORD", "WATCHER_MY_NAME"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-settings-here"))
    return tmp_path


def _filled_in(folder: Path, text: str) -> Settings:
    env = folder / ".env"
    env.write_text(text, "utf-8")
    env.chmod(0o600)
    return load({}, folder)


def _uncommented(name: str) -> str:
    return TEXT.replace(f"\n#{name}=", f"\n{name}=")


def _field(name: str) -> str:
    return name.removeprefix("WATCHER_").lower()


def test_every_setting_stands_there_once_and_nothing_else_does() -> None:
    names = re.findall(r"^#?(WATCHER_[A-Z_]+)=", TEXT, re.MULTILINE)
    assert sorted(names) == sorted(f"WATCHER_{field.upper()}" for field in Settings.model_fields)
    assert set(re.findall(r"WATCHER_[A-Z_]+", TEXT)) == set(names)


def test_each_has_one_to_three_lines_of_comment_right_above() -> None:
    assert len(ENTRIES) == len(Settings.model_fields)
    assert {name for name, (comment, *_) in ENTRIES.items() if comment.count("\n") > 3} == set()


def test_the_required_ones_come_first_and_the_others_are_commented_out() -> None:
    assert set(list(ENTRIES)[: len(REQUIRED)]) == REQUIRED
    assert set(ENTRIES) - set(OPTIONAL) == REQUIRED


def test_filled_in_as_shown_it_loads(folder: Path) -> None:
    settings = _filled_in(folder, TEXT)
    assert settings.imap_host == "imap.example.com"
    assert settings.my_address == settings.imap_user == "robin@example.com"
    assert settings.my_name == "Robin Ashdown"
    assert settings.imap_password == SecretStr("your app password")


@pytest.mark.parametrize("name", OPTIONAL)
def test_an_optional_line_says_whether_it_shows_the_default_or_an_example(name: str) -> None:
    comment, _ = OPTIONAL[name]
    assert re.findall(r"\b(Default|Example):\n\Z", comment), comment


@pytest.mark.parametrize("name", [name for name, (comment, _) in OPTIONAL.items() if "Default:" in comment])
def test_a_default_that_is_shown_is_the_real_one(name: str, folder: Path) -> None:
    without = _filled_in(folder, TEXT)
    shown = _filled_in(folder, _uncommented(name))
    if name == "WATCHER_IMAP_PORT":
        assert shown.imap_port == without.port
    else:
        assert shown == without


@pytest.mark.parametrize("name", [name for name, (comment, _) in OPTIONAL.items() if "Example:" in comment])
def test_an_example_that_is_shown_can_be_used(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watcher.config.loading._path_problems", lambda *_: ())  # its files are on no machine
    text = _uncommented(name)
    if name == "WATCHER_IMAP_PASSWORD_FILE":
        secret = folder / "secret"
        secret.write_text("from the file\n")
        secret.chmod(0o600)
        text = re.sub(r"^WATCHER_IMAP_PASSWORD=.*\n", "", text, flags=re.MULTILINE)
        text = re.sub(
            r"^WATCHER_IMAP_PASSWORD_FILE=.*", f"WATCHER_IMAP_PASSWORD_FILE={secret}", text, flags=re.MULTILINE
        )
    if name == "WATCHER_MAILBOX":  # in the place of a server
        text = re.sub(r"^WATCHER_IMAP_.*\n", "WATCHER_MY_ADDRESS=robin@example.com\n", text, flags=re.MULTILINE)
    if name == "WATCHER_LLM_KEY_FILE":
        secret = folder / "secret"
        secret.write_text("sk-from-the-file\n")
        secret.chmod(0o600)
        text = re.sub(r"^WATCHER_LLM_KEY_FILE=.*", f"WATCHER_LLM_KEY_FILE={secret}", text, flags=re.MULTILINE)
    if name in {"WATCHER_ALARMS_FILE", "WATCHER_NOTICES_FILE"}:
        secret = folder / "secret"
        secret.write_text("desktop\n")
        secret.chmod(0o600)
        text = re.sub(rf"^{name}=.*", f"{name}={secret}", text, flags=re.MULTILINE)
    if name == "WATCHER_LLM_URL":  # is nothing without its model
        text = text.replace("\n#WATCHER_LLM_MODEL=", "\nWATCHER_LLM_MODEL=")
    default = Settings.model_fields[_field(name)].default
    assert getattr(_filled_in(folder, text), _field(name)) not in {default, None}


def test_the_signature_that_is_shown_has_two_lines(folder: Path) -> None:
    assert _filled_in(folder, _uncommented("WATCHER_SIGNATURE")).signature.count("\n") == 1
