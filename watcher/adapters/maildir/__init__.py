"""A mailbox that lies in files: looks without a trace, puts drafts by the Maildir protocol, and writes nothing else."""

from watcher.adapters.maildir.mailbox import MaildirMailbox, open_maildir

__all__ = ["MaildirMailbox", "open_maildir"]
