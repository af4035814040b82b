"""The templates: what there is, and one of them under the person's hands.

The editor is one form with a button for each thing that can be done with its text. Its answer is the page itself, with
the text as it was typed: no word is lost, whatever is wrong with it. Only what changed a file leads on to a page that
can be loaded again without harm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from markupsafe import escape
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from watcher.domain import reply
from watcher.errors import GiveUp, TryAgain
from watcher.person.workshop import Key
from watcher.web import editing, shelves, stock
from watcher.web.bench import Bench
from watcher.web.editing import COMPARING, Comparison, Remark, Shown
from watcher.web.errands import Ending, Errand, Told
from watcher.web.shelves import LATEST, Example
from watcher.web.site import Site, told_at

LONGEST = 28_000
"""Characters that the field takes: with each written as nine octets, the form is still one that the door takes."""

_CHANGED = (
    "Not saved: the file has changed since this page was opened. What you typed stands here; save again to put it in "
    "the place of what the file says now."
)


@dataclass(frozen=True, slots=True)
class _Tried:
    """A text on the bench, and what came of trying it; `notice` is what the person has to know first."""

    text: str
    shown: Shown
    did: str = ""
    comparison: Comparison | None = None
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Templates:
    """Of all mailboxes; `comparing` is the time that a comparison has."""

    site: Site
    comparing: timedelta = COMPARING

    def routes(self) -> list[Route]:
        """Where they are found, and where their forms lead."""
        one = "/templates/{language}/{name}"
        return [
            Route("/templates", self.listing, methods=["GET"]),
            Route(one, self.opened, methods=["GET"]),
            Route(one, self.sent, methods=["POST"]),
            Route(f"{one}/live", self.live, methods=["POST"]),
            Route(f"{one}/copy", self.copy, methods=["POST"]),
            Route(f"{one}/restore", self.ask, methods=["GET"]),
            Route(f"{one}/restore", self.restore, methods=["POST"]),
        ]

    # ---------------------------------------------------------------------------------------------------- what is asked

    def listing(self, request: Request) -> Response:
        """Every template of one folder."""
        there = shelves.shelves(self.site.desk.mailboxes)
        shelf = shelves.find(there, request.query_params.get("account", ""))
        groups = stock.groups(shelf.workshop) if shelf else ()
        values = {
            "shelves": there,
            "shelf": shelf,
            "groups": groups,
            "query": Bench(shelf, Key("", ""), len(there) == 1).query if shelf else "",
        }
        return self.site.shown(request, "templates", values)

    def opened(self, request: Request) -> Response:
        """The editor, with the text that stands in the file."""

        def show(bench: Bench) -> Response:
            text = bench.workshop.text(bench.key)
            return self._edited(request, bench, _Tried(text, self._shown(bench, text)))

        return self._with(request, request.query_params, show)

    def sent(self, request: Request) -> Response:
        """The editor's form: try the text, compare it, or save it."""
        form: Mapping[str, str] = request.state.form
        text = _text(form)

        def do(bench: Bench) -> Response:
            match form.get("do"):
                case "save":
                    return self._saved(request, bench, text, form.get("state", ""))
                case "compare":
                    return self._edited(request, bench, self._compared(bench, text))
                case _:
                    return self._edited(request, bench, _Tried(text, self._shown(bench, text), "preview"))

        return self._with(request, form, do)

    def live(self, request: Request) -> Response:
        """The same trial for the page's script, which asks as the person types."""
        form: Mapping[str, str] = request.state.form

        def do(bench: Bench) -> Response:
            return JSONResponse(editing.answer(self._shown(bench, _text(form))))

        return self._with(request, form, do)

    def copy(self, request: Request) -> Response:
        """Begin another template as a copy of this one."""
        form: Mapping[str, str] = request.state.form
        written = f"{form.get('language', '').strip().lower()}/{form.get('name', '').strip()}"

        def do(bench: Bench) -> Response:
            errand = self.site.errands.run(bench.about(written), ("copy", bench.key), lambda: _copied(bench, written))
            path = f"/templates/{written}" if _is_done(errand) else bench.path
            return told_at(path, bench.listing, errand)

        return self._with(request, form, do)

    def ask(self, request: Request) -> Response:
        """Once more, before the shipped one is used again."""

        def show(bench: Bench) -> Response:
            if bench.own is None:
                return self.site.missing(request, f"You have no {bench.key} of your own.")
            return self.site.shown(request, "restore", {"bench": bench})

        return self._with(request, request.query_params, show)

    def restore(self, request: Request) -> Response:
        """The person means it."""

        def do(bench: Bench) -> Response:
            errand = self.site.errands.run(bench.about(bench.key), "restore", lambda: _restored(bench))
            return told_at(bench.path if bench.has_shipped else "/templates", bench.listing, errand)

        return self._with(request, {}, do)

    # ----------------------------------------------------------------------------------------------------- what is done

    def _with(self, request: Request, given: Mapping[str, str], do: Callable[[Bench], Response]) -> Response:
        """With the template that the address names, of the folder that it names; what is not there is told."""
        there = shelves.shelves(self.site.desk.mailboxes)
        shelf = shelves.find(there, request.query_params.get("account", ""))
        if shelf is None:
            return self.site.missing(request, "No mailbox is set up.")
        try:
            key = Key.of("{language}/{name}".format_map(request.path_params))
            shelf.workshop.templates.file(key.language, key.name)
        except GiveUp:
            return self.site.missing(request, "There is no such template.")
        try:
            return do(Bench(shelf, key, len(there) == 1, given.get("for", "")))
        except GiveUp as unreadable:
            return self.site.missing(request, f"{unreadable}.")

    def _shown(self, bench: Bench, text: str) -> Shown:
        example = self._example(bench)
        workshop = bench.shelf.workshops.get(example.account, bench.workshop)
        return editing.shown(workshop, bench.key, text, example)

    def _example(self, bench: Bench) -> Example:
        return shelves.chosen(bench.wanted, bench.key, bench.workshop, self.site.desk.ledger)

    def _compared(self, bench: Bench, text: str) -> _Tried:
        """Only what is without error is compared: nobody can say what the other would answer."""
        found = editing.checked(bench.workshop, bench.key, text)
        if Shown(None, found).is_faulty:
            return _Tried(text, Shown(None, found), "compare", notice="Not compared yet.")
        records = shelves.latest(bench.shelf, self.site.desk.ledger)
        try:
            told = editing.compared(bench.shelf, bench.key, text, records, self.comparing)
        except (GiveUp, TryAgain) as why:
            return _Tried(text, Shown(None, [Remark(None, str(why))]), "compare", notice="Not compared yet.")
        return _Tried(text, self._shown(bench, text), "compare", told)

    def _saved(self, request: Request, bench: Bench, text: str, state: str) -> Response:
        if state != bench.state:
            return self._edited(request, bench, _Tried(text, self._shown(bench, text), "save", notice=_CHANGED))
        found = editing.checked(bench.workshop, bench.key, text)
        if not Shown(None, found).is_faulty:
            errand = self.site.errands.run(bench.about(bench.key), ("save", text), lambda: _kept(bench, text), text)
            if errand.told is None or _is_done(errand):
                return told_at(bench.path, bench.listing, errand)
            found = [Remark(None, errand.told.words)]
        return self._edited(request, bench, _Tried(text, Shown(None, found), "save", notice="Not saved."))

    def _edited(self, request: Request, bench: Bench, tried: _Tried) -> Response:
        """The editor as it stands after a trial."""
        records = shelves.latest(bench.shelf, self.site.desk.ledger)
        values = {
            "bench": bench,
            "entry": stock.entry(bench.workshop, bench.key),
            "tried": tried,
            "text": escape(tried.text),  # every character as it was typed: what stands here is saved
            "lines": tried.text.rstrip("\n").split("\n"),
            "longest": LONGEST,
            "example": self._example(bench),
            "samples": shelves.samples(bench.workshop),
            "past": shelves.past(records),
            "latest": LATEST,
            "variables": bench.workshop.variables(),
            "can_compare": bench.key.name != reply.PASTE,
        }
        return self.site.shown(request, "template", values)


def _text(form: Mapping[str, str]) -> str:
    """What was typed, with the line ends of a file: forms have those of mail."""
    return form.get("text", "").replace("\r\n", "\n")


def _is_done(errand: Errand) -> bool:
    return errand.told is not None and errand.told.ending is Ending.DONE


def _kept(bench: Bench, text: str) -> Told:
    saved = bench.workshop.save(bench.key.language, bench.key.name, text)
    return Told(f"Saved, and used from now on: {saved.path}. Drafts that lie there already stay as they are.")


def _copied(bench: Bench, written: str) -> Told:
    target = Key.of(written)
    if not written.isascii():
        raise GiveUp("here a name has plain letters alone, from a to z: others cannot stand in the page's address")
    if any((one.language, one.name) == (target.language, target.name) for one in bench.workshop.templates.listing()):
        raise GiveUp(f"there is {target} already: open that one to change it")
    copied = bench.workshop.copy(bench.key, target)
    return Told(f"A copy of {bench.key}, to be changed: {copied.path}")


def _restored(bench: Bench) -> Told:
    restored = bench.workshop.restore(bench.key.language, bench.key.name)
    return Told(f"{restored.now} Your text is kept: {restored.kept}")
