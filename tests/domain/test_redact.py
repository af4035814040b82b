"""A redacted mail still reads as what it is, and holds nothing of the people it speaks of, however it is decoded."""

import re
from email import message_from_bytes
from email.policy import compat32
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_mail import CORPUS, TRUST, a_card, a_letter, a_mail

from watcher.domain import frame, message, reading
from watcher.domain.kinds import Because, Kind
from watcher.domain.layout import page, text_lines
from watcher.domain.links import Link, links_in_text
from watcher.domain.redaction import redact
from watcher.domain.values import Invitation, Reading
from watcher.samples import sample_mails

MAILS = {path.name: path.read_bytes() for path in CORPUS} | {one.name: one.content for one in sample_mails()}
REDACTED = {name: redact(content) for name, content in MAILS.items()}

OWN_WORDS = frozenset({Because.BOILERPLATE, Because.REASON, Because.UNCLEAR})
ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+\.\w+")
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SECRETS = frozenset("midToken midSig sharedKey otpToken invitationId mboxid eid loid tok authToken msgID".split())
ID_IN_PATH = re.compile(r"/(?:invitationId|sharedKey|in|isd/\d+|isd)/([^/]{4,})")
SERVICE = re.compile(
    r"^(?:member|[a-z-]*(?:invitations|no-?reply|hit-reply)[a-z-]*|jobs-listings|welcome)@(?:.+\.)?linkedin\.com$"
)


def _read(content: bytes) -> Reading:
    return reading.read(message.parse(content), TRUST)


def _decoded(content: bytes) -> str:
    """All that anybody can read in a mail: as it travels, and decoded in every way."""
    mail = message.parse(content)
    decoded = [mail.text or "", mail.html or "", *(message.decode_words(value) for _, value in mail.headers)]
    parts = [part.get_payload(decode=True) for part in message_from_bytes(content, policy=compat32).walk()]
    decoded += [message.decode_bytes(part, "utf-8") for part in parts if isinstance(part, bytes)]
    decoded += [line.text for line in page(mail.html or " ").lines]
    whole = "\n".join([content.decode("utf-8", "replace"), *decoded])
    return f"{whole}\n{unquote(whole)}"


def _links(mail: message.Message) -> list[Link]:
    of_page = [link for line in page(mail.html or " ").lines for link in line.links]
    return [*links_in_text(mail.text or ""), *of_page]


def _secrets(content: bytes) -> set[str]:
    """Addresses, ids and tokens of a mail, found by the shapes they have."""
    mail = message.parse(content)
    found = {address for address in ADDRESS.findall(_decoded(content)) if not SERVICE.match(address.lower())}
    found |= set(UUID.findall(_decoded(content)))
    for link in _links(mail):
        found |= {value for name, value in link.query if name in SECRETS and link.is_linkedin}
        found |= set(ID_IN_PATH.findall(link.path)) if link.is_linkedin else set()
    found |= {value for name in ("x-linkedin-id", "x-linkedin-fbl") for value in mail.all(name)}
    found |= {value for line in mail.all("dkim-signature") for value in re.findall(r"\bb=([^;\s]{20,})", line)}
    found |= set(re.findall(r"<([\d.]{6,})", mail.message_id or ""))
    return {secret for secret in found if len(secret) > 4}


def _people(content: bytes) -> set[str]:
    """Words of the names in a mail, three letters and more, without LinkedIn's own."""
    read, mail = _read(content), message.parse(content)
    shown = [read.found.inviter.name] if isinstance(read.found, Invitation) else []
    shown += [one.name for name in ("from", "to", "cc", "reply-to", "sender") for one in mail.addresses(name)]
    words = {word for name in shown if "linkedin" not in name.lower() for word in re.findall(r"[^\W\d_]{3,}", name)}
    vias = {word for name in shown if " via " in name for word in ("via", "LinkedIn")}
    return words - vias


def _holds(word: str, text: str) -> bool:
    return re.search(rf"(?<![^\W\d_]){re.escape(word)}(?![^\W\d_])", text, re.IGNORECASE) is not None


def _language_of_linkedins_lines(content: bytes) -> tuple[str, ...]:
    """What is left to tell the language of a message once the person's own words are gone."""
    return frame.recognised_languages(text_lines(message.parse(content).text or ""))[:1]


