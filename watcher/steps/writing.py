"""What a template makes of one invitation: drafts, previews and trials all have it from here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from watcher.domain import choosing, quotation, reply
from watcher.domain.choosing import Occasion
from watcher.domain.kinds import RouteBy
from watcher.domain.values import Draft, Invitation, Person, Reading
from watcher.ports import Templates


@dataclass(frozen=True, slots=True)
class Hand:
    """How a person writes: who they are, the variant they want where no rule decides, whether they quote by mail."""

    me: Person
    variant: str = ""
    quotes: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished answer without what is for the person alone; `subject` is "" where the template names none.

    `template` and `language` tell where its words are from.
    """

    template: str
    language: str
    text: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Writing:
    """One person's answers by their templates. `at` is always the time of writing, in their time zone."""

    templates: Templates
    hand: Hand

    def chosen(self, reading: Reading, base: str, language: str, at: datetime) -> str:
        """The template that answers: `base`, or the variant of it that fits. Raises GiveUp where a variant is broken,
        TryAgain as `Templates.render`.
        """
        assert reading.verdict is not None, "an invitation is always judged"
        occasion = Occasion(invitation_of(reading), reading.verdict, at)
        return choosing.chosen(base, self.templates.variants(language, base), occasion, self.hand.variant)

    def letter(self, reading: Reading, language: str, name: str, at: datetime) -> Letter:
        """Render one template; what is mailed has the signature and the quoted invitation below. Raises GiveUp."""
        assert reading.route is not None, "an invitation always has a route"
        invitation = invitation_of(reading)
        values = reply.template_values(reading, invitation, self.hand.me, language)
        text = self.templates.render(language, name, values)
        if reading.route.by is RouteBy.EMAIL:
            quote = quotation.quoted(invitation, reading.source, language, at) if self.hand.quotes else ""
            text = quotation.below(text, quote, self.hand.me)
        return Letter(name, language, text, self.templates.subject(language, name, values))

    def message(self, reading: Reading, letter: Letter, message_id: str, at: datetime) -> Draft:
        """The letter as a draft; the block that says where to paste it ends one that reaches nobody by mail.

        Raises GiveUp where the block's template or an address is broken.
        """
        assert reading.route is not None, "an invitation always has a route"
        block = paste_block(reading, self.hand.me, letter.language, self.templates)
        return reply.compose(
            reading,
            invitation_of(reading),
            me=self.hand.me,
            body=reply.body_for(reading.route, letter.text, block),
            message_id=message_id,
            template=letter.template,
            language=letter.language,
            now=at,
            subject=letter.subject,
        )


def paste_block(reading: Reading, me: Person, language: str, templates: Templates) -> str:
    """What ends a draft that is not to be mailed, in this language; "" where it is mailed. Raises GiveUp."""
    assert reading.route is not None, "an invitation always has a route"
    if reading.route.by is RouteBy.EMAIL:
        return ""
    return templates.render(language, reply.PASTE, reply.template_values(reading, invitation_of(reading), me, language))


def invitation_of(reading: Reading) -> Invitation:
    """What a reading found, where only an invitation can be meant."""
    assert isinstance(reading.found, Invitation), "only invitations are answered"
    return reading.found
