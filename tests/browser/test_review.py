"""A person reviews: in a browser, against `watcher run` on a real server. What came of it is looked up over IMAP.

Each test has an invitation of its own, as the mailbox is one for all of them.
"""

from __future__ import annotations

import re

import pytest
from browser.visits import Visit, Watching
from playwright.sync_api import Browser, Dialog, Page, expect
from servers.loopback import USER

from watcher.domain import message
from watcher.domain.lifecycle import State
from watcher.review import untouched


def _press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).click()


def _text(content: bytes) -> str:
    return message.parse(content).text or ""


# --------------------------------------------------------------------------------------------------- without JavaScript


def test_the_draft_is_edited_and_saved(plain: Visit, watched: Watching) -> None:
    before = len(watched.drafts())
    old = watched.draft_to("Hi Brock")
    page = plain.go("/?text=pipeline")
    page.get_by_role("link", name="Brock Hadley", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Brock Hadley")
    expect(page.locator("mark").first).to_be_visible()
    field = page.get_by_label("The text of the draft")
    assert "Thank you" in field.input_value()
    field.fill("Dear Brock,\n\nwhich pipeline — mine runs in Köln?\n\nRobin")
    _press(page, "Save the draft")
    assert plain.told() == "Saved: your words lie in Drafts, in the place of the draft before."
    made = watched.draft_to("Dear Brock,")
    assert _text(made).startswith("Dear Brock,\n\nwhich pipeline — mine runs in Köln?\n\nRobin\n")
    assert old not in watched.drafts()
    assert len(watched.drafts()) == before
    row = watched.row("Brock Hadley")
    assert row.draft is not None
    assert (row.state, row.draft.intent.revision) == (State.DRAFTED, 2)


def test_words_that_could_not_be_saved_are_not_left_by_mistake(visit: Visit) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page = visit.open("Sunniva Brandt")
    page.on("dialog", stay)
    page.evaluate("document.querySelector('[name=revision]').value = 99")
    page.get_by_label("The text of the draft").fill("Kept until I say otherwise")
    _press(page, "Save the draft")
    expect(page.locator(".told")).to_contain_text("got another draft while you wrote")
    assert asked == []
    field = page.get_by_label("The text of the draft")
    field.press("End")
    page.get_by_role("link", name="Templates").click()
    expect(field).to_have_value("Kept until I say otherwise")
    assert asked == ["beforeunload"]


def test_what_was_changed_in_the_mail_program_is_not_saved_over(plain: Visit, watched: Watching) -> None:
    page = plain.open("Matteo Grassi")
    uid, old = next((uid, mail) for uid, mail in watched.post.stored("Drafts").items() if b"Hi Matteo" in mail.content)
    edited = old.content.replace(b"Hi Matteo", b"Caro Matteo")
    watched.post.deliver(edited, old.received, "Drafts")
    watched.post.remove("Drafts", uid)
    page.get_by_label("The text of the draft").fill("Never to be seen")
    _press(page, "Save the draft")
    assert "you have changed the draft, so it is yours" in plain.told()
    assert watched.draft_to("Caro Matteo") == edited
    assert not [content for content in watched.drafts() if b"Never to be seen" in content]
    assert watched.row("Matteo Grassi").state is State.EDITED


def test_a_draft_is_removed_and_another_person_keeps_theirs(plain: Visit, watched: Watching) -> None:
    gone, before = watched.draft_to("Hallo J=C3=B6rn"), watched.drafts()
    page = plain.open("Jörn Petersilie")
    _press(page, "Remove the draft")
    assert plain.told().startswith("Done: removed.")
    assert watched.drafts() == [content for content in before if content != gone]
    _press(page, "Draft it again")
    assert "its draft lies in Drafts" in plain.told()
    assert len(watched.drafts()) == len(before)


def test_a_verdict_is_corrected_and_the_draft_follows(plain: Visit, watched: Watching) -> None:
    page = plain.open("Sunniva Brandt")
    old = watched.draft_to("Sunniva")
    _press(page, "It is personalised")
    assert "its draft was replaced by one of the template personalised" in plain.told()
    assert watched.draft_to("Sunniva") != old
    draft = watched.row("Sunniva Brandt").draft
    assert draft is not None
    assert draft.intent.template == "personalised"


def test_another_template_and_language_take_its_place(plain: Visit, watched: Watching) -> None:
    page = plain.open("Ismay Okoro")
    page.get_by_text("Another template or language").click()
    page.get_by_label("Template").select_option("generic")
    page.get_by_label("Language").select_option("de")
    _press(page, "Draft it anew")
    assert "by the template generic" in plain.told()
    assert "vielen Dank" in _text(watched.draft_to("Ismay"))


def test_what_is_held_is_drafted_when_the_person_says_so(plain: Visit, watched: Watching) -> None:
    page = plain.go("/?state=waiting")
    page.get_by_role("link", name="Leocadia Finch").first.click()
    expect(page.get_by_role("heading", name="Have an answer drafted, or leave it.")).to_be_visible()
    before = len(watched.drafts())
    _press(page, "Draft an answer")
    assert "its draft lies in Drafts" in plain.told()
    assert len(watched.drafts()) == before + 1
    assert "Leocadia" in _text(watched.draft_to("Leocadia"))


def test_a_person_is_known_and_what_was_pasted_is_kept(plain: Visit, watched: Watching) -> None:
    page = plain.open("Tilda Moreau")
    before = watched.drafts()
    _press(page, "I know this person")
    expect(page.get_by_text("Someone you know: you said that you know this profile.")).to_be_visible()
    _press(page, "I have pasted it")
    assert plain.told().startswith("Kept: you pasted it on LinkedIn.")
    assert watched.drafts() == before
    assert watched.row("Tilda Moreau").state is State.PASTED


# ------------------------------------------------------------------------------------------------------ with JavaScript


def test_the_text_is_copied_for_linkedin_with_its_length(browser: Browser, watched: Watching) -> None:
    number = watched.row("Anselm Wiegand").id
    with browser.new_context() as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=watched.base)
        page = context.new_page()
        page.goto(watched.link)
        page.goto(f"{watched.base}/invitations/{number}")
        expect(page.locator("[data-fits]")).to_contain_text("short enough for a message")
        words = page.get_by_label("The text of the draft").input_value()
        _press(page, "Copy the text")
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        place = page.get_by_role("link", name=re.compile("Open the invitations on LinkedIn"))
        assert place.get_attribute("href") == "https://www.linkedin.com/mynetwork/invitation-manager/"
        assert set((place.get_attribute("rel") or "").split()) == {"noreferrer", "noopener"}
        field = page.get_by_label("The text of the draft")
        field.fill("x" * 8001)
        expect(page.locator("[data-units]")).to_have_text("8,001")
        expect(page.locator("[data-fits]")).to_have_text("too long for a message on LinkedIn (8,000)")
        field.fill("")
        field.press("Control+V")
        assert field.input_value().rstrip() == words.rstrip()
        assert "8<" not in words