def _without_words(because: Because) -> Because:
    """What is left of a verdict once nobody can read the words that it judged."""
    return Because.UNCLEAR if because in OWN_WORDS else because


@pytest.mark.parametrize("name", MAILS)
def test_it_still_reads_as_the_same(name: str) -> None:
    before, after = _read(MAILS[name]), _read(REDACTED[name])
    assert after.kind is before.kind
    assert (after.verdict and after.verdict.because) is (before.verdict and _without_words(before.verdict.because))
    assert (after.route and after.route.by) is (before.route and before.route.by)
    assert after.found.language in {before.found.language, None, *_language_of_linkedins_lines(MAILS[name])}


@pytest.mark.parametrize("name", MAILS)
def test_where_linkedins_own_words_tell_the_language_it_stays(name: str) -> None:
    before, after = _read(MAILS[name]), _read(REDACTED[name])
    if before.verdict and before.verdict.because in {Because.NO_NOTE, Because.DEFAULT_NOTE}:
        assert after.found.language == before.found.language


@pytest.mark.parametrize("name", MAILS)
def test_whether_it_is_genuine_reads_the_same(name: str) -> None:
    assert _read(REDACTED[name]).authentic is _read(MAILS[name]).authentic


@pytest.mark.parametrize("name", MAILS)
def test_no_name_is_left(name: str) -> None:
    text = _decoded(REDACTED[name])
    assert [word for word in _people(MAILS[name]) if _holds(word, text)] == []


@pytest.mark.parametrize("name", MAILS)
def test_no_address_id_or_token_is_left(name: str) -> None:
    text = _decoded(REDACTED[name])
    assert [secret for secret in _secrets(MAILS[name]) if secret in text] == []


@pytest.mark.parametrize("name", [name for name, content in MAILS.items() if _read(content).verdict])
def test_of_a_note_in_own_words_no_word_is_left(name: str) -> None:
    before = _read(MAILS[name])
    if before.verdict and before.verdict.because in OWN_WORDS:
        own = "\n".join(piece.text for piece in before.verdict.evidence if "default sentence" not in piece.why)
        after = _read(REDACTED[name]).verdict
        assert after is not None
        assert set(re.findall(r"[^\W\d_]{2,}", after.evidence[0].text)) & set(re.findall(r"[^\W\d_]{2,}", own)) == set()
        assert not any(sentence in _decoded(REDACTED[name]) for sentence in own.split("\n"))


def test_the_samples_hold_notes_in_own_words() -> None:
    verdicts = [_read(content).verdict for content in MAILS.values()]
    assert sum(verdict is not None and verdict.because in OWN_WORDS for verdict in verdicts) >= 4


@pytest.mark.parametrize("name", MAILS)
def test_the_parts_and_the_order_of_headers_stay(name: str) -> None:
    before, after = (message_from_bytes(content, policy=compat32) for content in (MAILS[name], REDACTED[name]))
    assert [part.get_content_type() for part in after.walk()] == [part.get_content_type() for part in before.walk()]
    added = {"content-transfer-encoding", "content-type"}
    assert [key for key, _ in after.items() if key.lower() not in added] == [
        key for key, _ in before.items() if key.lower() not in added
    ]


@pytest.mark.parametrize("name", MAILS)
def test_a_redacted_mail_redacted_again_is_of_the_same_kind(name: str) -> None:
    assert _read(redact(REDACTED[name])).kind is _read(REDACTED[name]).kind


@pytest.mark.parametrize("name", MAILS)
def test_the_same_mail_is_always_redacted_alike(name: str) -> None:
    assert redact(MAILS[name]) == REDACTED[name]


