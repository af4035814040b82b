"""Word to the person: on their desktop, by a service that they named, and the outbox before either."""

from watcher.adapters.telling.desktop import Desktop
from watcher.adapters.telling.outbox import ThreadedOutbox

__all__ = ["Desktop", "ThreadedOutbox"]
