"""Promise: what is LinkedIn's is told by its place, whatever its words, and none of the inviter's words is lost."""

import pytest
from builders import an_invitation
from invented_mail import a_card, a_letter, a_mail, invitation_in

from watcher.domain import verdict
from watcher.domain.kinds import Because, VerdictKind
from watcher.domain.layout import page

KEY = "email_m2m_invite_single_01"
DEFAULT = "I'd like to add you to my professional network on LinkedIn."
OWN = "We met at the harbour fair in Malmö and talked about cranes."
PATH = "https://www.linkedin.com/comm"
ACCEPT = f"{PATH}/mynetwork/invite-accept/invitationId/7300000000000000042/sharedKey/AAAA/?midToken=BB"
UNKNOWN = "Vuolg dáid olbmuid"
"""Words of LinkedIn's in a language that no table holds."""


def spotted(spot: str) -> str:
    return f"&trk=eml-{KEY}-{spot}" if spot else ""


def a_page(
    note: str = "", *, note_below: str = "", place: str = "<div>Malmö</div>", below: str = "", spots: bool = True
) -> str:
    """A card as LinkedIn sets it: name, headline and place share a table cell, a note has one of its own."""
    named, accepts = ("invitation~card-0-inviter~name", "invitation~card-0-accept~invite") if spots else ("", "")
    said = f"<tr><td><div>{note}</div></td></tr>" if note else ""
    last = f"<tr><td><div>{note_below}</div></td></tr>" if note_below else ""
    return (
        f'<html><body><table><tr><td><h3><a href="{PATH}/in/tilda-moreau?midToken=BB{spotted(named)}">Tilda Moreau'
        f"</a></h3><div>Planner at Nordkai</div>{place}</td></tr>{said}"
        f'<tr><td data-test-id="email-button"><a href="{ACCEPT}{spotted(accepts)}">Accept</a></td></tr>'
        f"{last}</table>{below}</body></html>"
    )


def people(heading: str, *, spots: bool = True, marked: bool = True) -> str:
    """The people one may know, below the card."""
    mark = ' data-test-id="pymk-entity"' if marked else ""
    url = f"{PATH}/in/wanda-quist?midToken=BB{spotted('pymk-0-name' if spots else '')}"
    return (
        f"<table><tr><td><h2>{heading}</h2></td></tr><tr{mark}><td>"
        f'<a href="{url}">Wanda Quist</a></td></tr><tr><td>Beekeeper</td></tr></table>'
    )


def note_in(html: str | None = None, text: str | None = None, **headers: str | None) -> str | None:
    return invitation_in(a_mail(text=text, html=html, changes=headers)).note


# ------------------------------------------------------------------------------------------- what stands below a card


@pytest.mark.parametrize("note", ["", OWN, f"{OWN}<br>Tilda"])
@pytest.mark.parametrize(("spots", "marked"), [(True, True), (True, False), (False, True), (False, False)])
def test_a_heading_below_the_card_is_no_note_in_any_words(note: str, spots: bool, marked: bool) -> None:
    below = people(UNKNOWN, spots=spots, marked=marked)
    wanted = note.replace("<br>", "\n") or None
    assert note_in(a_page(note, below=below, spots=spots)) == wanted
    assert note_in(a_page(note_below=note, below=below, spots=spots)) == wanted


@pytest.mark.parametrize(
    "footer",
    [
        f'<p data-test-id="email-footer__intended">{UNKNOWN} Robin Ashdown</p>',
        f'<p>{UNKNOWN}</p><p><a href="{PATH}/help?midToken=BB{spotted("securityhelp-0-footerglimmer")}">?</a></p>',
    ],
)
def test_a_footer_is_no_note_in_any_words(footer: str) -> None:
    assert note_in(a_page(below=footer)) is None
    assert note_in(a_page(OWN, below=footer)) == OWN


def test_the_page_tells_what_linkedin_calls_its_elements_and_not_those_it_hides() -> None:
    shown = page('<p style="display:none" data-test-id="a">x</p><div data-test-id="B"><p>one</p><p>two</p></div>')
    assert [(line.text, line.spots) for line in shown.lines if line.text] == [("one", ("b",)), ("two", ())]


# -------------------------------------------------------------------------------------------- LinkedIn's own sentence


