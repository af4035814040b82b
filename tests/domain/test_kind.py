"""Promise: what people write, and what only claims to be LinkedIn's, is never an invitation, whatever it copies."""

from collections.abc import Mapping

import pytest
from invented_mail import AUTHSERV, HEADERS, PASSED, a_card, a_letter, a_mail, read

from watcher.domain import message
from watcher.domain.kind import looks_like_linkedin, may_be_invitation
from watcher.domain.kinds import Authentic, Kind
from watcher.domain.message import Address

INVITATIONS = {Kind.INVITATION, Kind.REMINDER}
PERSON: Mapping[str, str | None] = {
    "From": "Tilda Moreau <tilda@example.test>",
    "Message-ID": "<CAF9x0001@mail.example.test>",
    "X-LinkedIn-Template": None,
    "Authentication-Results": f"{AUTHSERV}; dkim=pass header.d=example.test; dmarc=pass header.from=example.test",
}
QUOTED = "".join(f"> {line}\n" for line in a_letter("I'd like to join your LinkedIn network.").split("\n"))
REMINDS = "email_m2m_invite_reminder_02"
FORWARDED = f"Look at this.\n\n---------- Forwarded message ---------\nFrom: Tilda\n\n{a_letter()}"


def kind_of(text: str, changes: Mapping[str, str | None], html: str | None = None) -> Kind:
    return read(a_mail(text=text, html=html, changes={**PERSON, **changes})).kind


GUEST_ID = "<4481182500.138600.1795000000009.JavaMail.app@ela4-app0135.prod>"
GUEST = {"From": "Tilda <tilda@example.test>", "Message-ID": GUEST_ID, "X-LinkedIn-Template": None}


def test_a_genuine_one_is_an_invitation_so_that_these_tests_can_fail() -> None:
    assert read(a_mail(text=a_letter())).kind is Kind.INVITATION
    assert read(a_mail(html=a_card())).kind is Kind.INVITATION
    guest = {**PERSON, "Message-ID": GUEST_ID, "Subject": "Join my network on LinkedIn"}
    assert read(a_mail(text=a_letter(), changes=guest)).kind is Kind.INVITATION


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        # a reply that keeps the subject and quotes the whole invitation
        (f"Who are you?\n\n{QUOTED}", {"Subject": "Re: I want to connect", "In-Reply-To": HEADERS["Message-ID"]}),
        (f"Who are you?\n\n{a_letter()}", {"Subject": "I want to connect", "In-Reply-To": HEADERS["Message-ID"]}),
        # forwards
        (FORWARDED, {"Subject": "Fwd: I want to connect"}),
        (FORWARDED, {"Subject": "Join my network on LinkedIn", "X-Forwarded-For": "a@example.test"}),
        # copies of a mailing list
        (a_letter(), {"Subject": "[list] Join my network on LinkedIn", "List-Id": "<list.example.test>"}),
        (a_letter(), {"Subject": "Join my network on LinkedIn", "Sender": "list-bounces@example.test"}),
        # out of office, bounces, read receipts
        (f"I am away.\n\n{QUOTED}", {"Subject": "Automatic reply: I want to connect", "Auto-Submitted": "auto-reply"}),
        (a_letter(), {"From": "Mail Delivery System <MAILER-DAEMON@example.test>", "Subject": "Undelivered"}),
        (a_letter(), {"From": "<>", "Subject": "Undelivered Mail Returned to Sender"}),
        ("Read: I want to connect", {"Subject": "Read: I want to connect"}),
        ("Let us connect on LinkedIn.", {"Subject": "Invitation to connect on LinkedIn"}),
        ("", {"Subject": "Invitation to connect on LinkedIn"}),
        (a_letter(), {"From": None}),
        (a_letter(), {"From": "(c):"}),
    ],
)  # fmt: skip
def test_mail_of_people_is_never_an_invitation(text: str, changes: Mapping[str, str | None]) -> None:
    assert kind_of(text, changes) is Kind.UNRELATED


@pytest.mark.parametrize(
    "marks",
    [
        {"X-LinkedIn-Template": "email_m2m_invite_single_01", "X-LinkedIn-Class": "INVITE-MBR"},
        {"Message-ID": HEADERS["Message-ID"]},
        {"Feedback-ID": "email_m2m_invite_single_01:linkedin"},
    ],
)
@pytest.mark.parametrize("sender", ["Tilda <tilda@evil.test>", '"invitations@linkedin.com"@evil.test', "<x@evil.test>"])
def test_todays_marks_over_a_foreign_address_are_an_imitation(marks: Mapping[str, str], sender: str) -> None:
    mail = a_mail(text=a_letter(), html=a_card(), changes={**PERSON, **marks, "From": sender})
    assert read(mail).kind is Kind.IMITATION


