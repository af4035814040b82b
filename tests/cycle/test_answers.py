"""What stands in Drafts and Sent counts as an answer, whatever the ledger knows."""

from datetime import UTC, datetime, timedelta

import pytest
from twins.mailbox import Store, StoredMail, TwinMailbox

from watcher.ports import Mailbox
from watcher.steps.answers import Answers

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
INVITATION, DRAFT = "<invitation@linkedin.example>", "<draft@example.test>"


def _mail(**fields: str) -> bytes:
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return f"{head}\r\nDear you\r\n".encode()


def _put(store: Store, folder: str, content: bytes, flags: frozenset[str] = frozenset()) -> None:
    store.folders[folder].add(StoredMail(content, NOW, flags))


@pytest.mark.parametrize("folder", ["Drafts", "Sent"])
@pytest.mark.parametrize(
    "content",
    [
        _mail(Message_ID="<other@example.test>", In_Reply_To=INVITATION),
        _mail(Message_ID="<other@example.test>", References=f"<first@example.test> {INVITATION}"),
        _mail(References=INVITATION, X_Forwarded_Message_Id="<first@example.test>"),
        _mail(Message_ID=DRAFT),
    ],
    ids=["in reply to it", "in its thread", "in its thread, and forwards another", "the draft itself"],
)
def test_an_answer_is_found(folder: str, content: bytes) -> None:
    store = Store()
    _put(store, folder, content)
    assert Answers(TwinMailbox(store)).folder(INVITATION, DRAFT, NOW) == folder


@pytest.mark.parametrize(
    ("content", "flags"),
    [
        (_mail(Message_ID="<other@example.test>", In_Reply_To="<another@linkedin.example>"), frozenset[str]()),
        (_mail(Subject="no name of its own"), frozenset[str]()),
        (_mail(In_Reply_To=INVITATION, References=INVITATION, X_Forwarded_Message_Id=INVITATION), frozenset[str]()),
        (_mail(Message_ID=DRAFT), frozenset({"\\Deleted"})),
    ],
    ids=["to another mail", "nameless", "a forward of it", "thrown away"],
)
def test_other_mail_is_none(content: bytes, flags: frozenset[str]) -> None:
    store = Store()
    _put(store, "Drafts", content, flags)
    answers = Answers(TwinMailbox(store))
    assert answers.folder(INVITATION, DRAFT, NOW) is None
    assert answers.folder(None, DRAFT, NOW) is None


def test_a_mailbox_without_sent_has_drafts(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store()
    _put(store, "Drafts", _mail(In_Reply_To=INVITATION))
    mailbox: Mailbox = TwinMailbox(store)
    monkeypatch.setattr(mailbox, "sent", lambda: None)
    assert Answers(mailbox).folder(INVITATION, DRAFT, NOW) == "Drafts"


def test_one_look_serves_a_whole_pass() -> None:
    mailbox = TwinMailbox(Store())
    answers = Answers(mailbox)
    answers.reach(NOW - timedelta(days=14))
    answers.folder(INVITATION, DRAFT, NOW)
    trips = mailbox.traffic.round_trips
    for days in range(14):
        answers.folder(INVITATION, DRAFT, NOW - timedelta(days=days))
    assert mailbox.traffic.round_trips == trips


@pytest.mark.parametrize("received", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_a_date_may_name_any_year(received: datetime) -> None:
    store = Store()
    _put(store, "Sent", _mail(In_Reply_To=INVITATION))
    assert Answers(TwinMailbox(store)).folder(INVITATION, DRAFT, received) in {"Sent", None}