@pytest.mark.parametrize("sentence", ["Tilda Moreau vuordá du vástádusa", "Bovdehus Tilda Moreau vuordá du"])
@pytest.mark.parametrize("note", ["", OWN])
def test_a_sentence_about_the_inviter_is_linkedins_where_the_subject_says_it_too(sentence: str, note: str) -> None:
    text = f"{sentence}\n\n{a_letter(note, greeting='')}"
    assert note_in(text=text, Subject=sentence) == (note or None)


def test_a_sentence_about_the_inviter_is_linkedins_where_it_stands_alone_above_the_name() -> None:
    assert note_in(text=f"Tilda Moreau vuordá du vástádusa\n\n{a_letter()}") is None


@pytest.mark.parametrize(
    "note",
    [
        "Tilda Moreau here, we met in Rome.",
        "It is Tilda Moreau again: do you still have my book?",
        "You lent Tilda Moreau your blue notebook at the ferry in Narvik last summer",
    ],
)
def test_inviters_may_name_themselves(note: str) -> None:
    assert note_in(text=a_letter(note)) == note
    assert note_in(a_page(note)) == note


@pytest.mark.parametrize("name", ['Siobhán "Shiv" O’Dálaigh', "Tom Ek, PMP: hiring!", "ANNA (Ann) BERG"])
def test_a_name_may_hold_any_mark(name: str) -> None:
    escaped = name.replace('"', '\\"')
    text = f"{name} is waiting for your response\n\n{a_letter(name=name)}"
    assert note_in(text=text, From=f'"{escaped}" <invitations@linkedin.com>') is None


# ------------------------------------------------------------------------------------------------ greeting, sign-off


TYPED = f"Hi Robin,\n{OWN}\nCheers,\nTilda"


@pytest.mark.parametrize(
    "greeting", ["Hi,", "Bonjour Robin,", "Kedves Robin!", "Ингрид, здравствуйте!", "مرحبًا إنغريد،", "Ingrid您好，"]
)
def test_in_a_card_the_inviter_greets(greeting: str) -> None:
    assert note_in(a_page(f"{greeting}<br>{OWN}")) == f"{greeting}\n{OWN}"


def test_in_a_card_the_inviter_signs_as_in_its_text() -> None:
    shown = TYPED.replace("\n", "<br>")
    text = f"Tilda Moreau is waiting for your response\n\n{a_letter()}"
    before, _, after = text.partition("Accept:")
    assert note_in(a_page(shown)) == TYPED
    assert note_in(text=f"{before}{TYPED}\n\nAccept:{after}") == TYPED
    assert note_in(a_page(shown), f"{before}{TYPED}\n\nAccept:{after}") == TYPED


@pytest.mark.parametrize("greeting", ["Hi Robin,", "Olá, Robin.", "Hello Robin!", "Robin,"])
def test_in_a_letter_linkedin_greets_and_signs(greeting: str) -> None:
    letter = a_letter(f"{OWN}\n\n- Tilda", greeting=greeting)
    assert note_in(text=letter) == OWN


# ----------------------------------------------------------------------------------------------------- short notes


@pytest.mark.parametrize("note", ["Aslak sent me", "Hi", "👋", "Remember the blue notebook", "Malmö"])
@pytest.mark.parametrize("place", ["", "<div>Malmö</div>"])
def test_a_short_note_is_no_place(note: str, place: str) -> None:
    found = invitation_in(a_mail(html=a_page(note, place=place)))
    assert (found.note, found.inviter.headline) == (note, "Planner at Nordkai")


@pytest.mark.parametrize("place", ["Durban", "Raleigh, North Carolina Area", "Région de Toulouse, France", "深圳"])
def test_a_place_is_no_note(place: str) -> None:
    assert note_in(a_page(place=f"<div>{place}</div>")) is None


def test_a_note_beside_the_headline_is_told_from_a_place_by_its_words() -> None:
    for note in ("👋", "Hi", DEFAULT, "我想将您加入我在领英的职业人脉。", "Nils sent me!"):
        assert note_in(a_page(place=f"<div>{note}</div>")) == note


# ------------------------------------------------------------------------------------------------- below the links


@pytest.mark.parametrize("note", [OWN, DEFAULT, f"Hi Robin,\n{OWN}"])
@pytest.mark.parametrize("opening", ["", "Tilda Moreau is waiting for your response\n\n"])
def test_a_note_may_stand_below_the_links_of_a_text(opening: str, note: str) -> None:
    top, rule, foot = f"{opening}{a_letter()}".partition("-" * 40)
    assert note_in(text=f"{top}{note}\n\n{rule}{foot}") == note