UNKNOWN = {"X-LinkedIn-Template": None, "Subject": "Something quite new"}
LEAKS = {
    "a note where no rule finds it": a_mail("Velvet zeppelins over Ghent\n", changes=UNKNOWN),
    "a note behind the card": a_mail(html=a_card(below="<p>Velvet zeppelins over Ghent</p>")),
    "a note in a link": a_mail(
        html=a_card(note='<a href="https://www.linkedin.com/x">Velvet zeppelins over Ghent</a>')
    ),
    "a comment": a_mail(html=a_card(note="<!-- Velvet zeppelins over Ghent -->")),
    "a hidden preheader": a_mail(html=f'<div style="display:none">Velvet zeppelins over Ghent</div>{a_card()}'),
    "a title": a_mail(html=f"<title>Velvet zeppelins over Ghent</title>{a_card()}"),
    "a script": a_mail(html=f"<script>var note = 'Velvet zeppelins over Ghent'</script>{a_card()}"),
    "an attribute": a_mail(html=a_card(note='<img alt="Velvet zeppelins over Ghent" velvet="ghent">')),
    "a picture's name": a_mail(html=a_card(note='<img src="velvet/zeppelins-over-ghent.png">')),
    "a tag": a_mail(html=a_card(note="<velvet zeppelins over ghent>")),
    "the intended person's headline": a_mail(a_letter() + "This email was intended for R (Velvet zeppelins, Ghent)\n"),
    "a header that nobody knows": a_mail(a_letter(), changes={"X-Note": "Velvet zeppelins over Ghent"}),
    "an encoded header": a_mail(a_letter(), changes={"X-Note": "=?utf-8?b?VmVsdmV0IHplcHBlbGlucyBHaGVudA==?="}),
    "an encoded name": a_mail(a_letter(), changes={"Cc": "=?utf-8?q?Velvet_Zeppelins_Ghent?= <a@example.test>"}),
    "a file's name": a_mail(
        a_letter(), changes={"Content-Disposition": 'attachment; filename="velvet zeppelins ghent.txt"'}
    ),
    "a part that is not shown": (
        b"From: invitations@linkedin.com\r\nContent-Type: multipart/mixed; boundary=cut\r\n\r\nVelvet zeppelins\r\n"
        b"--cut\r\nContent-Type: application/pdf\r\n\r\nGhent\r\n--cut--\r\nVelvet\r\n"
    ),
    "an attached mail": (
        b"From: invitations@linkedin.com\r\nContent-Type: multipart/mixed; boundary=cut\r\n\r\n"
        b"--cut\r\nContent-Type: message/rfc822\r\n\r\nSubject: Velvet zeppelins\r\n\r\nGhent\r\n--cut--\r\n"
    ),
    "a link elsewhere": a_mail(a_letter() + "https://ghent.example/velvet?zeppelins=1#velvet\n".replace("ghent", "a")),
    "a parameter of LinkedIn's": a_mail(
        a_letter() + "https://www.linkedin.com/e/velvet?q=zeppelins&trk=x-null-ghent\n"
    ),
    "wide letters": b"Content-Type: text/plain; charset=utf-16\n\n" + "Velvet zeppelins, Ghent".encode("utf-16"),
}


@pytest.mark.parametrize("name", LEAKS)
def test_what_is_not_known_to_be_linkedins_is_left_out(name: str) -> None:
    text = _decoded(redact(LEAKS[name])).lower()
    assert [word for word in ("velvet", "zeppelin", "ghent", "vmvsdmv0") if word in text] == []


NAMED = ("Tilda Moreau", "TILDA MOREAU", "Zoë Ørsted", "Анна Берг", "王小明", "Will May", "Careful Note")


@pytest.mark.parametrize("name", NAMED)
def test_a_name_becomes_another_of_the_same_shape(name: str) -> None:
    content = a_mail(a_letter(name=name), changes={"From": f"{name} <invitations@linkedin.com>"})
    found = _read(redact(content)).found
    assert isinstance(found, Invitation)
    shown = found.inviter.name
    assert [char.isupper() for char in shown] == [char.isupper() for char in name]
    assert [char.isalpha() for char in shown] == [char.isalpha() for char in name]
    assert not set(shown.split()) & set(name.split())


KNOWN_WORDS = "Hope you are well. Please accept the invitation and view my profile, people here know you."


@pytest.mark.parametrize("content", [a_mail(a_letter(KNOWN_WORDS)), a_mail(html=a_card(KNOWN_WORDS))])
def test_a_note_made_of_linkedins_words_is_a_note_all_the_same(content: bytes) -> None:
    text = " ".join(_decoded(redact(content)).split())
    assert "Please" not in text
    assert "people here know" not in text
    assert "the invitation and" not in text


