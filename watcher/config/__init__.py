"""Settings: the environment, then one `.env`, become one frozen `Settings`, or every problem at once."""

from watcher.config.loading import load, person, templates_folder, trusted_authserv
from watcher.config.settings import Settings

__all__ = ["Settings", "load", "person", "templates_folder", "trusted_authserv"]
