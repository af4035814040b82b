"""A person changes their templates in a browser: tries, compares, saves, takes back. Each test has one of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from browser.visits import SHOTS, Visit, Watching, violations, visiting
from playwright.sync_api import Browser, Dialog, Page, expect

from watcher.domain import message
from watcher.domain.values import Invitation

SHORT = "Hi {{ inviter.greeting or 'there' }},\n\nwhat made you think of me?\n\n{{ me.name }}\n"
BROKEN = "Hi,\n\nyou work at {{ inviter.compny }}.\n\n[Name]\n"
LONG = "A line of prose that is long enough to wrap in the field, so that its number has to stay where it begins. " * 3
ENDLESS = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
GENERIC = "/templates/en/generic"


def _own(watched: Watching, key: str) -> Path:
    return watched.home.folder / ".config" / "invitation-watcher" / "templates" / f"{key}.txt.j2"


def _press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).click()


def _type(page: Page, text: str) -> None:
    page.get_by_label("The text of the template").fill(text)


def _answers(page: Page, name: str) -> None:
    """Have it shown on the past invitation of somebody."""
    past = page.locator("optgroup[label='Past invitations'] option", has_text=name).first
    page.get_by_label("As an answer to").select_option(past.get_attribute("value"))


# --------------------------------------------------------------------------------------------------- without JavaScript


def test_a_template_is_edited_wrongly_then_right_and_taken_back(plain: Visit, watched: Watching) -> None:
    own = _own(watched, "en/generic")
    page = plain.go("/templates")
    page.get_by_role("link", name="en/generic", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("en/generic")
    field = page.get_by_label("The text of the template")

    _type(page, BROKEN)
    _press(page, "Save as your own")
    expect(page.get_by_role("alert")).to_contain_text("Line 3: 'inviter' has no attribute 'compny'")
    expect(field).to_be_focused()
    expect(field).to_have_value(BROKEN)
    expect(page.locator(".faulty")).to_have_count(2)
    assert not own.exists()

    _type(page, SHORT)
    _answers(page, "Ottoline Marsh")
    _press(page, "Preview")
    expect(page.get_by_role("group", name="The draft")).to_contain_text("what made you think of me?")
    expect(page.get_by_label("As an answer to").locator("option:checked")).to_contain_text("Ottoline Marsh")

    _press(page, "Compare")
    expect(page.locator(".changes > p").first).to_contain_text(
        "would be answered by this template now or before: 5 diff"
    )
    expect(page.locator(".added", has_text="what made you think of me?").first).to_be_visible()
    assert not own.exists()

    _press(page, "Save as your own")
    assert plain.told().startswith("Saved, and used from now on: ")
    assert own.read_text("utf-8") == SHORT

    _redrafted(plain, watched, "Ottoline Marsh")
    page = plain.go(GENERIC)
    page.get_by_role("link", name="Use the shipped one again …").click()
    assert own.exists()
    _press(page, "Use the shipped one")
    assert plain.told().startswith("The shipped one is used from now on. Your text is kept: ")
    assert own.with_name(f"{own.name}.bak").read_text("utf-8") == SHORT
    assert not own.exists()


def _redrafted(visit: Visit, watched: Watching, name: str) -> None:
    """What was saved answers in the mailbox, too."""
    row = next(row for row in watched.rows() if row.draft and _inviter(row.reading.found) == name)
    page = visit.go(f"/invitations/{row.id}")
    page.get_by_text("Another template or language").click()
    page.get_by_label("Template").select_option("generic")
    page.get_by_label("Language").select_option("en")
    _press(page, "Draft it anew")
    assert "by the template generic" in visit.told()
    made = watched.draft_to("what made you think of me?")
    assert (message.parse(made).text or "").startswith("Hi Ottoline,\n\nwhat made you think of me?")


def _inviter(found: object) -> str:
    return found.inviter.name if isinstance(found, Invitation) else ""


def test_a_variant_is_begun_and_taken_away(plain: Visit, watched: Watching) -> None:
    page = plain.go("/templates/en/boilerplate")
    page.get_by_text("Begin another from this one").click()
    page.get_by_label("Name", exact=True).fill("boilerplate.weekend")
    _press(page, "Make the copy")
    expect(page.get_by_role("heading", level=1)).to_have_text("en/boilerplate.weekend")
    _type(page, f"---\nwhen weekday: sat, sun\n---\n{SHORT}")
    _press(page, "Save")
    expect(page.get_by_text("used where weekday: saturday, sunday")).to_be_visible()
    page.get_by_role("link", name="Take it away …").click()
    _press(page, "Take it away")
    assert plain.told().startswith("There is no en/boilerplate.weekend any more.")
    assert not _own(watched, "en/boilerplate.weekend").exists()


# ------------------------------------------------------------------------------------------------------ with JavaScript


def test_it_is_shown_as_it_is_typed(visit: Visit) -> None:
    page = visit.go("/templates/en/unsure")
    letter, status = page.get_by_role("group", name="The draft"), page.locator("[data-status]")
    _type(page, SHORT)
    expect(letter).to_contain_text("what made you think of me?")
    expect(status).to_have_text("As you type")
    _answers(page, "Brock Hadley")
    expect(letter).to_contain_text("Hi Brock,")
    _type(page, f"{LONG}\n{BROKEN}")
    expect(status).to_have_text("An error in line 4")
    expect(page.locator(".faulty")).to_have_count(2)
    expect(page.get_by_text("It is shown here as soon as its errors are mended.")).to_be_visible()
    page.get_by_role("link", name="Line 4").click()
    expect(page.get_by_label("The text of the template")).to_be_focused()
    assert page.evaluate("getSelection().toString()") == "you work at {{ inviter.compny }}."
    page.keyboard.type("you wrote.")
    expect(status).to_have_text("An error in line 6")
    _type(page, SHORT)
    expect(status).to_have_text("As you type")
    expect(page.locator("[data-remarks]")).to_be_hidden()


def test_the_numbers_stay_beside_their_lines(visit: Visit) -> None:
    page = visit.go("/templates/en/unsure")
    _type(page, f"{LONG}\n\n{LONG}\nend\n\n\n")
    heights = page.evaluate(
        "[document.querySelector('[data-mirror]').offsetHeight, document.querySelector('textarea').scrollHeight]"
    )
    assert heights[1] <= heights[0]
    lines = page.locator(".line").evaluate_all("lines => lines.map((line) => line.offsetHeight)")
    assert len(lines) == 4
    assert lines[0] == lines[2] > lines[1] == lines[3]


def test_a_template_without_end_hangs_nothing(visit: Visit, watched: Watching) -> None:
    page = visit.go("/templates/en/known")
    _type(page, ENDLESS)
    other = page.context.new_page()
    other.goto(f"{watched.base}/templates")
    expect(other.get_by_role("heading", level=1)).to_have_text("Templates")
    other.close()
    expect(page.locator("[data-remarks]")).to_contain_text("seconds", timeout=20_000)
    _type(page, SHORT)
    expect(page.get_by_role("group", name="The draft")).to_contain_text("what made you think of me?", timeout=20_000)


def test_everything_is_done_by_keyboard(visit: Visit, watched: Watching) -> None:
    visit.go("/templates")
    page = visit.ready()
    keys = page.keyboard
    keys.press("j")
    expect(page.locator("[data-open]:focus")).to_contain_text("boilerplate")
    keys.press("o")
    expect(page.get_by_role("heading", level=1)).to_have_text("en/boilerplate")
    visit.ready().keyboard.press("e")
    field = page.get_by_label("The text of the template")
    expect(field).to_be_focused()
    keys.press("Control+A")
    keys.type("Hi,\n{{ nmae }}")
    for _ in range(2):  # past the buttons that only try
        keys.press("Tab")
    keys.press("Tab")
    expect(page.get_by_role("button", name="Save as your own")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Line 2: 'nmae' is undefined")
    expect(field).to_be_focused()
    assert page.evaluate("getSelection().toString()") == "{{ nmae }}"
    keys.type("{{ me.name }}")
    for _ in range(3):
        keys.press("Tab")
    keys.press("Enter")
    expect(page.locator(".told").first).to_contain_text("Saved, and used from now on")
    assert _own(watched, "en/boilerplate").read_text("utf-8") == "Hi,\n{{ me.name }}\n"
    visit.ready().keyboard.press("d")
    expect(page.get_by_role("link", name="Use the shipped one again …")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Use the shipped en/boilerplate again?")
    button = page.get_by_role("button", name="Use the shipped one")
    while not button.evaluate("button => button === document.activeElement"):
        keys.press("Tab")
    keys.press("Enter")
    expect(page.locator(".told").first).to_contain_text("The shipped one is used from now on.")


def test_words_that_are_not_saved_are_not_left_by_mistake(visit: Visit) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page = visit.go("/templates/en/personalised")
    page.on("dialog", stay)
    _type(page, SHORT)
    _press(page, "Preview")
    page.wait_for_load_state()
    assert asked == []
    page.get_by_label("The text of the template").press("End")
    page.get_by_role("link", name="All templates").click()
    expect(page.get_by_label("The text of the template")).to_have_value(SHORT)
    assert asked == ["beforeunload"]


# ---------------------------------------------------------------------------------------------------------------- looks


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1440])
def test_each_state_of_the_editor_is_accessible_and_fits(
    browser: Browser, watched: Watching, scheme: Literal["light", "dark"], width: int
) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    with (
        browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}) as context,
        visiting(context, watched) as visit,
    ):
        page = visit.go("/templates/de/generic")
        _type(page, f"{LONG}\n{BROKEN}")
        expect(page.locator("[data-status]")).to_have_text("An error in line 4")
        _looked_at(page, f"template-typed-{scheme}-{width}", width)
        _press(page, "Save as your own")
        expect(page.get_by_role("alert")).to_contain_text("Not saved.")
        _looked_at(page, f"template-wrong-{scheme}-{width}", width)
        _type(page, SHORT)
        _press(page, "Compare")
        expect(page.get_by_role("heading", name="What would change")).to_be_focused()
        _looked_at(page, f"template-compared-{scheme}-{width}", width)


def _looked_at(page: Page, name: str, width: int) -> None:
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    assert violations(page) == [], name
    assert page.evaluate("document.documentElement.scrollWidth") <= width, name
