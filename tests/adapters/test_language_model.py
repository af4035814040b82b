"""Whatever an endpoint does, a question ends in time, within bounds, at the host it was meant for, and tells no key."""

import json
import logging
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import trustme
from servers import model_endpoint as endpoints
from servers.model_endpoint import PERSONALISED, Asked, ModelEndpoint, Reply, completion

from watcher.adapters.exchange import Endpoint
from watcher.adapters.language_model import Completions, endpoint
from watcher.domain.opinion import answer
from watcher.domain.opinion.question import question
from watcher.errors import TryAgain

KEY = "sk-c4n4ry"
NOTE = "Great to meet you in Aarhus on Tuesday."
QUESTION = question(NOTE, b"0123456789abcdef")
SOON = timedelta(seconds=20)
AT_ONCE = timedelta(seconds=0.6)


def never() -> bool:
    return False


def _model(running: ModelEndpoint, key: str = KEY) -> Completions:
    return Completions(endpoint(running.url), "scripted", "", key)


def _fails(script: endpoints.Script, within: timedelta = SOON) -> TryAgain:
    with endpoints.running(script) as running, pytest.raises(TryAgain) as failed:
        _model(running).ask(QUESTION, within, never)
    assert KEY not in f"{failed.value!r} {failed.value.__cause__!r}"
    return failed.value


def test_a_good_answer_comes_back_as_it_stands() -> None:
    with endpoints.running(endpoints.says(PERSONALISED, "met", "in Aarhus")) as running:
        words = _model(running).ask(QUESTION, SOON, never)
    (asked,) = running.asked
    assert answer.read(words, QUESTION, NOTE) is not None
    assert (asked.path, asked.note) == ("/v1/chat/completions", NOTE)
    assert asked.fields["authorization"] == f"Bearer {KEY}"
    assert asked.body["model"] == "scripted"
    assert asked.body["response_format"]["json_schema"]["schema"] == QUESTION.schema


def test_no_key_no_authorization() -> None:
    with endpoints.running(endpoints.obeys) as running:
        _model(running, key="").ask(QUESTION, SOON, never)
    assert "authorization" not in running.asked[0].fields


@pytest.mark.parametrize(
    ("status", "told"),
    [(500, "HTTP 500"), (503, "HTTP 503"), (400, "HTTP 400"), (401, "WATCHER_LLM_KEY"), (403, "WATCHER_LLM_KEY"),
     (404, "WATCHER_LLM_MODEL"), (204, "HTTP 204")],
)  # fmt: skip
def test_a_status_that_is_no_answer_is_told(status: int, told: str) -> None:
    said = str(_fails(lambda _: Reply(f'{{"error": "{KEY}"}}'.encode(), status)))
    assert told in said


@pytest.mark.parametrize(("after", "least", "most"), [("120", 120, 120), ("nonsense", None, None), ("", None, None)])
def test_too_many_questions_are_told_with_the_wish_to_wait(after: str, least: float | None, most: float | None) -> None:
    failed = _fails(lambda _: Reply(b"", 429, {"Retry-After": after}))
    assert (failed.wait, failed.wait) == (least, most)


def test_the_wish_to_wait_may_be_a_date() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    wait = _fails(lambda _: Reply(b"", 429, {"Retry-After": soon})).wait
    assert wait is not None
    assert 500 < wait <= 600


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with endpoints.running(endpoints.obeys) as elsewhere:
        failed = _fails(lambda _: Reply(b"", status, {"Location": f"{elsewhere.url}/chat/completions"}))
    assert elsewhere.asked == []
    assert "is not followed" in str(failed)


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with endpoints.running(endpoints.obeys) as proxy, endpoints.running(endpoints.obeys) as running:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        _model(running).ask(QUESTION, SOON, never)
    assert (len(running.asked), proxy.asked) == (1, [])


def test_a_huge_answer_is_not_read() -> None:
    assert "is over 256 KB" in str(_fails(lambda _: Reply(b" " * (300 << 10))))


def test_an_answer_that_claims_to_be_endless_is_not_read() -> None:
    assert "256 KB" in str(_fails(lambda _: Reply(b" " * (300 << 10), length=3 << 30)))


def test_a_packed_answer_is_not_unpacked() -> None:
    fields = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert "form" in str(_fails(lambda _: Reply(b"\x1f\x8b\x08\x00garbage", fields=fields)))


@pytest.mark.parametrize(
    "content_type", ["text/html", "text/plain; application/json", "", "application/jsonp", "text/event-stream"]
)
def test_an_answer_of_another_type_is_none(content_type: str) -> None:
    body = completion("{}").body
    assert "Content-Type" in str(_fails(lambda _: Reply(body, fields={"Content-Type": content_type})))


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"null", b"[]", b"{}", b'{"choices": []}', b'{"choices": [{}]}', b'{"choices": "x"}',
     b'{"choices": [{"message": null}]}', b'{"choices": [{"message": {"content": "x"}}]}', b"[" * 100_000,
     b'{"a":' * 50_000, b"\xff\xfe", b"NaN"],
)  # fmt: skip
def test_an_answer_of_another_form_is_none(body: bytes) -> None:
    assert "form of a chat completion" in str(_fails(lambda _: Reply(body)))


