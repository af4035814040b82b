"""The templates' page: a person changes their wording, sees what that does first, and loses no word of theirs."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cycle.house import NO_NOTE, SAMPLES
from httpx2 import Response
from web.pages import BASE, GIVEN, KEYS, LINK, Visitor, told, visiting

from watcher.adapters.rendering.process import RenderingProcess
from watcher.adapters.template_files import FolderFiles
from watcher.adapters.templates import FileTemplates
from watcher.person.workshop import Key
from watcher.web import editing
from watcher.web.desk import Watched
from watcher.web.editing import COMPARING
from watcher.web.shelves import shelves

GENERIC = "/templates/en/generic"
SHORT = "Hi {{ inviter.greeting or 'there' }},\n\nwhat made you think of me?\n\n{{ me.name }}\n"
BROKEN = "Hi\n\nYou work at {{ inviter.compny }}.\n"
NOTHING = "e3b0c44298fc1c14"
"""The state of a template that the person has none of: what the digest SHA-256 of nothing begins with."""

ENDLESS = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
HUGE = "{{ 'a' * 40000 }}"
GREEDY = "{{ 'a' * 10**9 }}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the person's own templates lie."""
    return tmp_path / "templates"


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    with visiting(tmp_path, *SAMPLES.values()) as one:
        yield one


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Visitor]:
    """Somebody to whom one invitation has come; less to set up than the other."""
    with visiting(tmp_path, NO_NOTE) as one:
        yield one


def _write(folder: Path, key: str, text: str) -> Path:
    place = folder / f"{key}.txt.j2"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, "utf-8")
    return place


def _kept(folder: Path) -> dict[str, str]:
    """Every file of the person's own, with its text."""
    return {str(one.relative_to(folder)): one.read_text("utf-8") for one in folder.rglob("*") if one.is_file()}


def _field(page: str) -> str:
    """The text in the editor, as a browser reads it."""
    (found,) = re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    return html.unescape(found)


def _letter(page: str) -> str:
    """The draft that is shown."""
    (found,) = re.findall(r"<div[^>]* data-letter>(.*?)</div>", page, re.DOTALL)
    return html.unescape(found)


def _state(page: str) -> str:
    (found,) = re.findall(r'name="state" value="(\w+)"', page)
    return found


def _send(visitor: Visitor, do: str, text: str, path: str = GENERIC, **more: str) -> Response:
    """The editor's form, as its page was opened just now."""
    form = {"do": do, "text": text.replace("\n", "\r\n"), "for": "", "state": _state(visitor.shown(path)), **more}
    return visitor.send(path, form)


def _said(answer: Response | str) -> str:
    page = answer if isinstance(answer, str) else answer.text
    return html.unescape(" ".join(re.sub(r"<[^>]+>", "", re.sub(r">\s*<", "> <", page)).split()))


# ------------------------------------------------------------------------------------------------------------- the list


def test_each_template_is_listed_with_where_it_is_from(newcomer: Visitor, folder: Path) -> None:
    _write(folder, "en/generic", SHORT)
    _write(folder, "en/generic.recruiter", "---\nwhen headline: recruit*\nwhen weekday: mon\n---\nWhich position?\n")
    _write(folder, "en/unsure.odd", "---\nwhen moon: full\n---\nHi\n")
    page = newcomer.shown("/templates")
    rows = dict(re.findall(r'href="/templates/([\w./-]+)"(.*?)</li>', page, re.DOTALL))
    assert "yours" in _said(rows["en/generic"])
    assert "an invitation without a note" in _said(rows["en/generic"])
    assert _said(rows["en/boilerplate"]).endswith("shipped")
    assert "used where headline: recruit* and weekday: mon" in _said(rows["en/generic.recruiter"])
    assert "used where WATCHER_VARIANT says so" in _said(rows["en/generic.short"])
    assert "It cannot be used. Line 2: when moon is not known" in _said(rows["en/unsure.odd"])
    assert str(folder) in page
    ours, _, others = page.partition("<details")
    assert re.findall(r'<h2 id="in-(\w+)"', ours) == ["en", "de"]
    assert "8 languages that you do not answer in" in _said(others)


