"""A person at the command line, whose mailbox is in memory, and what may happen while they command."""

from collections.abc import Callable
from dataclasses import dataclass

from cycle.house import House
from twins.mailbox import StoredMail, TwinDraftRemoval, TwinMailbox

from watcher import review
from watcher.domain import message
from watcher.ports import Record
from watcher.ports.removal import Removal
from watcher.steps.account import Ports


@dataclass
class Desk:
    """A person at the command line, whose mailbox is in memory. `on_removal` happens when a draft is to be removed."""

    house: House
    on_removal: Callable[[], None] = lambda: None
    after_removal: Callable[[], None] = lambda: None

    def ports(self) -> Ports:
        return self.house.ports()

    def draft(self) -> Record:
        return review.draft(1, self.house.account, self.ports())

    def redraft(self, template: str | None = None) -> Record:
        ports = self.ports()
        return review.redraft(1, self.house.account, ports, WatchedRemoval(self, ports), review.Choice(template))

    def discard(self) -> Record:
        ports = self.ports()
        return review.discard(1, self.house.account, ports, WatchedRemoval(self, ports))

    @property
    def row(self) -> Record:
        return review.find(self.house.ledger, 1)

    @property
    def contents(self) -> list[bytes]:
        """What lies in Drafts, but for what is marked as deleted."""
        return [mail.content for mail in self.house.drafts.values() if "\\Deleted" not in mail.flags]

    def put(self, content: bytes, folder: str = "Drafts") -> int:
        return self.house.store.folders[folder].add(StoredMail(content, self.house.clock.now()))

    def edit(self) -> bytes:
        """As a mail program does: a new mail in the place of the old."""
        (uid,) = self.house.drafts
        new = edited(self.house.drafts.pop(uid).content)
        self.put(new)
        return new


class WatchedRemoval:
    def __init__(self, desk: Desk, ports: Ports) -> None:
        assert isinstance(ports.mailbox, TwinMailbox)
        self._desk, self._own = desk, TwinDraftRemoval(ports.mailbox)

    def remove_draft(self, folder: str, uidvalidity: int, uid: int, content_hash: str) -> Removal:
        self._desk.on_removal()
        told = self._own.remove_draft(folder, uidvalidity, uid, content_hash)
        self._desk.after_removal()
        return told


def edited(content: bytes) -> bytes:
    old = (message.parse(content).message_id or "").encode()
    return content.replace(old, b"<new@client.example>").replace(b"Hello", b"Dear you")
