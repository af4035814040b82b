"""Settings: the environment, then one `.env`, become one frozen `Settings`, or every problem at once."""

from watcher.config.accounts import Accounts, Trial, as_far_as_they_go, load_accounts
from watcher.config.loading import judge, load, manner, person, templates_folder, trusted_authserv
from watcher.config.settings import Destinations, Settings, duration_of, host_of, is_this_machine
from watcher.config.sheet import Sheet, same_mailbox, sheet

__all__ = [
    "Accounts",
    "Destinations",
    "Settings",
    "Sheet",
    "Trial",
    "as_far_as_they_go",
    "duration_of",
    "host_of",
    "is_this_machine",
    "judge",
    "load",
    "load_accounts",
    "manner",
    "person",
    "same_mailbox",
    "sheet",
    "templates_folder",
    "trusted_authserv",
]
