"""A person's word during one pass: read from the ledger when the first invitation is to be judged, and not before."""

from __future__ import annotations

from dataclasses import dataclass, field

from watcher.domain import corrections
from watcher.domain.corrections import Correction
from watcher.domain.values import Invitation, Person, Verdict
from watcher.ports import Ledger


@dataclass(slots=True)
class Corrections:
    """What the person of an account said of verdicts."""

    account: str
    me: Person
    ledger: Ledger
    _kept: tuple[Correction, ...] | None = field(default=None, init=False)

    def on(self, invitation: Invitation, own: Verdict, number: int | None) -> Verdict | None:
        """The verdict that the person has given to this invitation or its words; None where they have not.

        `own` is ours; `number` is the invitation's, where the ledger has it. Raises TryAgain.
        """
        if self._kept is None:
            self._kept = self.ledger.corrections(self.account)
        of_itself = next((one for one in self._kept if one.invitation == number), None)
        if of_itself is not None:
            return corrections.on_itself(invitation, own, of_itself.verdict, of_itself.at)
        return corrections.by_words(invitation, own, self.me, self._kept)