@pytest.mark.parametrize(
    "reply",
    [completion("cut of", finish_reason="length"), completion(None), completion("{}", finish_reason="content_filter"),
     completion("{}", message={"content": "{}", "refusal": "I will not."})],
    ids=["cut", "no words", "filtered", "refused"],
)  # fmt: skip
def test_a_refusal_and_half_an_answer_are_no_opinion(reply: Reply) -> None:
    with endpoints.running(lambda _: reply) as running:
        assert answer.read(_model(running).ask(QUESTION, SOON, never), QUESTION, NOTE) is None


@pytest.mark.parametrize(
    "reply",
    [Reply(b"{", drops=True, length=1 << 20), Reply(drops_fields=True)],
    ids=["the body", "the header"],
)
def test_drop_by_drop_is_cut_off(reply: Reply) -> None:
    assert "no answer within" in str(_fails(lambda _: reply, AT_ONCE))


def test_silence_is_cut_off() -> None:
    with endpoints.running(endpoints.obeys) as running:
        running.script = endpoints.hangs(lambda: running.over)
        with pytest.raises(TryAgain, match="no answer within"):
            _model(running).ask(QUESTION, AT_ONCE, never)


def test_no_time_is_no_question() -> None:
    with endpoints.running(endpoints.obeys) as running, pytest.raises(TryAgain, match="no time"):
        _model(running).ask(QUESTION, timedelta(0), never)
    assert running.asked == []


def test_a_program_that_ends_does_not_wait() -> None:
    with endpoints.running(endpoints.obeys) as running:
        running.script = endpoints.hangs(lambda: running.over)
        with pytest.raises(TryAgain, match="the program ends"):
            _model(running).ask(QUESTION, timedelta(seconds=60), lambda: len(running.asked) > 0)


def test_nobody_there() -> None:
    with endpoints.running(endpoints.obeys) as running:
        pass
    with pytest.raises(TryAgain, match="connection fails"):
        _model(running).ask(QUESTION, SOON, never)


def test_hung_up() -> None:
    def hang_up(_asked: Asked) -> Reply:
        raise ConnectionAbortedError

    assert "connection fails" in str(_fails(hang_up))


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def _context(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def _trusting(authority: trustme.CA | None, running: ModelEndpoint) -> Completions:
    context = ssl.create_default_context()
    if authority:
        authority.configure_trust(context)
    return Completions(Endpoint("127.0.0.1", running.port, "/v1/chat/completions", context), "scripted", "", KEY)


def test_an_encrypted_answer_comes_back(authority: trustme.CA) -> None:
    with endpoints.running(endpoints.obeys, _context(authority, "127.0.0.1")) as running:
        assert _trusting(authority, running).ask(QUESTION, SOON, never)


@pytest.mark.parametrize(("name", "is_trusted"), [("127.0.0.1", False), ("llm.example.test", True)])
def test_a_certificate_that_proves_nothing_gets_no_question(name: str, is_trusted: bool, authority: trustme.CA) -> None:
    with endpoints.running(endpoints.obeys, _context(authority, name)) as running:
        model = _trusting(authority if is_trusted else None, running)
        with pytest.raises(TryAgain, match="certificate"):
            model.ask(QUESTION, SOON, never)
    assert running.asked == []


def test_drop_by_drop_is_cut_off_in_an_encrypted_connection_too(
    authority: trustme.CA, threads_of: Callable[[str], int]
) -> None:
    with endpoints.running(lambda _: Reply(drops_fields=True), _context(authority, "127.0.0.1")) as running:
        with pytest.raises(TryAgain, match="no answer within"):
            _trusting(authority, running).ask(QUESTION, AT_ONCE, never)
        _wait_for_none(threads_of)


def test_plain_words_where_encryption_is_wanted(authority: trustme.CA) -> None:
    with endpoints.running(endpoints.obeys) as running, pytest.raises(TryAgain) as failed:
        _trusting(authority, running).ask(QUESTION, SOON, never)
    assert KEY not in str(failed.value)
    assert running.asked == []


def test_nothing_is_logged_and_no_key_is_printed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with endpoints.running(endpoints.obeys) as running:
        model = _model(running)
        model.ask(QUESTION, SOON, never)
    assert caplog.text == ""
    assert KEY not in repr(model)
    assert KEY not in model.name


def test_threads_end_with_their_questions(threads_of: Callable[[str], int]) -> None:
    with endpoints.running(lambda _: Reply(b"{", drops=True, length=1 << 20)) as running:
        for _ in range(3):
            with pytest.raises(TryAgain):
                _model(running).ask(QUESTION, AT_ONCE, never)
        _wait_for_none(threads_of)


def _wait_for_none(threads_of: Callable[[str], int]) -> None:
    deadline = time.monotonic() + 30
    while threads_of("language-model") and time.monotonic() < deadline:
        time.sleep(0.02)
    assert threads_of("language-model") == 0


@pytest.fixture
def threads_of() -> Callable[[str], int]:
    from threading import enumerate as living  # noqa: PLC0415 - its name hides Python's own

    return lambda name: sum(thread.name == name for thread in living())


def test_what_is_sent_is_json_whatever_the_note_holds() -> None:
    strange = 'quote " back \\ slash \x00 \ud800 \u2028 emoji 🎉'
    with endpoints.running(endpoints.obeys) as running:
        _model(running).ask(question(strange, b"0" * 16), SOON, never)
    assert json.loads(running.asked[0].octets.partition(b"\n\n")[2] or b"{}") is not None
    assert running.asked[0].note == strange
