"""A person has the program leave off for a while: no pass is begun meanwhile, and what they command is done."""

from __future__ import annotations

from datetime import datetime, timedelta

from watcher.errors import GiveUp
from watcher.ports import Pause


def begun(now: datetime, lasting: timedelta | None) -> Pause:
    """A pause from now on; without a duration the person ends it. Raises GiveUp where it ends before it begins."""
    if lasting is None:
        return Pause(now, None)
    if lasting <= timedelta():
        raise GiveUp("a pause has to last for some time: write it as `--for '3 days'`")
    try:
        return Pause(now, now + lasting)
    except OverflowError:
        return Pause(now, None)


def told(pause: Pause) -> str:
    """In words, in the time of this machine."""
    until = f"until {_shown(pause.until)}" if pause.until else "until you end it"
    return f"paused since {_shown(pause.at)}, {until}"


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone():%d %B %Y, %H:%M}"