@pytest.mark.parametrize(
    "sender",
    [
        "Tilda <invitations@\uff4c\uff49\uff4e\uff4b\uff45\uff44\uff49\uff4e.com>",  # full width
        "L\u0456nk\u0435dIn <x@evil.test>",  # Cyrillic letters
        '"invitations@linkedin.com"@evil.test',
    ],
)
def test_a_disguised_sender_is_an_imitation(sender: str) -> None:
    changes = {"From": sender, "X-LinkedIn-Template": None, "Message-ID": GUEST_ID}
    assert read(a_mail(text=a_letter(), changes=changes)).kind is Kind.IMITATION


def test_a_guest_letter_in_words_that_no_table_knows_is_an_invitation() -> None:
    isd = "https://www.linkedin.com/e/-2aaaaa-aaaaaaaa-a/isd/7592800009/aAaAaAaA/"
    letter = f"LinkedIn\n------------\n\nQwerty uiop asdf.\n\n- Tilda\n\nTilda Moreau\nPlanner\n\nZxcv\n{isd}\n"
    changes = {**PERSON, "From": "Tilda Moreau <tilda@example.test>", "Message-ID": GUEST_ID, "Subject": "Qwerty"}
    assert read(a_mail(text=letter, changes=changes)).kind is Kind.INVITATION


def test_several_invitations_in_one_mail_are_a_digest() -> None:
    another = a_letter(name="Wanda Quist").replace("7300000000000000042", "7300000000000000043")
    changes = {"X-LinkedIn-Template": None, "Subject": "Qwerty"}
    assert read(a_mail(text=a_letter() + another, changes=changes)).kind is Kind.DIGEST


@pytest.mark.parametrize("html", [a_card(), a_card("Hello Robin.")])
def test_a_quoted_card_is_no_invitation(html: str) -> None:
    changes = {"Subject": "Re: I want to connect", "In-Reply-To": HEADERS["Message-ID"]}
    assert kind_of("What is this?", changes, f"<p>What is this?</p><blockquote>{html}</blockquote>") is Kind.UNRELATED


@pytest.mark.parametrize(
    "text",
    ["Dear Robin, shall we have lunch?", a_letter(), FORWARDED, "You are receiving Invitation emails."],
)
@pytest.mark.parametrize("sender", ["Ines Holt <iholt@linkedin.com>", "ines.holt@linkedin.com"])
def test_an_employee_of_linkedins_is_a_person(sender: str, text: str) -> None:
    changes = {"From": sender, "Authentication-Results": PASSED, "Subject": "I want to connect"}
    assert kind_of(text, changes) is Kind.UNRELATED


LOOK_ALIKES = [
    "invitations@linkedln.com",
    "invitations@linkediin.com",
    "invitations@1inkedin.com",
    "invitations@linkedin.com.evil.test",
    "invitations@linkedin-mail.test",
    "invitations@mail-linkedin.test",
    "invitations@linked-in.test",
    "invitations@linkedin.co",
    "invitations@xn--lnkedin-9za.test",
    "invitations@lіnkedin.com",  # the first i is Cyrillic
    "linkedin.com@notlinkedin.test",
]


@pytest.mark.parametrize("address", LOOK_ALIKES)
@pytest.mark.parametrize("results", [PASSED, None, f"{AUTHSERV}; dkim=pass header.d=linkedin.com.evil.test"])
def test_a_look_alike_domain_is_an_imitation(address: str, results: str | None) -> None:
    changes = {"From": f"Tilda Moreau <{address}>", "Authentication-Results": results}
    found = read(a_mail(text=a_letter(), html=a_card(), changes=changes))
    assert found.kind is Kind.IMITATION
    assert found.authentic is not Authentic.PASS
    assert found.verdict is None


@pytest.mark.parametrize(
    "sender",
    [
        "LinkedIn <x@evil.test>",
        "Linked In <x@evil.test>",
        "LINKEDIN Invitations <x@evil.test>",
        "Linkedln <x@evil.test>",
        "Tilda Moreau via LinkedIn <x@evil.test>",
        "=?utf-8?q?Linked=E2=80=8BIn?= <x@evil.test>",
    ],
)
def test_linkedins_name_over_a_foreign_address_is_an_imitation(sender: str) -> None:
    found = read(a_mail(text=a_letter(), html=a_card(), changes={"From": sender}))
    assert found.kind is Kind.IMITATION
    assert found.authentic is not Authentic.PASS


