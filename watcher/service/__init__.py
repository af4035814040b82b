"""Left running: when each mailbox is looked over, by whom, and what happens when something breaks.

`service` has the whole, `watch` one mailbox, `timetable` fires passes, `ears` hears servers that tell of news, `parts`
keeps the threads alive, `telling` lets everybody know.
"""

from watcher.service.service import Service, Wanted
from watcher.service.watch import Idle, Watch

__all__ = ["Idle", "Service", "Wanted", "Watch"]
