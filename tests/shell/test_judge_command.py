"""`watcher judge` and `watcher know` on a real server: the draft follows, an edited one stays, the word is kept."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cycle.house import WORDS, in_own_words
from servers.dovecot import Dovecot
from servers.posts import imap_post
from shell.program import Home, Ran

SAMPLES = Path(__file__).parents[2] / "watcher" / "samples"
NO_NOTE, GUEST = ((SAMPLES / name).read_bytes() for name in ("01-no-note.eml", "09-guest-by-own-address.eml"))
NEARLY = WORDS.replace(b"turned out", b"worked out").decode()
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CHANGING = re.compile(rb"(?im)^[\d.]+ [A-Z]{4}\d+ ((?:UID )?(?:STORE|EXPUNGE|MOVE|COPY|APPEND|DELETE))\b")


def _come(dovecot: Dovecot, home: Home, *mails: bytes, **changes: str) -> list[dict[str, object]]:
    """What a pass says of these mails."""
    for mail in mails:
        imap_post(dovecot).deliver(mail, datetime.now(UTC))
    ran = home.run("once", "--json", WATCHER_AUTHENTICITY="warn", **changes)
    assert ran.code == 0, ran.err
    return ran.lines[:-1]


def _drafts(dovecot: Dovecot) -> list[bytes]:
    return [mail.content for mail in imap_post(dovecot).stored("Drafts").values()]


def _template(shape: dict[str, object]) -> object:
    draft = shape["draft"]
    assert isinstance(draft, dict)
    return draft["template"]


def _other(kind: object) -> str:
    return "generic" if kind == "personalised" else "personalised"


@pytest.fixture
def disputed(dovecot: Dovecot, home: Home) -> tuple[int, str]:
    """The number of a drafted invitation with own words, and the verdict that the program did not give it."""
    (one,) = _come(dovecot, home, in_own_words(5))
    assert one["state"] == "drafted"
    return int(str(one["id"])), _other(one["verdict"])


def _judge(home: Home, disputed: tuple[int, str], *words: str) -> Ran:
    return home.run("judge", str(disputed[0]), disputed[1], *words)


def test_the_draft_is_replaced_by_one_that_fits(dovecot: Dovecot, home: Home, disputed: tuple[int, str]) -> None:
    (before,) = _drafts(dovecot)
    dovecot.forget_raw_log()
    ran = _judge(home, disputed, "--json")
    assert ran.code == 0, ran.err
    (row,) = ran.lines
    template = {"generic": "boilerplate"}.get(disputed[1], disputed[1])
    assert row["told"] == f"its draft was replaced by one of the template {template}"
    assert (row["verdict"], row["state"], row["draft"]["template"]) == (disputed[1], "drafted", template)
    assert CHANGING.findall(dovecot.raw_log()) == [b"UID STORE", b"UID EXPUNGE", b"APPEND"]
    (after,) = _drafts(dovecot)
    assert after != before
    assert row["draft"]["message_id"].encode() in after
    assert _come(dovecot, home) == []
    assert _drafts(dovecot) == [after]


def test_the_same_verdict_again_changes_nothing(dovecot: Dovecot, home: Home, disputed: tuple[int, str]) -> None:
    _judge(home, disputed)
    before = _drafts(dovecot)
    ran = _judge(home, disputed)
    assert (ran.code, "nothing was changed" in ran.err) == (0, True)
    assert _drafts(dovecot) == before


def test_an_edited_draft_is_left_alone(dovecot: Dovecot, home: Home, disputed: tuple[int, str]) -> None:
    post = imap_post(dovecot)
    (uid,) = post.stored("Drafts")
    edited = re.sub(rb"Message-ID: <[^>]*>", b"Message-ID: <new@client.example>", post.stored("Drafts")[uid].content)
    post.deliver(edited, NOON, "Drafts")
    post.remove("Drafts", uid)
    dovecot.forget_raw_log()
    ran = _judge(home, disputed)
    assert (ran.code, "the draft was left alone" in ran.err, "it is yours" in ran.err) == (0, True, True)
    assert CHANGING.findall(dovecot.raw_log()) == []
    assert _drafts(dovecot) == [edited]
    (row,) = home.run("show", str(disputed[0]), "--json").lines
    assert (row["state"], row["verdict"]) == ("edited", disputed[1])


def test_the_next_note_with_nearly_the_same_words_is_judged_so(
    dovecot: Dovecot, home: Home, disputed: tuple[int, str]
) -> None:
    ours, theirs = _other(disputed[1]), disputed[1]
    _judge(home, disputed)
    (next_one,) = _come(dovecot, home, in_own_words(6, note=NEARLY))
    assert next_one["verdict"] == theirs
    assert "you judged nearly the same words" in str(next_one["evidence"])
    (counts,) = home.run("report", "--json").lines
    assert counts["corrections"] == {ours: {theirs: 1}}
    assert f"you corrected: {ours} to {theirs}" in home.run("report").out
    saved = home.folder / "saved.eml"
    saved.write_bytes(in_own_words(7, note=NEARLY))
    assert home.run("explain", str(saved), "--json").lines[0]["verdict"] == ours, "it knows nothing of the ledger"


def test_what_is_no_verdict_or_no_invitation_is_told(home: Home, disputed: tuple[int, str]) -> None:
    ran = home.run("judge", str(disputed[0]), "unsure")
    assert (ran.code, "personalised" in ran.err) == (2, True)
    ran = home.run("judge", "99", "generic")
    assert (ran.code, "no. 99" in ran.err) == (2, True)


# ------------------------------------------------------------------------------------------------------ known people


def test_whom_the_person_knows_is_greeted_until_they_take_it_back(dovecot: Dovecot, home: Home) -> None:
    assert "Nobody yet" in home.run("know", "--list").err
    for person in ("Ottoline Marsh", "https://www.linkedin.com/in/Tilda-5/", "Nell@Example.test"):
        assert home.run("know", person).code == 0
    assert "kept already" in home.run("know", "ottoline  MARSH").err
    kept = ["https://www.linkedin.com/in/tilda-5", "nell@example.test", "ottoline marsh"]
    assert home.run("know", "--list").out.splitlines() == kept
    assert [line["person"] for line in home.run("know", "--list", "--json").lines] == kept
    assert [_template(one) for one in _come(dovecot, home, NO_NOTE, in_own_words(5))] == ["known", "known"]
    assert all(b"Good to hear from you" in content for content in _drafts(dovecot))
    assert home.run("know", "Ottoline Marsh", "--forget", "--json").lines == [
        {"person": "ottoline marsh", "known": False}
    ]
    ran = home.run("know", "Ottoline Marsh", "--forget")
    assert (ran.code, "was not kept" in ran.err) == (2, True)


@pytest.mark.parametrize(
    "words", [("know",), ("know", "--list", "Nell"), ("know", " "), ("know", "a@linkedin.com"), ("know", "--forget")]
)
def test_what_names_nobody_is_told(home: Home, words: tuple[str, ...]) -> None:
    ran = home.run(*words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err


CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ottoline Marsh\r\nN:Marsh;Ottoline;;;\r\nEND:VCARD\r\n"
BROKEN = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Never Closed\r\n"


def test_who_is_in_the_address_book_is_known_by_name_and_told_so(dovecot: Dovecot, home: Home, tmp_path: Path) -> None:
    book = tmp_path / "contacts"
    book.mkdir()
    (book / "all.vcf").write_text(BROKEN + CARD)
    settings = {"WATCHER_ADDRESS_BOOK": str(book), "WATCHER_KNOWN": "skip"}
    (one,) = _come(dovecot, home, NO_NOTE, **settings)
    assert (one["state"], one["state_reason"]) == ("skipped", "a person of this name is in your address book")
    assert _drafts(dovecot) == []
    checks = {line["what"]: line["found"] for line in home.run("doctor", "--json", **settings).lines}
    assert checks["address book"] == "cards read: 1, with 1 full names, 0 addresses, 0 profiles; 1 could not be read"


def test_an_address_book_that_is_not_there_is_a_problem_of_the_settings(home: Home, tmp_path: Path) -> None:
    ran = home.run("once", WATCHER_ADDRESS_BOOK=str(tmp_path / "gone.vcf"))
    assert (ran.code, "WATCHER_ADDRESS_BOOK" in ran.err, "file or folder" in ran.err) == (2, True, True)


def test_whom_the_person_wrote_to_is_known(dovecot: Dovecot, home: Home) -> None:
    letter = b"From: me@example.test\r\nTo: leocadia.finch@example.org\r\nMessage-ID: <1@example.test>\r\n\r\nHello\r\n"
    imap_post(dovecot).deliver(letter, NOON, "Sent")
    dovecot.forget_raw_log()
    (one,) = _come(dovecot, home, GUEST, WATCHER_KNOWN_BY_SENT="on")
    assert (_template(one), "you wrote to this address before" in str(one["evidence"])) == ("known", True)
    assert len(re.findall(rb"(?i)UID SEARCH TO \S*leocadia", dovecot.raw_log())) == 1
