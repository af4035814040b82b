"""What the page shows and does, over a mailbox in memory. Everything here goes by links and forms alone."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW, a_reading, a_sighting, an_invitation
from cycle.house import DEFAULT, NO_NOTE, OWN_WORDS
from web.pages import MANNER, Visitor, told, visiting

from watcher import review
from watcher.domain import own_words
from watcher.domain.kinds import Because, VerdictKind
from watcher.domain.lifecycle import State
from watcher.domain.values import Evidence, Inviter, Source, Verdict
from watcher.ports import PassSummary, Record
from watcher.watching.status import status


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    """One invitation, drafted."""
    with visiting(tmp_path, NO_NOTE) as one:
        yield one


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Visitor]:
    with visiting(tmp_path, NO_NOTE, DEFAULT, OWN_WORDS) as one:
        yield one


def _row(visitor: Visitor, number: int = 1) -> Record:
    return review.find(visitor.house.ledger, number)


def _held(visitor: Visitor, key: str = "held", **changes: object) -> int:
    sighting = a_sighting(key=key, **changes)
    return visitor.house.ledger.record(sighting, State.HELD, "not proven genuine", NOW).id


def _shown_numbers(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'href="/invitations/(\d+)[^"]*" data-open', page)]


# ------------------------------------------------------------------------------------------------------------- the list


def test_the_list_shows_who_wrote_what_and_how_it_was_judged(visitor: Visitor) -> None:
    page = visitor.shown("/")
    for words in ("Ottoline Marsh", "Regional Sales Lead", "No note", "generic", "no words of their own", "drafted"):
        assert words in page


def test_what_waits_for_the_person_stands_first_with_what_to_decide(three: Visitor) -> None:
    held = _held(three, received=NOW - timedelta(days=300))
    page = three.shown("/")
    assert _shown_numbers(page)[0] == held
    assert "Have an answer drafted, or leave it." in page
    assert "Not proven genuine." in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?verdict=personalised", [3]), ("?state=waiting", [4]), ("?state=held", [4]),
        ("?state=drafted&text=ottoline", [1]),
        ("?text=GHENT", [3]), ("?text=nothing+like+it", []), ("?language=en&verdict=generic&state=drafted", [1, 2]),
        ("?verdict=nonsense&state=%00&page=-1&language=&account=", [1, 2, 3, 4]), ("?page=99", []),
    ],
)  # fmt: skip
def test_it_is_narrowed_by_verdict_state_language_and_words(three: Visitor, query: str, expected: list[int]) -> None:
    _held(three)
    assert sorted(_shown_numbers(three.shown(f"/{query}"))) == expected


def test_hundreds_are_paged_and_the_filter_goes_along(visitor: Visitor) -> None:
    for number in range(120):
        _held(visitor, f"held-{number}", received=NOW - timedelta(minutes=number))
    seen: list[int] = []
    link: str | None = "/?state=held"
    while link:
        page = visitor.shown(link)
        seen += _shown_numbers(page)
        following = re.search(r'<a href="([^"]+)" rel="next">', page)
        link = following[1].replace("&amp;", "&") if following else None
    assert len(seen) == len(set(seen)) == 120


def test_an_empty_list_says_what_to_do(tmp_path: Path) -> None:
    with visiting(tmp_path, looks=False) as nobody:
        assert "No invitation yet" in nobody.shown("/")
        assert "Nothing like that" in nobody.shown("/?text=ghent")
        assert "No draft lies there" in nobody.shown("/drafts")
        assert "No pass has gone through yet." in nobody.shown("/health")


# ------------------------------------------------------------------------------------------------------- one invitation


def test_the_note_has_its_evidence_marked_and_told(three: Visitor) -> None:
    page = three.shown("/invitations/3")
    marks = re.findall(r"<mark>[^<]*</mark>(?:<mark>[^<]*</mark>)*<sup>1</sup>", page)
    assert marks
    evidence = _row(three, 3).reading.verdict
    assert evidence is not None
    assert evidence.evidence[0].why in page.replace("&#39;", "'")


def test_the_answer_stands_beside_it_without_the_block_that_is_not_to_be_mailed(visitor: Visitor) -> None:
    page = visitor.shown("/invitations/1")
    assert "Thank you for your invitation." in page
    assert "8&lt;" not in page
    assert re.search(r"data-units>4\d\d<.*short enough for a message \(8,000\); too long", page)
    assert "https://www.linkedin.com/mynetwork/invitation-manager/" in page
    assert 'rel="noreferrer noopener"' in page


def test_the_next_one_is_the_next_of_the_list_that_was_asked_for(three: Visitor) -> None:
    page = three.shown("/invitations/2?verdict=generic")
    links = re.findall(r'href="/invitations/(\d+)\?verdict=generic" rel="(prev|next)"', page)
    assert [number for number, _ in links] == ["1"]


def test_one_that_is_not_there_is_told(visitor: Visitor) -> None:
    for path in ("/invitations/99", "/invitations/0", f"/invitations/{10**40}", "/nothing"):
        assert visitor.get(path).status_code == 404
    assert visitor.send("/invitations/99/discard", {}).status_code == 404
    assert visitor.send("/invitations/1/explode", {}).status_code == 404


# --------------------------------------------------------------------------------------------------- what a person does


def test_own_words_are_saved_in_the_place_of_the_draft(visitor: Visitor) -> None:
    page = visitor.do("/invitations/1/save", text="Dear Ottoline,\r\n\r\n<b>why</b>?", revision="1")
    assert told(page) == "Saved: your words lie in Drafts, in the place of the draft before."
    assert "your own words" in page
    assert "&lt;b&gt;why&lt;/b&gt;" in page
    (content,) = visitor.drafts
    assert b"Dear Ottoline,\r\n\r\n<b>why</b>?" in content
    draft = _row(visitor).draft
    assert draft is not None
    assert (draft.intent.template, draft.intent.revision) == (own_words.NAME, 2)


def test_where_saving_fails_the_words_are_not_lost(visitor: Visitor) -> None:
    (uid,) = visitor.house.drafts
    mail = visitor.house.drafts.pop(uid)
    edited = mail.content.replace(b"Kind regards", b"Yours")
    visitor.house.store.folders["Drafts"].add(replace(mail, content=edited))
    page = visitor.do("/invitations/1/save", text="Words of mine", revision="1")
    assert "Not done." in told(page)
    assert "so it is yours" in told(page)
    assert "Words of mine" in page
    assert visitor.drafts == [edited]


def test_words_that_are_saved_while_something_else_is_done_are_not_lost(visitor: Visitor) -> None:
    visitor.errands.patience = timedelta(milliseconds=50)
    visitor.door.clear()
    visitor.send("/invitations/1/save", {"text": "First words", "revision": "1"})
    place = visitor.send("/invitations/1/save", {"text": "Second words", "revision": "1"}).headers["location"]
    visitor.door.set()
    visitor.errands.wait(timedelta(seconds=10))
    page = visitor.shown(place)
    assert "Not saved" in told(page)
    assert "Second words" in page


def _field(page: str) -> str:
    """The field of the draft, with its attributes."""
    return re.findall(r'<textarea id="text".*?</textarea>', page, re.DOTALL)[0]


def _beside(page: str) -> str:
    """What a page shows beside words that are not saved."""
    found = re.search(r'<div class="lying">.*?</div>', page, re.DOTALL)
    return found[0] if found else ""


@pytest.mark.parametrize(("deed", "form"), [("discard", {"revision": "1"}), ("know", {}), ("redraft", {})])
def test_another_command_meanwhile_is_not_told_as_the_first_one(
    visitor: Visitor, deed: str, form: dict[str, str]
) -> None:
    visitor.errands.patience = timedelta(milliseconds=50)
    visitor.door.clear()
    saved = visitor.send("/invitations/1/save", {"text": "Words of mine", "revision": "1"}).headers["location"]
    place = visitor.send(f"/invitations/1/{deed}", form).headers["location"]
    visitor.door.set()
    visitor.errands.wait(timedelta(seconds=10))
    assert "Not done: another command was under way" in told(visitor.shown(place))
    assert "Saved" in told(visitor.shown(saved))
    assert visitor.house.ledger.known("me@example.test") == ()


def test_words_that_were_not_saved_stand_beside_what_lies_there_now(visitor: Visitor) -> None:
    visitor.do("/invitations/1/save", text="Words of the other tab", revision="1")
    page = visitor.do("/invitations/1/save", text="Words of this tab", revision="1")
    assert "look at that one first" in told(page)
    assert "not saved, and not in Drafts" in page
    assert "Words of this tab" in _field(page)
    assert "Words of the other tab" in _beside(page)
    assert "your own words" in _beside(page)
    revision = re.search(r'name="revision" value="(\d+)"', page)
    assert revision is not None
    assert "Saved" in told(visitor.do("/invitations/1/save", text="Words of this tab", revision=revision[1]))


def test_words_that_were_not_saved_are_not_shown_as_the_draft_that_is_yours(visitor: Visitor) -> None:
    (uid,) = visitor.house.drafts
    mail = visitor.house.drafts.pop(uid)
    visitor.house.store.folders["Drafts"].add(replace(mail, content=mail.content.replace(b"Kind regards", b"Yours")))
    page = visitor.do("/invitations/1/save", text="Words of mine", revision="1")
    before, _, after = page.partition('class="lying"')
    assert "not saved, and not in Drafts" in before
    assert "Words of mine" in before
    assert "this is what the program had put" not in before
    assert "this is what the program had put" in after
    assert "Thank you for your invitation." in after


def test_while_words_are_being_saved_none_can_be_typed_that_would_be_lost(visitor: Visitor) -> None:
    visitor.errands.patience = timedelta(milliseconds=50)
    visitor.door.clear()
    place = visitor.send("/invitations/1/save", {"text": "Words of mine", "revision": "1"}).headers["location"]
    page = visitor.shown(place)
    visitor.door.set()
    visitor.errands.wait(timedelta(seconds=10))
    assert "Words of mine" in _field(page)
    assert " readonly" in _field(page)
    assert "data-unsaved" not in page
    assert "Save the draft" not in page
    assert "Thank you for your invitation." in _beside(page)
    done = visitor.shown(place)
    assert (" readonly" in _field(done), _beside(done)) == (False, "")


def test_words_for_one_invitation_come_into_the_field_of_no_other(three: Visitor) -> None:
    place = three.send("/invitations/2/save", {"text": "For no. 2 alone", "revision": "9"}).headers["location"]
    assert "For no. 2 alone" in three.shown(place)
    assert "For no. 2 alone" not in three.shown(place.replace("/2?", "/3?"))


def test_own_words_stand_in_the_field_character_by_character(visitor: Visitor) -> None:
    words = "Dear \u2067שלום\u2069,"
    page = visitor.do("/invitations/1/save", text=words, revision="1")
    assert f">\n{words}\n" in page


@pytest.mark.parametrize("deed", ["discard", "redraft"])
def test_an_older_page_takes_no_words_away_that_it_does_not_show(visitor: Visitor, deed: str) -> None:
    assert visitor.shown("/invitations/1").count('name="revision" value="1"') == 3
    visitor.do("/invitations/1/save", text="Words of mine", revision="1")
    before = visitor.drafts
    assert "look at that one first" in told(visitor.do(f"/invitations/1/{deed}", revision="1"))
    assert visitor.drafts == before


def test_what_is_for_the_person_alone_is_no_answer(visitor: Visitor) -> None:
    before = visitor.drafts
    assert "Not done." in told(visitor.do("/invitations/1/redraft", template="paste-on-linkedin"))
    assert visitor.drafts == before


def test_an_older_page_saves_nothing(visitor: Visitor) -> None:
    visitor.do("/invitations/1/redraft", template="unsure")
    before = visitor.drafts
    assert "another draft while you wrote" in told(visitor.do("/invitations/1/save", text="Mine", revision="1"))
    assert "another draft while you wrote" in told(visitor.do("/invitations/1/save", text="Mine"))
    endless = visitor.do("/invitations/1/save", text="Mine", revision="1" * 5_000)
    assert "another draft while you wrote" in told(endless)
    assert visitor.drafts == before


def test_another_template_and_language_are_taken(visitor: Visitor) -> None:
    page = visitor.do("/invitations/1/redraft", template="unsure", language="de")
    assert "by the template unsure" in told(page)
    draft = _row(visitor).draft
    assert draft is not None
    assert (draft.intent.template, draft.intent.language, len(visitor.drafts)) == ("unsure", "de", 1)
    assert "you do not answer in" in told(visitor.do("/invitations/1/redraft", language="xx")).lower()


def test_a_draft_is_removed_and_made_again(visitor: Visitor) -> None:
    assert "Done: removed." in told(visitor.do("/invitations/1/discard"))
    assert visitor.drafts == []
    assert "Draft it again" in visitor.shown("/invitations/1")
    visitor.do("/invitations/1/draft")
    assert len(visitor.drafts) == 1


def test_what_is_held_is_drafted_or_left(visitor: Visitor) -> None:
    first, second = _held(visitor, "a"), _held(visitor, "b", received=NOW - timedelta(days=1))
    assert "its draft lies in Drafts" in told(visitor.do(f"/invitations/{first}/draft"))
    assert len(visitor.drafts) == 2
    assert told(visitor.do(f"/invitations/{second}/leave")) == "Left without an answer."
    assert [_row(visitor, number).state for number in (first, second)] == [State.DRAFTED, State.SKIPPED]
    assert "is skipped: only what is held" in told(visitor.do(f"/invitations/{second}/leave"))


def test_a_verdict_is_corrected_and_the_draft_follows(visitor: Visitor) -> None:
    page = visitor.do("/invitations/1/judge", verdict="personalised")
    assert "its draft was replaced by one of the template personalised" in told(page)
    verdict = _row(visitor).reading.verdict
    assert verdict is not None
    assert (verdict.kind, len(visitor.drafts)) == (VerdictKind.PERSONALISED, 1)
    for wrong in ("", "unsure", "nonsense"):
        assert "nothing was changed" in told(visitor.do("/invitations/1/judge", verdict=wrong))


def test_a_person_is_known_and_forgotten(visitor: Visitor) -> None:
    page = visitor.do("/invitations/1/know")
    assert "you know https://www.linkedin.com/in/" in told(page)
    assert "Someone you know: you said that you know this profile." in page
    assert visitor.house.ledger.known("me@example.test")
    visitor.do("/invitations/1/unknow")
    assert visitor.house.ledger.known("me@example.test") == ()


def test_what_was_pasted_is_kept_without_a_login(visitor: Visitor) -> None:
    before = visitor.drafts
    assert "you pasted it on LinkedIn" in told(visitor.do("/invitations/1/pasted"))
    assert (_row(visitor).state, visitor.drafts, visitor.logins) == (State.PASTED, before, [])


def test_all_that_nobody_touched_is_removed_after_one_more_question(three: Visitor) -> None:
    three.do("/invitations/2/save", text="Words of mine", revision="1")
    assert "2 that nobody touched" in three.shown("/drafts")
    assert "Remove all that nobody touched?" in three.shown("/drafts/remove")
    assert len(three.drafts) == 3
    assert told(three.do("/drafts/remove")) == "2 removed."
    assert len(three.drafts) == 1
    assert "There is none." in three.shown("/drafts/remove")


def test_what_had_to_be_left_is_told_with_its_reason(three: Visitor) -> None:
    three.house.store.knows_uids = False
    page = three.do("/drafts/remove")
    assert told(page).startswith("0 removed, 3 left: no. 1: your server does not let one mail be removed alone")
    assert len(three.drafts) == 3


def test_a_mailbox_that_is_not_set_up_any_more_is_read_and_not_touched(visitor: Visitor) -> None:
    other = _held(visitor, account="gone@example.test")
    assert "is not set up any more" in told(visitor.do(f"/invitations/{other}/draft"))
    assert len(visitor.drafts) == 1


def test_of_several_mailboxes_each_row_names_its_own(visitor: Visitor) -> None:
    first = visitor.desk.watched()[0]
    voice = replace(first.account.voice, account="two@example.test")
    account = replace(first.account, voice=voice)
    second = replace(first, account=account, status=lambda now: replace(first.status(now), account=account.name))
    visitor.desk.watched = lambda: [first, second]
    other = _held(visitor, account="two@example.test")
    assert _shown_numbers(visitor.shown("/?account=two@example.test")) == [other]
    assert 'dir="auto">two@example.test' in visitor.shown("/")
    page = visitor.shown("/health")
    assert all(name in page for name in ("me@example.test", "two@example.test"))
    assert "its draft lies in Drafts" in told(visitor.do(f"/invitations/{other}/draft"))


def test_a_page_that_is_loaded_again_does_nothing_again(visitor: Visitor) -> None:
    answer = visitor.send("/invitations/1/discard", {})
    assert answer.headers["location"].startswith("/invitations/1?told=")
    pages = [visitor.shown(answer.headers["location"]) for _ in range(2)]
    assert told(pages[0]) == told(pages[1])
    assert len(visitor.logins) == 1


def test_no_link_puts_words_into_the_pages_mouth(visitor: Visitor) -> None:
    page = visitor.shown("/invitations/1?told=Your+password+is+wrong")
    assert (told(page), "password is wrong" in re.sub(r'(?:href|action)="[^"]*"', "", page)) == ("", False)


def test_the_list_that_one_came_from_is_kept_through_a_form(three: Visitor) -> None:
    answer = three.send("/invitations/1/discard?verdict=generic&page=2", {})
    assert answer.headers["location"].startswith("/invitations/1?verdict=generic&page=2&told=")


# ------------------------------------------------------------------------------------------ a server that is in trouble


def test_a_slow_server_is_told_of_and_blocks_no_page(visitor: Visitor) -> None:
    visitor.errands.patience = timedelta(milliseconds=50)
    visitor.door.clear()
    place = visitor.send("/invitations/1/discard", {}).headers["location"]
    assert "Your mail server is slow to answer." in told(visitor.shown(place))
    for path in ("/", "/invitations/1", "/health"):
        visitor.shown(path)
    assert visitor.send("/invitations/1/discard", {}).headers["location"] == place, "a second click is the same command"
    visitor.door.set()
    visitor.errands.wait(timedelta(seconds=10))
    assert "Done: removed." in told(visitor.shown(place))
    assert len(visitor.logins) == 1


def test_too_many_that_wait_are_told_so(visitor: Visitor) -> None:
    visitor.errands.patience = timedelta(milliseconds=50)
    numbers = [_held(visitor, f"held-{number}") for number in range(5)]
    visitor.door.clear()
    places = [visitor.send(f"/invitations/{number}/draft", {}).headers["location"] for number in numbers]
    assert "Several commands wait for your mail server" in told(visitor.shown(places[-1]))
    visitor.door.set()
    visitor.errands.wait(timedelta(seconds=20))
    assert _row(visitor, numbers[-1]).state is State.HELD


def test_a_server_that_fails_is_told_of(visitor: Visitor) -> None:
    visitor.house.store.busy = "try again later"
    visitor.do("/invitations/1/discard")
    page = visitor.do("/invitations/1/draft")
    assert "It failed for now" in told(page)


# ----------------------------------------------------------------------------------------------- mail is shown as text


HOSTILE = (
    "\"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7777*7777 }}{% raw %}&lt;'`\u202e\x1b[31m\x00"
    "</textarea></bdi>"
)


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Visitor]:
    """An invitation whose every field tries to be more than text."""
    with visiting(tmp_path, looks=False) as one:
        inviter = Inviter(
            f"Eve{HOSTILE}", f"Eve{HOSTILE}", f"H{HOSTILE}", f"C{HOSTILE}", f"javascript:alert(3)//{HOSTILE}"
        )
        found = an_invitation(
            inviter=inviter, note=f"Note {HOSTILE} end", language=f"xx{HOSTILE}", invitation_id=HOSTILE
        )
        reading = a_reading(
            found=found,
            source=Source(f"<{HOSTILE}>", (HOSTILE,), f"S{HOSTILE}", f"F{HOSTILE}", NOW),
            verdict=Verdict(VerdictKind.UNSURE, Because.UNCLEAR, (Evidence(HOSTILE, f"W{HOSTILE}"),), 0.5),
            problems=(f"P{HOSTILE}",),
        )
        one.house.ledger.record(a_sighting(reading=reading), State.HELD, f"R{HOSTILE}", NOW)
        yield one


def test_nothing_of_a_mail_is_ever_more_than_text(hostile: Visitor) -> None:
    pages = [hostile.shown(path) for path in ("/", "/?text=alert", "/invitations/1", "/drafts", "/health")]
    pages += [hostile.do("/invitations/1/draft"), hostile.shown("/invitations/1"), hostile.shown("/drafts")]
    for page in pages:
        tags = set(re.findall(r"<([a-z0-9]+)", page))
        assert not tags & {"iframe", "object", "svg", "style", "base"}
        assert re.findall(r"<script[^>]*>", page) == ['<script src="/page.js" defer>']
        assert re.findall(r"<img[^>]*>", page) == ['<img class="mark" src="/icon.svg" alt="" width="24" height="24">']
        assert "javascript:" not in re.sub(r">[^<]*<", "><", page)
        assert "60481729" not in page
        assert not {"\x1b", "\x00", "\u202e"} & set(page)
        assert page.count("</textarea>") == page.count("<textarea")
        for attributes in re.findall(r"<[a-z0-9]+((?:\s[^<>]*)?)>", page):
            assert " on" not in re.sub(r'"[^"]*"', '""', attributes)
    assert "alert(1)" in pages[0]


def test_a_profile_that_is_none_is_no_link(hostile: Visitor) -> None:
    for path in ("/", "/invitations/1"):
        links = re.findall(r'href="([^"]*)"', hostile.shown(path))
        assert all(link.startswith(("/", "#", "https://www.linkedin.com/mynetwork/")) for link in links)


def test_no_page_names_another_host(three: Visitor) -> None:
    for path in ("/", "/invitations/1", "/drafts", "/health", "/style.css", "/page.js"):
        found = re.findall(r"""(?:src|href|action|url)\s*[=(:]\s*["']?((?:https?:)?//[^"')\s]+)""", three.shown(path))
        assert all(link.startswith("https://www.linkedin.com/") for link in found)
        assert not [link for link in found if path in {"/style.css", "/page.js"}]


# --------------------------------------------------------------------------------------------------------------- health


def test_health_tells_when_the_last_pass_was_and_what_to_do(visitor: Visitor) -> None:
    assert "5 minutes ago" in visitor.shown("/health")
    now = visitor.house.clock.now()
    ledger, watched = visitor.house.ledger, visitor.desk.watched()[0]
    ledger.passed(PassSummary("me@example.test", now, now, completed=False, problem="no route to host"))
    alone = replace(watched, status=lambda now: status("me@example.test", ledger, MANNER, None, now))
    visitor.desk.watched = lambda: [alone]
    page = visitor.shown("/health")
    for words in ("The last pass failed: no route to host", "<code>watcher doctor</code>", "needs a look"):
        assert words in page


def test_passes_are_paused_and_go_on(visitor: Visitor) -> None:
    ledger, now = visitor.house.ledger, visitor.house.clock.now()
    page = visitor.do("/health/pause", account="me@example.test", days="7")
    assert "is paused since" in told(page)
    assert "It is paused since" in page
    pause = ledger.paused("me@example.test", now)
    assert pause is not None
    assert pause.until == now + timedelta(days=7)
    assert "goes on" in told(visitor.do("/health/resume", account="me@example.test"))
    assert ledger.paused("me@example.test", now) is None
    visitor.do("/health/pause", account="me@example.test", days="")
    pause = ledger.paused("me@example.test", now)
    assert pause is not None
    assert pause.until is None


@pytest.mark.parametrize(
    ("account", "days"), [("me@example.test", "2"), ("me@example.test", "x"), ("other", "7"), ("", "")]
)
def test_a_pause_that_is_none_changes_nothing(visitor: Visitor, account: str, days: str) -> None:
    assert "nothing was changed" in told(visitor.do("/health/pause", account=account, days=days)).lower()
    assert visitor.house.ledger.paused("me@example.test", visitor.house.clock.now()) is None
