"""What a person does with an invitation that the ledger knows. The command line and the page share these."""

from __future__ import annotations

from watcher.account import Account, Ports
from watcher.domain.kinds import Authentic
from watcher.domain.lifecycle import By, State, legal
from watcher.domain.values import Draft, Invitation
from watcher.drafting import Drafting
from watcher.errors import GiveUp
from watcher.ports import Ledger, Record


def find(ledger: Ledger, number: int) -> Record:
    """One row with its history. Raises GiveUp where there is none."""
    record = ledger.show(number)
    if record is None:
        raise GiveUp(f"there is no invitation no. {number}: `watcher drafts` lists them")
    return record


def draft(number: int, account: Account, ports: Ports) -> Record:
    """Draft an answer because the person asks for it. Raises GiveUp where that is not theirs to ask, or refused."""
    record = find(ports.ledger, number)
    _refuse(record, account)
    drafting = Drafting(account.voice, ports.mailbox, ports.ledger, ports.templates, ports.clock)
    revision = record.draft.intent.revision + 1 if record.draft else 1
    made = drafting.put(record, _composed(drafting, record, revision), revision, By.PERSON)
    drafting.locate([made])
    return find(ports.ledger, number)


def _refuse(record: Record, account: Account) -> None:
    if record.account != account.name:
        raise GiveUp(f"no. {record.id} belongs to the mailbox {record.account}, not to {account.name}")
    if not isinstance(record.reading.found, Invitation):
        raise GiveUp(f"no. {record.id} could not be read, so there is nothing to answer")
    if record.reading.authentic is Authentic.FAIL:
        raise GiveUp(f"no. {record.id} is proven false: it is never answered")
    if not legal(record.state, State.INTENDED, By.PERSON):
        raise GiveUp(f"no. {record.id} is {record.state}: it has its draft already")


def _composed(drafting: Drafting, record: Record, revision: int) -> Draft:
    return drafting.compose(record.key, record.reading, revision)
