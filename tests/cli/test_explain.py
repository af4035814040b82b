"""`watcher explain`: every form of saved mail, the promised JSON and nothing else, and clear words where it cannot."""

import json
import mailbox
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from cli.command import Watcher

from watcher import wiring
from watcher.domain.dkim import Checked
from watcher.domain.kinds import Authentic

SAMPLES = Path(__file__).parents[2] / "watcher" / "samples"
EXPECTED = [json.loads(line) for line in (SAMPLES / "expected.jsonl").read_text("utf-8").splitlines()]
ONE = SAMPLES / "02-default-sentence.eml"

PROMISED = {
    "source", "kind", "authentic", "inviter", "note", "note_raw", "language", "verdict", "because", "evidence",
    "confidence", "invitation_id", "route", "problems",
}  # fmt: skip
PROMISED_OF_NOTES = {"id", "verdict", "because", "language", "evidence", "confidence"}


@pytest.fixture
def some(folder: Path) -> Path:
    """A folder with three mails, one of them deeper."""
    place = folder / "mails"
    (place / "deeper").mkdir(parents=True)
    shutil.copy(SAMPLES / "01-no-note.eml", place)
    shutil.copy(SAMPLES / "05-own-words-reason.eml", place / "deeper")
    shutil.copy(SAMPLES / "15-job-alert.eml", place)
    (place / "notes.txt").write_text("no mail")
    return place


def test_one_mail_has_the_promised_shape(watcher: Watcher) -> None:
    ran = watcher("explain", "--json", "--trusted-authserv", "mx.example.test", str(ONE))
    assert (ran.code, ran.err, len(ran.lines)) == (0, "", 1)
    (told,) = ran.lines
    assert set(told) >= PROMISED
    wanted = {
        "source": str(ONE),
        "kind": "invitation",
        "authentic": "pass",
        "inviter": {
            "name": "Caspian Doyle",
            "first_name": "Caspian",
            "headline": "Growth Partner at Brightwell Leads",
            "company": "Brightwell Leads",
            "profile_url": "https://www.linkedin.com/in/caspian-doyle",
        },
        "note": "I'd like to add you to my professional network on LinkedIn.",
        "language": "en",
        "verdict": "generic",
        "because": "default_note",
        "route": {
            "by": "linkedin",
            "to": None,
            "url": "https://www.linkedin.com/mynetwork/invitation-manager/",
        },
        "problems": [],
    }
    assert {name: told[name] for name in wanted} == wanted
    assert told["evidence"]
    assert {frozenset(evidence) for evidence in told["evidence"]} == {frozenset({"text", "why"})}
    assert 0 <= told["confidence"] <= 1
    assert isinstance(told["invitation_id"], str)


def test_every_sample_is_read_as_expected(watcher: Watcher) -> None:
    told = {Path(one["source"]).name: one for one in watcher("explain", "--json", str(SAMPLES)).lines}
    assert len(told) == len(EXPECTED) == 20
    for wanted in EXPECTED:
        one = told[wanted["file"]]
        assert set(one) >= PROMISED
        assert one["kind"] == wanted["kind"]
        assert (one["verdict"], one["because"]) == (wanted.get("verdict"), wanted.get("because"))
        assert one["inviter"]["name"] == wanted.get("inviter")
        assert (one["route"] or {}).get("by") == wanted.get("route")
        assert (one["route"] or {}).get("to") == wanted.get("to")


def test_other_mail_has_the_same_shape_with_nothing_in_it(watcher: Watcher) -> None:
    (told,) = watcher("explain", "--json", str(SAMPLES / "20-newsletter.eml")).lines
    assert set(told) >= PROMISED
    assert set(told["inviter"].values()) == {None}
    assert (told["verdict"], told["because"], told["confidence"], told["route"]) == (None, None, None, None)
    assert told["evidence"] == []
    assert told["reason"], "it says why it is none"


def test_a_folder_is_read_with_the_folders_in_it(watcher: Watcher, some: Path) -> None:
    told = watcher("explain", "--json", str(some)).lines
    assert {one["source"]: one["kind"] for one in told} == {
        str(some / "01-no-note.eml"): "invitation",
        str(some / "15-job-alert.eml"): "other",
        str(some / "deeper" / "05-own-words-reason.eml"): "invitation",
    }


