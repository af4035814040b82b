"""How each page looks and reads: light and dark, on a phone and on a wide screen, and to those who do not see it.

The pictures lie in build/screenshots.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import pytest
from browser.visits import SHOTS, violations
from builders import NOW, a_reading, a_sighting, an_invitation
from cycle.house import SAMPLES
from playwright.sync_api import Browser, Dialog, Page, expect
from servers.loopback import free_port
from web.pages import LINK, Visitor, visiting

from watcher.domain.kinds import Because, VerdictKind
from watcher.domain.lifecycle import State
from watcher.domain.values import Evidence, Inviter, Verdict
from watcher.ports import Drift, PassSummary, Wanted
from watcher.web.link import Link
from watcher.web.serving import serving

LONG_NAME = "Caspian Æthelred von Hohenberg-Wolfenstein zu Rabenklau und Donaudampfschifffahrtsgesellschaft III"
LONG_HEADLINE = (
    "Chief Evangelist & Global Transformation Architect | Keynote Speaker | Helping leaders unlock 10x growth through "
    "AI-first synergies | Ex-Everything | Author of “Scale or Fail”"
)
LONG_NOTE = (
    "I came across your profile and was really impressed by your background. I would love to connect and explore "
    "potential synergies between our organisations, as I believe there could be significant value in a brief "
    "conversation about how we help companies like yours accelerate their growth. Let me know what you think of it!!"
)
PRAISE = (
    Evidence("really impressed by your background", "praise that fits anybody"),
    Evidence("explore potential synergies", "speaks of a sale"),
    Evidence("brief conversation", "asks for a call without saying why"),
)


MANY = ("second-page",)
"""Of these the beginning is enough."""

LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
"""A word at which no browser breaks a line by itself."""

NO_NOTE = Verdict(VerdictKind.GENERIC, Because.NO_NOTE, (), 0.97)


@dataclass(frozen=True)
class Shown:
    """The page of a person with all kinds of invitations; `paths` are its pages by name."""

    base: str
    link: str
    paths: dict[str, str]
    visitor: Visitor


@dataclass(frozen=True)
class Came:
    """An invitation that came so many days ago, and what was thought of it."""

    days: int
    inviter: Inviter
    note: str | None
    language: str = "en"
    verdict: Verdict = NO_NOTE
    problems: tuple[str, ...] = ()


def _add(visitor: Visitor, state: State, reason: str, came: Came) -> int:
    found = an_invitation(inviter=came.inviter, note=came.note, language=came.language)
    reading = a_reading(found=found, verdict=came.verdict, problems=came.problems)
    sighting = a_sighting(key=came.inviter.name, reading=reading, received=NOW - timedelta(days=came.days))
    return visitor.house.ledger.record(sighting, state, reason, NOW).id


def _furnish(visitor: Visitor) -> dict[str, str]:
    """What makes a page hard to lay out: long, right to left, of other scripts, hostile, and many."""
    assert len(LONG_NOTE) > 300
    long = Inviter(LONG_NAME, "Caspian", LONG_HEADLINE, "Rabenklau Ventures")
    evidence = (*PRAISE, Evidence(LONG_WORD, LONG_WORD))
    praised = Verdict(VerdictKind.GENERIC, Because.BOILERPLATE, evidence, 0.83)
    unproven = "not proven genuine: the results of your server name no signature of linkedin.com"
    problems = ("the mail's HTML was cut after 256 KB",)
    held = _add(visitor, State.HELD, unproven, Came(0, long, f"{LONG_NOTE} {LONG_WORD}", "en", praised, problems))
    miriam = Inviter("מרים כהן-לוי", "מרים", "מנהלת מוצר בכירה")
    met = Verdict(VerdictKind.PERSONALISED, Because.REASON, (Evidence("נפגשנו בכנס בברלין", "names a meeting"),), 0.9)
    note = "היי רובין, נפגשנו בכנס בברלין ודיברנו על IMAP. אשמח להישאר בקשר!"
    hebrew = _add(visitor, State.QUARANTINED, "could not be read three times", Came(1, miriam, note, "he", met))
    _add(visitor, State.SKIPPED, "", Came(3, Inviter("佐藤 美咲", "美咲", "エンジニア"), None, "ja"))
    unclear = Verdict(VerdictKind.UNSURE, Because.UNCLEAR, (), 0.5)
    _add(visitor, State.SEEN, "", Came(4, Inviter("Quinn", "Quinn"), "<b>Hi</b> & <i>welcome</i> 😀", "en", unclear))
    for number in range(200):
        _add(visitor, State.SKIPPED, "", Came(30 + number, Inviter(f"Person {number}", "Person", "Baker"), None))
    _pass(visitor)
    return {
        "list": "/", "second-page": "/?page=2", "nothing": "/?text=nothing+like+it",
        "invitation": f"/invitations/{_drafted(visitor, 'Brock Hadley')}?state=drafted",
        "by-mail": f"/invitations/{_drafted(visitor, 'Matteo Grassi')}",
        "held": f"/invitations/{held}", "right-to-left": f"/invitations/{hebrew}",
        "drafts": "/drafts", "remove": "/drafts/remove", "health": "/health", "missing": "/invitations/9999",
        "templates": "/templates", "template": "/templates/en/generic", "variant": "/templates/de/generic.firm",
    }  # fmt: skip


def _pass(visitor: Visitor) -> None:
    now, ledger = visitor.house.clock.now(), visitor.house.ledger
    before = now - timedelta(minutes=4)
    ledger.passed(PassSummary("me@example.test", before, before, completed=True, looked_at=20, drafted=9, held=1))
    ledger.drifted(Drift("me@example.test", "<drift@example.test>", "no rule", b"", now))


def _drafted(visitor: Visitor, name: str) -> int:
    (row,) = visitor.house.ledger.page(Wanted(text=name, states=frozenset({State.DRAFTED})), 0, 2).rows
    return row.id


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    shutil.rmtree(SHOTS, ignore_errors=True)
    with visiting(tmp_path_factory.mktemp("page"), *SAMPLES.values()) as visitor:
        paths = _furnish(visitor)
        link = Link("127.0.0.1", free_port(), LINK.token)
        with serving(visitor.desk, link):
            yield Shown(link.place.rstrip("/"), link.url, paths, visitor)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_every_page_is_accessible_and_fits(
    browser: Browser, shown: Shown, scheme: Literal["light", "dark"], width: int
) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    with browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}) as context:
        page = context.new_page()
        page.goto(shown.link)
        for name, path in shown.paths.items():
            page.goto(f"{shown.base}{path}")
            page.screenshot(path=SHOTS / f"{name}-{scheme}-{width}.png", full_page=name not in MANY)
            assert violations(page) == [], name
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        page.keyboard.press("?")
        page.screenshot(path=SHOTS / f"keys-{scheme}-{width}.png")
        assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_came_of_a_command_is_told_legibly(
    browser: Browser, shown: Shown, scheme: Literal["light", "dark"]
) -> None:
    with browser.new_context(color_scheme=scheme, viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        page.goto(shown.link)
        page.goto(f"{shown.base}{shown.paths['by-mail']}")
        page.get_by_label("The text of the draft").fill(f"Words of mine, {scheme}")
        page.get_by_role("button", name="Save the draft").click()
        expect(page).to_have_title(re.compile("^Saved: your words lie in Drafts"))
        page.screenshot(path=SHOTS / f"told-{scheme}-1440.png")
        assert violations(page) == []
        page.get_by_label("The text of the draft").fill(" ")
        page.get_by_role("button", name="Save the draft").click()
        expect(page.locator(".told")).to_contain_text("there are no words", ignore_case=True)
        page.screenshot(path=SHOTS / f"told-why-not-{scheme}-1440.png")
        assert violations(page) == []


def _look(page: Page, name: str) -> None:
    """At a page as it stands, whole."""
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    assert violations(page) == [], name
    width = page.evaluate("innerWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def _save(page: Page, words: str) -> None:
    page.get_by_label("The text of the draft").fill(words)
    page.get_by_role("button", name="Save the draft").click()


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1440)])
def test_words_of_two_tabs_are_seen_side_by_side(
    browser: Browser, shown: Shown, scheme: Literal["light", "dark"], width: int
) -> None:
    with browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}) as context:
        first, second = context.new_page(), context.new_page()
        first.goto(shown.link)
        for page in (first, second):
            page.goto(f"{shown.base}{shown.paths['by-mail']}")
        _save(second, f"Words of the second tab, {scheme}")
        expect(second.locator(".told")).to_contain_text("Saved")
        _save(first, f"Words of the first tab, {scheme}")
        expect(first.locator(".told")).to_contain_text("look at that one first")
        expect(first.get_by_text("not saved, and not in Drafts")).to_be_visible()
        expect(first.get_by_role("group", name="What lies in Drafts now")).to_contain_text("of the second tab")
        _look(first, f"two-tabs-{scheme}-{width}")
        first.get_by_role("button", name="Save the draft").click()
        expect(first.locator(".told")).to_contain_text("Saved")
        expect(first.get_by_label("The text of the draft")).to_have_value(re.compile("of the first tab"))


def test_while_the_server_is_slow_nothing_is_asked_and_nothing_lost(browser: Browser, shown: Shown) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        page.on("dialog", stay)
        page.goto(shown.link)
        page.goto(f"{shown.base}{shown.paths['by-mail']}")
        shown.visitor.door.clear()
        try:
            _save(page, "Slowly saved")
            expect(page.locator(".told")).to_contain_text("slow to answer")
            expect(page.get_by_label("The text of the draft")).not_to_be_editable()
            _look(page, "slow-light-1440")
            page.get_by_role("group", name=re.compile("Drafts now|of the program")).click()
            with page.expect_navigation():  # by itself
                pass
        finally:
            shown.visitor.door.set()
        expect(page.locator(".told")).to_contain_text("Saved")
        expect(page.get_by_label("The text of the draft")).to_be_editable()
        assert asked == []


def test_words_in_a_form_that_is_out_of_date_are_given_back(browser: Browser, shown: Shown) -> None:
    with browser.new_context(viewport={"width": 390, "height": 900}) as context:
        page = context.new_page()
        page.goto(shown.link)
        page.goto(f"{shown.base}{shown.paths['by-mail']}")
        context.clear_cookies()
        _save(page, "These took me an hour.\n\nAnd here they are.")
        expect(page.get_by_role("group", name="Your words, which were not saved")).to_contain_text("took me an hour")
        _look(page, "given-back-light-390")


def test_whoever_is_not_let_in_is_told_so_legibly(browser: Browser, shown: Shown) -> None:
    with browser.new_context(viewport={"width": 390, "height": 700}) as context:
        page = context.new_page()
        page.goto(f"{shown.base}/")
        page.screenshot(path=SHOTS / "refused-light-390.png")
        assert "watcher open" in page.inner_text("main")
        assert violations(page) == []


def test_nothing_is_cut_off_at_400_percent(browser: Browser, shown: Shown) -> None:
    """A wide screen at 400 % is 320 px wide (WCAG 2.2, 1.4.10)."""
    with browser.new_context(viewport={"width": 320, "height": 640}) as context:
        page = context.new_page()
        page.goto(shown.link)
        for name, path in shown.paths.items():
            page.goto(f"{shown.base}{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
