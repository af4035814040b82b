"""One instance at a time writes drafts for an account: whoever does holds its lease meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from watcher.errors import WatcherError
from watcher.ports import Clock, Lease, Ledger


@contextmanager
def leased(account: str, ledger: Ledger, clock: Clock) -> Iterator[Lease]:
    """Hold the lease of an account. Raises TryAgain where another instance does not give it back."""
    lease = ledger.lease(account, clock.now())
    try:
        yield lease
    finally:
        _give_back(lease, ledger)


def _give_back(lease: Lease, ledger: Ledger) -> None:
    """A ledger that fails just now says so by the error that is on its way: the lease runs out by itself."""
    try:
        ledger.release(lease)
    except WatcherError:
        return
