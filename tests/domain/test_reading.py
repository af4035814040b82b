"""Promise: text and HTML tell the same of an invitation, nobody else's words are taken, and no mail breaks it."""

import json
from importlib.resources import files
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_mail import CORPUS, HEADERS, TRUST, a_card, a_letter, a_mail, invitation_in, read

from watcher.domain import message, names, reading
from watcher.domain.identity import invitation_key
from watcher.domain.kinds import Authentic, Because, Kind, RouteBy, VerdictKind
from watcher.domain.values import Invitation, Inviter, Reading
from watcher.samples import AUTHSERV, sample_mails

DEFAULT = "I'd like to join your LinkedIn network."
OWN = "We met at the harbour fair in Malmö and talked about cranes."
TILDA = Inviter(
    "Tilda Moreau", "Tilda", "Planner at Nordkai", "Nordkai", "https://www.linkedin.com/in/tilda-moreau"
)  # fmt: skip

FORMS = {
    "text": lambda note: a_mail(text=a_letter(note)),
    "html": lambda note: a_mail(html=a_card(note)),
    "both": lambda note: a_mail(text=a_letter(note), html=a_card(note)),
    "html that is silent": lambda note: a_mail(text=a_letter(note), html=a_card()),
    "letter as html": lambda note: a_mail(html=f"<html><body><pre>{a_letter(note)}</pre></body></html>"),
}


@pytest.mark.parametrize("note", [None, DEFAULT, OWN])
@pytest.mark.parametrize("form", ["text", "html", "both", "html that is silent"])
def test_text_and_html_say_the_same(form: str, note: str | None) -> None:
    found = invitation_in(FORMS[form](note or ""))
    assert found.kind is Kind.INVITATION
    assert found.inviter == TILDA
    assert found.note == note
    assert found.invitation_id == "7300000000000000042"


@pytest.mark.parametrize(
    ("note", "kind", "because"),
    [
        ("", VerdictKind.GENERIC, Because.NO_NOTE),
        (DEFAULT, VerdictKind.GENERIC, Because.DEFAULT_NOTE),
        (OWN, VerdictKind.PERSONALISED, Because.REASON),
        (f"{DEFAULT} {OWN}", VerdictKind.PERSONALISED, Because.REASON),
    ],
)
@pytest.mark.parametrize("form", ["text", "html", "both"])
def test_a_whole_mail_is_read_to_its_verdict(form: str, note: str, kind: VerdictKind, because: Because) -> None:
    found = read(FORMS[form](note))
    assert found.verdict is not None
    assert (found.verdict.kind, found.verdict.because) == (kind, because)
    assert found.authentic is Authentic.PASS
    assert found.route is not None
    assert found.route.by is RouteBy.LINKEDIN
    assert found.problems == ()
    assert invitation_key(found) == "linkedin:7300000000000000042"
    assert found.source.message_id == HEADERS["Message-ID"]


def test_where_text_and_html_disagree_the_text_counts_and_the_person_is_told() -> None:
    content = a_mail(text=a_letter(OWN), html=a_card("Buy freight software today."))
    assert invitation_in(content).note == OWN
    assert any("different notes" in problem for problem in read(content).problems)


def test_a_note_that_only_the_html_shows_counts() -> None:
    assert invitation_in(a_mail(text=a_letter(), html=a_card(OWN))).note == OWN


def test_a_note_keeps_the_inviters_greeting_and_loses_linkedins() -> None:
    assert invitation_in(a_mail(text=a_letter(f"{OWN}\nThank you!"))).note == f"{OWN}\nThank you!"
    raw = invitation_in(a_mail(text=a_letter(f"“{OWN}”"))).note_raw
    assert invitation_in(a_mail(text=a_letter(f"“{OWN}”"))).note == OWN
    assert raw == f"“{OWN}”"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("note", ["", DEFAULT, OWN])
def test_people_below_the_card_are_never_the_inviter(form: str, note: str) -> None:
    found = invitation_in(FORMS[form](note))
    shown = repr(found)
    assert [word for word in ("Wanda", "Quist", "Beekeeper", "accountant", "wanda-quist") if word in shown] == []


@pytest.mark.parametrize("below", ["<p>I met you in Rome.</p>", f"<div>{OWN}</div>", "<p>“Hello Robin!”</p>"])
def test_words_below_the_card_are_never_the_note(below: str) -> None:
    assert invitation_in(a_mail(html=a_card(below=below))).note is None


@pytest.mark.parametrize("style", ["display:none", "visibility: hidden", "opacity:0", "font-size:0px"])
def test_hidden_words_are_never_the_note(style: str) -> None:
    hidden = f'<span style="{style}">{OWN}</span>'
    assert invitation_in(a_mail(html=a_card(hidden))).note is None


