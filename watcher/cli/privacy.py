"""What lies in this process's memory is a mailbox's password: nothing of it goes to a disk by accident."""

from __future__ import annotations

import os


def keep_private() -> None:
    """No core dump of this process or its children, and no file of theirs that others may read."""
    os.umask(0o077)
    try:
        import resource  # noqa: PLC0415 - only systems with such limits have it
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
