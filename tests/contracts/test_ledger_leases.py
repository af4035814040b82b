"""One writer an account: who holds the lease, who gets it next, and what the one that lost it can still do."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Timer

import pytest
from builders import NOW, a_sighting, an_intent

from watcher.adapters.ledger import SqlLedger, open_ledger
from watcher.adapters.ledger.leases import TERM
from watcher.domain.lifecycle import State
from watcher.errors import TryAgain
from watcher.ports import HANDED_OVER

ME = "me@example.test"
AT_ONCE = timedelta()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'data' / 'ledger.sqlite'}"


@pytest.fixture
def two(url: str) -> Iterator[tuple[SqlLedger, SqlLedger]]:
    """Two instances on one ledger; neither waits for the other."""
    opened = open_ledger(url, AT_ONCE), open_ledger(url, AT_ONCE)
    yield opened
    for ledger in opened:
        ledger.close()


Two = tuple[SqlLedger, SqlLedger]


def test_a_second_instance_is_told_to_come_again(two: Two) -> None:
    two[0].lease(ME, NOW)
    with pytest.raises(TryAgain, match="another instance"):
        two[1].lease(ME, NOW + TERM - timedelta(seconds=1))


def test_another_account_is_another_lease(two: Two) -> None:
    two[0].lease(ME, NOW)
    assert two[1].lease("other@example.test", NOW).fence == 1


@pytest.mark.parametrize("number", range(5))
def test_of_two_that_are_the_first_of_all_one_has_it(url: str, number: int) -> None:
    opened = [open_ledger(url) for _ in range(2)]
    together = Barrier(len(opened))

    def taken(ledger: SqlLedger) -> bool:
        together.wait()
        try:
            return bool(ledger.lease(f"{number}{ME}", NOW))
        except TryAgain:
            return False

    with ThreadPoolExecutor() as pool:
        assert sorted(pool.map(taken, opened)) == [False, True]
    for ledger in opened:
        ledger.close()


def test_what_is_given_back_is_free(two: Two) -> None:
    first = two[0].lease(ME, NOW)
    two[0].release(first)
    assert two[1].lease(ME, NOW).fence > first.fence


def test_what_ran_out_is_free(two: Two) -> None:
    first = two[0].lease(ME, NOW)
    assert two[1].lease(ME, NOW + TERM).fence > first.fence


def test_renewed_it_holds_another_term(two: Two) -> None:
    first = two[0].lease(ME, NOW)
    two[0].renew(first, NOW + TERM / 2)
    with pytest.raises(TryAgain):
        two[1].lease(ME, NOW + TERM)


def test_a_clock_that_was_set_back_keeps_nobody_waiting(two: Two) -> None:
    two[0].lease(ME, NOW + timedelta(days=365))
    assert two[1].lease(ME, NOW)


def test_a_short_work_of_another_is_waited_for(url: str) -> None:
    one, other = open_ledger(url, AT_ONCE), open_ledger(url, timedelta(seconds=30))
    first = one.lease(ME, NOW)
    Timer(0.3, one.release, [first]).start()
    assert other.lease(ME, NOW).fence > first.fence
    one.close()
    other.close()


def test_giving_back_what_another_took_changes_nothing(two: Two) -> None:
    first = two[0].lease(ME, NOW)
    two[1].lease(ME, NOW + TERM)
    two[0].release(first)
    with pytest.raises(TryAgain):
        two[0].lease(ME, NOW + TERM)


def test_who_lost_it_prepares_no_draft_any_more(two: Two) -> None:
    stale = two[0].lease(ME, NOW)
    row = two[0].record(a_sighting(), State.SEEN, "", NOW)
    two[1].lease(ME, NOW + TERM)
    with pytest.raises(TryAgain, match="taken over"):
        two[0].intend(row.id, an_intent(), stale)
    with pytest.raises(TryAgain, match="taken over"):
        two[0].renew(stale, NOW)
    kept = two[1].show(row.id)
    assert kept is not None
    assert (kept.state, kept.draft) == (State.SEEN, None)


def test_who_lost_it_hands_nothing_over_and_takes_no_intent_back(two: Two) -> None:
    stale = two[0].lease(ME, NOW)
    row = two[0].record(a_sighting(), State.SEEN, "", NOW)
    two[0].intend(row.id, an_intent(), stale)
    fresh = two[1].lease(ME, NOW + TERM)
    with pytest.raises(TryAgain):
        two[0].hand_over(row.id, stale, NOW)
    two[1].hand_over(row.id, fresh, NOW + TERM)
    with pytest.raises(TryAgain):
        two[0].refused(row.id, State.SEEN, "no", stale, NOW)
    kept = two[1].show(row.id)
    assert kept is not None
    assert kept.draft is not None
    assert (kept.state, kept.draft.uid) == (State.INTENDED, HANDED_OVER)


def test_a_draft_is_handed_over_once(two: Two) -> None:
    lease = two[0].lease(ME, NOW)
    row = two[0].record(a_sighting(), State.SEEN, "", NOW)
    two[0].intend(row.id, an_intent(), lease)
    two[0].hand_over(row.id, lease, NOW)
    with pytest.raises(TryAgain, match="before"):
        two[0].hand_over(row.id, lease, NOW)
    two[0].drafted(row.id, None, NOW)  # a server that names no UID
    with pytest.raises(TryAgain, match="before"):
        two[0].hand_over(row.id, lease, NOW)


def _take_and_die(url: str) -> None:
    open_ledger(url).lease(ME, NOW)
    os.kill(os.getpid(), signal.SIGKILL)


def test_who_was_killed_is_waited_for_by_nobody(url: str) -> None:
    child = multiprocessing.get_context("spawn").Process(target=_take_and_die, args=(url,))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    after = open_ledger(url, AT_ONCE)
    assert after.lease(ME, NOW).fence == 2
    after.close()


def test_refusals_are_counted_by_the_settings_that_were_refused(two: Two) -> None:
    assert two[0].refusals(ME) is None
    assert [two[0].kept_out(ME, "old", NOW) for _ in range(2)] == [1, 2]
    assert two[0].kept_out(ME, "new", NOW) == 1
    kept = two[1].refusals(ME)
    assert kept is not None
    assert (kept.settings, kept.times, kept.at) == ("new", 1, NOW)
    two[0].let_in(ME)
    assert two[1].refusals(ME) is None