def test_no_token_of_the_mail_is_kept() -> None:
    kept = repr(read(a_mail(text=a_letter(OWN), html=a_card(OWN))))
    assert [word for word in ("sharedKey", "AAAA", "trk=", "midToken") if word in kept] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"From": "Tilda Moreau via LinkedIn <invitations@linkedin.com>"},
        {"From": "=?utf-8?q?Tilda?= Moreau <invitations@linkedin.com>"},
        {"From": '"Tilda  Moreau" <invitations@linkedin.com>'},
        {"From": "LinkedIn <invitations@linkedin.com>"},
    ],
)
def test_the_inviter_is_known_however_from_shows_them(changes: dict[str, str | None]) -> None:
    assert invitation_in(a_mail(html=a_card(), changes=changes)).inviter == TILDA


def test_a_profile_of_somebody_else_in_the_text_is_not_the_inviters() -> None:
    letter = (
        a_letter().replace("View Tilda Moreau's profile", "View Wanda Quist's profile").replace("tilda-m", "wanda-q")
    )
    assert invitation_in(a_mail(text=letter)).inviter.profile_url is None


def test_where_nobody_is_named_it_is_no_invitation() -> None:
    changes = {"From": "LinkedIn <invitations@linkedin.com>"}
    accept = a_letter().partition("\n\n")[2]
    assert read(a_mail(text=accept, changes=changes)).kind is Kind.OTHER


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Tilda Moreau", "Tilda"),
        ("Dr. Anna-Lena van den Berg", "Anna-Lena"),
        ("Tom Ek, PMP® 🚀", "Tom"),
        ("🚀 Tom Ek", "Tom"),
        ("Tom Ek (he/him)", "Tom"),
        ("Tom(Thomas) Ek", "Tom"),
        ("(Tom) Ek", "Tom"),
        ("Tom Ek | Hiring", "Tom"),
        ("- Tom", "Tom"),
        ("Prof. Dr. med. Eva Lind", "Eva"),
        ("Dipl.-Ing. Uwe Berg", "Uwe"),
        ("Mag. Dr. Ida Huber", "Ida"),
        ("Nat Oduya", "Nat"),
        ("Mr. Ravi Nair", "Ravi"),
        ("Frau Ida Huber", "Ida"),
        ("Sean O'Brien", "Sean"),
        ("D’Arcy Finch", "D’Arcy"),
        ("José María Ruiz", "José"),
        ("Jean-Luc Petit", "Jean-Luc"),
        ("ANNA BERG", "ANNA"),
        ("Zsófia Tóth-Kiss", "Zsófia"),
        ("Dr. Réka Szabó", "Réka"),
        ("Ñusta Ágnes", "Ñusta"),
        ("محمد علی", "محمد"),
        ("Анна Петрова", "Анна"),
        ("dr hab. Ewa Żuraw", "Ewa"),
        ("д-р Иван Седов", "Иван"),
        ("डॉ. विवेक सक्सेना", "विवेक"),
        ('ד"ר אלון גפן', "אלון"),
        ("بهرام نیک\u200cپور", "بهرام"),
        # letters in which the family's name stands first
        ("王小明", "小明"),
        ("林 雨桐", "雨桐"),
        ("王明", "明"),
        ("欧阳静怡", "静怡"),
        ("司馬文軒", "文軒"),
        ("山田 太郎", "太郎"),
        ("佐々木 蓮", "蓮"),
        ("김 민준", "민준"),
        ("김민준", "민준"),
        ("남궁하린", "하린"),
        ("민준", "민준"),
        ("Dr. 王小明", "小明"),
        ("王小明 (Ming)", "小明"),
        # a foreign name in those letters
        ("マリア・ロペス", "マリア"),
        ("约翰·史密斯", "约翰"),
        # nobody to greet
        ("", ""),
        ("🚀", ""),
        ("Dr.", ""),
        (", PMP", ""),
        ("123", ""),
    ],
)
def test_the_name_to_greet_with(name: str, first: str) -> None:
    assert names.first_name(name) == first


@pytest.mark.parametrize(
    ("name", "language", "first"),
    [
        ("Szűcs Ákos", "hu", "Ákos"),
        ("Dr. Kelemen Réka PhD", "hu", "Réka"),
        ("Szűcs Ákos", "de", "Szűcs"),
        ("柳沢美咲", "ja", "柳沢美咲"),
        ("中村蓮", "ja", "中村蓮"),
    ],
)
def test_the_language_of_the_mail_tells_where_the_family_stands(name: str, language: str, first: str) -> None:
    assert names.first_name(name, language) == first


@pytest.mark.parametrize(
    ("name", "greeting"),
    [
        ("Dr. Eva Lind", "Eva"),
        ("王小明 (Ming)", "王小明"),
        ("Dr. 王小明", "王小明"),
        ("山田 太郎", "山田 太郎"),
        ("김민준", "김민준"),
        ("マリア・ロペス", "マリア"),
        ("🚀", ""),
    ],
)
def test_one_greets_with_the_first_name_or_with_the_whole_in_letters_that_put_it_last(name: str, greeting: str) -> None:
    assert Inviter(name, names.first_name(name)).greeting == greeting