def test_that_the_shipped_one_has_changed_is_told_where_it_was_copied(newcomer: Visitor, folder: Path) -> None:
    _write(folder, "en/generic", f"{SHORT}{{# copied from en/generic, 0123456789ab #}}\n")
    for path in ("/templates", GENERIC):
        assert "The shipped one has changed since you copied it." in newcomer.shown(path)


def test_a_file_that_cannot_be_read_is_told_and_never_written_over(newcomer: Visitor, folder: Path) -> None:
    place = _write(folder, "en/generic", "")
    place.write_bytes(b"Gr\xfc\xdfe")
    assert "It cannot be used. " in _said(newcomer.shown("/templates"))
    for answer in (newcomer.get(GENERIC), newcomer.send(GENERIC, {"do": "save", "text": SHORT, "state": ""})):
        assert answer.status_code == 404
        assert "save it as UTF-8" in _said(answer).replace("Save", "save")
    assert place.read_bytes() == b"Gr\xfc\xdfe"


@pytest.mark.parametrize("path", ["/templates/en/nothing", "/templates/xx/generic", "/templates/EN/generic",
                                  "/templates/en/a.b.c", "/templates/en/generic/unheard"])  # fmt: skip
def test_what_is_no_template_is_told(newcomer: Visitor, path: str) -> None:
    assert newcomer.get(path).status_code == 404
    assert newcomer.send(path, {"do": "save", "text": SHORT}).status_code in {404, 405}


# ----------------------------------------------------------------------------------------------------------- the editor


def test_a_shipped_template_is_opened_with_its_text_its_names_and_how_it_reads(visitor: Visitor, folder: Path) -> None:
    page = visitor.shown(GENERIC)
    shipped = FolderFiles(folder).shipped("en", "generic")
    assert shipped is not None
    assert _field(page).startswith(shipped.rstrip("\n"))
    for one in visitor.desk.mailboxes["me@example.test"].workshop().variables():
        assert f"<code data-name>{one.name}</code>" in page
        assert html.escape(one.meaning, quote=True).replace("&#x27;", "&#39;") in page
    assert _letter(page).startswith("Hi Ottoline,")
    assert "Save as your own" in page
    assert _kept(folder) == {}


@pytest.mark.parametrize(
    ("path", "reads"),
    [
        ("/templates/de/generic", "Hallo Jörn"),
        ("/templates/en/personalised", "Hi Tilda"),
        ("/templates/en/paste-on-linkedin", "for you only"),
    ],
)
def test_it_is_shown_on_a_sample_that_it_answers(newcomer: Visitor, path: str, reads: str) -> None:
    assert _letter(newcomer.shown(path)).count(reads) == 1


def test_it_is_shown_on_whatever_invitation_is_chosen(visitor: Visitor) -> None:
    page = visitor.shown(GENERIC)
    options = dict(re.findall(r'<option value="([\w-]+)"[^>]*>([^<]+)', page))
    past = next(value for value, label in options.items() if label.startswith("Matteo") and value.isdecimal())
    sample = next(value for value, label in options.items() if label.startswith("Brock") and not value.isdecimal())
    answer = _send(visitor, "preview", "To {{ inviter.name }}: {{ note }}", **{"for": past})
    assert "To Matteo Grassi" in answer.text
    assert f'<option value="{past}" selected>' in answer.text
    assert re.search(r"<bdi data-to>[\w-]+@reply\.linkedin\.com</bdi>", answer.text)
    assert "To Brock Hadley" in _send(visitor, "preview", "To {{ inviter.name }}", **{"for": sample}).text
    assert "Hi Ottoline" in visitor.shown(f"{GENERIC}?for=999999999")


