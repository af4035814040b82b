"""`watcher forget` on a real server: what was drafted is not drafted again, and nothing on the disk tells of whom."""

import time
from pathlib import Path

import pytest
from servers.dovecot import Dovecot
from servers.posts import imap_post
from shell.program import Home

SAMPLES = Path(__file__).parents[2] / "watcher" / "samples"
MAIL = (SAMPLES / "02-default-sentence.eml").read_bytes()


@pytest.fixture
def drafted(dovecot: Dovecot, home: Home) -> int:
    """The number of Caspian Doyle's invitation, whose draft lies in Drafts."""
    dovecot.bulk([MAIL], time.time() - 60)
    (one,) = _once(home)
    assert one["state"] == "drafted"
    assert home.run("know", "Caspian Doyle").code == 0
    return int(str(one["id"]))


def _once(home: Home) -> list[dict[str, object]]:
    ran = home.run("once", "--json", WATCHER_AUTHENTICITY="warn")
    assert ran.code == 0, ran.err
    return ran.lines[:-1]


def _octets(home: Home) -> bytes:
    """Everything that the program keeps: the ledger, its log, and whatever lies beside them."""
    return b"".join(file.read_bytes() for file in sorted(home.ledger.parent.rglob("*")) if file.is_file())


def test_the_same_mail_makes_no_second_draft_and_nothing_is_left_of_the_name(
    dovecot: Dovecot, home: Home, drafted: int
) -> None:
    post = imap_post(dovecot)
    assert b"Caspian" in _octets(home)
    ran = home.run("forget", "Caspian Doyle", "--yes", "--json")
    assert ran.code == 0, ran.err
    assert ran.lines == [{"id": drafted, "account": "me@example.test"}, {"forgotten": 1, "acquaintances": 1}]
    (uid,) = post.stored("Drafts")
    post.remove("Drafts", uid)  # nothing in the mailbox says any more that it was answered
    dovecot.rebuild()
    assert _once(home) == []
    assert post.stored("Drafts") == {}
    for word in (b"caspian", b"doyle", b"brightwell"):
        assert word not in _octets(home).lower()
    assert home.run("report", "--json").lines[0]["invitations"] == 1


def test_it_shows_what_it_will_erase_and_a_no_changes_nothing(home: Home, drafted: int) -> None:
    before = home.run("show", str(drafted), "--json").lines
    ran = home.run("forget", "caspian doyle")  # nobody answers: the end of input is a no
    assert ran.code != 0
    for words in ("Caspian Doyle", "your mailbox (no. 1)", "that you know caspian doyle", "Erase this?"):
        assert words in ran.err
    assert home.run("show", str(drafted), "--json").lines == before


def test_a_mailbox_whose_settings_cannot_be_used_is_told_of_and_the_others_are_searched(
    home: Home, drafted: int
) -> None:
    """Its ledger may be another one: nobody is to believe that nothing is kept there."""
    folder = home.folder / "mailboxes"
    folder.mkdir()
    for name, line in (("anna", "WATCHER_MY_NAME=Robin Ashdown"), ("bert", "WATCHER_IMAP_PORT=none")):
        (folder / f"{name}.env").write_text(f"{line}\n")
        (folder / f"{name}.env").chmod(0o600)
    ran = home.run("forget", "Caspian Doyle", "--yes", WATCHER_ACCOUNTS=str(folder))
    assert ran.code == 2
    assert "bert.env line 1" in ran.err
    assert home.run("show", str(drafted), "--json").lines[0]["inviter"]["name"] is None


def test_who_is_not_kept_is_told(home: Home, drafted: int) -> None:
    ran = home.run("forget", "Nobody Such", "--yes")
    assert (ran.code, ran.out) == (0, "")
    assert "Nothing is kept that fits" in ran.err
    assert home.run("show", str(drafted), "--json").lines[0]["inviter"]["name"] == "Caspian Doyle"


def test_what_is_old_is_erased_by_its_age(home: Home, drafted: int) -> None:
    assert home.run("forget", "--older-than", "36500", "--yes", "--json").lines[-1]["forgotten"] == 0
    assert home.run("forget", "--older-than", "0", "--yes", "--json").lines[-1] == {"forgotten": 1, "acquaintances": 0}
    (row,) = home.run("show", str(drafted), "--json").lines
    assert (row["inviter"]["name"], row["note"], row["subject"], row["state"]) == (None, None, "", "drafted")
    assert row["reason"] == "you had it forgotten"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "name one person"),
        (("Caspian Doyle", "--older-than", "3"), "name one person"),
        (("Caspian Doyle", "--json"), "--yes"),
        (("--older-than", "-1"), "older-than"),
        (("--older-than", "9999999"), "older-than"),
    ],
)
def test_what_makes_no_sense_is_refused(home: Home, words: tuple[str, ...], says: str) -> None:
    ran = home.run("forget", *words)
    assert ran.code == 2
    assert says in ran.err