def test_what_stands_below_the_rule_or_labels_a_link_is_no_note() -> None:
    top, rule, foot = a_letter().partition("-" * 40)
    assert note_in(text=f"{top}{rule}\n\n{UNKNOWN}\n{foot}") is None
    assert note_in(text=f"{top}{UNKNOWN}\nhttps://www.linkedin.com/comm/help?midToken=BB\n\n{rule}{foot}") is None


def test_where_the_text_has_linkedins_sentence_alone_the_html_tells_the_note() -> None:
    text = f"Tilda Moreau vuordá du vástádusa\n\n{a_letter()}"
    assert note_in(a_page(OWN), text) == OWN


# ------------------------------------------------------------------------------------------- the letter as HTML, 2016


@pytest.mark.parametrize("note", [f"Hi Robin, {DEFAULT}", f"Hi Robin, {OWN}"])
def test_a_letter_of_2016_is_read_from_its_html_alone(note: str) -> None:
    profile = f"{PATH}/profile/view?id=AC&midToken=BB{spotted('hero-2-prof~name')}"
    accept = f"{PATH}/people/invite-accept?invitationId=6148543733079080466&sharedKey=AA{spotted('hero-0-accept~cta')}"
    html = (
        f'<html><body><table><tr><td><p>{note}</p></td></tr><tr><td><a href="{profile}">Tilda Moreau</a>'
        "<p>Planner at Nordkai</p> <p>Hereford, United Kingdom</p></td></tr>"
        f'<tr><td><a href="{accept}">Accept</a></td></tr></table>'
        "<p>You are receiving Invitation emails.</p></body></html>"
    )
    found = invitation_in(a_mail(html=html))
    assert (found.note, found.inviter.headline) == (note, "Planner at Nordkai")
    judged = verdict.judge(found)
    assert (judged.because is Because.DEFAULT_NOTE) == (DEFAULT in note)


# ------------------------------------------------------------------------------------- a default sentence and company


@pytest.mark.parametrize(
    "note",
    [
        f"Hi Robin, {DEFAULT}",
        f"Robin, {DEFAULT}",
        f"Hi Robin, hope you’re well. {DEFAULT} Best, Tilda",
        f"Hi Robin – hope you're well.\n{DEFAULT}\nThanks, Tilda Moreau",
        "I’d like to add you to my professional\nnetwork on LinkedIn.\nPS: here is the link",
        f"{DEFAULT} P.S. Here is the link.",
        "Guten Tag Robin, ich möchte Sie gerne zu meinem beruflichen Netzwerk auf LinkedIn hinzufügen.",
        "Hola, Robin: Me gustaría añadirte a mi red profesional en LinkedIn.",
        "Olá, Robin. Gostaria de adicioná-lo à minha rede profissional no LinkedIn.",
        "Robinさん、LinkedInで私のプロフェッショナルネットワークに追加させてください。",
    ],
)
def test_a_greeting_on_the_line_of_a_default_sentence_adds_no_reason(note: str) -> None:
    found = verdict.judge(an_invitation(note=note, note_raw=note))
    assert (found.kind, found.because) == (VerdictKind.GENERIC, Because.DEFAULT_NOTE)


@pytest.mark.parametrize(
    "note",
    [
        f"As agreed on Tuesday, {DEFAULT}",
        f"Nils sent me: {DEFAULT}",
        f"Hi Robin, Nils sent me. {DEFAULT} Best, Tilda",
        f"Hi Robin, {DEFAULT} PS: here is the link to the crane",
        f"{DEFAULT} Best, the woman from the ferry",
        "我们在上海见过，我想将您加入我在领英的职业人脉。",
    ],
)
def test_words_on_the_line_of_a_default_sentence_count(note: str) -> None:
    assert verdict.judge(an_invitation(note=note, note_raw=note)).because is not Because.DEFAULT_NOTE


@pytest.mark.parametrize(
    "content",
    [
        a_mail(text=a_letter(f"Hi Robin, {DEFAULT}")),
        *(a_mail(html=form(f"Hi Robin, {DEFAULT}")) for form in (a_card, a_page)),
    ],
    ids=["letter", "card", "card with cells"],
)
def test_a_default_sentence_behind_a_greeting_is_found_in_any_mail(content: bytes) -> None:
    assert verdict.judge(invitation_in(content)).because is Because.DEFAULT_NOTE
