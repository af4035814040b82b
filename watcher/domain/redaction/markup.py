"""HTML: its tags stay with what shapes the page; words and links change, comments, scripts and styles are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree, html

from watcher.domain.redaction.lines import Lines
from watcher.domain.redaction.urls import URL, Links, is_wording

MAX_ATTRIBUTES = 40

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

_BLOCKS = frozenset(
    "address article aside blockquote center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr li main"
    " nav ol p pre section table tbody td tfoot th thead title tr ul br body html head".split()
)
_TAGS = _BLOCKS | frozenset(
    "a abbr area b base big button caption cite code col colgroup em font i img input label link map meta noscript"
    " option s script select small span strike strong style sub sup template u var video wbr".split()
)
_LINK_ATTRIBUTES = frozenset("href src background action cite longdesc".split())
_WORDED_ATTRIBUTES = frozenset("alt title aria-label summary placeholder content value name id".split())
_KEPT_ATTRIBUTES = frozenset(
    "align aria-hidden aria-level bgcolor border cellpadding cellspacing charset class color colspan dir face height"
    " hidden http-equiv lang rel role rowspan size style target type valign width xml:lang xmlns".split()
)


def without_controls(text: str) -> str:
    """Blanks for what neither HTML nor a header can hold; tabs and line ends stay."""
    return _CONTROLS.sub(" ", text)


@dataclass(frozen=True, slots=True)
class Markup:
    """The HTML of one mail."""

    lines: Lines
    links: Links

    def document(self, markup: str) -> str:
        """A whole HTML part."""
        try:
            root = _parsed(markup)
        except (etree.LxmlError, ValueError, AssertionError):
            return "<p>[HTML that cannot be read was left out]</p>"
        self._redact_words(root)
        for element in root.iter():
            self._redact_element(element)
        return f"<!DOCTYPE html>\n{html.tostring(root, encoding='unicode')}\n"

    def _redact_words(self, root: html.HtmlElement) -> None:
        lines = list(_lines(root))
        redacted = self.lines.each([_as_shown(line) for line in lines])
        for line, shown in zip(lines, redacted, strict=True):
            at = 0
            for piece in line:
                length = len(piece.text)
                piece.write(shown[at : at + length])
                at += length

    def _redact_element(self, element: html.HtmlElement) -> None:
        if element.tag not in _TAGS:
            element.tag = "span"
        for name, value in element.items()[:MAX_ATTRIBUTES]:
            shown = self._attribute(name, without_controls(value))
            if shown is None:
                del element.attrib[name]
            else:
                element.set(name, shown)
        for name in element.keys()[MAX_ATTRIBUTES:]:
            del element.attrib[name]

    def _attribute(self, name: str, value: str) -> str | None:
        if name in _LINK_ATTRIBUTES:
            return self.links.target(value)
        if name in _KEPT_ATTRIBUTES:
            return re.sub(URL, lambda found: self.links.url(found.group()), value)
        if name in _WORDED_ATTRIBUTES or re.fullmatch(r"data-[a-z-]{1,60}", name):
            return value if is_wording(value) else self.lines.line(value, is_own=True)
        return None


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some text of an element, or behind it."""

    element: html.HtmlElement
    place: str
    is_label: bool

    @property
    def text(self) -> str:
        """The text as it stands."""
        return getattr(self.element, self.place) or ""

    def write(self, text: str) -> None:
        """Put another text there."""
        setattr(self.element, self.place, text)


def _parsed(markup: str) -> html.HtmlElement:
    clean = re.sub(r"^\s*<\?xml[^>]*\?>", "", markup)
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    return html.document_fromstring(clean.encode("utf-8", "replace"), parser=parser)


def _as_shown(line: list[_Piece]) -> tuple[str, bool]:
    """The words of a line, and whether all of them are a label."""
    text = "".join(piece.text for piece in line)
    return without_controls(text), all(piece.is_label for piece in line if piece.text.strip())


def _lines(root: html.HtmlElement) -> Iterator[list[_Piece]]:
    """The texts of the elements, line by line as a reader sees them."""
    line: list[_Piece] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        is_end = event == "end"
        if element.tag in _BLOCKS and line and not (is_end and element.tag == "br"):
            yield line
            line = []
        if is_end and element is not root:
            line.append(_Piece(element, "tail", _is_label(element.getparent())))
        elif not is_end and element.tag in {"script", "style"}:
            element.text = None
        elif not is_end:
            line.append(_Piece(element, "text", _is_label(element)))
    if line:
        yield line


def _is_label(element: html.HtmlElement | None) -> bool:
    """Whether it stands in a link; one to a profile shows a person's name or headline."""
    for _ in range(8):
        if element is None:
            return False
        if element.tag == "a":
            return not re.search(r"/(?:in|pub)/|profile/view|~name|-name", element.get("href") or "")
        element = element.getparent()
    return False
