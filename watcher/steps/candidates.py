"""One candidate becomes a Reading: more of the mail is fetched only where the first octets leave a question open.

The rest of a long text where no invitation was found in its beginning; the whole mail where a signature has to be
checked, or where LinkedIn's mail has changed and a sample of it is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from watcher.domain import drift, message, reading
from watcher.domain.message import Message
from watcher.domain.plan import Strictness
from watcher.domain.raw import RawMessage
from watcher.domain.redaction import redact
from watcher.domain.values import Invitation, Reading
from watcher.ports import WHOLE, Drift, Envelope, Location
from watcher.steps.account import Account, Ports


class Later(Exception):  # noqa: N818 - says what to do
    """DNS gave no answer: this mail is tried again in the next pass, from its beginning."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Reads the candidates of one mailbox."""

    account: Account
    ports: Ports

    def read(self, location: Location, raw: RawMessage, envelope: Envelope, *, may_wait: bool) -> Reading:
        """What one mail says. Raises Later where its signature cannot be checked yet and it may wait."""
        mail = message.assemble(raw)
        read = reading.read(mail, self.account.trust)
        if raw.is_cut and not isinstance(read.found, Invitation):
            more = self.ports.mailbox.read(location.folder, [envelope], WHOLE)
            mail = next((message.assemble(whole) for _, whole in more), mail)
            read = reading.read(mail, self.account.trust)
        if self._needs_signature_check(mail, read):
            return self._with_signatures(location, read, may_wait=may_wait)
        return read

    def drift(self, location: Location, raw: RawMessage, read: Reading) -> Drift | None:
        """Words and a redacted sample, where a genuine mail shows that LinkedIn's mail has changed."""
        why = drift.noticed(message.assemble(raw), read)
        content = self.ports.mailbox.whole(location.folder, location.uid) if why else None
        if why is None or content is None:
            return None
        return Drift(self.account.name, read.source.message_id or "", why, redact(content), self.ports.clock.now())

    def _needs_signature_check(self, mail: Message, read: Reading) -> bool:
        asked_for = self.account.policy.strictness is not Strictness.OFF
        return asked_for and reading.needs_signature_check(mail, read)

    def _with_signatures(self, location: Location, read: Reading, *, may_wait: bool) -> Reading:
        content = self.ports.mailbox.whole(location.folder, location.uid)
        if content is None:
            return read
        checked = self.ports.signatures.verify(content, self.ports.clock.now())
        if checked.again and may_wait:
            raise Later(checked.why)
        # Read from the very octets that were checked: a server may have shown the parts of another mail.
        return reading.read(message.parse(content), self.account.trust, checked)