@pytest.mark.parametrize(
    "sender",
    [
        '"invitations@linkedin.com" <x@evil.test>',
        "invitations@linkedin.com <x@evil.test>",
        '"Tilda <invitations@linkedin.com>" <x@evil.test>',
        "=?utf-8?q?Tilda_=3Cinvitations=40linkedin=2Ecom=3E?= <x@evil.test>",
        "(invitations@linkedin.com) x@evil.test",
        "x@evil.test (invitations@linkedin.com)",
        "Tilda <invitations@linkedin.com>, Evil <x@evil.test>",
        "Evil <x@evil.test>, Tilda <invitations@linkedin.com>",
        "Tilda <invitations@linkedin.com\x00@evil.test>",
        "Tilda <@linkedin.com:x@evil.test>",
        '"invitations@linkedin.com"@evil.test',
    ],
)
def test_a_display_name_trick_is_never_a_proven_invitation(sender: str) -> None:
    changes = {"From": sender, "Message-ID": "<x@evil.test>", "X-LinkedIn-Template": None}
    found = read(a_mail(text=a_letter(), html=a_card(), changes=changes))
    assert found.kind not in INVITATIONS
    assert found.authentic is not Authentic.PASS


@pytest.mark.parametrize("sender", ["x@evil.test", '"invitations@linkedin.com" <x@evil.test>'])
def test_a_forger_who_copies_everything_is_never_proven(sender: str) -> None:
    found = read(a_mail(text=a_letter(), html=a_card(), changes={"From": sender}))
    assert found.authentic is Authentic.UNKNOWN


def test_linkedins_address_that_the_server_condemns_is_an_imitation() -> None:
    failed = PASSED.replace("pass", "fail")
    assert read(a_mail(text=a_letter(), changes={"Authentication-Results": failed})).kind is Kind.IMITATION
    second = a_mail(text=a_letter(), above="From: Evil <x@evil.test>\r\n")
    assert read(second).kind not in INVITATIONS


@pytest.mark.parametrize(
    ("changes", "text", "kind"),
    [
        ({}, a_letter(), Kind.INVITATION),
        ({"Subject": "Nothing that is known"}, a_letter(), Kind.INVITATION),
        (
            {"X-LinkedIn-Template": REMINDS, "Subject": "Tilda's invitation is awaiting your response"},
            a_letter().replace(HEADERS["X-LinkedIn-Template"], REMINDS),
            Kind.REMINDER,
        ),
        ({"X-LinkedIn-Template": "email_accept_invite_single"}, "Tilda accepted your invitation", Kind.ACCEPTED),
        ({"X-LinkedIn-Template": "email_m2m_invite_digest_02"}, "You have 3 invitations", Kind.DIGEST),
        (
            {"X-LinkedIn-Template": "email_member_message_v2", "From": "Tilda <hit-reply@linkedin.com>"},
            "Hello Robin",
            Kind.MESSAGE,
        ),
        (
            {"X-LinkedIn-Template": "email_pymk_02", "From": "LinkedIn <messages-noreply@linkedin.com>"},
            "People you may know",
            Kind.OTHER,
        ),
        ({"X-LinkedIn-Template": None, "Subject": "News"}, "News of the week", Kind.OTHER),
    ],
)
def test_mail_of_linkedins_machine_is_told_apart(changes: Mapping[str, str | None], text: str, kind: Kind) -> None:
    assert read(a_mail(text=text, changes=changes)).kind is kind


@pytest.mark.parametrize(
    ("changes", "worth_reading"),
    [
        ({}, True),
        ({"X-LinkedIn-Template": None, "Subject": "Anything"}, True),
        (
            {
                "X-LinkedIn-Template": "email_pymk_02",
                "From": "LinkedIn <messages-noreply@linkedin.com>",
                "Subject": "People you may know",
            },
            False,
        ),
        ({**GUEST, "Subject": "Join my network on LinkedIn"}, True),
        ({**GUEST, "Subject": "Lunch?"}, False),
        ({"From": "Tilda <tilda@evil.test>", "Subject": "Join my network on LinkedIn"}, False),
        ({**PERSON, "Subject": "Re: Join my network on LinkedIn"}, False),
        ({"From": "Ines Holt <iholt@linkedin.com>", **dict.fromkeys(["X-LinkedIn-Template", "Message-ID"])}, False),
        ({"From": "LinkedIn <x@evil.test>"}, False),
        ({"From": None}, False),
    ],
)
def test_headers_alone_tell_what_is_worth_reading(changes: Mapping[str, str | None], worth_reading: bool) -> None:
    assert may_be_invitation(message.parse(a_mail(text="", changes=changes))) is worth_reading


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Tilda Linker", "tilda@linker.test"),
        ("Linda", "linda@line.test"),
        ("Nils", "nils@link.example"),
        ("LinkedList Weekly", "news@lists.example"),
        ("", "x@blinked.test"),
    ],
)
def test_names_that_only_begin_alike_are_no_imitation(name: str, address: str) -> None:
    assert not looks_like_linkedin(Address(name, address))
