"""From settings to a house with everything in its place: here alone concrete adapters are named."""

from watcher.adapters.saved_mail import SavedMail
from watcher.samples import sample_mails
from watcher.wiring.examining import open_doctors
from watcher.wiring.first_time import SetUp, setting_up
from watcher.wiring.house import House, workshop_of
from watcher.wiring.houses import Houses, open_house, open_house_of, open_houses
from watcher.wiring.pieces import sample_invitations, signatures
from watcher.wiring.without_house import (
    demo_house,
    duration,
    example_settings,
    meaning,
    person,
    read_saved,
    trusted_authserv,
    workshop,
)

__all__ = [
    "House",
    "Houses",
    "SavedMail",
    "SetUp",
    "demo_house",
    "duration",
    "example_settings",
    "meaning",
    "open_doctors",
    "open_house",
    "open_house_of",
    "open_houses",
    "person",
    "read_saved",
    "sample_invitations",
    "sample_mails",
    "setting_up",
    "signatures",
    "trusted_authserv",
    "workshop",
    "workshop_of",
]