def test_everything_is_within_reach_of_the_keyboard(visit: Visit, watched: Watching) -> None:
    page = visit.go("/?state=drafted")
    names = page.locator("[data-open]").all_inner_texts()
    heading, keys = page.get_by_role("heading", level=1), page.keyboard
    for key, expected in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        visit.ready().keyboard.press(key)
        expect(page.locator(":focus")).to_have_text(names[expected])
    for key, expected in (("o", 1), ("j", 2), ("k", 1)):
        visit.ready().keyboard.press(key)
        expect(heading).to_have_text(names[expected])
    visit.ready().keyboard.press("e")
    expect(page.get_by_label("The text of the draft")).to_be_focused()
    keys.press("Control+A")
    keys.type("jkode? Typed, not obeyed.")
    keys.press("Tab")
    expect(page.get_by_role("button", name="Save the draft")).to_be_focused()
    keys.press("Enter")
    expect(page.locator(".told")).to_contain_text("Saved")
    assert watched.draft_to("jkode? Typed, not obeyed.")
    visit.ready().keyboard.press("d")
    expect(page.get_by_role("button", name="Remove the draft")).to_be_focused()
    keys.press("Enter")
    expect(page.locator(".told")).to_contain_text("Done: removed.")
    assert not [content for content in watched.drafts() if b"Typed, not obeyed" in content]