@pytest.mark.parametrize("do", ["preview", "compare", "save"])
def test_an_error_is_told_at_its_line_and_no_word_is_lost(newcomer: Visitor, folder: Path, do: str) -> None:
    answer = _send(newcomer, do, BROKEN)
    assert answer.status_code == 200
    assert "Line 3: 'inviter' has no attribute 'compny' (did you mean 'inviter.company'?)" in _said(answer)
    assert '<a href="#line-3">' in answer.text
    assert 'class="line faulty" id="line-3"' in answer.text
    assert re.search(r"<textarea[^>]* autofocus", answer.text)
    assert 'data-faulty="3"' in answer.text
    assert _field(answer.text) == BROKEN
    assert _kept(folder) == {}


def test_all_that_is_wrong_is_told_at_once_errors_first(newcomer: Visitor) -> None:
    answer = _send(newcomer, "save", "Hi {{ inviter.first_name }},\n\n{{ nmae }}\n[Name]\n")
    assert re.findall(r'href="#line-(\d)"', answer.text) == ["3", "4"]
    warned = _send(newcomer, "preview", "Hi {{ inviter.first_name }},\n")
    assert "Line 1: where inviter.first_name has nothing it reads “Hi ,”" in _said(warned)
    assert "Hi Ottoline," in warned.text


def test_a_mistake_of_the_block_below_is_not_told_as_this_texts(newcomer: Visitor, folder: Path) -> None:
    _write(folder, "en/paste-on-linkedin", "one\ntwo\n{{ nmae }}\n")
    answer = _send(newcomer, "preview", SHORT)
    assert "paste-on-linkedin.txt.j2: &#39;nmae&#39; is undefined" in answer.text
    assert "faulty" not in answer.text.replace("data-faulty", "")


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script></textarea><b>", "\n\nHi", "a\u202eb\ufeffc", "{{ '<b>' }}"]
)
def test_a_text_is_shown_as_text_and_comes_back_as_it_was(newcomer: Visitor, text: str) -> None:
    answer = _send(newcomer, "preview", text)
    assert _field(answer.text) == text
    assert "<script>alert" not in answer.text
    assert "<b>" not in answer.text


def test_the_script_is_told_the_same_as_the_page(visitor: Visitor) -> None:
    good = visitor.send(f"{GENERIC}/live", {"text": SHORT, "for": ""}).json()
    assert good["reads"]["text"].startswith("Hi Ottoline,\n\nwhat made you think of me?")
    assert good["reads"]["subject"].startswith("Re: ")
    assert good["remarks"] == []
    bad = visitor.send(f"{GENERIC}/live", {"text": BROKEN, "for": ""}).json()
    assert bad["reads"] is None
    assert [(one["line"], one["error"]) for one in bad["remarks"]] == [(3, True)]


def test_the_file_of_the_script_shows_nothing_and_needs_no_cookie(newcomer: Visitor) -> None:
    newcomer.client.cookies.clear()
    assert newcomer.get("/editor.js").status_code == 200


# ----------------------------------------------------------------------------------------------------------- comparing


def test_what_would_change_is_told_before_anything_is_saved(visitor: Visitor, folder: Path) -> None:
    drafts = visitor.drafts
    answer = _send(visitor, "compare", SHORT)
    assert (
        "Of the last 11 invitations, 5 would be answered by this template now or before: 5 differently, 0 the same."
        in (_said(answer))
    )
    assert '<div class="added">+what made you think of me?</div>' in answer.text
    assert '<div class="gone">−Kind regards</div>' in answer.text
    assert _field(answer.text) == SHORT
    assert (_kept(folder), visitor.drafts) == ({}, drafts)


def test_the_same_words_change_nothing(visitor: Visitor) -> None:
    answer = _send(visitor, "compare", _field(visitor.shown(GENERIC)))
    assert "5 would be answered by this template now or before: 5 the same" in _said(answer).replace(
        "0 differently, ", ""
    )
    assert 'class="difference"' not in answer.text


