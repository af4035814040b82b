"""Checks everything a pass needs and says what to do, one line a check. Changes nothing in the mailbox.

What fails early hides nothing that can be looked at without it; what cannot is named as not checked.
"""

from watcher.doctor.checks import Check, Health
from watcher.doctor.examination import Doctor, Parts
from watcher.doctor.mailbox import newest

__all__ = ["Check", "Doctor", "Health", "Parts", "newest"]
