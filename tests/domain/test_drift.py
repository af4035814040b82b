"""A genuine mail from the invitation addresses that no rule understands is noticed, and no other mail is."""

from dataclasses import replace

import pytest
from builders import a_reading, an_invitation
from invented_mail import CORPUS, TRUST, a_card, a_letter, a_mail

from watcher.domain import drift, message, reading
from watcher.domain.kinds import Authentic, Kind
from watcher.domain.values import Inviter, NotInvitation, Reading

NEW_WORDS = "Tilda Moreau möchte Sie kennenlernen. Was sagen Sie dazu?\n"
UNKNOWN = {"X-LinkedIn-Template": None, "X-LinkedIn-Class": None, "Subject": "Something quite new"}
NEW_KEY = UNKNOWN | {"X-LinkedIn-Template": "email_handshake_01"}


def _noticed(content: bytes) -> str | None:
    mail = message.parse(content)
    return drift.noticed(mail, reading.read(mail, TRUST))


CHANGED = {
    "no signal at all": (a_mail(NEW_WORDS, changes=UNKNOWN), "no table knows"),
    "a template key that no table knows": (
        a_mail(f"{NEW_WORDS}https://www.linkedin.com/comm/x?trk=eml-email_handshake_01-x", changes=NEW_KEY),
        "email_handshake_01",
    ),
    "the other invitation address": (
        a_mail(NEW_WORDS, changes=UNKNOWN | {"From": "T <invitations-noreply@linkedin.com>"}),
        "invitations-noreply@linkedin.com",
    ),
    "nobody is named": (a_mail("Accept\n", changes={"From": "invitations@linkedin.com"}), "nobody is named"),
    "a name and nothing else": (a_mail("A new shape of letter.\n"), "no headline, no profile and no invitation id"),
}

UNDERSTOOD = {
    "a letter": a_mail(a_letter()),
    "a card": a_mail(html=a_card()),
    "unproven": a_mail(NEW_WORDS, changes=UNKNOWN | {"Authentication-Results": None}),
    "forged": a_mail(NEW_WORDS, changes=UNKNOWN | {"Authentication-Results": "mx.example.test; dmarc=fail"}),
    "another of LinkedIn's addresses": a_mail(
        NEW_WORDS, changes=UNKNOWN | {"From": "LinkedIn <messages-noreply@linkedin.com>"}
    ),
    "other mail that a class tells": a_mail(NEW_WORDS, changes=NEW_KEY | {"X-LinkedIn-Class": "JOBS-TO-MBR"}),
    "other mail that a footer tells": a_mail("You are receiving Job alert emails.\n", changes=NEW_KEY),
    "accepted": a_mail(
        "Tilda Moreau has accepted your invitation\n",
        changes={"Subject": "Tilda accepted your invitation", "X-LinkedIn-Template": "email_accept_invite_01"},
    ),
    "nobody wrote it": a_mail(NEW_WORDS, changes=UNKNOWN | {"From": None}),
}


@pytest.mark.parametrize("name", CHANGED)
def test_changed_mail_is_noticed_with_its_reason(name: str) -> None:
    content, why = CHANGED[name]
    assert why in (_noticed(content) or "")


@pytest.mark.parametrize("name", UNDERSTOOD)
def test_other_mail_is_not_noticed(name: str) -> None:
    assert _noticed(UNDERSTOOD[name]) is None


def test_mail_known_from_the_corpus_raises_no_alarm() -> None:
    assert [path.name for path in CORPUS if _noticed(path.read_bytes())] == []


NAMED = Inviter("Tilda Moreau", "Tilda")
READINGS: dict[str, tuple[Reading, bool]] = {
    "all is read": (a_reading(), False),
    "no name": (a_reading(found=an_invitation(inviter=Inviter(" ", ""))), True),
    "only a name": (a_reading(found=an_invitation(inviter=NAMED, invitation_id=None)), True),
    "a reminder with only a name": (
        a_reading(found=an_invitation(kind=Kind.REMINDER, inviter=NAMED, invitation_id=None)),
        True,
    ),
    "a name and a headline": (
        a_reading(found=an_invitation(inviter=replace(NAMED, headline="Planner"), invitation_id=None)),
        False,
    ),
    "a name and a profile": (
        a_reading(
            found=an_invitation(
                inviter=replace(NAMED, profile_url="https://www.linkedin.com/in/tilda-moreau"), invitation_id=None
            )
        ),
        False,
    ),
    "a name and an id": (a_reading(found=an_invitation(inviter=NAMED)), False),
    "only a name, unproven": (
        a_reading(found=an_invitation(inviter=NAMED, invitation_id=None), authentic=Authentic.UNKNOWN),
        False,
    ),
    "a digest": (a_reading(found=NotInvitation(Kind.DIGEST, "template"), verdict=None, route=None), False),
}


@pytest.mark.parametrize("name", READINGS)
def test_a_card_that_could_not_be_read_is_noticed(name: str) -> None:
    read, is_noticed = READINGS[name]
    assert (drift.noticed(message.parse(a_mail("Some words\n")), read) is not None) is is_noticed