def test_a_template_that_answers_none_of_them_changes_nothing(newcomer: Visitor) -> None:
    answer = _send(newcomer, "compare", SHORT, "/templates/de/unsure")
    assert "Nothing: none of the last 1 invitations is answered by this template" in _said(answer)


def test_when_lines_that_take_over_from_another_are_told(visitor: Visitor, folder: Path) -> None:
    path = "/templates/en/generic.mine"
    _write(folder, "en/generic.mine", SHORT)
    answer = _send(visitor, "compare", f"---\nwhen verdict: generic\n---\n{SHORT}", path)
    assert "en/generic → en/generic.mine" in answer.text


def test_a_comparison_ends_in_time(visitor: Visitor) -> None:
    """What passes on every sample may take long with real invitations."""
    (shelf,) = shelves(visitor.desk.mailboxes)
    records = visitor.desk.ledger.listing()
    told_now = editing.compared(shelf, Key("en", "generic"), SHORT, records, timedelta(seconds=-1))
    assert (told_now.of, told_now.done, told_now.answered) == (len(records), 0, 0)
    told_all = editing.compared(shelf, Key("en", "generic"), SHORT, records, COMPARING)
    assert (told_all.done, told_all.answered) == (len(records), 5)


def test_a_long_difference_is_cut(visitor: Visitor) -> None:
    answer = _send(visitor, "compare", SHORT + "\n".join(f"line {number}" for number in range(150)))
    assert len(re.findall(r'class="added"', answer.text)) <= 5 * editing.MOST_LINES
    assert re.search(r"and \d+ more lines", answer.text)


# --------------------------------------------------------------------------------------------------------------- saving


def test_a_text_is_saved_and_answers_from_then_on(visitor: Visitor, folder: Path) -> None:
    answer = _send(visitor, "save", SHORT)
    assert answer.status_code == 303
    page = visitor.shown(answer.headers["location"])
    assert told(page).startswith("Saved, and used from now on: ")
    assert _kept(folder) == {"en/generic.txt.j2": SHORT}
    assert _field(page) == SHORT
    assert "Beside the shipped en/generic" in page
    number = next(
        row.id for row in visitor.house.ledger.listing() if row.draft and row.draft.intent.template == "generic"
    )
    assert "by the template generic" in visitor.do(f"/invitations/{number}/redraft", template="generic", language="en")
    assert b"what made you think of me?" in b"".join(visitor.drafts)


def test_a_warning_stops_no_saving(newcomer: Visitor, folder: Path) -> None:
    assert _send(newcomer, "save", "Hi {{ inviter.first_name }},\n").status_code == 303
    assert _kept(folder) == {"en/generic.txt.j2": "Hi {{ inviter.first_name }},\n"}


def test_what_was_changed_elsewhere_meanwhile_is_not_saved_over_unseen(newcomer: Visitor, folder: Path) -> None:
    stale = _state(newcomer.shown(GENERIC))
    place = _write(folder, "en/generic", "Written in an editor\n")
    answer = _send(newcomer, "save", SHORT, state=stale)
    assert "Not saved: the file has changed since this page was opened." in _said(answer)
    assert _field(answer.text) == SHORT
    assert place.read_text() == "Written in an editor\n"
    assert "−Written in an editor" not in answer.text
    again = newcomer.send(GENERIC, {"do": "save", "text": SHORT, "state": _state(answer.text)})
    assert again.status_code == 303
    assert place.read_text() == SHORT


def test_where_the_disk_refuses_the_words_stay_on_the_page(newcomer: Visitor, folder: Path) -> None:
    folder.write_text("a file where the folder would be")
    answer = _send(newcomer, "save", SHORT)
    assert "Not saved." in _said(answer)
    assert "cannot be written" in answer.text
    assert _field(answer.text) == SHORT


