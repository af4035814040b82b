"""The whole job with a language model beside it: what it is asked, what it may change, and what nobody hears of."""

import re
import sqlite3
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from domain.instructed_notes import INSTRUCTED
from servers import model_endpoint as endpoints
from servers.dovecot import Dovecot
from servers.model_endpoint import PERSONALISED, ModelEndpoint, Reply
from shell.program import Home

KEY = "sk-c4n4ry-key"
SAMPLES = Path(__file__).parents[2] / "watcher" / "samples"
OWN_WORDS = (SAMPLES / "05-own-words-reason.eml").read_bytes()
PITCH = (SAMPLES / "06-own-words-pitch.eml").read_bytes()
NOTE = re.compile(rb"We sat next to each other.*?turned out\.", re.DOTALL)
NAMES = ("Tilda", "Moreau", "Robin", "Ashdown", "Kanaal")


@pytest.fixture
def model() -> Iterator[ModelEndpoint]:
    with endpoints.running(endpoints.says(PERSONALISED, "met")) as running:
        yield running


@pytest.fixture
def home(dovecot: Dovecot, model: ModelEndpoint, tmp_path: Path) -> Home:
    trusted = {"WATCHER_TRUSTED_AUTHSERV": "mx.example.test", "WATCHER_LLM_KEY": KEY}
    return Home(tmp_path, {**dovecot.environment(), **trusted, **model.environment()})


def _deliver(dovecot: Dovecot, *mails: bytes) -> None:
    dovecot.bulk(list(mails), time.time() - 3600)


def test_an_opinion_is_part_of_the_verdict(home: Home, dovecot: Dovecot, model: ModelEndpoint) -> None:
    _deliver(dovecot, OWN_WORDS)
    ran = home.run("once", "--json")
    assert ran.code == 0, ran.err
    assert any("a language model finds it personalised" in one["why"] for one in ran.lines[0]["evidence"])
    assert [asked.fields["authorization"] for asked in model.asked] == [f"Bearer {KEY}"] * 2
    assert home.run("once", "--json").code == 0
    assert len(model.asked) == 2


def test_no_name_and_no_key_goes_where_it_does_not_belong(home: Home, dovecot: Dovecot, model: ModelEndpoint) -> None:
    named = "Robin, Tilda Moreau of Kanaal Hosting here: we met in Ghent. Write to tilda@kanaal.example, +32 470 123456"
    _deliver(
        dovecot,
        OWN_WORDS,
        NOTE.sub(named.encode(), OWN_WORDS.replace(b"<5.105", b"<6.105").replace(b"05/sha", b"06/sha")),
    )
    heard = [home.run(*words.split()) for words in ("once --json", "doctor", "drafts --json", "show 1", "--debug once")]
    model.script = lambda _: Reply(f'{{"error": "{KEY}"}}'.encode(), 401)
    heard += [home.run(*words.split()) for words in ("doctor", "--debug once", "--debug rejudge")]
    assert {ran.code for ran in heard} == {0}
    assert not any(KEY in ran.out + ran.err for ran in heard)
    assert model.asked
    asked = b"".join(one.octets for one in model.asked).decode()
    assert not [name for name in (*NAMES, "470", "@", "kanaal") if name in asked]
    assert KEY not in "".join(str(one.body) for one in model.asked)
    kept = home.ledger.with_name("opinions.sqlite")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    content = kept.read_bytes().decode("latin-1")
    assert not [word for word in (*NAMES, KEY, "Ghent", "napkin", "scripted") if word in content]
    with sqlite3.connect(kept) as connection:
        assert connection.execute("SELECT count(*) FROM opinions").fetchone()[0] >= 1


def test_a_note_that_gives_orders_reaches_no_model(home: Home, dovecot: Dovecot, model: ModelEndpoint) -> None:
    model.script = endpoints.obeys
    _deliver(dovecot, NOTE.sub(INSTRUCTED["en"].encode(), OWN_WORDS))
    (invitation, _) = home.run("once", "--json").lines
    assert model.asked == []
    assert "no language model was asked" in invitation["evidence"][-1]["why"]
    assert invitation["verdict"] != "personalised"


def test_a_model_that_does_not_answer_is_in_nobodys_way(home: Home, dovecot: Dovecot, model: ModelEndpoint) -> None:
    _deliver(dovecot, OWN_WORDS, PITCH)
    model.script = endpoints.hangs(lambda: model.over)
    ran = home.run("once", WATCHER_LLM_TIMEOUT="1 s")
    assert ran.code == 0
    assert "2 drafted" in ran.out
    assert "No second opinion of the language model: no answer within 1 s" in ran.err
    assert len(model.asked) == 1


def test_the_doctor_says_where_notes_go(home: Home, model: ModelEndpoint) -> None:
    def line(**settings: str) -> dict[str, str]:
        lines = home.run("doctor", "--json", **settings).lines
        return next(one for one in lines if one["what"] == "language model")

    good = line()
    assert (good["health"], "do not leave" in good["found"]) == ("ok", True)
    model.script = endpoints.says(endpoints.GENERIC, "pitch")
    assert "WATCHER_LLM_MODEL" in line()["remedy"]
    model.script = lambda _: Reply(b"", 503)
    assert "HTTP 503" in line()["found"]
    elsewhere = line(
        WATCHER_LLM_URL="https://llm.example.invalid/v1",
        WATCHER_LLM_ALLOW="llm.example.invalid",
        WATCHER_LLM_TIMEOUT="2 s",
    )
    assert "notes go to llm.example.invalid, with names replaced" in elsewhere["found"]
    assert all("language model" not in one["what"] for one in home.run("doctor", "--json", WATCHER_LLM_URL="").lines)


def test_left_running_it_warns_of_what_leaves_the_machine_and_ends_at_once(
    home: Home, dovecot: Dovecot, model: ModelEndpoint
) -> None:
    _deliver(dovecot, OWN_WORDS)
    model.script = endpoints.hangs(lambda: model.over)
    process = home.start("run", WATCHER_LLM_TIMEOUT="60 s", WATCHER_LOG="json", WATCHER_LOG_LEVEL="debug")
    deadline = time.monotonic() + 60
    while not model.asked and time.monotonic() < deadline:
        time.sleep(0.05)
    process.terminate()
    _, log = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "notes go to" not in log
    assert KEY not in log
    assert [record["state"] for record in home.run("drafts", "--json").lines] == ["drafted"]
    elsewhere = home.start(
        "run", WATCHER_LLM_URL="https://llm.example.invalid/v1", WATCHER_LLM_ALLOW="llm.example.invalid"
    )
    assert elsewhere.stderr is not None
    first = elsewhere.stderr.readline()
    elsewhere.terminate()
    elsewhere.communicate(timeout=20)
    assert "notes go to another machine, with names replaced" in first
    assert "llm.example.invalid" in first
