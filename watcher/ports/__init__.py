"""What the core asks of the outside: a mailbox, a ledger, templates, a clock.

Each is a Protocol with one contract suite in `tests/contracts` that every adapter passes. Errors: `TryAgain` when the
server, network or disk failed, `Show` when the person has to change something, `GiveUp` for one message alone.
"""

from watcher.ports.ledger import Ledger
from watcher.ports.mailbox import (
    CARD,
    GLANCE_FIELDS,
    MOST_SENT,
    WHOLE,
    Appended,
    Envelope,
    FolderState,
    Mailbox,
    ServerFacts,
    TextPart,
    Traffic,
    Window,
)
from watcher.ports.outside import Clock, DnsKeys, Signatures
from watcher.ports.records import (
    HANDED_OVER,
    DraftRecord,
    Drift,
    Intent,
    Lease,
    Location,
    Look,
    Move,
    PassSummary,
    Record,
    Refusals,
    Sighting,
    Watermark,
)
from watcher.ports.templates import AddressBook, Contacts, Templates, TemplateSource

__all__ = [
    "CARD",
    "GLANCE_FIELDS",
    "HANDED_OVER",
    "MOST_SENT",
    "WHOLE",
    "AddressBook",
    "Appended",
    "Clock",
    "Contacts",
    "DnsKeys",
    "DraftRecord",
    "Drift",
    "Envelope",
    "FolderState",
    "Intent",
    "Lease",
    "Ledger",
    "Location",
    "Look",
    "Mailbox",
    "Move",
    "PassSummary",
    "Record",
    "Refusals",
    "ServerFacts",
    "Sighting",
    "Signatures",
    "TemplateSource",
    "Templates",
    "TextPart",
    "Traffic",
    "Watermark",
    "Window",
]
