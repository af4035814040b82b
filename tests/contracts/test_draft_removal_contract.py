"""What a person's command may do to a draft, for every adapter of the port: one mail goes, and only if it is ours."""

import hashlib
from datetime import UTC, datetime

import pytest
from servers.posts import Post

from watcher.errors import Show, TryAgain
from watcher.ports import Mailbox
from watcher.ports.removal import Removal

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
OURS = (
    b"From: me@example.test\r\nSubject: Re: caf=C3=A9\r\nMessage-ID: <draft@example.test>\r\n\r\n"
    b".\r\nHello  \r\n\r\n\r\n"
)
EDITED = OURS.replace(b"Hello", b"Dear Nell")


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def validity(mailbox: Mailbox, drafts: str) -> int:
    return mailbox.state(drafts).uidvalidity


@pytest.fixture
def ours(post: Post, mailbox: Mailbox, drafts: str) -> int:
    """The UID of a draft of ours, which lies between two others."""
    post.deliver(EDITED, NOON, drafts)
    mailbox.append_draft(drafts, OURS, NOON)
    uid = max(post.stored(drafts))
    post.deliver(EDITED, NOON, drafts)
    return uid


def _stored(post: Post, drafts: str) -> dict[int, tuple[bytes, frozenset[str]]]:
    r"""Octets and flags by UID, but for `\Recent`, which every SELECT takes away (RFC 3501 §2.3.2)."""
    return {uid: (mail.content, mail.flags - {"\\Recent"}) for uid, mail in post.stored(drafts).items()}


def _or_cannot(mailbox: Mailbox, wanted: Removal) -> Removal:
    """Without UIDPLUS (RFC 4315) no mail can be removed alone."""
    return wanted if "UIDPLUS" in mailbox.facts().capabilities else Removal.CANNOT


def test_ours_is_removed_and_nothing_else(post: Post, mailbox: Mailbox, drafts: str, validity: int, ours: int) -> None:
    others = set(post.stored(drafts)) - {ours}
    post.mark(drafts, min(others), "\\Deleted")
    before = _stored(post, drafts)
    told = post.removal(mailbox).remove_draft(drafts, validity, ours, _hash(OURS))
    assert told is _or_cannot(mailbox, Removal.REMOVED)
    del before[ours]
    left = _stored(post, drafts)
    assert {uid: left[uid] for uid in before} == before
    assert (ours in left) == (told is Removal.CANNOT)


def test_what_has_other_octets_stays(post: Post, mailbox: Mailbox, drafts: str, validity: int, ours: int) -> None:
    before = _stored(post, drafts)
    for uid, content in ((ours, EDITED), (ours, OURS + b"\r\n"), (ours, OURS[:-2]), (max(before), OURS)):
        told = post.removal(mailbox).remove_draft(drafts, validity, uid, _hash(content))
        assert told is _or_cannot(mailbox, Removal.CHANGED)
    assert _stored(post, drafts) == before


def test_what_is_gone_is_told(post: Post, mailbox: Mailbox, drafts: str, validity: int, ours: int) -> None:
    post.remove(drafts, ours)
    before = _stored(post, drafts)
    for uid in (ours, max(before) + 1, 4_000_000_000):
        told = post.removal(mailbox).remove_draft(drafts, validity, uid, _hash(OURS))
        assert told is _or_cannot(mailbox, Removal.GONE)
    assert _stored(post, drafts) == before


def test_what_another_client_is_taking_away_is_left_to_it(
    post: Post, mailbox: Mailbox, drafts: str, validity: int, ours: int
) -> None:
    post.mark(drafts, ours, "\\Deleted")
    before = _stored(post, drafts)
    told = post.removal(mailbox).remove_draft(drafts, validity, ours, _hash(OURS))
    assert told is _or_cannot(mailbox, Removal.GONE)
    assert _stored(post, drafts) == before


def test_a_uid_of_another_validity_names_nothing(
    post: Post, mailbox: Mailbox, drafts: str, validity: int, ours: int
) -> None:
    before = _stored(post, drafts)
    told = post.removal(mailbox).remove_draft(drafts, validity + 100_000, ours, _hash(OURS))
    assert told is _or_cannot(mailbox, Removal.GONE)
    assert _stored(post, drafts) == before


def test_the_mailbox_goes_on_as_before(post: Post, mailbox: Mailbox, drafts: str, validity: int, ours: int) -> None:
    post.removal(mailbox).remove_draft(drafts, validity, ours, _hash(OURS))
    uid = post.deliver(OURS, NOON)
    stored = post.stored("INBOX")[uid]
    assert mailbox.whole("INBOX", uid) == stored.content
    assert "\\Seen" not in stored.flags
    assert mailbox.look(drafts).uidvalidity == validity


def test_what_is_no_folder_is_told(post: Post, mailbox: Mailbox) -> None:
    told = _or_cannot(mailbox, Removal.GONE)
    if told is Removal.CANNOT:
        assert post.removal(mailbox).remove_draft("Nowhere", 1, 1, _hash(OURS)) is told
        return
    with pytest.raises(Show, match="Nowhere"):
        post.removal(mailbox).remove_draft("Nowhere", 1, 1, _hash(OURS))


def test_a_closed_connection_is_worth_another_try(post: Post, drafts: str) -> None:
    opened = post.open()
    removal = post.removal(opened)
    opened.close()
    with pytest.raises(TryAgain):
        removal.remove_draft(drafts, 1, 1, _hash(OURS))
