"""A notice by any of the services that apprise knows (extra `apprise`), each by its address.

An address holds secrets, and apprise logs what it cannot read: its log is shut. What would send mail is refused with
the settings, and here once more.
"""

from __future__ import annotations

import logging

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat, NotifyType

from watcher.errors import TryAgain
from watcher.ports import Notice

logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)

_ASSET = AppriseAsset(app_id="invitation-watcher", app_desc="invitation-watcher", async_mode=False, secure_logging=True)


class Service:
    """Implements `ports.Messenger`. apprise itself limits connecting and each wait for an answer to 4 seconds."""

    is_here = False

    def __init__(self, url: str) -> None:
        """Raises ValueError, without a word of the address, where apprise knows no service for it."""
        plugin = Apprise.instantiate(url, asset=_ASSET, suppress_exceptions=True)
        if not isinstance(plugin, NotifyBase):
            raise ValueError("no service is known for an address like this")  # noqa: TRY004 - it is a text that is wrong
        self._plugin = plugin
        self.name = str(plugin.service_name)

    def tell(self, notice: Notice) -> None:
        """See `ports.Messenger`."""
        try:
            taken = self._plugin.notify(
                body=notice.body, title=notice.title, notify_type=NotifyType.WARNING, body_format=NotifyFormat.TEXT
            )
        except Exception as error:  # noqa: BLE001 - the code of some hundred services: its words may hold the address
            raise TryAgain(f"{self.name} failed ({type(error).__name__})") from None
        if not taken:
            raise TryAgain(f"{self.name} did not take it")
