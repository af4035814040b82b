"""A mailbox over IMAP: looks with EXAMINE and BODY.PEEK, puts drafts with APPEND, and has no other verb that writes."""

from watcher.adapters.imap.connection import Security, Server, connect
from watcher.adapters.imap.mailbox import ImapMailbox

__all__ = ["ImapMailbox", "Security", "Server", "connect"]