def test_a_maildir_is_read_and_left_as_it_is(watcher: Watcher, folder: Path) -> None:
    box = mailbox.Maildir(folder / "Maildir")
    box.add(ONE.read_bytes())
    seen = mailbox.MaildirMessage((SAMPLES / "01-no-note.eml").read_bytes())
    seen.set_subdir("cur")
    seen.set_flags("S")
    box.add(seen)
    before = sorted(folder.rglob("*"))
    ran = watcher("explain", "--json", str(folder / "Maildir"))
    assert sorted(one["inviter"]["name"] for one in ran.lines) == ["Caspian Doyle", "Ottoline Marsh"]
    assert sorted(folder.rglob("*")) == before


def test_an_mbox_is_read_with_a_number_for_each_mail(watcher: Watcher, folder: Path) -> None:
    place = folder / "saved.mbox"
    box = mailbox.mbox(place)
    for name in ("01-no-note.eml", "02-default-sentence.eml", "20-newsletter.eml"):
        box.add((SAMPLES / name).read_bytes())
    box.close()
    before = place.read_bytes()
    told = watcher("explain", "--json", str(place)).lines
    assert [(one["source"], one["kind"]) for one in told] == [
        (f"{place}:1", "invitation"),
        (f"{place}:2", "invitation"),
        (f"{place}:3", "unrelated"),
    ]
    assert place.read_bytes() == before


def test_a_dash_reads_one_mail_from_standard_input(watcher: Watcher) -> None:
    (told,) = watcher("explain", "--json", "-", stdin=ONE.read_bytes()).lines
    assert (told["source"], told["kind"], told["inviter"]["name"]) == ("-", "invitation", "Caspian Doyle")


def test_several_paths_are_told_in_their_order(watcher: Watcher, some: Path) -> None:
    told = watcher("explain", "--json", str(ONE), str(some / "15-job-alert.eml")).lines
    assert [Path(one["source"]).name for one in told] == [ONE.name, "15-job-alert.eml"]


def test_for_people_it_names_mail_verdict_and_words(watcher: Watcher) -> None:
    ran = watcher("explain", str(ONE))
    assert ran.code == 0
    for words in ("invitation", "Caspian Doyle", "generic: LinkedIn's default sentence", "not proven genuine"):
        assert words in ran.out


def test_the_authserv_of_the_settings_is_used_whatever_the_others_are(
    watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHER_IMAP_PORT", "nonsense")
    assert watcher("explain", "--json", str(ONE)).lines[0]["authentic"] == "unknown"
    monkeypatch.setenv("WATCHER_TRUSTED_AUTHSERV", "mx.example.test")
    assert watcher("explain", "--json", str(ONE)).lines[0]["authentic"] == "pass"


def test_paths_that_are_missing_are_all_told_before_anything_is_printed(watcher: Watcher) -> None:
    ran = watcher("explain", "--json", str(ONE), "nowhere.eml", "no/folder")
    assert (ran.code, ran.out) == (2, "")
    assert "2 things have to be changed first" in ran.err
    for words in ("nowhere.eml", "no/folder", "there is no such file or folder", "name an .eml file"):
        assert words in ran.err


def test_no_path_at_all_is_wrong_use(watcher: Watcher) -> None:
    ran = watcher("explain")
    assert (ran.code, ran.out) == (2, "")
    assert "PATH" in ran.err


@pytest.mark.parametrize("kind", ["folder", "maildir"])
def test_a_place_without_mail_is_told_and_is_no_failure(watcher: Watcher, folder: Path, kind: str) -> None:
    place = folder / "empty"
    place.mkdir()
    if kind == "maildir":
        mailbox.Maildir(place / "Maildir")
        place /= "Maildir"
    ran = watcher("explain", "--json", str(place))
    assert (ran.code, ran.out) == (0, "")
    assert f"{place}: no mail in it" in ran.err


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 100, b"\xff\xfe not a mail", b"From: (((\r\n\r\n", b"Subject: =?utf-8?q?=0A?=\r\n" * 50],
    ids=["empty", "zeros", "bytes", "a comment without end", "line ends in words"],
)
def test_what_is_no_mail_is_unrelated_and_no_failure(watcher: Watcher, content: bytes) -> None:
    ran = watcher("explain", "--json", "-", stdin=content)
    assert (ran.code, ran.lines[0]["kind"]) == (0, "unrelated")


