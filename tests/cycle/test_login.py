"""What becomes of tokens that a person was just given, and what is said where their account is kept out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from twins.mailbox import Store, TwinMailbox

from watcher.adapters.ledger import SqlLedger, open_ledger
from watcher.domain.tokens import Tokens
from watcher.errors import NotLetIn, Problem, Show, TryAgain
from watcher.ports import AccessTokens, Mailbox
from watcher.setting_up.consent import Login
from watcher.steps.signing_in import BY_PASSWORD, BY_TOKEN, SignIn, Told

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
GIVEN = Tokens("access", NOW + timedelta(hours=1), "refresh", NOW)


@dataclass
class Desk:
    """A person's sign-in, and what came of it."""

    answer: Exception | None = None
    shown: list[str] = field(default_factory=list)
    kept: list[Tokens] = field(default_factory=list)

    def login(self) -> Login:
        return Login("custom", "me", "imap.example.test", True, _never, _never, self._connect, self.kept.append)

    def _connect(self, tokens: AccessTokens) -> Mailbox:
        self.shown.append(tokens.current())
        assert tokens.renewed("access") == "access", "there is no better one yet"
        assert tokens.standing() is None
        if self.answer is not None:
            raise self.answer
        return TwinMailbox(Store())


def _never(*_: object) -> Tokens:
    raise AssertionError("nobody is asked for consent here")


def test_what_lets_in_is_kept() -> None:
    desk = Desk()
    assert desk.login().take(GIVEN) == ""
    assert (desk.shown, desk.kept) == (["access"], [GIVEN])


@pytest.mark.parametrize("refusal", [NotLetIn, Show])
def test_what_the_server_refuses_is_not_kept(refusal: type[Show]) -> None:
    desk = Desk(refusal(Problem("WATCHER_IMAP_USER", "not let in", "check it")))
    with pytest.raises(refusal):
        desk.login().take(GIVEN)
    assert desk.kept == []


def test_what_could_not_be_tried_is_kept_with_the_reason() -> None:
    desk = Desk(TryAgain("no route to the server"))
    assert desk.login().take(GIVEN) == "no route to the server"
    assert desk.kept == [GIVEN]


# ------------------------------------------------------------------------------------------------------ who is kept out


class Clock:
    """A clock that stands."""

    def now(self) -> datetime:
        return NOW


@pytest.fixture
def ledger(tmp_path: Path) -> SqlLedger:
    return open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")


def _sign_in(ledger: SqlLedger, told: Told, connect: Callable[[], Mailbox]) -> SignIn:
    return SignIn("me@example.test", "hash", connect, ledger, Clock(), told)


def _refused() -> Mailbox:
    raise NotLetIn(Problem("WATCHER_IMAP_USER", "not let in", "check it"))


@pytest.mark.parametrize(
    ("told", "remedy"), [(BY_PASSWORD, "correct them"), (BY_TOKEN, "sign in again with `watcher login`")]
)
def test_who_is_kept_out_is_told_what_to_do_about_their_way_of_signing_in(
    ledger: SqlLedger, told: Told, remedy: str
) -> None:
    for _ in range(3):
        with pytest.raises(NotLetIn):
            _sign_in(ledger, told, _refused).mailbox()
    with pytest.raises(Show, match=remedy) as shown:
        _sign_in(ledger, told, _refused).mailbox()
    assert told.where in str(shown.value)


@pytest.mark.parametrize(
    "failure", [TryAgain("the provider gives no token just now"), Show(Problem("…", "consent is over", "login"))]
)
def test_what_the_provider_of_tokens_fails_at_is_never_counted(ledger: SqlLedger, failure: Exception) -> None:
    def connect() -> Mailbox:
        raise failure

    for _ in range(5):
        with pytest.raises(type(failure)):
            _sign_in(ledger, BY_TOKEN, connect).mailbox()
    assert ledger.refusals("me@example.test") is None