def test_equal_originals_stay_equal_and_different_ones_different() -> None:
    links = "".join(f"https://www.linkedin.com/comm/x?midToken=AQ{n}bCdE&eid={n}\n" for n in (17, 18, 17))
    found = links_in_text(message.parse(redact(a_mail(a_letter() + links))).text or "")[-3:]
    assert found[0] == found[2]
    assert found[0].value("midToken") != found[1].value("midToken")


def test_an_invention_does_not_tell_what_it_stands_for() -> None:
    content = a_mail(a_letter())
    other = content.replace(b"Tilda", b"Wanda").replace(b"Moreau", b"Foxley").replace(b"tilda-moreau", b"wanda-foxley")
    assert other != content
    assert redact(other) == redact(content)


def test_what_a_sample_is_for_stays() -> None:
    text = _decoded(redact(a_mail(a_letter("Velvet"), a_card("Velvet"))))
    kept = (
        "email_m2m_invite_single_01-invitation~card-0-accept~invite",
        "/comm/mynetwork/invite-accept/invitationId/",
        "invitations@linkedin.com",
        "mx.example.test; dkim=pass header.d=linkedin.com",
        "You are receiving Invitation emails.",
        "People you may know",
        "@lva1-app1001.prod.linkedin.com>",
    )
    assert [words for words in kept if words not in text] == []


def test_line_ends_stay_as_they_were() -> None:
    assert b"\r\n" in redact(a_mail(a_letter()))
    assert b"\r" not in redact(a_mail(a_letter()).replace(b"\r\n", b"\n"))


@pytest.mark.parametrize("domain", ["velvet.org", "mail.velvet.org"])
def test_hosts_of_a_persons_own_domain_are_replaced_with_it(domain: str) -> None:
    above = f"Received: from a.linkedin.com by mx.{domain} for <me@{domain}>\r\n"
    text = _decoded(redact(a_mail(a_letter(), changes={"To": f"Robin <me@{domain}>"}, above=above)))
    assert "velvet" not in text
    assert re.search(r"by mx\.[\w.]+\.org for <\w\w@[\w.]+\.org>", text)


def test_addresses_that_tell_where_it_came_in_are_replaced() -> None:
    above = "Received: from x (x [93.184.216.34]) by mx.example.test; Mon, 09 Nov 2026 08:12:00 +0000\r\n"
    text = redact(a_mail(a_letter(), above=above)).decode()
    assert "93.184.216.34" not in text
    assert "Mon, 09 Nov 2026 08:12:00 +0000" in text


PIECES = st.sampled_from([
    b"From: Tilda <invitations@linkedin.com>\n", b"Content-Type: multipart/mixed; boundary=c\n", b"\n", b"--c\n",
    b"--c--", b"Content-Type: text/html; charset=utf-7\n", b"Content-Transfer-Encoding: base64\n", b"&#0;", b"(", b"<",
    b"Content-Type: text/plain; charset*=x''%ff\n", b"=?utf-8?b?!!!?=", b"\xff\xfe", b"\x00", b"https://", b"@",
    b"%C3%28",
    b"Subject: =?x?q?=0A?=\n", b"To: (c):\n", "ß İ ﬁ 王 \u0301 \u2028".encode(), b"Accept ", b"<b\x0bold>",
    b"<a href='http://[x'>",
])  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.binary(max_size=400), st.lists(PIECES, max_size=30).map(b"".join)))
def test_no_bytes_make_it_raise(content: bytes) -> None:
    assert isinstance(redact(content), bytes)


@settings(deadline=None, max_examples=60)
@given(st.text("abcdefghijklmnopqrstuvwxyzäßçœéÅ .,'!?-", max_size=120))
def test_any_note_is_taken_out_and_the_mail_reads_on(note: str) -> None:
    content = a_mail(a_letter(f"zeppelin {note}"), a_card())
    assert "zeppelin" not in _decoded(redact(content))
    assert _read(redact(content)).kind is Kind.INVITATION


@settings(deadline=None, max_examples=40)
@given(st.binary(max_size=300))
def test_what_is_redacted_twice_is_of_the_same_kind(junk: bytes) -> None:
    once = redact(a_mail(a_letter()) + junk)
    assert _read(redact(once)).kind is _read(once).kind


def test_a_long_mail_is_cut() -> None:
    assert len(redact(a_mail("word " * 2_000_000))) < 4 << 20
