"""A Maildir that other programs work on: looked at without a trace, numbered for good, and given each draft once."""

import errno
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servers.posts import MaildirPost

from watcher.adapters.maildir import MaildirMailbox, open_maildir
from watcher.adapters.maildir.failing import sorted_error
from watcher.adapters.maildir.files import read_header
from watcher.adapters.maildir.folders import folders_of
from watcher.adapters.maildir.headers import is_candidate
from watcher.adapters.maildir.names import new_name, unique_part
from watcher.errors import NotStored, Show, TryAgain
from watcher.ports import Window

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
INVITATION = (
    b"From: Tilda <invitations@linkedin.com>\r\nSubject: I want to connect\r\nMessage-ID: <1@x.example>\r\n\r\nHi\r\n"
)
OTHER = b"From: nell@example.net\r\nSubject: Lunch\r\nMessage-ID: <2@x.example>\r\n\r\nwww.linkedin.com is down\r\n"
DRAFT = b"From: me@example.test\r\nSubject: Re: hello\r\nMessage-ID: <draft@example.test>\r\n\r\nHello\r\n"


@pytest.fixture(params=["maildir++", "plain"])
def post(request: pytest.FixtureRequest, tmp_path: Path) -> MaildirPost:
    return MaildirPost(tmp_path / "mail", tmp_path / "data", is_plain=request.param == "plain")


@pytest.fixture
def mailbox(post: MaildirPost) -> Iterator[MaildirMailbox]:
    opened = post.open()
    yield opened
    opened.close()


def _index(post: MaildirPost) -> Path:
    (file,) = post.data.glob("maildir-*.sqlite")
    return file


def _everything(root: Path) -> dict[str, tuple[int, int, int, bytes]]:
    """Each file and directory: its mode, its times of change, and what is in it."""
    found = {}
    for place in [root, *root.rglob("*")]:
        facts = place.stat()
        content = b"" if place.is_dir() else place.read_bytes()
        found[str(place)] = (facts.st_mode, facts.st_mtime_ns, facts.st_ctime_ns, content)
    return found


# ------------------------------------------------------------------------------------------------------------- no trace


def test_looking_leaves_every_file_and_directory_as_it_was(post: MaildirPost, mailbox: MaildirMailbox) -> None:
    for name in ("new/1.a.example", "cur/2.b.example,U=7:2,", "cur/3.c.example:2,FS"):
        post.put(INVITATION, NOON, name=name)
    before = _everything(post.root)
    mailbox.look("INBOX")
    uids = mailbox.search("INBOX", Window())
    envelopes = list(mailbox.glance("INBOX", uids))
    assert len(list(mailbox.read("INBOX", envelopes))) == len(list(mailbox.newest("INBOX", 9))) == 3
    assert mailbox.whole("INBOX", uids[0]) == INVITATION
    mailbox.threads(mailbox.drafts(), Window())
    mailbox.facts()
    assert _everything(post.root) == before


def test_the_index_lies_outside_the_maildir_and_is_private(post: MaildirPost, mailbox: MaildirMailbox) -> None:
    mailbox.look("INBOX")
    assert {stat.S_IMODE(file.stat().st_mode) for file in post.data.iterdir()} == {0o600}
    assert stat.S_IMODE(post.data.stat().st_mode) == 0o700


# --------------------------------------------------------------------------------------------------------------- drafts


