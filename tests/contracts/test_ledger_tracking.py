"""What the ledger keeps of looks after drafts: for which rows, how Drafts stood, and since when one is missing."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW, a_sighting, an_intent

from watcher.adapters.ledger import open_ledger
from watcher.domain.lifecycle import LASTING, By, State
from watcher.ports import FolderState, Ledger, Look, Record

ME = "me@example.test"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    yield opened
    opened.close()


def _drafted(ledger: Ledger, key: str, *ends: State, account: str = ME) -> Record:
    row = ledger.record(a_sighting(account=account, key=key), State.SEEN, "", NOW)
    lease = ledger.lease(account, NOW)
    ledger.intend(row.id, an_intent(message_id=f"<{key}@example.test>"), lease)
    ledger.release(lease)
    for end in ends:
        row = ledger.drafted(row.id, 12, NOW) if end is State.DRAFTED else ledger.move(row.id, end, "", NOW)
    return row


def test_rows_of_which_something_may_become(ledger: Ledger) -> None:
    rows = [
        _drafted(ledger, "drafted", State.DRAFTED),
        _drafted(ledger, "edited", State.DRAFTED, State.EDITED),
        _drafted(ledger, "uncertain", State.UNCERTAIN),
        _drafted(ledger, "discarded", State.DRAFTED, State.DISCARDED),
    ]
    _drafted(ledger, "sent", State.DRAFTED, State.SENT)
    _drafted(ledger, "intended")
    _drafted(ledger, "another's", State.DRAFTED, account="other@example.test")
    assert [row.id for row in ledger.lasting(ME, NOW)] == [row.id for row in rows]
    lately = ledger.lasting(ME, NOW + timedelta(seconds=1))
    assert [row.id for row in lately] == [row.id for row in rows if row.state in LASTING]
    assert [row.draft.uid for row in lately if row.draft] == [12, 12, None]


def test_absence_is_kept_of_the_live_revision(ledger: Ledger) -> None:
    row = _drafted(ledger, "one", State.DRAFTED, State.DISCARDED)
    for since in (NOW, None, NOW):
        ledger.absent(row.id, since)
        (found,) = ledger.lasting(ME, NOW)
        assert found.draft is not None
        assert found.draft.absent_since == since
    lease = ledger.lease(ME, NOW)
    from_person = ledger.intend(row.id, an_intent(revision=2, message_id="<two@example.test>"), lease, By.PERSON)
    assert from_person.draft is not None
    assert from_person.draft.absent_since is None


@pytest.mark.parametrize(("uidnext", "messages"), [(9, 3), (None, None)])
def test_the_last_look_is_kept_by_account(ledger: Ledger, uidnext: int | None, messages: int | None) -> None:
    assert ledger.last_look(ME) is None
    first, second = (Look(FolderState("Entwürfe", 5, uidnext, messages), NOW + timedelta(days=day)) for day in (0, 1))
    ledger.looked(ME, first)
    assert ledger.last_look(ME) == first
    ledger.looked(ME, second)
    assert (ledger.last_look(ME), ledger.last_look("other@example.test")) == (second, None)
