"""A weekly summary: at most one draft a week, whatever crashes, and true to the ledger."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from builders import a_reading, a_sighting, an_intent, an_invitation
from service.world import Clock, Connection, NoDns, Server, account
from twins.mailbox import StoredMail

from watcher.adapters import summary_text
from watcher.adapters.dkim import DkimSignatures
from watcher.adapters.ledger import SqlLedger, open_ledger
from watcher.adapters.templates import FileTemplates
from watcher.domain.kinds import Because, VerdictKind
from watcher.domain.lifecycle import State
from watcher.domain.values import Verdict
from watcher.errors import GiveUp, NotStored, TryAgain, WatcherError
from watcher.steps.account import Ports
from watcher.watching.summaries import Subscription, Summaries

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ME = "me@example.test"
PERSONALISED = Verdict(VerdictKind.PERSONALISED, Because.REASON, (), 0.9)


class Crash(BaseException):
    """The process ends here."""


@dataclass
class Mail:
    """One mailbox whose person wants a summary on Mondays."""

    ledger: SqlLedger
    clock: Clock = field(default_factory=lambda: Clock(MONDAY))
    server: Server = field(default_factory=Server)
    connect: Callable[[], Connection] | None = None

    def __post_init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """As after a restart."""
        self.summaries = Summaries(dict, self.clock, summary_text.render, pytest.fail)

    def look(self) -> None:
        self.summaries.look(Subscription(account(), self.ledger, self.ports, "monday", UTC))

    def ports(self) -> Ports:
        mailbox = (self.connect or self.server.connect)()
        return Ports(mailbox, self.ledger, FileTemplates(), self.clock, DkimSignatures(NoDns()))

    @property
    def drafts(self) -> list[EmailMessage]:
        kept = self.server.store.folders["Drafts"].mails.values()
        return [message_from_bytes(mail.content, policy=default) for mail in kept]

    @property
    def text(self) -> str:
        (draft,) = self.drafts
        body = draft.get_body(("plain",))
        assert body is not None
        return str(body.get_content())


@pytest.fixture
def mail(ledger: SqlLedger) -> Mail:
    return Mail(ledger)


def _came(ledger: SqlLedger, state: State, days_ago: float, key: str, **reading: Any) -> int:
    at = MONDAY - timedelta(days=days_ago)
    reason = "not proven genuine" if state is State.HELD else ""
    start = state if state in {State.HELD, State.SKIPPED, State.QUARANTINED} else State.SEEN
    found = a_reading(found=an_invitation(invitation_id=key), **reading)
    row = ledger.record(a_sighting(key=key, received=at, reading=found), start, reason, at)
    if start is State.SEEN:
        lease = ledger.lease(ME, at)
        ledger.intend(row.id, an_intent(message_id=f"<{key}@example.test>"), lease)
        ledger.release(lease)
        ledger.drafted(row.id, row.id, at)
        if state is not State.DRAFTED:
            ledger.move(row.id, state, "", at)
    return row.id


def test_it_tells_what_came_and_what_waits(mail: Mail) -> None:
    _came(mail.ledger, State.SENT, 3, "a")
    _came(mail.ledger, State.DRAFTED, 2, "b", verdict=PERSONALISED)
    _came(mail.ledger, State.SKIPPED, 2, "c")
    _came(mail.ledger, State.HELD, 40, "d")
    _came(mail.ledger, State.SENT, 8, "too early")
    _came(mail.ledger, State.SENT, 0, "too late")
    mail.look()
    (draft,) = mail.drafts
    assert (draft["From"], draft["To"]) == (f"Robin Ashdown <{ME}>",) * 2
    assert draft["Subject"] == "Invitations from 16 November 2026 to 22 November 2026"
    assert draft["In-Reply-To"] is None
    lines = [" ".join(line.split()) for line in mail.text.splitlines()]
    assert lines[0] == "What came from 16 November to 22 November: 3 invitations."
    assert {"2 generic", "1 personalised", "1 sent", "1 held", "1 not proven genuine"} <= set(lines)
    assert "Drafts made: 2. What became of them, as far as your mailbox tells:" in lines
    assert "Left without a draft: 1. `watcher drafts --state skipped` says why." in lines


def test_it_is_put_once_a_week_whoever_looks_how_often(mail: Mail) -> None:
    _came(mail.ledger, State.HELD, 3, "a")
    for _ in range(5):
        mail.look()
        mail.begin_anew()
    assert len(mail.drafts) == 1
    mail.clock.at += timedelta(days=7)
    mail.look()
    assert len(mail.drafts) == 2
    assert len({draft["Message-ID"] for draft in mail.drafts}) == 2


def test_a_week_in_which_nothing_came_and_nothing_waits_has_none(mail: Mail) -> None:
    _came(mail.ledger, State.SENT, 20, "a")
    mail.look()
    assert mail.drafts == []
    assert mail.server.connections == []


def test_a_machine_that_was_off_on_the_day_puts_it_later(mail: Mail) -> None:
    _came(mail.ledger, State.SENT, 3, "a")
    mail.clock.at += timedelta(days=5)
    mail.look()
    assert len(mail.drafts) == 1


def test_every_row_of_a_long_ledger_is_counted(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watcher.watching.summaries.PAGE", 3)
    for number in range(7):
        _came(mail.ledger, State.SENT, 1 + number / 10, f"came {number}")
        _came(mail.ledger, State.HELD, 30, f"held {number}")
    mail.look()
    lines = [" ".join(line.split()) for line in mail.text.splitlines()]
    assert {"7 sent", "7 held"} <= set(lines)


# -------------------------------------------------------------------------------------------------------- what breaks


class Crashing(Connection):
    """The process ends while a draft is stored: before its first octet goes out, on its way, or after its last."""

    def __init__(self, server: Server, moment: str) -> None:
        super().__init__(server)
        self.moment = moment

    def append_draft(self, folder: str, content: bytes, at: datetime, handing_over: Any = None) -> Any:
        if self.moment == "before":
            raise Crash
        if self.moment == "on its way":
            handing_over()
            raise Crash
        super().append_draft(folder, content, at, handing_over)
        raise Crash


@pytest.mark.parametrize(("moment", "drafts"), [("before", 1), ("on its way", 0), ("after", 1)])
def test_whenever_the_process_ends_there_are_never_two(mail: Mail, moment: str, drafts: int) -> None:
    _came(mail.ledger, State.HELD, 3, "a")
    mail.connect = lambda: Crashing(mail.server, moment)
    with pytest.raises(Crash):
        mail.look()
    mail.connect = None
    for _ in range(3):
        mail.begin_anew()
        mail.look()
    assert len(mail.drafts) == drafts


@pytest.mark.parametrize(
    ("trouble", "error", "drafts"),
    [
        ({"lose_answers": True}, TryAgain, 1),
        ({"lose_tails": True}, TryAgain, 0),
        ({"busy": "over quota for now"}, NotStored, 1),
        ({"refuse": "no"}, GiveUp, 1),
    ],
    ids=["answer lost", "tail lost", "busy", "refused"],
)
def test_what_the_server_does_to_it(
    mail: Mail, trouble: dict[str, Any], error: type[WatcherError], drafts: int
) -> None:
    _came(mail.ledger, State.HELD, 3, "a")
    whole = mail.server.store
    mail.server.store = replace(whole, **trouble)
    with pytest.raises(error):
        mail.look()
    mail.server.store = whole
    mail.begin_anew()
    for _ in range(3):
        mail.look()
    assert len(mail.drafts) == drafts


def test_a_server_that_says_no_is_not_asked_after_each_pass(mail: Mail) -> None:
    _came(mail.ledger, State.HELD, 3, "a")
    mail.server.store.refuse = "no"
    with pytest.raises(GiveUp):
        mail.look()
    mail.look()
    assert len(mail.server.connections) == 1


@pytest.fixture
def new_ledger(tmp_path: Any) -> Iterator[SqlLedger]:
    opened = open_ledger(f"sqlite:///{tmp_path}/new/ledger.sqlite")
    yield opened
    opened.close()


@pytest.mark.parametrize("folder", ["Drafts", "Sent"])
def test_a_ledger_that_was_lost_makes_no_second_one(mail: Mail, new_ledger: SqlLedger, folder: str) -> None:
    _came(mail.ledger, State.HELD, 3, "a")
    mail.look()
    folders = mail.server.store.folders
    for uid, kept in list(folders["Drafts"].mails.items()):
        if folder == "Sent":
            del folders["Drafts"].mails[uid]
            folders["Sent"].add(StoredMail(kept.content, kept.received))
    again = Mail(new_ledger, mail.clock, mail.server)
    _came(new_ledger, State.HELD, 3, "a")
    again.look()
    assert sum(len(folders[name].mails) for name in ("Drafts", "Sent")) == 1


def test_another_instance_at_work_is_waited_for(mail: Mail) -> None:
    _came(mail.ledger, State.HELD, 3, "a")
    lease = mail.ledger.lease(ME, MONDAY)
    mail.ledger._patience = timedelta(0)  # noqa: SLF001 - nobody waits here
    with pytest.raises(TryAgain):
        mail.look()
    assert mail.drafts == []
    mail.ledger.release(lease)
    mail.look()
    assert len(mail.drafts) == 1
