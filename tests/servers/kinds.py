"""Every server that tests run, by name: each a module with its FACTS, its `packages` and `running`, a fresh one."""

import os
from types import ModuleType

from servers import courier, cyrus, dovecot, hoodiecrow, imap4d, pymap

ALL: dict[str, ModuleType] = {
    "dovecot": dovecot,
    "cyrus": cyrus,
    "pymap": pymap,
    "courier": courier,
    "imap4d": imap4d,
    "hoodiecrow": hoodiecrow,
}
EVERY_ONE = os.environ.get("SERVERS") == "all"
"""`make matrix` tries all of them; `make test` those that are most at odds with each other and quick to start."""

CHOSEN = tuple(ALL) if EVERY_ONE else ("dovecot", "cyrus", "pymap")
