"""A mailbox over IMAP: looks with EXAMINE and BODY.PEEK, puts drafts with APPEND; `removal` alone has other verbs."""

from watcher.adapters.imap.bearer import Bearer, Mechanism
from watcher.adapters.imap.connection import Security, Server, connect
from watcher.adapters.imap.mailbox import ImapMailbox
from watcher.adapters.imap.removal import ImapDraftRemoval
from watcher.adapters.imap.road import ImapRoad

__all__ = ["Bearer", "ImapDraftRemoval", "ImapMailbox", "ImapRoad", "Mechanism", "Security", "Server", "connect"]