# ----------------------------------------------------------------------------------------------------- copy and restore


def test_a_variant_is_begun_as_a_copy(newcomer: Visitor, folder: Path) -> None:
    page = newcomer.do(f"{GENERIC}/copy", language="en", name="generic.recruiter")
    assert told(page).startswith("A copy of en/generic, to be changed: ")
    assert "<h1>en/generic.recruiter</h1>" in page
    assert list(_kept(folder)) == ["en/generic.recruiter.txt.j2"]
    assert "copied from en/generic," in _field(page)


def test_a_language_is_begun_as_a_copy(newcomer: Visitor, folder: Path) -> None:
    assert "<h1>fi/generic</h1>" in newcomer.do(f"{GENERIC}/copy", language=" FI ", name="generic ")
    assert list(_kept(folder)) == ["fi/generic.txt.j2"]


@pytest.mark.parametrize(
    ("language", "name", "why"),
    [
        ("en", "generic.", "is no template: write LANGUAGE/NAME"),
        ("en", "../../x", "is no template"),
        ("..", "generic", "is no template"),
        ("en", "generic", "there is en/generic already: open that one to change it"),
        ("en", "generic.short", "already"),
        ("", "", "is no template"),
        ("en", "generic.ystävä", "plain letters alone"),
    ],
)
def test_a_copy_takes_no_place_that_is_taken_or_none(
    newcomer: Visitor, folder: Path, language: str, name: str, why: str
) -> None:
    page = newcomer.do(f"{GENERIC}/copy", language=language, name=name)
    assert told(page).startswith("Not done.")
    assert why.lower() in html.unescape(told(page)).lower()
    assert "<h1>en/generic</h1>" in page
    assert _kept(folder) == {}


def test_the_shipped_one_is_used_again_and_the_own_text_is_kept(newcomer: Visitor, folder: Path) -> None:
    _write(folder, "en/generic", SHORT)
    assert "Use the shipped en/generic again?" in newcomer.shown(f"{GENERIC}/restore")
    assert list(_kept(folder)) == ["en/generic.txt.j2"]
    page = newcomer.do(f"{GENERIC}/restore")
    assert told(page).startswith("The shipped one is used from now on. Your text is kept: ")
    assert _kept(folder) == {"en/generic.txt.j2.bak": SHORT}
    assert "Save as your own" in page
    assert newcomer.get(f"{GENERIC}/restore").status_code == 404
    assert "Not done." in told(newcomer.do(f"{GENERIC}/restore"))


def test_one_that_is_the_persons_alone_is_taken_away(newcomer: Visitor, folder: Path) -> None:
    _write(folder, "en/generic.mine", SHORT)
    assert "Take en/generic.mine away?" in newcomer.shown("/templates/en/generic.mine/restore")
    page = newcomer.do("/templates/en/generic.mine/restore")
    assert told(page).startswith("There is no en/generic.mine any more. Your text is kept: ")
    assert _kept(folder) == {"en/generic.mine.txt.j2.bak": SHORT}


# ------------------------------------------------------------------------------------------------------------- hostile


@pytest.mark.parametrize("text", [ENDLESS, HUGE, GREEDY, "{{" + "(" * 5000 + "1" + ")" * 5000 + "}}", "x" * 70_000])
@pytest.mark.parametrize("do", ["preview", "compare", "save"])
def test_a_hostile_template_ends_with_a_word_on_its_limit(newcomer: Visitor, folder: Path, text: str, do: str) -> None:
    answer = newcomer.send(GENERIC, {"do": do, "text": text, "state": NOTHING})
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.text
    assert re.search(r"seconds|32,768 characters|128 MB|nested too deeply|64 KB", _said(answer))
    assert _field(answer.text) == text
    assert _kept(folder) == {}
    assert newcomer.send(f"{GENERIC}/live", {"text": SHORT}).json()["remarks"] == []


