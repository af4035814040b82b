"""What needs no mailbox: the demo brings its own, and saved mail and templates need none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pydantic import SecretStr

from watcher import config
from watcher.adapters import demo, saved_mail
from watcher.adapters.clock import SystemClock
from watcher.adapters.saved_mail import SavedMail
from watcher.adapters.template_files import FolderFiles
from watcher.adapters.templates import FileTemplates
from watcher.config import Settings
from watcher.domain.judging.scoring import Meaning
from watcher.domain.values import Person
from watcher.person.workshop import Workshop
from watcher.samples import AUTHSERV, RECIPIENT, sample_mails
from watcher.steps.writing import Hand

if TYPE_CHECKING:
    pass  # comes with an extra
from watcher.wiring.house import House, opened_house
from watcher.wiring.pieces import meaning_by, sample_invitations


@contextmanager
def demo_house() -> Iterator[House]:
    """A house on an embedded mail server with sample mail, in a folder of its own; nothing is left behind."""
    mails = [mail.content for mail in sample_mails()]
    with TemporaryDirectory(prefix="watcher-demo-") as folder, demo.mail_server(mails) as (port, password):
        settings = Settings(
            imap_host="127.0.0.1",
            imap_port=port,
            imap_security="none",
            imap_user=demo.USER,
            imap_password=SecretStr(password),
            my_name=RECIPIENT.name,
            my_address=RECIPIENT.address,
            languages=("en", "de"),
            trusted_authserv=AUTHSERV,
            ledger=f"sqlite:///{folder}/ledger.sqlite",
            templates=Path(folder) / "templates",
        )
        with opened_house(settings) as house:
            yield house


def duration(text: str) -> timedelta:
    """A time as the settings write it, `3 days`. Raises ValueError."""
    return config.duration_of(text)


def example_settings() -> str:
    """The text of config.example.env: inside the wheel, or beside the package in a checkout."""
    package = Path(str(files("watcher")))
    inside = package / "config.example.env"
    return (inside if inside.is_file() else package.parent / inside.name).read_text("utf-8")


def trusted_authserv() -> str | None:
    """The authserv-id of the settings, for `watcher explain`, which needs no other setting."""
    return config.trusted_authserv(os.environ, Path.cwd())


def meaning() -> Meaning | None:
    """What tells the meaning of notes, where the settings choose it, for `watcher explain`. Raises Show."""
    return meaning_by(config.judge(os.environ, Path.cwd()))


def workshop() -> Workshop:
    """The templates: the shipped ones, and the person's own before them. Needs no setting. Raises Show."""
    own = config.templates_folder(os.environ, Path.cwd())
    languages, variant, quotes = config.manner(os.environ, Path.cwd())
    hand = Hand(person(), variant, quotes)
    return Workshop(FileTemplates(own), FolderFiles(own), sample_invitations(), hand, languages, SystemClock())


def person() -> Person:
    """Who answers, as far as the settings tell; else the person whom the samples are addressed to."""
    return config.person(os.environ, Path.cwd()) or RECIPIENT


def read_saved(path: str) -> Iterator[SavedMail]:
    """Mail that lies in files, or on standard input. Raises Show."""
    return saved_mail.read(path)
