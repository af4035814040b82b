"""A person's own words in a draft, their word that it was pasted, and all that nobody touched taken away at once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cycle.desk import Desk, WatchedRemoval
from cycle.house import DEFAULT, NO_NOTE, OWN_WORDS, House

from watcher import review
from watcher.adapters.templates import FileTemplates
from watcher.domain import message, own_words
from watcher.domain.kinds import RouteBy, VerdictKind
from watcher.domain.lifecycle import State
from watcher.domain.plan import Policy
from watcher.errors import GiveUp, TryAgain
from watcher.person import correcting
from watcher.ports import Record
from watcher.ports.removal import DraftRemoval

MINE = "Dear Ottoline,\r\n\r\nwhich of my talks did you hear — the one in Köln?\r\n\r\nRobin"


def _save(desk: Desk, text: str = MINE, revision: int | None = None) -> Record:
    ports, draft = desk.ports(), desk.row.draft
    edit = review.Edit(text, revision or (draft.intent.revision if draft else 1))
    return review.save(1, edit, desk.house.account, ports, WatchedRemoval(desk, ports))


def _words(desk: Desk) -> str:
    return review.words(desk.row, desk.house.account.voice.me, FileTemplates())


# ----------------------------------------------------------------------------------------------------------------- save


def test_own_words_take_the_place_of_the_untouched_draft(desk: Desk) -> None:
    old = desk.contents[0]
    record = _save(desk)
    assert record.draft is not None
    intent = record.draft.intent
    assert (record.state, intent.revision, intent.template, intent.language) == (State.DRAFTED, 2, own_words.NAME, "en")
    (content,) = desk.contents
    assert content == intent.content
    said = message.parse(content).text or ""
    assert said.startswith("Dear Ottoline,\n\nwhich of my talks did you hear — the one in Köln?\n\nRobin\n")
    assert "for you only, not to be mailed" in said
    assert message.parse(content).message_id != message.parse(old).message_id
    assert message.parse(content).first("in-reply-to") == message.parse(old).first("in-reply-to")


def test_what_is_shown_are_the_words_alone_and_saving_them_again_adds_nothing(desk: Desk) -> None:
    _save(desk)
    shown = _words(desk)
    assert shown == MINE.replace("\r\n", "\n") + "\n"
    _save(desk, shown)
    assert _words(desk) == shown
    assert desk.contents[0].count(b"for you only") == 1


def test_the_block_that_a_terminals_editor_shows_does_not_come_twice(desk: Desk) -> None:
    whole = message.parse(desk.contents[0]).text or ""
    _save(desk, whole.replace("Hi Ottoline", "Dear Ottoline"))
    assert desk.contents[0].count(b"for you only") == 1
    assert _words(desk).startswith("Dear Ottoline")


def test_a_mailed_draft_keeps_every_word(desk: Desk) -> None:
    route = desk.row.reading.route
    assert route is not None
    by_mail = replace(desk.row.reading, route=replace(route, by=RouteBy.EMAIL, to="tilda@example.org"))
    assert review.words(replace(desk.row, reading=by_mail), desk.house.account.voice.me, FileTemplates()).count("8<")


def test_an_edited_draft_is_not_saved_over(desk: Desk) -> None:
    edited = desk.edit()
    for _ in range(2):
        with pytest.raises(GiveUp, match="yours"):
            _save(desk)
        assert (desk.contents, desk.row.state) == ([edited], State.EDITED)


def test_what_cannot_be_proven_ours_is_left(desk: Desk) -> None:
    desk.house.store.knows_uids = False
    before = desk.contents
    with pytest.raises(GiveUp, match="delete it yourself"):
        _save(desk)
    assert (desk.contents, desk.row.state) == (before, State.DRAFTED)


@pytest.mark.parametrize(("text", "says"), [(" \r\n", "no words"), ("x" * 20_001, "20,000")])
def test_words_that_are_none_change_nothing(desk: Desk, text: str, says: str) -> None:
    before = desk.contents
    with pytest.raises(GiveUp, match=says):
        _save(desk, text)
    assert (desk.contents, desk.row.state) == (before, State.DRAFTED)


def test_words_that_were_written_over_an_older_draft_change_nothing(desk: Desk) -> None:
    desk.redraft("unsure")
    before = desk.contents
    with pytest.raises(GiveUp, match="another draft while you wrote"):
        _save(desk, revision=1)
    assert (desk.contents, desk.row.state) == (before, State.DRAFTED)


def test_what_was_thrown_away_comes_back_in_own_words(desk: Desk) -> None:
    desk.discard()
    assert _save(desk).state is State.DRAFTED
    assert len(desk.contents) == 1


def test_what_has_no_draft_has_none_to_word(house: House) -> None:
    house.account = replace(house.account, policy=Policy(skip=frozenset({"linkedin.com"})))
    house.deliver(NO_NOTE)
    house.look()
    with pytest.raises(GiveUp, match="`watcher draft` makes the first"):
        _save(Desk(house))


def test_a_corrected_verdict_leaves_own_words_alone(desk: Desk) -> None:
    _save(desk)
    before, ports = desk.contents, desk.ports()
    judged = correcting.judge(1, VerdictKind.PERSONALISED, desk.house.account, ports, WatchedRemoval(desk, ports))
    assert "your own words" in judged.told
    assert desk.contents == before


def test_another_language_is_taken_where_the_person_says_so(desk: Desk) -> None:
    ports = desk.ports()
    choice = review.Choice(language="de")
    record = review.redraft(1, desk.house.account, ports, WatchedRemoval(desk, ports), choice)
    assert record.draft is not None
    assert (record.draft.intent.template, record.draft.intent.language) == ("generic", "de")
    assert "vielen Dank" in _words(desk)


# --------------------------------------------------------------------------------------------------------------- pasted


def test_what_was_pasted_is_kept_and_its_draft_is_not_touched(desk: Desk) -> None:
    before = desk.contents
    record = review.pasted(1, desk.house.ledger, desk.house.clock)
    assert (record.state, record.history[-1].reason) == (State.PASTED, "you pasted it on LinkedIn")
    assert desk.contents == before
    with pytest.raises(GiveUp, match="is pasted: only"):
        review.pasted(1, desk.house.ledger, desk.house.clock)


def test_what_has_no_draft_cannot_have_been_pasted(desk: Desk) -> None:
    desk.discard()
    with pytest.raises(GiveUp, match="is discarded: only"):
        review.pasted(1, desk.house.ledger, desk.house.clock)


# ---------------------------------------------------------------------------------------------- all that nobody touched


@pytest.fixture
def three(house: House) -> Desk:
    """With three drafts, no. 1 to 3."""
    house.deliver(NO_NOTE, DEFAULT, OWN_WORDS)
    assert house.look().summary.drafted == 3
    house.clock.wait(timedelta(minutes=5))
    return Desk(house)


def _clear(desk: Desk, removal: DraftRemoval | None = None) -> review.Cleared:
    ports = desk.ports()
    return review.discard_untouched(desk.house.account, ports, removal or WatchedRemoval(desk, ports))


def test_every_untouched_draft_is_removed_and_nothing_else(three: Desk) -> None:
    own = three.put(b"Subject: a letter\r\n\r\nDear Nell\r\n")
    cleared = _clear(three)
    assert (sorted(cleared.removed), cleared.left) == ([1, 2, 3], ())
    assert list(three.house.drafts) == [own]
    assert three.house.states() == [State.DISCARDED] * 3
    assert _clear(three) == review.Cleared((), ())


def test_what_the_person_worded_or_changed_is_left(three: Desk) -> None:
    _save(three)
    second = review.find(three.house.ledger, 2).draft
    assert second is not None
    uid = next(uid for uid, mail in three.house.drafts.items() if mail.content == second.intent.content)
    content = three.house.drafts.pop(uid).content
    three.put(content.replace(b"Kind regards", b"Yours"))
    cleared = _clear(three)
    assert cleared.removed == (3,)
    ((number, why),) = cleared.left
    assert (number, "it is yours" in why) == (2, True)
    assert len(three.contents) == 2


def test_what_the_person_words_while_the_others_are_removed_is_left(
    three: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = review.untouched(three.house.ledger, three.house.account.name)
    _save(three)
    monkeypatch.setattr(review, "untouched", lambda *_: listed)
    cleared = _clear(three)
    assert (sorted(cleared.removed), [number for number, _ in cleared.left]) == ([2, 3], [1])
    assert ("which of my talks" in _words(three), len(three.contents)) == (True, 1)


def test_what_breaks_on_the_way_leaves_the_rest_and_says_so(three: Desk) -> None:
    asked: list[int] = []

    def break_at_the_second() -> None:
        asked.append(1)
        if len(asked) == 2:
            raise TryAgain("the connection was lost")

    three.on_removal = break_at_the_second
    cleared = _clear(three)
    assert (len(cleared.removed), [why for _, why in cleared.left]) == (1, ["not tried: the connection was lost"] * 2)
    assert len(three.contents) == 2


# ----------------------------------------------------------------------------------------------------------------- know


def test_the_inviter_is_known_by_profile_and_forgotten_again(desk: Desk) -> None:
    ledger = desk.house.ledger
    kept = review.know(1, ledger, desk.house.clock)
    assert kept.startswith("https://www.linkedin.com/in/")
    assert ledger.known("me@example.test") == (kept,)
    assert review.unknow(1, ledger) == kept
    assert ledger.known("me@example.test") == ()
    with pytest.raises(GiveUp, match="was not kept"):
        review.unknow(1, ledger)