def test_a_hostile_template_in_a_file_can_be_opened_and_mended(newcomer: Visitor, folder: Path) -> None:
    place = _write(folder, "en/generic", ENDLESS)
    page = newcomer.shown(GENERIC)
    assert "seconds" in _said(page)
    assert newcomer.send(GENERIC, {"do": "save", "text": SHORT, "state": _state(page)}).status_code == 303
    assert place.read_text() == SHORT


def test_where_nothing_can_be_rendered_the_words_stay_on_the_page(newcomer: Visitor, folder: Path) -> None:
    process = RenderingProcess("raise SystemExit(3)")
    (one,) = newcomer.desk.mailboxes.values()
    workshop = replace(one.workshop(), templates=FileTemplates(folder, None, process))
    newcomer.desk.watched = lambda: [replace(one, workshop=lambda: workshop)]
    for do in ("preview", "compare", "save"):
        answer = newcomer.send(GENERIC, {"do": do, "text": SHORT, "state": NOTHING})
        assert "the process that renders your own templates does not start" in answer.text
        assert _field(answer.text) == SHORT
    assert _kept(folder) == {}


# ---------------------------------------------------------------------------------------------------- several mailboxes


def _other(one: Watched, name: str, folder: Path) -> Watched:
    """Another mailbox of the same person, whose templates lie in this folder."""
    account = replace(one.account, voice=replace(one.account.voice, account=name))
    workshop = replace(one.workshop(), templates=FileTemplates(folder), files=FolderFiles(folder))
    return replace(one, account=account, workshop=lambda: workshop)


def test_mailboxes_of_one_folder_are_named_together(newcomer: Visitor, folder: Path) -> None:
    (one,) = newcomer.desk.mailboxes.values()
    newcomer.desk.watched = lambda: [one, _other(one, "work@example.test", folder)]
    for path in ("/templates", GENERIC):
        assert "for me@example.test, work@example.test" in _said(newcomer.shown(path))


def test_a_mailbox_with_a_folder_of_its_own_is_told_apart(newcomer: Visitor, folder: Path, tmp_path: Path) -> None:
    (one,) = newcomer.desk.mailboxes.values()
    newcomer.desk.watched = lambda: [one, _other(one, "work@example.test", tmp_path / "work")]
    page = newcomer.shown("/templates")
    assert "Your mailboxes have 2 folders of templates" in page
    assert f"Yours lie in {folder}, for me@example.test" in _said(page)
    other = newcomer.shown("/templates?account=work%40example.test")
    assert f"Yours lie in {tmp_path / 'work'}, for work@example.test" in _said(other)
    link = re.findall(r'href="(/templates/en/generic\?[^"]+)"', other)[0]
    page = newcomer.shown(link)
    action = re.findall(r'<form method="post" action="(/templates/en/generic\?[^"]+)"', page)[0]
    answer = newcomer.send(action, {"do": "save", "text": SHORT, "state": _state(page)})
    assert answer.status_code == 303
    assert _kept(tmp_path / "work") == {"en/generic.txt.j2": SHORT}
    assert not folder.exists()
    assert "for work@example.test" in _said(newcomer.shown(answer.headers["location"]))


def test_without_a_mailbox_the_list_says_what_to_do(newcomer: Visitor) -> None:
    newcomer.desk.watched = list
    assert "watcher init" in newcomer.shown("/templates")
    assert newcomer.get(GENERIC).status_code == 404


# -------------------------------------------------------------------------------------------------------------- safety


