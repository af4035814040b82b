"""What `watcher review` draws and reads: no mail commands the terminal, and no pasted text commands the program."""

import re
from dataclasses import replace
from io import StringIO

import pytest
from builders import NOW, a_reading, an_intent, an_invitation
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, Group

from watcher.cli.review import face
from watcher.cli.review.face import Place, Unsaved
from watcher.cli.review.terminal import DOWN, ENTER, ESCAPE, RIGHT, joined, keys
from watcher.domain.kinds import Because, RouteBy, VerdictKind
from watcher.domain.lifecycle import By, State
from watcher.domain.values import Evidence, Inviter, Reading, Route, Verdict
from watcher.ports import DraftRecord, Location, Move, Record
from watcher.web import views

_STYLE = re.compile(r"\x1b\[[0-9;]*m")
# What could move the cursor, colour the screen or turn the writing around, once our own styles are taken out.
_COMMANDS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
EVIL = st.text(st.one_of(st.sampled_from("\x1b\x9b\x9d\x07\x08\r\n\x0c\x00\u202e\u2066\x7f[]2J;Hm"), st.characters()))


def _record(say: str, state: State = State.HELD) -> Record:
    """One that says it wherever a mail can have a say."""
    inviter = Inviter(say, say, say, say, None)
    found = an_invitation(inviter=inviter, note=say, note_raw=say)
    verdict = Verdict(VerdictKind.GENERIC, Because.BOILERPLATE, (Evidence(say, say), Evidence(say[:3], say)), 0.9)
    reading: Reading = a_reading(found=found, verdict=verdict, problems=(say,), route=Route(RouteBy.EMAIL, say, say))
    reading = replace(reading, source=replace(reading.source, subject=say, sender=say))
    move = Move(NOW, None, state, By.PROGRAM, say)
    draft = DraftRecord(an_intent(), 9, NOW)
    return Record(1, say, "k", state, say, reading, Location("INBOX", 1, 1), NOW, NOW, NOW, draft, (move,))


def _drawn(record: Record, words: str, width: int, **console: object) -> str:
    out = StringIO()
    whole = views.whole(record, words)
    unsaved = Unsaved(words, whole.draft, is_beside=True) if whole.draft else None
    parts = [
        *face.top(whole, Place(1, 2, record.account)), *face.body(whole, words, words, unsaved),
        *face.history(whole.history), *face.question(words, [("1", words)]), *face.foot(words, {"q": "quit"}),
    ]  # fmt: skip
    terminal = {"force_terminal": True, "color_system": "truecolor", "highlight": False, **console}
    Console(file=out, width=width, **terminal).print(Group(*parts))  # type: ignore[arg-type]
    return out.getvalue()


@given(say=EVIL, width=st.integers(20, 160), state=st.sampled_from([State.HELD, State.DRAFTED]))
def test_nothing_of_a_mail_is_a_command_to_the_terminal(say: str, width: int, state: State) -> None:
    drawn = _drawn(_record(say, state), say, width)
    assert _COMMANDS.findall(_STYLE.sub("", drawn).replace("\n", "")) == []


def test_rich_markup_in_a_mail_is_text() -> None:
    assert "[bold red]not bold[/]" in _drawn(_record("[bold red]not bold[/]"), ":smile:", 100)


@pytest.mark.parametrize("note", ["你好，我想和您聊聊。" * 8, "שלום, ראיתי את ההרצאה שלך " * 8, "👩‍👩‍👧 family " * 12])
def test_wide_letters_and_those_written_from_the_right_stay_within_the_screen(note: str) -> None:
    lines = _STYLE.sub("", _drawn(_record(note), note, 40)).splitlines()
    console = Console(width=40)
    assert all(console.render_str(line, markup=False, emoji=False).cell_len <= 40 for line in lines)
    assert all(not line.rstrip().endswith(("│", "┃")) for line in lines), "a border would be pushed about"
    assert "".join(note.split()) in "".join(_STYLE.sub("", _drawn(_record(note), note, 40)).split())


def test_without_colours_the_words_that_decided_have_their_number() -> None:
    drawn = _drawn(_record("Let us have a chat"), "", 80, color_system=None, no_color=True)
    assert "Let us have a chat[1]" in _STYLE.sub("", drawn).replace("Let[2] us", "Let us")


@pytest.mark.parametrize(
    ("read", "pressed"),
    [
        ("j", ("j",)), ("\x1b[B", (DOWN,)), ("\x1bOC", (RIGHT,)), ("\r", (ENTER,)), ("\x1b", (ESCAPE,)), ("é", ("é",)),
        ("jjk", ("j", "j", "k")), ("\x1b[B\x1b[B", (DOWN, DOWN)), ("xd", ()), ("jx", ()), ("x\r", ()), ("", ()),
    ],
)  # fmt: skip
def test_keys_are_read_and_what_was_pasted_by_mistake_does_nothing(read: str, pressed: tuple[str, ...]) -> None:
    assert keys(read) == pressed


@given(st.text(min_size=2, max_size=32))
def test_no_text_that_comes_in_one_go_does_anything_but_move(read: str) -> None:
    moves = {"j", "k", "down", "up", "page down", "page up", "right", "left"}
    assert len(keys(read)) < 2 or set(keys(read)) <= moves


@pytest.mark.parametrize(
    "parted", [("\x1b", "[B"), ("\x1b[", "B"), ("\x1b", "[", "B"), ("\x1bO", "B"), ("\x1b", "O", "B")]
)
def test_an_arrow_whose_octets_come_apart_is_that_arrow(parted: tuple[str, ...]) -> None:
    before = ""
    for read in parted:
        before = joined(before, read)
    assert keys(before) == (DOWN,)


@given(st.text(max_size=6), st.text(st.characters(exclude_characters="[O"), min_size=1, max_size=6))
def test_what_is_no_rest_of_a_key_stands_alone(before: str, read: str) -> None:
    assert joined(f"{before}\x1b", read) == read
