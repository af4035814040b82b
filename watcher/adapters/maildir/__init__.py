"""A mailbox in files: looks without a trace and puts drafts by the Maildir protocol; `removal` alone removes one."""

from watcher.adapters.maildir.mailbox import MaildirMailbox, open_maildir
from watcher.adapters.maildir.removal import MaildirDraftRemoval

__all__ = ["MaildirDraftRemoval", "MaildirMailbox", "open_maildir"]
