"""Before any pass was completed: one that is stopped, or fails, or meets a moved mailbox makes no flood of old mail."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import chain, repeat

import pytest
from cycle.house import NOW, House
from model.world import invitation
from twins.mailbox import StoredFolder, TwinMailbox

from watcher.cycle import PassReport, Wish
from watcher.errors import TryAgain
from watcher.ports import FolderState

RECENT, LONG_AGO = timedelta(days=2), timedelta(days=400)
FORTNIGHT = timedelta(days=14)


def _dated(number: int, at: datetime) -> bytes:
    mail = invitation(number)
    _, _, rest = mail.partition(b"\nDate: ")
    return mail.replace(rest.partition(b"\n")[0], format_datetime(at).encode(), 1)


def _arrive(house: House, *ages: timedelta, folder: str = "INBOX") -> None:
    """Each came when its Date says."""
    for age in ages:
        at = house.clock.now() - age
        house.deliver(_dated(_number(house), at), received=at, folder=folder)


def _copy_here(house: House, *ages: timedelta, folder: str = "INBOX") -> None:
    """Old by their Date, and new in the folder."""
    for age in ages:
        house.deliver(_dated(_number(house), house.clock.now() - age), folder=folder)


def _number(house: House) -> int:
    return 1 + sum(folder.uidnext for folder in house.store.folders.values())


def _look_and_stop_after(house: House, count: int, wish: Wish | None = None) -> PassReport:
    asked = chain(repeat(False, count), repeat(True))
    return house.look(replace(wish or Wish(), stop=lambda: next(asked)))


def _watch(house: House, *folders: str, look_back: timedelta = FORTNIGHT) -> None:
    for folder in folders:
        house.store.folders.setdefault(folder, StoredFolder())
    house.account = replace(house.account, folders=folders, look_back=look_back)


def _let_fail(monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    look = TwinMailbox.look

    def fails(self: TwinMailbox, name: str) -> FolderState:
        if name == folder:
            raise TryAgain(f"the server does not open {name!r} just now")
        return look(self, name)

    monkeypatch.setattr(TwinMailbox, "look", fails)


def _mark(house: House, folder: str = "INBOX") -> int | None:
    mark = house.ledger.watermark("me@example.test", folder)
    return mark.next_uid if mark else None


def _tally(house: House) -> Counter[str]:
    return Counter(map(str, house.states()))


@pytest.mark.parametrize("after", [0, 1, 2, None])
@pytest.mark.parametrize("folders", [("INBOX",), ("INBOX", "Lists"), ("Lists", "INBOX")])
def test_a_first_pass_that_is_stopped_goes_no_further_back(
    house: House, after: int | None, folders: Sequence[str]
) -> None:
    """As many drafts as where nothing stops it: what is older than look-back is not even looked at."""
    _watch(house, *folders)
    _arrive(house, LONG_AGO, *[RECENT] * 2, *[LONG_AGO] * 4)
    if after is not None:
        assert _look_and_stop_after(house, after).summary.completed is (after == 2)
    house.look()
    house.look()
    assert (len(house.drafts), len(house.states())) == (2, 2)


def test_a_mark_is_kept_once_a_first_pass_has_come_to_the_end_of_a_folder(house: House) -> None:
    _watch(house, "INBOX", "Lists", "Network")
    _arrive(house, RECENT)
    _arrive(house, RECENT, RECENT, folder="Lists")
    assert not _look_and_stop_after(house, 2).summary.completed
    assert (_mark(house), _mark(house, "Lists"), _mark(house, "Network")) == (2, None, 1)
    assert house.look().summary.drafted == 1


def test_while_another_folder_fails_what_is_moved_into_this_one_is_left(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    _watch(house, "INBOX", "Lists")
    with monkeypatch.context() as patched:
        _let_fail(patched, "Lists")
        for mails in ([], [LONG_AGO] * 3, [RECENT]):
            _copy_here(house, *mails)
            with pytest.raises(TryAgain):
                house.look()
            house.clock.wait(timedelta(minutes=5))
    assert _tally(house) == {"drafted": 1, "skipped": 3}
    _copy_here(house, LONG_AGO)
    assert house.look().summary.skipped == {"too_old": 1}


def test_while_another_folder_fails_a_moved_mailbox_makes_no_flood(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its mark counts no longer, but tells that this is not the first look at the folder."""
    _watch(house, "INBOX", "Lists")
    _let_fail(monkeypatch, "Lists")
    with pytest.raises(TryAgain):
        house.look()
    house.store.folders["INBOX"] = StoredFolder(uidvalidity=99)
    _copy_here(house, LONG_AGO, RECENT, LONG_AGO)
    for stop_after in (1, 9):
        with pytest.raises(TryAgain):
            _look_and_stop_after(house, stop_after)
    assert _tally(house) == {"drafted": 1, "skipped": 2}


@pytest.mark.parametrize("stopped_after", [0, 3])
def test_what_the_person_asks_for_by_its_day_is_drafted_whatever_its_age(house: House, stopped_after: int) -> None:
    _arrive(house, LONG_AGO, LONG_AGO, RECENT)
    wish = Wish(since=(NOW - LONG_AGO - timedelta(days=1)).date())
    _look_and_stop_after(house, stopped_after, wish)
    assert (len(house.drafts), _mark(house)) == (stopped_after, None)
    assert house.look(wish).summary.drafted == 3 - stopped_after


def test_zero_days_start_now_though_the_first_pass_is_stopped(house: House) -> None:
    _watch(house, "INBOX", look_back=timedelta(0))
    _arrive(house, LONG_AGO, RECENT)
    _look_and_stop_after(house, 0)
    _arrive(house, timedelta(0))
    _copy_here(house, LONG_AGO)
    house.look()
    assert _tally(house) == {"drafted": 1, "skipped": 1}
