"""Who examines each mailbox, also where its settings cannot be used."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from watcher import config
from watcher.adapters.imap import ImapRoad
from watcher.adapters.premises import LocalPremises
from watcher.config import Settings
from watcher.doctor import Doctor, Parts
from watcher.errors import Problem, Show, TryAgain
from watcher.ports import AccessTokens, Ledger, Mailbox
from watcher.steps.signing_in import BY_PASSWORD, BY_TOKEN, SignIn

if TYPE_CHECKING:
    pass  # comes with an extra
from watcher.wiring.house import Shared
from watcher.wiring.pieces import (
    ROAD_WITHIN,
    account_with,
    address_book,
    fingerprint,
    key_to,
    ledger_file,
    meaning_by,
    messenger_of,
    opened_mailbox,
    sample_invitations,
    second_judge,
    server_of,
    tokens_of,
)


@contextmanager
def open_doctors(name: str | None = None) -> Iterator[Sequence[Doctor]]:
    """Who examines each mailbox, or the one of that name, also where its settings cannot be used. Raises Show."""
    trials = config.as_far_as_they_go(os.environ, Path.cwd())
    chosen = [trial for trial in trials if name in {None, trial.name}]
    if not chosen:
        known = ", ".join(trial.name for trial in trials)
        raise Show(Problem("--account", f"there is no mailbox {name!r}", f"name one of {known}"))
    shared = Shared()
    try:
        yield [_doctor(trial, shared) for trial in chosen]
    finally:
        shared.close()


def _doctor(trial: config.Trial, shared: Shared) -> Doctor:
    settings, kept_in = trial.settings, ", ".join(map(str, trial.files)) or "the environment"
    if settings is None:
        return Doctor(trial.name, trial.problems, kept_in)
    # What needs the secret or a judge is not done here: an account that lacks them can be examined all the same.
    account = account_with(settings, secret=b"", meaning=None)
    tokens = cache(partial(tokens_of, settings, account.name, shared.clock))
    web = (settings.web.host, settings.web.port) if settings.web else None
    return Doctor(
        name=trial.name,
        problems=trial.problems,
        settings_in=kept_in,
        account=account,
        idle=settings.idle,
        every=f"by the schedule {settings.schedule}" if settings.schedule else f"every {_spelt(settings.poll_every)}",
        readings=sample_invitations(),
        clock=shared.clock,
        premises=LocalPremises(trial.files, ledger_file(settings), web),
        road=None if settings.mailbox else ImapRoad(replace(server_of(settings), timeout=ROAD_WITHIN)),
        open_mailbox=lambda: _opened_for_doctor(settings, shared, tokens()),
        parts=Parts(
            ledger=partial(_ledger_with_its_key, settings, shared),
            templates=partial(shared.templates, settings),
            judge=partial(meaning_by, settings.judge),
            second=lambda: second_judge(settings, account.voice),
            book=partial(address_book, settings),
            tokens=tokens,
            told_by=lambda: tuple(_told_by(settings)),
        ),
    )


def _ledger_with_its_key(settings: Settings, shared: Shared) -> Ledger:
    """The ledger, of use only with the key to it. Raises Show and TryAgain."""
    ledger = shared.ledger(settings)
    key_to(ledger, settings)
    return ledger


def _opened_for_doctor(settings: Settings, shared: Shared, tokens: AccessTokens | None) -> Mailbox:
    """Logged in, and counted in the ledger; without one, which a check of its own tells of, not counted."""
    open_mailbox = partial(opened_mailbox, settings, tokens)
    try:
        ledger = shared.ledger(settings)
        secret = key_to(ledger, settings)
    except (Show, TryAgain):
        return open_mailbox()
    told = BY_TOKEN if tokens else BY_PASSWORD
    as_refused = fingerprint(secret, settings)
    return SignIn(settings.my_address.lower(), as_refused, open_mailbox, ledger, shared.clock, told).anyway()


def _told_by(settings: Settings) -> Iterator[str]:
    """Where alarms and notices go, in words without secrets; nothing is sent. Raises Show."""
    for setting, where in (("WATCHER_ALARMS", settings.alarms), ("WATCHER_NOTICES", settings.notices)):
        if where is not None and where.desktop:
            yield f"the desktop ({setting})"
        for url in where.urls if where is not None else ():
            messenger_of(url.get_secret_value(), setting)
            yield f"{url.get_secret_value().partition(':')[0]} ({setting})"


def _spelt(time: timedelta) -> str:
    """As the settings write it: in the largest unit that leaves no rest."""
    seconds = time.total_seconds()
    for unit, word in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds % unit == 0:
            return f"{seconds / unit:.0f} {word if seconds != unit else word.removesuffix('s')}"
    return f"{seconds:g} s"
