"""Settings: the environment, then one `.env`, become one frozen `Settings`, or every problem at once."""

from watcher.config.loading import judge, load, person, templates_folder, trusted_authserv
from watcher.config.settings import Settings, host_of, is_this_machine

__all__ = ["Settings", "host_of", "is_this_machine", "judge", "load", "person", "templates_folder", "trusted_authserv"]