FORMS = {
    GENERIC: {"do": "save", "text": SHORT, "state": NOTHING},
    f"{GENERIC}/live": {"text": SHORT},
    f"{GENERIC}/copy": {"language": "en", "name": "generic.mine"},
    "/templates/en/unsure/restore": {},
}
PAGES = ("/templates", GENERIC, f"{GENERIC}/live", f"{GENERIC}/restore", "/templates/en/unsure/restore")
OURS = {"Origin": BASE, "Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def _one_for_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Visitor, Path]]:
    place = tmp_path_factory.mktemp("page")
    with visiting(place, NO_NOTE) as one:
        _write(place / "templates", "en/unsure", SHORT)
        yield one, place / "templates"


@pytest.fixture
def untouched(_one_for_all: tuple[Visitor, Path]) -> Iterator[Visitor]:
    """Whatever is tried: afterwards every file is as before."""
    visitor, folder = _one_for_all
    before = _kept(folder)
    yield visitor.again()
    assert _kept(folder) == before


def _raw(visitor: Visitor, path: str, form: Mapping[str, str], headers: Mapping[str, str]) -> int:
    return visitor.client.post(path, data=form, headers=headers, follow_redirects=False).status_code


def test_the_forms_that_all_these_differ_from_are_taken(newcomer: Visitor, folder: Path) -> None:
    _write(folder, "en/unsure", SHORT)
    for path, form in FORMS.items():
        assert _raw(newcomer, path, {**form, "token": KEYS.form}, OURS) in {200, 303}
    assert set(_kept(folder)) == {
        "en/generic.txt.j2", "en/generic.mine.txt.j2", "en/unsure.txt.j2.bak",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example:8765"}, 421),
        ({"Host": "127.0.0.1.evil.example:8765", "Origin": "http://127.0.0.1.evil.example:8765"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:8766"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Content-Type": "application/json"}, 415),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
    ],
)
@pytest.mark.parametrize("path", FORMS)
def test_a_form_that_is_not_ours_is_refused(
    untouched: Visitor, path: str, headers: Mapping[str, str], status: int
) -> None:
    assert _raw(untouched, path, {**FORMS[path], "token": KEYS.form}, {**OURS, **headers}) == status


@pytest.mark.parametrize("token", [None, "", "wrong", GIVEN, LINK.token])
@pytest.mark.parametrize("path", FORMS)
def test_a_form_without_its_token_is_refused(untouched: Visitor, path: str, token: str | None) -> None:
    form = FORMS[path] if token is None else {**FORMS[path], "token": token}
    assert _raw(untouched, path, form, OURS) == 403


@pytest.mark.parametrize("path", FORMS)
def test_a_form_without_the_cookie_is_refused(untouched: Visitor, path: str) -> None:
    untouched.client.cookies.clear()
    assert _raw(untouched, path, {**FORMS[path], "token": KEYS.form}, OURS) == 403


@pytest.mark.parametrize("path", FORMS)
def test_a_form_for_an_encoded_address_is_refused(untouched: Visitor, path: str) -> None:
    encoded = path.replace("/en/", "/%65n/")
    assert _raw(untouched, encoded, {**FORMS[path], "token": KEYS.form}, OURS) == 403
    dots = path.replace("/en/", "/%2e%2e/")
    assert _raw(untouched, dots, {**FORMS[path], "token": KEYS.form}, OURS) == 403


@pytest.mark.parametrize("path", PAGES)
def test_looking_changes_nothing_and_shows_nothing_to_others(untouched: Visitor, path: str) -> None:
    answer = untouched.get(path)
    untouched.client.head(path)
    assert answer.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert untouched.get(path, Host="evil.example").status_code == 421
    untouched.client.cookies.clear()
    locked = untouched.get(path)
    assert locked.status_code == 403
    assert "think of me" not in locked.text


def test_what_stands_in_a_mail_stays_text(tmp_path: Path) -> None:
    mail = NO_NOTE.replace(b"Ottoline Marsh", b"<script>alert(1)</script>")
    with visiting(tmp_path, mail) as visitor:
        page = _send(visitor, "compare", "{{ inviter.name }} {{ subject }}").text
        assert "<script>alert" not in page
        assert "<script>alert" not in visitor.shown(f"{GENERIC}?for=1")