def test_a_draft_is_a_file_in_cur_with_the_flags_d_and_s(post: MaildirPost, mailbox: MaildirMailbox) -> None:
    folder = post.place(mailbox.drafts())
    appended = mailbox.append_draft("Drafts", DRAFT, NOON)
    (file,) = folder.rglob("*.*")
    assert file.parent == folder / "cur"
    assert file.name.endswith(":2,DS")
    assert file.read_bytes() == DRAFT.replace(b"\r\n", b"\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert datetime.fromtimestamp(file.stat().st_mtime, UTC) == NOON
    assert mailbox.whole("Drafts", appended.uid or 0) == DRAFT


def test_drafts_of_one_moment_are_two_files(post: MaildirPost, mailbox: MaildirMailbox) -> None:
    uids = [mailbox.append_draft("Drafts", DRAFT, NOON).uid for _ in range(3)]
    assert uids == [1, 2, 3] == list(post.stored("Drafts"))


def test_a_drafts_folder_without_tmp_takes_drafts(post: MaildirPost, mailbox: MaildirMailbox) -> None:
    (post.place("Drafts") / "tmp").rmdir()
    assert mailbox.append_draft("Drafts", DRAFT, NOON).uid == 1


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from watcher.adapters.maildir import open_maildir

opened = open_maildir(Path(sys.argv[1]), Path(sys.argv[2]))
step, number = sys.argv[3], int(sys.argv[4])
calls = []

def hook(event, arguments):
    if event == step and "mail" in str(arguments[0]):
        calls.append(event)
        if len(calls) == number:
            os.kill(os.getpid(), signal.SIGKILL)

opened.state("Drafts")
sys.addaudithook(hook)
opened.append_draft("Drafts", sys.stdin.buffer.read(), datetime.now(UTC))
"""


@pytest.mark.parametrize(
    ("step", "number", "left"),
    [
        ("open", 1, 0),  # before the file in tmp is opened
        ("os.utime", 1, 0),  # it is written, not yet dated
        ("os.rename", 1, 0),  # whole, not yet in cur
        ("open", 2, 1),  # in cur; the directory is not flushed yet, and it has no number
    ],
)
def test_killed_at_any_step_it_leaves_no_half_draft(post: MaildirPost, step: str, number: int, left: int) -> None:
    words = [sys.executable, "-c", KILLED, str(post.root), str(post.data), step, str(number)]
    killed = subprocess.run(words, input=DRAFT, capture_output=True, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    after = post.open()
    assert after.state("Drafts").uidnext == 1 + left
    assert [one.message_id for one in after.threads("Drafts", Window())] == ["<draft@example.test>"] * left
    if not left:  # what a pass does then
        after.append_draft("Drafts", DRAFT, NOON)
    assert [mail.content for mail in post.stored("Drafts").values()] == [DRAFT]
    after.close()


@pytest.mark.parametrize(
    ("code", "raised"), [(errno.ENOSPC, NotStored), (errno.EIO, NotStored), (errno.EROFS, Show), (errno.EACCES, Show)]
)
def test_a_disk_that_fails_keeps_nothing_of_the_draft(
    post: MaildirPost, mailbox: MaildirMailbox, monkeypatch: pytest.MonkeyPatch, code: int, raised: type[Exception]
) -> None:
    def failing(_: int) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", failing)
        with pytest.raises(raised):
            mailbox.append_draft("Drafts", DRAFT, NOON)
    assert [file for file in post.place("Drafts").rglob("*") if file.is_file()] == []


def test_it_is_handed_over_when_it_is_whole_and_not_yet_there(post: MaildirPost, mailbox: MaildirMailbox) -> None:
    there: list[list[str]] = []

    def handing_over() -> None:
        files = [file for file in post.place("Drafts").rglob("*") if file.is_file()]
        there.append([file.parent.name for file in files if file.read_bytes() == DRAFT.replace(b"\r\n", b"\n")])

    mailbox.append_draft("Drafts", DRAFT, NOON, handing_over)
    assert there == [["tmp"]]


def test_where_the_hand_over_cannot_be_noted_nothing_is_there(post: MaildirPost, mailbox: MaildirMailbox) -> None:
    def handing_over() -> None:
        raise TryAgain("the ledger's disk is full")

    with pytest.raises(TryAgain, match="ledger"):
        mailbox.append_draft("Drafts", DRAFT, NOON, handing_over)
    assert [file for file in post.place("Drafts").rglob("*") if file.is_file()] == []


# -------------------------------------------------------------------------------------------------------------- numbers

RENAMES = [
    ("new/1.a.example", "cur/1.a.example:2,"),
    ("new/1.a.example", "cur/1.a.example:2,S"),
    ("new/1.a.example", "new/1.a.example,U=123"),
    ("new/1.a.example", "cur/1.a.example,U=123:2,FRS"),
    ("cur/1.a.example,U=1:2,", "cur/1.a.example,U=99:2,T"),
    ("cur/1_0.7.a.example,U=-3,FMD5=7e33429f656f1e6e9d79b29c3f82c57e:2,", "cur/1_0.7.a.example,U=8:2,S"),
    ("new/1.a.example,S=4711", "cur/1.a.example,S=4711,W=4800:2,Sa"),
    ("cur/1.a.example:2,", "cur/1.a.example!2,S"),
    ("cur/1.a.example:2,", "cur/1.a.example;2,S"),
]


@pytest.mark.parametrize(("before", "after"), RENAMES)
def test_a_mail_keeps_its_number_whatever_other_programs_call_its_file(
    post: MaildirPost, mailbox: MaildirMailbox, before: str, after: str
) -> None:
    post.deliver(OTHER, NOON)
    file = post.put(INVITATION, NOON, name=before)
    (uid,) = mailbox.search("INBOX", Window())
    file.rename(post.place("INBOX") / after)
    post.put(INVITATION, NOON, name="new/2.another.example")
    assert mailbox.search("INBOX", Window()) == (uid, uid + 1)
    assert mailbox.whole("INBOX", uid) == INVITATION


words = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=12)


@given(st.lists(words, min_size=3, max_size=5), st.lists(st.tuples(words, words), max_size=3), words)
def test_fields_and_flags_are_no_part_of_the_unique_name(
    pieces: list[str], noted: list[tuple[str, str]], flags: str
) -> None:
    name = ".".join(pieces)
    fields = "".join(f",A{field}={value}" for field, value in noted)
    assert unique_part(f"{name}{fields}:2,{flags}".encode()) == name.encode()


def test_a_new_name_has_nothing_that_could_be_taken_for_a_field_or_flags() -> None:
    name = new_name(NOON)
    assert unique_part(os.fsencode(f"{name}:2,DS")) == os.fsencode(name)
    assert not set(name) & set(":,/ ")


def test_a_mail_that_lies_in_both_directories_is_one(post: MaildirPost, mailbox: MaildirMailbox) -> None:
    for name in ("new/1.a.example", "cur/1.a.example:2,S"):
        post.put(INVITATION, NOON, name=name)
    assert mailbox.search("INBOX", Window()) == (1,)


def test_at_first_the_older_mail_has_the_lower_number(post: MaildirPost, mailbox: MaildirMailbox) -> None:
    for name, days in (("cur/1.z.example:2,", 1), ("new/9.a.example", 3), ("cur/5.m.example:2,S", 2)):
        post.put(INVITATION, NOON - timedelta(days=days), name=name)
    received = [envelope.received for envelope in mailbox.glance("INBOX", (1, 2, 3))]
    assert received == sorted(received)


def test_what_vanishes_leaves_its_number_unused_and_what_comes_back_has_it_again(
    post: MaildirPost, mailbox: MaildirMailbox
) -> None:
    first = post.put(INVITATION, NOON, name="new/1.a.example")
    mailbox.look("INBOX")
    first.unlink()
    assert mailbox.look("INBOX").uidnext == 2
    second = post.deliver(INVITATION, NOON)
    post.put(INVITATION, NOON, name="cur/1.a.example:2,S")
    assert (second, mailbox.search("INBOX", Window())) == (2, (1, 2))


def test_a_lost_index_is_told_by_another_validity(post: MaildirPost) -> None:
    post.put(INVITATION, NOON)
    validities = set()
    for _ in range(3):
        opened = post.open()
        validities.add(opened.look("INBOX").uidvalidity)
        assert opened.state("Drafts").uidvalidity == opened.look("INBOX").uidvalidity
        opened.close()
        _index(post).unlink()
    assert len(validities) == 3
    assert all(0 < validity < 2**32 for validity in validities)


def test_a_kept_index_gives_the_same_numbers_and_validity(post: MaildirPost) -> None:
    post.put(INVITATION, NOON)
    post.put(OTHER, NOON)
    seen = []
    for _ in range(2):
        opened = post.open()
        seen.append((opened.look("INBOX"), opened.search("INBOX", Window())))
        opened.close()
    assert seen[0] == seen[1]


def test_two_at_once_give_the_same_numbers(post: MaildirPost, mailbox: MaildirMailbox) -> None:
    other = post.open()
    for number in range(1, 6):
        post.put(INVITATION, NOON, name=f"new/{number}.a.example")
        first, second = (other, mailbox) if number % 2 else (mailbox, other)
        assert first.look("INBOX").uidnext == number + 1
        assert second.search("INBOX", Window(from_uid=number)) == (number,)
    assert mailbox.threads("INBOX", Window()) == other.threads("INBOX", Window())
    other.close()


def test_an_index_that_others_may_read_is_refused(post: MaildirPost) -> None:
    post.open().close()
    _index(post).chmod(0o644)
    with pytest.raises(Show, match="chmod 600"):
        post.open()


def test_a_damaged_index_says_what_to_do(post: MaildirPost) -> None:
    post.open().close()
    _index(post).write_bytes(b"this is no database" * 300)
    with pytest.raises(Show, match="move it away"):
        post.open()


# What another program does with the mail of one number, over and over.
DEEDS = st.lists(st.tuples(st.sampled_from(["come", "read", "flag", "go", "return"]), st.integers(0, 9)), max_size=25)


@settings(max_examples=40, deadline=None)
@given(DEEDS)
def test_whatever_other_programs_do_each_mail_has_one_number_for_ever(deeds: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        post = MaildirPost(Path(folder) / "mail", Path(folder) / "data")
        opened = post.open()
        numbers: dict[bytes, int] = {}
        for deed, which in deeds:
            _do(post, deed, which)
            now = {unique_part(os.fsencode(path.name)): uid for uid, path in post.paths("INBOX").items()}
            assert {name: uid for name, uid in numbers.items() if name in now}.items() <= now.items()
            fresh = {name: uid for name, uid in now.items() if name not in numbers}
            assert all(uid > max(numbers.values(), default=0) for uid in fresh.values())
            numbers |= fresh
            assert opened.search("INBOX", Window()) == tuple(sorted(now.values()))
        opened.close()


def _do(post: MaildirPost, deed: str, which: int) -> None:
    box, attic = post.place("INBOX"), post.root.parent / "attic"
    attic.mkdir(exist_ok=True)
    here = [*box.glob(f"new/{which}.*"), *box.glob(f"cur/{which}.*")]
    away = list(attic.glob(f"{which}.*"))
    match deed:
        case "come" if not here and not away:
            post.put(INVITATION, NOON, name=f"new/{which}.a.example")
        case "read" if here:
            here[0].rename(box / "cur" / f"{which}.a.example:2,S")
        case "flag" if here:
            here[0].rename(box / "cur" / f"{which}.a.example,U={which}:2,FS")
        case "go" if here:
            here[0].rename(attic / here[0].name)
        case "return" if away:
            away[0].rename(box / "cur" / away[0].name)


# -------------------------------------------------------------------------------------------------- files come and go


def test_a_file_that_is_renamed_after_it_was_listed_is_read(post: MaildirPost, mailbox: MaildirMailbox) -> None:
    file = post.put(INVITATION, NOON, name="new/1.a.example")
    envelopes = list(mailbox.glance("INBOX", mailbox.search("INBOX", Window())))
    file.rename(post.place("INBOX") / "cur" / "1.a.example,U=5:2,S")
    assert [uid for uid, _ in mailbox.read("INBOX", envelopes)] == [1]


def test_files_that_vanish_after_they_were_listed_are_left_out(post: MaildirPost, mailbox: MaildirMailbox) -> None:
    files = [post.put(INVITATION, NOON, name=f"new/{number}.a.example") for number in range(1, 6)]
    uids = mailbox.search("INBOX", Window())
    envelopes = list(mailbox.glance("INBOX", uids))
    for file in files[1:4]:
        file.unlink()
    assert [uid for uid, _ in mailbox.read("INBOX", envelopes)] == [1, 5]
    assert mailbox.whole("INBOX", 3) is None


def test_what_lies_there_and_is_no_mail_is_passed_over(post: MaildirPost, mailbox: MaildirMailbox) -> None:
    cur = post.place("INBOX") / "cur"
    (cur / "1.folder.example:2,").mkdir()
    (cur / ".nfs0001").write_bytes(INVITATION)
    (cur / "2.gone.example:2,").symlink_to(cur / "nowhere")
    os.mkfifo(cur / "3.pipe.example:2,")
    post.put(INVITATION, NOON, name="cur/4.a.example:2,")
    assert mailbox.search("INBOX", Window()) == (1,)


def test_cut_off_in_the_middle_it_is_worth_another_try(post: MaildirPost, mailbox: MaildirMailbox) -> None:
    for number in range(5):
        post.put(INVITATION, NOON, name=f"new/{number}.a.example")
    reading = mailbox.glance("INBOX", mailbox.search("INBOX", Window()))
    next(reading)
    mailbox.cut()
    with pytest.raises(TryAgain):
        next(reading)


# --------------------------------------------------------------------------------------------------------------- search


def _head(sender: str, subject: str) -> bytes:
    return f"Received: from linkedin.com\r\nFrom: {sender}\r\nSubject: {subject}\r\nTo: a@linkedin.com".encode()


@pytest.mark.parametrize(
    ("sender", "subject", "found"),
    [
        ("a@LinkedIn.com", "x", True),
        ("a@em.linkedin.com", "x", True),
        ("LinkedIn <a@example.net>", "x", False),
        ("a@example.net", "Your LINKEDIN network", True),
        ("a@example.net", "=?utf-8?q?Link=65dIn?= tips", True),
        ("a@example.net", "=?utf-8?b?TGlua2VkSW4=?=", True),
        ("a@example.net", "=?utf-8?q?Linke?=\r\n =?utf-8?q?dIn?=", True),
        ("a@example.net", "on\r\n\tLinkedIn", True),
        ("a@example.net", "Linked In", False),
        ("=?utf-8?q?a=40linkedin=2Ecom?= <a@example.net>", "x", True),
        ("a@example.net", "=?utf-8?b?!!!?= =?", False),
    ],
)
def test_headers_are_searched_as_a_server_does(sender: str, subject: str, found: bool) -> None:
    assert is_candidate(_head(sender, subject)) is found


@given(st.binary(max_size=400))
def test_no_header_raises(octets: bytes) -> None:
    assert is_candidate(b"Subject: =?" + octets) in {True, False}


@pytest.mark.parametrize("size", [0, 10, 16_000, 20_000, 200_000])
def test_a_header_is_read_to_its_end_and_no_further_than_a_limit(tmp_path: Path, size: int) -> None:
    file = tmp_path / "mail"
    file.write_bytes(b"X-Pad: " + b"p" * size + b"\nSubject: LinkedIn\n\n" + b"body\n" * 100_000)
    header = read_header(os.fsencode(file))
    assert (b"\r\nSubject: LinkedIn" in header.content) is (size < 60_000)
    assert b"body" not in header.content
    assert header.octets <= 96 << 10


def test_each_header_is_read_once_and_none_outside_the_window(tmp_path: Path) -> None:
    post = MaildirPost(tmp_path / "mail", tmp_path / "data")
    new = post.place("INBOX") / "new"
    for number in range(20_000):
        content, age = (INVITATION, 1) if number % 100 == 0 else (OTHER, number % 40)
        file = new / f"{number}.a.example"
        file.write_bytes(content)
        when = (NOON - timedelta(days=age)).timestamp()
        os.utime(file, (when, when))
    window = Window(since=date(2026, 11, 11))
    recent = [file for file in new.iterdir() if file.stat().st_mtime >= datetime(2026, 11, 11, tzinfo=UTC).timestamp()]

    first = post.open()
    found = first.search("INBOX", window)
    # These files are so small that each is read whole when it is opened: the octets count the files.
    assert first.traffic.bytes_in == sum(file.stat().st_size for file in recent)
    assert len(found) == 200
    first.close()
    again = post.open()
    assert again.search("INBOX", window) == found
    assert again.look("INBOX").uidnext == 20_001
    assert again.traffic.bytes_in == 0
    again.close()


def test_a_first_pass_that_is_stopped_goes_on_where_it_was(post: MaildirPost, mailbox: MaildirMailbox) -> None:
    for number in range(2500):
        post.put(OTHER, NOON, name=f"new/{number}.a.example")
    before = mailbox.index.note_candidates

    def stopped(folder: bytes, found: dict[int, bool]) -> None:
        before(folder, found)
        raise KeyboardInterrupt

    class Stopped:
        """The index, and a person who stops the program after what was learnt first is kept."""

        def __getattr__(self, name: str) -> Callable[..., object]:
            found: Callable[..., object] = stopped if name == "note_candidates" else getattr(whole, name)
            return found

    whole = mailbox.index
    mailbox.index = Stopped()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        mailbox.search("INBOX", Window())
    mailbox.index = whole
    spent = mailbox.traffic.bytes_in
    mailbox.search("INBOX", Window())
    assert mailbox.traffic.bytes_in - spent == 1.5 * spent


# -------------------------------------------------------------------------------------------------------------- folders


def _made(root: Path, *names: str) -> Path:
    for name in names:
        for directory in ("cur", "new", "tmp"):
            (root / name / directory).mkdir(parents=True, exist_ok=True)
    return root


@pytest.mark.parametrize(
    ("made", "names"),
    [
        (["", ".Drafts", ".Lists.python"], {"INBOX", "Drafts", "Lists.python"}),
        (["", ".Entw&APw-rfe"], {"INBOX", "Entwürfe"}),
        (["", ".Entwürfe"], {"INBOX", "Entwürfe"}),
        (["INBOX", "Drafts", "Lists/python"], {"INBOX", "Drafts", "Lists/python"}),
        (["Inbox", "[Gmail]/Drafts"], {"INBOX", "[Gmail]/Drafts"}),
        (["INBOX", "INBOX.Drafts"], {"INBOX", "INBOX.Drafts"}),
        (["", "Drafts"], {"INBOX", "Drafts"}),
        (["Work", "Work/.Drafts"], {"Work", "Work/Drafts"}),
        (["A & B", "R&D"], {"A & B", "R&D"}),
    ],
)
def test_both_layouts_are_understood(tmp_path: Path, made: list[str], names: set[str]) -> None:
    assert set(folders_of(_made(tmp_path / "mail", *made))) == names


@pytest.mark.parametrize(
    ("made", "drafts"),
    [
        (["", ".Drafts"], "Drafts"),
        (["", ".Entw&APw-rfe", ".Archive.Drafts"], "Entwürfe"),
        (["INBOX", "INBOX.Drafts"], "INBOX.Drafts"),
        (["INBOX", "[Gmail]/Drafts"], "[Gmail]/Drafts"),
        (["Inbox", "Brouillons"], "Brouillons"),
    ],
)
def test_the_drafts_folder_is_found_by_its_name(tmp_path: Path, made: list[str], drafts: str) -> None:
    opened = open_maildir(_made(tmp_path / "mail", *made), tmp_path / "data")
    assert opened.drafts() == drafts
    opened.close()


def test_the_setting_names_another_drafts_folder_or_is_told(tmp_path: Path) -> None:
    root = _made(tmp_path / "mail", "", ".Drafts", ".Letters")
    for setting, found in (("Letters", True), ("Elsewhere", False)):
        opened = open_maildir(root, tmp_path / "data", setting)
        if found:
            assert opened.drafts() == setting
        else:
            with pytest.raises(Show, match="WATCHER_DRAFTS_FOLDER"):
                opened.drafts()
        opened.close()


def test_links_that_lead_in_a_circle_end(tmp_path: Path) -> None:
    root = _made(tmp_path / "mail", "INBOX", "Work")
    (root / "Work" / "all").symlink_to(root)
    assert {"INBOX", "Work"} <= set(folders_of(root))


def test_a_folder_that_is_made_later_is_found(post: MaildirPost, mailbox: MaildirMailbox) -> None:
    with pytest.raises(Show, match="WATCHER_FOLDERS"):
        mailbox.look("Later")
    post.make("Later")
    assert mailbox.look("Later").uidnext == 1


@pytest.mark.parametrize("case", ["nothing there", "a file", "no folders in it"])
def test_what_is_no_maildir_names_the_setting(tmp_path: Path, case: str) -> None:
    root = tmp_path / "mail"
    if case == "a file":
        root.write_bytes(b"From me")
    if case == "no folders in it":
        (root / "letters").mkdir(parents=True)
    with pytest.raises(Show, match=rf"WATCHER_MAILBOX: {root}"):
        open_maildir(root, tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_a_maildir_that_goes_away_is_told(post: MaildirPost, mailbox: MaildirMailbox) -> None:
    mailbox.look("INBOX")
    post.root.rename(post.root.with_name("elsewhere"))
    for call in (mailbox.drafts, lambda: mailbox.look("INBOX")):
        with pytest.raises(Show, match="WATCHER_MAILBOX"):
            call()


@pytest.mark.parametrize(
    ("code", "kind", "told"),
    [
        (errno.ENOENT, Show, "WATCHER_MAILBOX: /m/cur"),
        (errno.EACCES, Show, "WATCHER_MAILBOX: /m/cur"),
        (errno.EROFS, Show, "mount it writable"),
        (errno.ENOSPC, TryAgain, "disk is full"),
        (errno.EDQUOT, TryAgain, "disk is full"),
        (errno.EIO, TryAgain, "/m/cur"),
        (errno.ESTALE, TryAgain, "/m/cur"),
    ],
)
def test_errors_of_the_disk_are_sorted_by_what_to_do(code: int, kind: type[Exception], told: str) -> None:
    error = sorted_error(OSError(code, os.strerror(code), b"/m/cur"), "/m")
    assert isinstance(error, kind)
    assert told in str(error)
