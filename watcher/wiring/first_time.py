"""What `watcher init` tries answers on, before there are settings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from watcher import config
from watcher.adapters import settings_file
from watcher.adapters.clock import SystemClock
from watcher.adapters.discovery import DnsMailRecords
from watcher.adapters.imap import ImapRoad
from watcher.adapters.templates import FileTemplates
from watcher.cycle import PassReport, Wish, run_pass
from watcher.doctor import newest
from watcher.domain.genuine import proposals
from watcher.domain.tokens import Tokens
from watcher.errors import Problem, Show
from watcher.ports import AccessTokens, Clock, Mailbox
from watcher.setting_up.asking import Ground
from watcher.steps.account import Ports

if TYPE_CHECKING:
    pass  # comes with an extra
from watcher.wiring.house import House, Shared
from watcher.wiring.pieces import ROAD_WITHIN, ledger_file, login_of, opened_mailbox, server_of, tokens_of


@dataclass(slots=True)
class SetUp:
    """A file of settings that is being filled in; what is tried on the way leaves nothing behind."""

    sheet: config.Sheet
    name: str | None
    clock: Clock = field(default_factory=SystemClock)

    @property
    def place(self) -> Path:
        """Where it is, or will be."""
        return self.sheet.path

    def ground(self) -> Ground:
        """What answers are tried on."""
        return Ground(
            dns=DnsMailRecords(),
            languages=frozenset(source.language for source in FileTemplates(None).listing()),
            now=self.sheet.value,
            road=lambda answers: ImapRoad(replace(server_of(self.sheet.settings(answers)), timeout=ROAD_WITHIN)),
            connect=lambda answers, token: opened_mailbox(self.sheet.settings(answers), token),
            login=lambda answers: login_of(self.sheet.settings(answers), self.clock),
            proposals=lambda mailbox: proposals(newest(mailbox, ["INBOX"])),
            check=self._check,
            dry_pass=self._dry_pass,
        )

    def difference(self, answers: Mapping[str, str]) -> tuple[str, ...]:
        """What would change in the file, without secrets."""
        return self.sheet.difference(answers)

    def write(self, answers: Mapping[str, str], tokens: Tokens | None) -> Path | None:
        """Write the file and keep the tokens; returns where what stood there lies now. Raises Show and TryAgain."""
        kept = settings_file.write(self.sheet.path, self.sheet.filled(answers))
        if tokens is not None:
            settings = self.sheet.settings(answers)
            held = tokens_of(settings, settings.my_address.lower(), self.clock)
            assert held is not None, "tokens come from a sign-in by OAuth"
            held.keep(tokens)
        return kept

    def _check(self, answers: Mapping[str, str]) -> None:
        self.sheet = self.sheet.anew()
        settings = self.sheet.settings(answers)
        other = config.same_mailbox(self.sheet, settings, Path.cwd())
        if other is not None:
            what = f"{settings.my_address} is the address of the mailbox {other!r} too"
            raise Show(Problem("address", what, f"change that one: `watcher init --account {other}`"))

    def _dry_pass(self, answers: Mapping[str, str], token: AccessTokens | None) -> PassReport:
        """With the ledger there is, which a dry pass leaves as it is; else with one that is gone afterwards."""
        settings, shared = self.sheet.settings(answers), Shared()
        with TemporaryDirectory(prefix="watcher-init-") as folder:
            if not ledger_file(settings).is_file():
                settings = settings.model_copy(update={"ledger": f"sqlite:///{folder}/ledger.sqlite"})
            try:
                return _tried_dry(shared.house(settings), opened_mailbox(settings, token))
            finally:
                shared.close()


def _tried_dry(house: House, mailbox: Mailbox) -> PassReport:
    try:
        ports = Ports(mailbox, house.ledger, house.templates, house.clock, house.signatures, None, house.book)
        return run_pass(house.account, ports, Wish(dry_run=True))
    finally:
        mailbox.close()


def setting_up(name: str | None = None, *, everywhere: bool = False) -> SetUp:
    """What `watcher init` works on, for the only mailbox or the one of that name. Raises Show."""
    return SetUp(config.sheet(os.environ, Path.cwd(), name, everywhere=everywhere), name)