def test_the_keys_are_explained_and_can_be_turned_off(visit: Visit) -> None:
    visit.go("/")
    page = visit.ready()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.get_by_label("These keys work on this page").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("j")
    expect(page.locator("[data-open]:focus")).to_have_count(0)
    page.get_by_role("button", name=re.compile("Keyboard")).click()
    page.get_by_label("These keys work on this page").check()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("j")
    expect(page.locator("[data-open]:focus")).to_have_count(1)
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()


def test_a_row_is_edited_from_the_list_by_one_key(visit: Visit) -> None:
    for key, place in (("e", "text"), ("d", "discard")):
        visit.go("/?state=drafted")
        page = visit.ready()
        page.keyboard.press("j")
        page.keyboard.press(key)
        expect(page.locator(f"#{place}")).to_be_focused()


# ---------------------------------------------------------------------------------------------------------- other sites


FORM = """<!doctype html><form method="post" action="{base}/drafts/remove"><input name="token" value="x"></form>
<script>document.forms[0].submit()</script>"""
FRAME = """<!doctype html><title>bait</title><iframe src="{base}/drafts/remove"></iframe>"""
SITES = ("http://evil.example/", "http://127.0.0.1:9/")
"""Another site, and another port of this machine: to the browser that one is the same site, and gets the cookie."""


def _lured(visit: Visit, site: str, content: str) -> Page:
    """The person, whose browser has the cookie, comes to a site that means them no good."""
    page = visit.page.context.new_page()
    body = content.format(base=visit.watched.base)
    page.route(site, lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto(site)
    return page


@pytest.mark.parametrize("site", SITES)
def test_another_web_site_cannot_send_a_form(visit: Visit, site: str) -> None:
    before = visit.watched.drafts()
    page = _lured(visit, site, FORM)
    page.wait_for_url(f"{visit.watched.base}/drafts/remove")
    expect(page.get_by_role("heading", name="Not let in")).to_be_visible()
    expect(page.get_by_text("This was sent by another web site")).to_be_visible()
    assert visit.watched.drafts() == before
    visit.complaints.clear()  # of the other site, as they have to be


@pytest.mark.parametrize("site", SITES)
def test_another_web_site_cannot_frame_the_page(visit: Visit, site: str) -> None:
    page = _lured(visit, site, FRAME)
    (frame,) = page.main_frame.child_frames
    frame.wait_for_load_state()
    assert "Remove all that nobody touched" not in frame.content()
    assert frame.get_by_role("button", name=re.compile("Remove")).count() == 0
    visit.complaints.clear()


# ----------------------------------------------------------------------------------------------------------- at the end


def test_all_that_nobody_touched_is_removed_and_the_rest_is_told(plain: Visit, watched: Watching) -> None:
    own = b"From: me@example.test\r\nSubject: Half a letter\r\nMessage-ID: <own@example.test>\r\n\r\nDear \r\n"
    drafted = untouched(watched.ledger, USER)
    uid = watched.post.deliver(own, next(iter(watched.post.stored("Drafts").values())).received, "Drafts")
    page = plain.go("/drafts")
    page.get_by_role("link", name="Remove all that nobody touched").click()
    before = len(watched.drafts())
    _press(page, f"Remove all {len(drafted)}")
    assert plain.told() == f"{len(drafted)} removed."
    left = watched.post.stored("Drafts")
    assert left[uid].content == own
    assert len(left) == before - len(drafted)
    assert untouched(watched.ledger, USER) == ()
