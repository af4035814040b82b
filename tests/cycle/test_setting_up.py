"""Setting up as a conversation: which questions are asked, what is asked again, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from builders import NOW
from twins.mailbox import Store, TwinMailbox

from watcher.cycle import PassReport
from watcher.domain.genuine import Proposal
from watcher.domain.tokens import Tokens
from watcher.errors import NotLetIn, Problem, Show, TryAgain
from watcher.ports import AccessTokens, Mailbox, PassSummary, Protection, Srv, Traffic
from watcher.setting_up.asking import Ground, Question, Set
from watcher.setting_up.consent import Login
from watcher.setting_up.conversation import MOST_QUESTIONS, SettingUp

REPORT = PassReport(PassSummary("me@example.test", NOW, NOW, completed=True), (), Traffic(), {})
TOKENS = Tokens("access", NOW + timedelta(hours=1), "refresh", NOW)


@dataclass
class Dns:
    """What a domain says of its mail."""

    records: Mapping[str, tuple[Srv, ...]] = field(default_factory=dict)
    is_silent: bool = False

    def srv(self, name: str) -> tuple[Srv, ...]:
        if self.is_silent:
            raise TryAgain("DNS does not answer")
        return self.records.get(name, ())


@dataclass
class Talk:
    """A person who answers by the beginning of each question; of several answers one each time."""

    replies: dict[str, list[str]]
    agreed: list[bool] = field(default_factory=list)
    asked: list[Question] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    shown: list[PassReport] = field(default_factory=list)

    def ask(self, question: Question) -> str:
        self.asked.append(question)
        for words, answers in self.replies.items():
            if question.words.startswith(words) and answers:
                return answers.pop(0) or question.default
        assert question.default, f"{question.words}: there is no answer"
        return question.default

    def tell(self, words: str) -> None:
        self.told.append(words)

    def refuse(self, problem: Problem) -> None:
        self.refused.append(problem)

    def trying(self, words: str) -> AbstractContextManager[object]:
        return nullcontext(words)

    def agrees(self, words: str) -> bool:
        del words
        return self.agreed.pop(0)

    def consent(self, login: Login) -> Tokens:
        assert login.user.endswith("@example.test") or "@" in login.user
        return TOKENS

    def show(self, report: PassReport) -> None:
        self.shown.append(report)


@dataclass
class Road:
    """A way to a server: whatever lies on it is raised once."""

    place: str
    trouble: list[Exception]

    def addresses(self) -> tuple[str, ...]:
        return ("127.0.0.1",)

    def reach(self) -> None:
        if self.trouble:
            raise self.trouble.pop(0)

    def protection(self) -> Protection:
        return Protection("TLSv1.3", datetime(2027, 1, 1, tzinfo=UTC), "somebody")


@dataclass
class World:
    """Servers that let anybody in, but for the trouble that is set."""

    dns: Dns = field(default_factory=Dns)
    before: dict[str, str] = field(default_factory=dict)
    on_the_way: list[Exception] = field(default_factory=list)
    at_the_door: list[Exception] = field(default_factory=list)
    in_the_pass: list[Exception] = field(default_factory=list)
    in_the_settings: list[Exception] = field(default_factory=list)
    proposed: Sequence[Proposal] = (Proposal("mx.example.test", 20, 5),)
    tried: list[Mapping[str, str]] = field(default_factory=list)
    tokens: list[AccessTokens | None] = field(default_factory=list)

    def ground(self) -> Ground:
        return Ground(
            dns=self.dns,
            languages=frozenset({"en", "de", "fr"}),
            now=lambda name: self.before.get(name, ""),
            road=lambda answers: Road(answers["WATCHER_IMAP_HOST"], self.on_the_way),
            connect=self._connected,
            login=self._login,
            proposals=lambda _: self.proposed,
            check=lambda _: _raise_next(self.in_the_settings),
            dry_pass=self._passed,
        )

    def _connected(self, answers: Mapping[str, str], token: AccessTokens | None) -> Mailbox:
        self.tried.append(dict(answers))
        self.tokens.append(token)
        _raise_next(self.at_the_door)
        return TwinMailbox(Store())

    def _passed(self, answers: Mapping[str, str], token: AccessTokens | None) -> PassReport:
        del answers, token
        _raise_next(self.in_the_pass)
        return REPORT

    @staticmethod
    def _login(answers: Mapping[str, str]) -> Login:
        def never(*_: object) -> Tokens:
            raise AssertionError("the person consents in the talk")

        user, host = answers["WATCHER_IMAP_USER"], answers["WATCHER_IMAP_HOST"]
        return Login("Google", user, host, False, never, never, _no_mailbox, _not_kept)


def _no_mailbox(_: AccessTokens) -> Mailbox:
    raise AssertionError("the mailbox is opened by `connect`")


def _not_kept(_: Tokens) -> None:
    raise AssertionError("nothing is kept before a yes")


def _raise_next(troubles: list[Exception]) -> None:
    if troubles:
        raise troubles.pop(0)


def _talk(**replies: str | list[str]) -> Talk:
    """By one word of the question."""
    words = {"address": "Your e-mail", "server": "Your mail server", "password": "Your ", "name": "Your name"}
    usual: dict[str, str | list[str]] = {"address": "me@example.test", "server": "imap.example.test", "name": "Robin"}
    given = {**usual, **replies}
    ordered = {words.get(key, key): [one] if isinstance(one, str) else one for key, one in given.items()}
    general = ordered.pop("Your ", ["secret"])
    return Talk({**ordered, "Your password": general, "Your app password": general})


def _run(world: World, talk: Talk, **options: bool) -> Set:
    return SettingUp(talk, world.ground(), **options).run()


def _first(talk: Talk) -> list[str]:
    return [question.words for question in talk.asked if question.is_first]


def _refusal() -> NotLetIn:
    return NotLetIn(Problem("WATCHER_IMAP_USER, WATCHER_IMAP_PASSWORD", "not accepted", "check both"))


def test_an_unknown_server_is_asked_for_and_what_comes_out_are_settings() -> None:
    talk = _talk(server="imap.example.test:143")
    came_out = _run(World(), talk)
    assert {name: value for name, value in came_out.answers.items() if value} == {
        "WATCHER_IMAP_HOST": "imap.example.test",
        "WATCHER_IMAP_SECURITY": "starttls",
        "WATCHER_IMAP_USER": "me@example.test",
        "WATCHER_IMAP_PASSWORD": "secret",
        "WATCHER_MY_NAME": "Robin",
        "WATCHER_LANGUAGES": "en",
        "WATCHER_TRUSTED_AUTHSERV": "mx.example.test",
    }
    assert (came_out.tokens, talk.shown, talk.refused) == (None, [REPORT], [])


@pytest.mark.parametrize(
    ("address", "dns", "options"),
    [
        ("me@example.test", Dns(), {}),
        ("me@gmail.com", Dns(), {}),
        ("me@gmail.com", Dns(), {"asks_server": True}),
        ("me@outlook.com", Dns(), {"asks_server": True}),
    ],
)
@pytest.mark.parametrize("way", ["app password", "google"])
def test_there_are_eight_questions_at_most(address: str, dns: Dns, options: Mapping[str, bool], way: str) -> None:
    talk = _talk(address=address, **{"How do you": [way], "Your client": ["1234.example abcd"]})
    talk.replies["Your mail server"] = ["", ""] if "gmail" in address else talk.replies["Your mail server"]
    _run(World(dns=dns), talk, **options)
    assert len(_first(talk)) <= MOST_QUESTIONS


def test_a_known_provider_needs_no_server_and_tells_where_to_get_a_password() -> None:
    talk = _talk(address="me@gmail.com", **{"How do you": [""]})
    came_out = _run(World(), talk)
    assert came_out.answers["WATCHER_IMAP_HOST"] == "imap.gmail.com"
    assert "Your mail server (IMAP)" not in _first(talk)
    assert any("myaccount.google.com/apppasswords" in words for words in talk.told)


def test_a_server_outside_of_the_domain_is_taken_only_where_the_person_does() -> None:
    records = {"_imaps._tcp.example.test": (Srv(0, 0, 993, "mail.elsewhere.example"),)}
    talk = _talk(server=[""])
    came_out = _run(World(dns=Dns(records)), talk)
    asked = next(question for question in talk.asked if question.words.startswith("Your mail server"))
    assert (asked.default, "your password goes there" in asked.hint) == ("mail.elsewhere.example", True)
    assert came_out.answers["WATCHER_IMAP_HOST"] == "mail.elsewhere.example"


def test_one_within_the_domain_is_tried_without_a_question() -> None:
    talk = _talk()
    came_out = _run(World(dns=Dns({"_imaps._tcp.example.test": (Srv(0, 0, 993, "mail.example.test"),)})), talk)
    assert came_out.answers["WATCHER_IMAP_HOST"] == "mail.example.test"
    assert "Your mail server (IMAP)" not in _first(talk)


def test_where_dns_is_silent_the_server_is_asked_for() -> None:
    talk = _talk()
    assert _run(World(dns=Dns(is_silent=True)), talk).answers["WATCHER_IMAP_HOST"] == "imap.example.test"
    assert any("DNS does not answer" in words for words in talk.told)


@pytest.mark.parametrize("trouble", [TryAgain("refused"), Show(Problem("WATCHER_IMAP_HOST", "expired", "renew"))])
def test_a_server_that_fails_is_asked_for_again_with_what_was_typed(trouble: Exception) -> None:
    talk = _talk(server=["first.example", "second.example"])
    assert _run(World(on_the_way=[trouble]), talk).answers["WATCHER_IMAP_HOST"] == "second.example"
    again = [question for question in talk.asked if question.words.startswith("Your mail server")]
    assert [(question.default, question.is_first) for question in again] == [("", True), ("first.example", False)]
    assert len(talk.refused) == 1


@pytest.mark.parametrize(
    ("typed", "host", "port", "security"),
    [
        ("imap.example.org", "imap.example.org", "", ""),
        ("imap.example.org:993", "imap.example.org", "", ""),
        ("imap.example.org:143", "imap.example.org", "", "starttls"),
        ("imap.example.org:1143 STARTTLS", "imap.example.org", "1143", "starttls"),
        ("imap.example.org:1993", "imap.example.org", "1993", ""),
        ("127.0.0.1:1143 none", "127.0.0.1", "1143", "none"),
        ("[::1]:1993", "::1", "1993", ""),
    ],
)
def test_a_server_is_typed_in_one_line(typed: str, host: str, port: str, security: str) -> None:
    answers = _run(World(), _talk(server=typed)).answers
    found = tuple(answers[f"WATCHER_IMAP_{name}"] for name in ("HOST", "PORT", "SECURITY"))
    assert found == (host, port, security)
    as_it_stands = _talk(server=[""])
    assert _run(World(before=dict(answers)), as_it_stands).answers == answers


@pytest.mark.parametrize(
    "wrong", ["imap example", "https://imap.example.org", "host:99999", "host:0", "a@b", "host:143 ssl"]
)
def test_what_is_no_server_is_told(wrong: str) -> None:
    talk = _talk(server=[wrong, "imap.example.test"])
    _run(World(), talk)
    assert [problem.what for problem in talk.refused] == [f"{wrong!r} is no name of a server"]


def test_a_refused_password_lets_one_mend_the_login_name_too() -> None:
    talk = _talk(password=["wrong", ""], **{"The name you": ["me"]})
    world = World(at_the_door=[_refusal()])
    answers = _run(world, talk).answers
    tried = [(one["WATCHER_IMAP_USER"], one["WATCHER_IMAP_PASSWORD"]) for one in world.tried]
    assert tried == [("me@example.test", "wrong"), ("me", "wrong")]
    assert (answers["WATCHER_IMAP_USER"], answers["WATCHER_MY_ADDRESS"]) == ("me", "me@example.test")


def test_a_failure_of_the_network_asks_for_no_other_name() -> None:
    talk = _talk(password=["secret", ""])
    world = World(at_the_door=[TryAgain("the line broke")])
    _run(world, talk)
    assert [one["WATCHER_IMAP_PASSWORD"] for one in world.tried] == ["secret", "secret"]
    assert not any(question.words.startswith("The name you") for question in talk.asked)


def test_a_server_without_starttls_is_asked_for_again() -> None:
    trouble = Show(Problem("WATCHER_IMAP_SECURITY", "offers no STARTTLS", "set it to tls"))
    talk = _talk(server=["imap.example.test:143", "imap.example.test"], password=["secret", ""])
    assert _run(World(at_the_door=[trouble]), talk).answers["WATCHER_IMAP_SECURITY"] == ""


def test_a_sign_in_by_oauth_keeps_nothing_by_itself() -> None:
    talk = _talk(address="me@gmail.com", **{"How do you": ["google"], "Your client": ["1234.example abcd"]})
    world = World()
    came_out = _run(world, talk)
    assert came_out.tokens == TOKENS
    assert [token.current() for token in world.tokens if token] == ["access"]
    assert {name: came_out.answers[f"WATCHER_{name}"] for name in ("IMAP_AUTH", "OAUTH_PROVIDER", "IMAP_PASSWORD")} == {
        "IMAP_AUTH": "xoauth2", "OAUTH_PROVIDER": "google", "IMAP_PASSWORD": "",
    }  # fmt: skip
    client = [came_out.answers[f"WATCHER_OAUTH_CLIENT_{name}"] for name in ("ID", "SECRET")]
    assert client == ["1234.example", "abcd"]


def test_the_secret_of_a_client_stands_in_no_bracket() -> None:
    before = {"WATCHER_OAUTH_CLIENT_ID": "1234.example", "WATCHER_OAUTH_CLIENT_SECRET": "abcd"}
    talk = _talk(address="me@gmail.com", **{"How do you": ["google"], "Your client": [""]})
    came_out = _run(World(before=before), talk)
    (asked,) = (one for one in talk.asked if "abcd" in one.default)
    assert asked.is_secret
    assert came_out.answers["WATCHER_OAUTH_CLIENT_SECRET"] == "abcd"


@pytest.mark.parametrize(
    ("answer", "kept"), [("", "mx.example.test"), ("no", ""), ("mx.other.example", "mx.other.example")]
)
def test_whose_word_is_trusted_is_for_the_person_to_say(answer: str, kept: str) -> None:
    talk = _talk(**{"Whose word": [answer]})
    assert _run(World(), talk).answers["WATCHER_TRUSTED_AUTHSERV"] == kept


def test_where_no_server_wrote_anything_nobody_is_proposed() -> None:
    talk = _talk()
    assert "WATCHER_TRUSTED_AUTHSERV" not in _run(World(proposed=()), talk).answers
    assert not any(question.words.startswith("Whose word") for question in talk.asked)


def test_what_is_wrong_elsewhere_in_the_settings_is_mended_before_anything_is_asked() -> None:
    talk = _talk()
    _run(World(in_the_settings=[Show(Problem("WATCHER_POLL_EVERY", "is no duration", "write 5 minutes"))]), talk)
    assert [question.words for question in talk.asked[:2]] == ["Mend this, then press Enter", "Your e-mail address"]


@pytest.mark.parametrize(("again", "shown"), [([True], 1), ([False], 0)])
def test_a_dry_pass_that_fails_loses_no_answer(again: Sequence[bool], shown: int) -> None:
    talk = _talk()
    talk.agreed = list(again)
    came_out = _run(World(in_the_pass=[TryAgain("the line broke")]), talk)
    assert (came_out.answers["WATCHER_MY_NAME"], len(talk.shown)) == ("Robin", shown)