@given(st.text(max_size=60))
def test_any_name_gives_words_of_that_name_or_none(name: str) -> None:
    first = names.first_name(name)
    assert not first or any(char.isalpha() for char in first)
    assert "\n" not in first
    assert set(first) <= {*name, " "}


def _sample(line: str) -> tuple[dict[str, str], Reading]:
    expected = json.loads(line)
    content = next(sample.content for sample in sample_mails() if sample.name == expected["file"])
    return expected, reading.read(message.parse(content), reading.Trust(AUTHSERV))


SAMPLES = files("watcher.samples").joinpath("expected.jsonl").read_text("utf-8").splitlines()


@pytest.mark.parametrize("line", SAMPLES, ids=lambda line: json.loads(line)["file"])
def test_the_samples_are_read_as_expected(line: str) -> None:
    expected, found = _sample(line)
    one = found.found if isinstance(found.found, Invitation) else None
    shown = {
        "kind": found.kind,
        "inviter": one and one.inviter.name,
        "verdict": found.verdict and found.verdict.kind,
        "because": found.verdict and found.verdict.because,
        "route": found.route and found.route.by,
        "to": found.route and found.route.to,
        "language": found.found.language,
        "authentic": found.authentic,
    }
    assert {field: shown[field] for field in expected if field != "file"} == {
        field: value for field, value in expected.items() if field != "file"
    }
    assert (one is None) == ("verdict" not in expected)


def test_every_sample_has_its_expectation_and_every_invitation_is_proven() -> None:
    assert [json.loads(line)["file"] for line in SAMPLES] == [sample.name for sample in sample_mails()]
    assert len(SAMPLES) == 20
    found = [_sample(line) for line in SAMPLES]
    unproven = [
        expected["file"]
        for expected, one in found
        if one.kind is Kind.INVITATION and one.authentic is not Authentic.PASS and "authentic" not in expected
    ]
    assert unproven == []


MAILS = [path.read_bytes() for path in CORPUS] + [sample.content for sample in sample_mails()]
# The few that are very long add time and no new structure.
SHORT = [content for content in MAILS if len(content) < 30_000]
INSERTED = [
    *[b"<", b">", b"=", b"\x00", b"\r\n\r\n", b"\xff\xfe", b"=?utf-8?q?=0A?=", b"<a href='http://[::1'>", b"&#0;"],
    *[b"<table>" * 500, b"<b>" * 3000, "۱۲".encode(), b"http://linkedin.com/isd/1/", b"<?xml version='1.0'?>", b"<!--"],
    *[b"Content-Type: multipart/mixed; boundary=x\r\n", b"\nFrom: x\n", b"%", b"https://a@[b]/?trk=eml-%ff&trk=eml-_"],
]


def _mutated(content: bytes, random: Random) -> bytes:
    """A few octets changed, cut, doubled or put in."""
    for _ in range(random.randint(1, 8)):
        at, length = random.randrange(len(content) + 1), random.choice([0, 1, 40, 2000])
        piece = random.choice([*INSERTED, b"", content[at : at + length], random.randbytes(4)])
        content = content[:at] + piece + content[at + length :]
    return content


@settings(max_examples=400)
@given(st.sampled_from(SHORT), st.randoms(use_true_random=False))
def test_no_mutated_mail_breaks_the_reading(content: bytes, random: Random) -> None:
    found = reading.read(message.parse(_mutated(content, random)), TRUST)
    assert (found.verdict is None) == (found.route is None) == (not isinstance(found.found, Invitation))
    assert invitation_key(found)
    repr(found).encode("utf-8")


@pytest.mark.parametrize("content", [a_mail(text=a_letter(OWN)), a_mail(html=a_card(OWN))], ids=["text", "html"])
def test_a_mail_cut_anywhere_lends_the_inviter_no_foreign_words(content: bytes) -> None:
    found = [read(content[:end]).found for end in range(0, len(content), 9)]
    invitations = [one for one in found if isinstance(one, Invitation)]
    assert invitations
    assert {one.invitation_id for one in invitations} <= {None, "7300000000000000042"}
    foreign = ("MIME-Version", "Message-ID", "Wanda", "Beekeeper", "sharedKey")
    assert [one.note for one in invitations if any(word in (one.note or "") for word in foreign)] == []


@settings(max_examples=100)
@given(st.text(max_size=300))
def test_whatever_the_note_says_the_inviter_and_the_id_stay(note: str) -> None:
    found = invitation_in(a_mail(text=a_letter(note), html=a_card()))
    assert found.inviter == TILDA
    assert found.invitation_id == "7300000000000000042"