def test_a_file_name_that_is_no_utf_8_is_told_all_the_same(watcher: Watcher, folder: Path) -> None:
    odd = str(folder / "gr\udcfc\udcdfe.eml")
    shutil.copy(ONE, odd)
    ran = watcher("explain", "--json", odd)
    assert (ran.code, ran.lines[0]["source"]) == (0, odd)
    assert watcher("explain", odd).code == 0


def _notes(*entries: object) -> bytes:
    return "\n".join(json.dumps(entry) for entry in entries).encode()


def test_notes_are_judged_alone_one_a_line(watcher: Watcher) -> None:
    ran = watcher(
        "explain",
        "--notes",
        "--json",
        "-",
        stdin=_notes(
            {"id": 7, "note": "I'd like to add you to my professional network on LinkedIn."},
            {"note": None, "lang": "de"},
            {"id": "x", "note": "Wir haben uns in Kassel auf der Tagung über Zustellberichte unterhalten."},
            {"note": "We met in Ghent.", "inviter": "Tilda Moreau", "me": "Robin Ashdown"},
        ),
    )
    assert (ran.code, ran.err) == (0, "")
    assert {frozenset(one) for one in ran.lines} == {frozenset(PROMISED_OF_NOTES)}
    assert [one["id"] for one in ran.lines] == [7, None, "x", None]
    assert [one["because"] for one in ran.lines[:2]] == ["default_note", "no_note"]
    assert [one["language"] for one in ran.lines[:3]] == ["en", "de", "de"]
    assert {one["verdict"] for one in ran.lines} <= {"generic", "personalised", "unsure"}


def test_notes_come_from_files_too_and_blank_lines_count_for_nothing(watcher: Watcher, folder: Path) -> None:
    place = folder / "notes.jsonl"
    place.write_bytes(b"\n" + _notes({"note": "Hello there"}) + b"\n\n")
    assert len(watcher("explain", "--notes", str(place)).lines) == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"{", "is no JSON"),
        (b"hello", "is no JSON"),
        (b"[]", "holds no note"),
        (b'{"note": 5}', "holds no note"),
        (b'{"note": "x", "lang": 5}', "holds no note"),
    ],
)
def test_a_line_that_holds_no_note_is_told_with_its_number(watcher: Watcher, line: bytes, told: str) -> None:
    ran = watcher("explain", "--notes", "-", stdin=_notes({"note": "Hi"}) + b"\n" + line)
    assert (ran.code, len(ran.lines)) == (2, 1)
    assert f"- line 2\n    {told}" in ran.err


def test_half_a_character_in_a_note_does_not_stop_it(watcher: Watcher) -> None:
    ran = watcher("explain", "--notes", "-", stdin=b'{"note": "Hi \\ud83d, we met in Ghent", "id": "\\ud83d"}')
    assert (ran.code, ran.lines[0]["id"]) == (0, "\ud83d")


class _Verified:
    """Finds every signature right."""

    def verify(self, content: bytes, now: datetime) -> Checked:
        assert b"d=linkedin.com" in content
        assert now.tzinfo
        return Checked(Authentic.PASS, "verified")


SIGNED = b"DKIM-Signature: v=1; a=rsa-sha256; d=linkedin.com; s=x; h=from; bh=AAAA; b=AAAA\r\n"


def test_signatures_are_checked_where_dns_may_be_asked(
    watcher: Watcher, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "signatures", _Verified)
    signed, bare = folder / "signed.eml", folder / "bare.eml"
    signed.write_bytes(SIGNED + ONE.read_bytes())
    bare.write_bytes(ONE.read_bytes())
    found = {Path(told["source"]).name: told["authentic"] for told in watcher("explain", "--json", str(folder)).lines}
    assert found == {"signed.eml": "unknown", "bare.eml": "unknown"}
    asked = watcher("explain", "--json", "--dns", str(folder)).lines
    assert {Path(told["source"]).name: told["authentic"] for told in asked} == {
        "signed.eml": "pass",
        "bare.eml": "unknown",
    }


def test_a_mail_is_printed_without_personal_data(watcher: Watcher) -> None:
    ran = watcher("explain", "--redact", str(ONE))
    assert ran.code == 0
    for personal in ("Caspian", "Doyle", "Brightwell", "Robin", "me@example.test", "7300000000000000002"):
        assert personal not in ran.out
    assert "email_m2m_invite_single_01" in ran.out
    assert "Subject:" in ran.out


def test_one_mail_at_a_time_is_printed_so(watcher: Watcher) -> None:
    assert watcher("explain", "--redact", str(SAMPLES)).code == 2
