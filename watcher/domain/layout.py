"""What a reader sees of a mail, in order: lines of text, each with the links that stand in it.

HTML is walked, never shown or run: hidden preheaders, styles and scripts give no line, block elements and <br> end one.
Plain text gives a line each. Both forms then look the same to those who read invitations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree, html

from watcher.domain.links import Link, link, links_in_text

MAX_LINES = 2000
MAX_DEPTH = 400

_BLOCKS = frozenset(
    "address article aside blockquote center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr li main"
    " nav ol p pre section table tbody td tfoot th thead title tr ul".split()
)
_SILENT = frozenset("head style script title meta link template noscript".split())
_HIDDEN = re.compile(
    r"display:\s*none|visibility:\s*hidden|max-height:\s*0|font-size:\s*0(?![.\d]*[1-9])|opacity:\s*0(?:;|$)"
)
# Scripts in which a joiner's absence is spelled: Persian and the Indic ones need U+200C inside words.
_SPELLED = "\u0600-\u06ff\u0900-\u0dff"
_PADDING = re.compile(
    rf"[\u034f\u200b\u2007\u00ad\ufeff]+|\u200c{{2,}}|(?<![{_SPELLED}\w])\u200c|\u200c(?![{_SPELLED}])"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line as a reader sees it, blanks collapsed, and the links in it.

    `marks` are what LinkedIn calls the elements that begin there (`data-test-id`), `cell` which table cell of the page
    it stands in, 0 outside of any.
    """

    text: str
    links: tuple[Link, ...] = ()
    marks: tuple[str, ...] = ()
    cell: int = 0

    @property
    def spots(self) -> tuple[str, ...]:
        """The places in LinkedIn's layout that its links and elements name."""
        return (*(one.spot for one in self.links if one.spot), *self.marks)


@dataclass(frozen=True, slots=True)
class Page:
    """An HTML part: its visible lines, its hidden preheader, and the language it declares."""

    lines: tuple[Line, ...]
    preheader: str
    language: str | None


def visible(text: str) -> str:
    """Without the invisible characters that preheaders are padded with; blanks collapsed."""
    shown = text if text.isascii() else _PADDING.sub("", text)
    return " ".join(shown.split())


def text_lines(text: str) -> tuple[Line, ...]:
    """The lines of a plain text; empty ones stay, they separate paragraphs."""
    lines = text.split("\n")[:MAX_LINES]
    return tuple(Line(visible(line[:4000]), links_in_text(line[:8000])) for line in lines)


def page(markup: str) -> Page:
    """Read an HTML part; markup that cannot be parsed is an empty page."""
    root = _parsed(markup)
    if root is None:
        return Page((), "", None)
    walk = _Walk()
    walk.enter(root, hidden=False, depth=0)
    walk.end_line()
    return Page(tuple(walk.lines), visible(" ".join(walk.unseen)), _language(root))


def _parsed(markup: str) -> html.HtmlElement | None:
    try:
        clean = re.sub(r"^\s*<\?xml[^>]*\?>", "", markup)
        parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
        return html.document_fromstring(clean.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def _language(root: html.HtmlElement) -> str | None:
    declared = root.get("lang") or root.get("xml:lang") or ""
    return declared.strip() or None


class _Walk:
    """Collects lines while it goes through the elements in reading order."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.unseen: list[str] = []
        self._text: list[str] = []
        self._links: list[Link] = []
        self._marks: list[str] = []
        self._cell = self._cells = 0

    def enter(self, element: html.HtmlElement, *, hidden: bool, depth: int) -> None:
        """Go through one element and all below it."""
        if depth > MAX_DEPTH or len(self.lines) > MAX_LINES or element.tag in _SILENT:
            return
        hidden = hidden or bool(_HIDDEN.search(element.get("style") or ""))
        around = self._cell
        self._open(element, hidden=hidden)
        self.add(element.text, hidden=hidden)
        for child in element:
            self.enter(child, hidden=hidden, depth=depth + 1)
            self.add(child.tail, hidden=hidden)
        if element.tag in _BLOCKS:
            self.end_line()
        self._cell = around

    def _open(self, element: html.HtmlElement, *, hidden: bool) -> None:
        if element.tag in _BLOCKS or element.tag == "br":
            self.end_line(blank=element.tag in {"br", "p"})
        if element.tag in {"td", "th"}:
            self._cells += 1
            self._cell = self._cells
        if not hidden:
            self._marks += filter(None, [(element.get("data-test-id") or "").lower()])
        if element.tag == "a" and not hidden:
            self._links += list(_anchor(element))

    def add(self, text: str | None, *, hidden: bool) -> None:
        """Take some text in."""
        if text:
            (self.unseen if hidden else self._text).append(text)

    def end_line(self, *, blank: bool = False) -> None:
        """Finish the line that was being read; `blank` lets an empty one stand, as paragraphs' ends do."""
        text = visible("".join(self._text))
        if text or self._links or (blank and self.lines and self.lines[-1].text):
            self.lines.append(Line(text, tuple(self._links), tuple(self._marks), self._cell))
            self._marks = []
        self._text, self._links = [], []


def _anchor(element: html.HtmlElement) -> Iterator[Link]:
    found = link(element.get("href") or "")
    if found is not None:
        yield found
