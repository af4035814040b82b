"""A mail becomes a sample that can be shown to others: its shape stays, whom and what it speaks of does not.

What is not known to be LinkedIn's is taken out, never the other way round: a mail that nobody understands yet may hold
a person's note anywhere. What stays: parts and header names in their order, HTML, lines that the tables know, default
sentences, template keys, the words of links, service addresses, host names. Names, addresses, ids and tokens become
invented ones of the same shape, numbered in the order in which they appear, so that nothing can be guessed back; the
same original is the same invention throughout one mail. All other words become x and X. Each replacement is as long as
what it replaces.
"""

from __future__ import annotations

import re
import unicodedata
from binascii import b2a_qp
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import Header
from email.message import Message as EmailMessage
from email.policy import Compat32
from email.utils import collapse_rfc2231_value
from functools import cache
from ipaddress import IPv4Address, ip_address
from itertools import takewhile

from lxml import etree, html

from watcher.domain import message, reading
from watcher.domain.genuine import at_linkedin
from watcher.domain.kind import close_to_linkedin
from watcher.domain.kinds import Kind
from watcher.domain.layout import visible
from watcher.domain.message import MAX_HEADER_BLOCK, MAX_MESSAGE, MAX_PART_HEADER, MAX_PARTS, MAX_TEXT, decode_words
from watcher.domain.names import without_via
from watcher.domain.notes import find_default, plain, sentences
from watcher.domain.reading import Trust
from watcher.domain.tables import chrome, courtesies, signals, via
from watcher.domain.values import Invitation

MAX_DEPTH = 20
MAX_LINES = 4000
MAX_CHECKS = 4000
"""How often the tables are asked about one mail; lines beyond are taken out whole."""

MAX_KNOWN_LINE = 1000
MAX_ATTRIBUTES = 40
MAX_LABEL_WORDS = 6
"""A longer text in a link may be somebody's note, all of which leads to LinkedIn."""

_ADDRESS_HEADERS = frozenset(
    "from to cc bcc reply-to sender return-path delivered-to x-original-to envelope-to errors-to resent-from resent-to"
    " x-forwarded-to x-forwarded-for".split()
)
_KEPT_HEADERS = frozenset(
    "mime-version date x-linkedin-class x-linkedin-template list-unsubscribe-post precedence auto-submitted"
    " content-language".split()
)
_SERVER_HEADERS = re.compile(r"(?:x-)?received|received-spf|(?:arc-)?authentication-results|arc-.*|dkim-signature")
_KEPT_VALUE = re.compile(r"[\w.,:;=+() \t\n-]{1,120}")
_KEPT_PARAMETERS = frozenset("format delsp report-type type micalg protocol".split())

# Words of the headers that servers write, and the names of headers, which a DKIM signature lists.
_SERVER_WORDS = frozenset(
    "1 2 a action all app arc as auth b be bestguesspass bh by c class client compauth content cv d date designate"
    " designates dis dkim dmarc does domain encoding envelope esmtp esmtps esmtpsa fail fbl feedback for from google h"
    " has header helo http https i id ip ipv6 is javamail key linkedin list lmtp mailfrom mailto message microsoft mime"
    " mta mx neutral none not of p pass permerror permitted permits policy pr quarantine reason reject relaxed reply"
    " rsa s sender sha1 sha256 signature simple smtp softfail sp spf subject svr t temperror template tls to transfer"
    " type unknown unsubscribe using v version via was with x yahoo".split()
)
_DKIM_TAG = r"(?:(?<=[\s;])|^)(?:bh|cv|[a-z])(?=\s*=)"

# Words of LinkedIn's links and of its HTML. The words of its lines count besides.
_LINK_WORDS = frozenset(
    "accept act aero afe all answer article b badging beta blk card cc click comm common company connection"
    " connections cs cta customer data digest displayphoto dms e edit email eml en false feed fetch footer glimmer goo"
    " header help hero home href html icon id image img in intended invitation invitationid invitations invite inviter"
    " isd jobs li linkedin m manager media member members message messages messaging mre mynetwork name network new"
    " nhome null of page people picture pixel post posts preheader presentation prof profile psettings pub pulse pymk"
    " reminder reply results rsn s2 sc search send settings sharedkey shrink static svi table test text thread true"
    " unsubscribe url v1 v2 view".split()
)
_ID_FOLLOWS = frozenset("in pub isd sharedkey invitationid company school newsletters pulse posts showcase".split())
_LOGICAL = frozenset("true false null".split())

_ENCODED = re.compile(r"=\?[^?\s]*\?[bBqQ]\?[^\n]*?\?=(?:\s+=\?[^?\s]*\?[bBqQ]\?[^\n]*?\?=)*")
_TIME = r"\d\d:\d\d(?::\d\d)?(?:\s+[+-]\d{4})?(?:\s+\([A-Z]{2,5}\))?"
_DATE = rf"(?:[A-Z][a-z]{{2}},\s+)?\d{{1,2}}\s+[A-Z][a-z]{{2}}\s+\d{{4}}\s+{_TIME}"
_URL = r"https?://[^\s<>\"'\\]{1,4000}"
_MAIL = r"(?<![^\s<>@\"'(),;:\[\]=])[^\s<>@\"'(),;:\[\]=]{1,400}@[\w-]{1,80}(?:\.[\w-]{1,80}){0,8}"
_IP = r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])|(?<![\w.:])[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{2,45}(?![\w:])"
_HOST = r"[\w-]{1,80}(?:\.[\w-]{1,80}){0,8}\.[A-Za-z]{2,24}(?![\w@-])"
_RUN = r"(?:%[0-9A-Fa-f]{2}|[^\W_])+"

_LINKED = rf"(?P<date>{_DATE})|(?P<url>{_URL})|(?P<mail>{_MAIL})|(?P<ip>{_IP})"
_TOKEN = re.compile(rf"{_LINKED}|(?P<run>{_RUN})")
_BY_SERVER = re.compile(rf"(?P<tag>{_DKIM_TAG})|{_LINKED}|(?P<host>{_HOST})|(?P<run>{_RUN})", re.MULTILINE)
_LINKS = re.compile(rf"(?P<url>{_URL})|(?P<mail>{_MAIL})")
_RUNS = re.compile(_RUN)
_UNIT = re.compile(r"%[0-9A-Fa-f]{2}|.", re.DOTALL)
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

_SERVICE_LOCAL = re.compile(r"[a-z]+(?:-[a-z]+)*")
_SERVICE_WORDS = re.compile(r"invit|no-?reply|hit-reply")
_RESERVED = re.compile(r"(?:^|\.)(?:example\.(?:com|net|org)|example|test|invalid|localhost|prod)$")

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


def redact(content: bytes) -> bytes:
    """The mail as a sample; never raises."""
    redaction = _Redaction.of(content)
    lines = "\n".join(_mail_lines(content[:MAX_MESSAGE], redaction))
    octets = lines.encode("utf-8", "replace")
    return octets.replace(b"\n", b"\r\n") if b"\r\n" in content[:MAX_HEADER_BLOCK] else octets


# -------------------------------------------------------------------------------------------------- what is LinkedIn's


@cache
def _vocabulary() -> frozenset[str]:
    """Every word of LinkedIn's that the tables hold."""
    tables = (chrome().lines, chrome().footers)
    texts = [text for table in tables for text in table.exact]
    texts += [line.text for table in tables for lines in table.by_end.values() for line in lines]
    return frozenset(word.casefold() for text in texts for word in _words_of(re.sub(r"\{\w+\}", " ", text)))


@cache
def _word() -> re.Pattern[str]:
    """A run of letters, digits and their marks; invisible padding is no mark."""
    marks = (chr(code) for code in range(0x300, 0xFE00) if unicodedata.category(chr(code)).startswith("M"))
    return re.compile(f"(?:[^\\W_]|[{''.join(mark for mark in marks if mark != chr(0x34F))}])+")


def _words_of(text: str) -> list[str]:
    return _word().findall(text)


def _is_linkedin(word: str) -> bool:
    return len(word) <= len("linkedins") and close_to_linkedin(word.lower())


@dataclass(frozen=True, slots=True)
class _Sense:
    """What the tables say of a line."""

    languages: tuple[frozenset[str], frozenset[str]]
    kinds: frozenset[frozenset[Kind]]
    is_greeting: bool
    courtesies: int

    def __bool__(self) -> bool:
        return any(self.languages) or bool(self.kinds) or self.is_greeting or bool(self.courtesies)


_NOTHING = _Sense((frozenset(), frozenset()), frozenset(), is_greeting=False, courtesies=0)


def _sense(text: str, names: frozenset[str], *, is_subject: bool) -> _Sense:
    text = visible(text)
    table = signals()
    patterns = table.subjects if is_subject else (*table.footers, *table.phrases)
    first = text.split()[0].strip(",:") if text else ""
    return _Sense(
        (chrome().lines.languages(text), chrome().footers.languages(text)),
        frozenset(entry.kinds for entry in patterns if entry.pattern.search(text)),
        is_greeting=first in chrome().greetings and text.endswith((",", ":", "，", "、", "：")),
        courtesies=sum(_is_courtesy(sentence, names) for sentence in sentences(text[:200])),
    )


def _is_courtesy(sentence: str, names: frozenset[str]) -> bool:
    words = " ".join(word for word in plain(sentence).split() if word not in names)
    return any(pattern.fullmatch(words) for pattern in courtesies())


# ---------------------------------------------------------------------------------------------------------- inventions


@cache
def _alphabets() -> Mapping[tuple[str, str], str]:
    """Letters to invent with, by script and category: `LATIN`, `Ll` → a to z."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for char in map(chr, range(0x41, 0x10000)):
        letters = found[_script(char)]
        if char.isalpha() and len(letters) < 26:
            letters.append(char)
    return {script: "".join(letters) for script, letters in found.items() if letters}


def _script(char: str) -> tuple[str, str]:
    return unicodedata.name(char, "").partition(" ")[0], unicodedata.category(char)


def _shaped(original: str, number: int) -> str:
    """An invention of the same shape from its number alone."""
    units = enumerate(_UNIT.findall(original))
    return "".join(_unit(unit, index, number) for index, unit in units)


def _unit(unit: str, index: int, number: int) -> str:
    if len(unit) == 3:
        return unit if chr(int(unit[1:], 16)) in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ " else "%78"
    step = number // 10 ** (index % 4) + index
    if unit.isdigit():
        return str(step % 10)
    if not unit.isalpha():
        return unit
    letters = _alphabets().get(_script(unit), "x")
    # Consonant and vowel in turn, so that an invented name can be spoken.
    pool = ("aeiou", "bcdfgklmnprstvz")[index % 2 == 0] if letters[0] in "aA" else letters
    letter = pool[step % len(pool)]
    return letter.upper() if letters[0] == "A" else letter


def _masked(words: str) -> str:
    """Letter by letter x or X, each digit 0."""
    return "".join(map(_mask, words))


def _mask(char: str) -> str:
    category = unicodedata.category(char)
    if category[0] == "N":
        return "0"
    if category[0] not in "LM":
        return char
    return "X" if category in {"Lu", "Lt"} else "x"


@dataclass(slots=True)
class _Inventions:
    """What became of each word, in order of first appearance."""

    made: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    number: int = 0

    def shape(self, word: str) -> str:
        """The invention for a word, in the word's case."""
        key = word.casefold()
        known = self.made.get(key) or self._invent(key)
        if len(known) != len(word):  # a letter whose small form is longer, as ß and İ
            return _masked(word)
        return "".join(new.upper() if old.isupper() else new for old, new in zip(word, known, strict=True))

    def _invent(self, key: str) -> str:
        """The next invention that is no known word and none of the originals; a short word has few."""
        for _ in range(40):
            self.number += 1
            new = _shaped(key, self.number)
            if new != key and new not in self.used and new not in self.made and new not in _vocabulary():
                break
        self.used.add(new)
        self.made[key] = new
        return new


@dataclass(slots=True)
class _Redaction:
    """One mail's redaction: whom it speaks of, what was invented for them, and how much was asked of the tables."""

    names: frozenset[str]
    domains: frozenset[str]
    kind: Kind
    inventions: _Inventions = field(default_factory=_Inventions)
    checks: int = 0
    parts: int = 0

    @classmethod
    def of(cls, content: bytes) -> _Redaction:
        """Learn from a mail whom it speaks of."""
        mail = message.parse(content)
        read = reading.read(mail, Trust())
        people = [*mail.senders, *(one for name in _ADDRESS_HEADERS for one in mail.addresses(name))]
        shown = [person.name for person in people]
        if isinstance(read.found, Invitation):
            shown.append(read.found.inviter.name)
        names = frozenset(word.casefold() for name in shown for word in _name_words(name))
        return cls(names, frozenset(person.domain for person in people if _is_personal(person.domain)), read.kind)

    # ------------------------------------------------------------------------------------------------------- tokens

    def shape(self, text: str) -> str:
        """Every run of letters and digits replaced by an invented one."""
        return _RUNS.sub(lambda run: self.inventions.shape(run.group()), text)

    def host(self, host: str) -> str:
        """A host name; one that belongs to an address of the people in this mail is replaced."""
        if not close_to_linkedin(host.lower()):
            host = _RUNS.sub(lambda run: self._unless_named(run.group()), host)
        below = "." + host.lower()
        own = next((domain for domain in self.domains if below.endswith("." + domain)), "")
        if not own:
            return host
        names, _, last = host[len(host) - len(own) :].rpartition(".")
        return host[: len(host) - len(own)] + self.shape(names) + "." + last if names else self.shape(host)

    def _unless_named(self, label: str) -> str:
        return self.inventions.shape(label) if label.casefold() in self.names else label

    def mail(self, address: str) -> str:
        """An address or a message id; LinkedIn's service addresses stay."""
        local, _, domain = address.rpartition("@")
        kept = at_linkedin(domain.lower()) and _is_service(local)
        if kept:
            return address
        shown = re.sub(rf"(?!(?:JavaMail|app)\b)\b{_RUN}", lambda run: self.inventions.shape(run.group()), local)
        return f"{shown}@{self._domain(domain)}"

    def _domain(self, domain: str) -> str:
        if not _is_personal(domain.lower()):
            return domain
        names, _, last = domain.rpartition(".")
        return f"{self.shape(names)}.{last}" if names else self.shape(domain)

    def ip(self, address: str) -> str:
        """An IP address; private ones tell of nobody, and where a mail came in is told by them."""
        try:
            known = ip_address(address)
        except ValueError:
            return self.shape(address)
        if known.is_private:
            return address
        return self._public(address) if isinstance(known, IPv4Address) else self._behind_network(address)

    def _public(self, address: str) -> str:
        first, *rest = address.split(".")
        return ".".join(["177"[-len(first) :], *("132"[: len(octet)] for octet in rest)])

    def _behind_network(self, address: str) -> str:
        head = ":".join(address.split(":")[:2])
        return head + re.sub(r"[0-9A-Fa-f]", "1", address[len(head) :])

    # -------------------------------------------------------------------------------------------------------- links

    def url(self, url: str) -> str:
        """A link: scheme, host and LinkedIn's own words stay, whatever else it carries is replaced."""
        scheme, _, rest = url.partition("://")
        parts = re.match(r"([^/?#]*)([^?#]*)(.*)", rest, re.DOTALL)
        host, path, query = parts.groups() if parts else (rest, "", "")
        own = close_to_linkedin(host.lower())
        shown = self.host(host) if re.fullmatch(r"[\w.:-]*", host) else self.shape(host)
        return f"{scheme}://{shown}{self._path(path, own=own)}{self._query(query, own=own)}"

    def target(self, value: str) -> str:
        """Where a link or a picture leads."""
        if re.match(r"https?://", value):
            return self.url(value)
        scheme, colon, rest = value.partition(":")
        return scheme + colon + self.shape(rest) if scheme in {"mailto", "cid", "data"} else self.shape(value)

    def _path(self, path: str, *, own: bool) -> str:
        segments = path.split("/")
        before = ["", *segments]
        return "/".join(
            piece if own and last.lower() not in _ID_FOLLOWS and _is_wording(piece) else self.shape(piece)
            for last, piece in zip(before, segments, strict=False)
        )

    def _query(self, query: str, *, own: bool) -> str:
        pieces = re.split(r"([?#&;])", query)
        return "".join(piece if len(piece) < 2 else self._parameter(piece, own=own) for piece in pieces)

    def _parameter(self, piece: str, *, own: bool) -> str:
        name, equals, value = piece.partition("=")
        if not own or (not equals and piece != "amp"):
            return self.shape(piece)
        shown = name if re.fullmatch(r"[A-Za-z_]{1,24}", name) else self.shape(name)
        return f"{shown}{equals}{self._value(name, value)}"

    def _value(self, name: str, value: str) -> str:
        """Where a link stands in LinkedIn's layout is kept; what follows it tells of the recipient."""
        ends = {"trk": "-null-", "trkEmail": "-null-", "ek": "-null-", "lipi": "%3B"}
        if value in _LOGICAL or name not in ends:
            return value if value in _LOGICAL else self.shape(value)
        place, end, rest = value.partition(ends[name])
        return re.sub(_RUN, self._place, place) + end + self.shape(rest)

    def _place(self, run: re.Match[str]) -> str:
        word = run.group()
        is_token = len(word) > 5 and re.search(r"\d", word) and re.search(r"[a-z]", word, re.IGNORECASE)
        return self.inventions.shape(word) if is_token and "%" not in word else word

    # ------------------------------------------------------------------------------------------------------ headers

    def header(self, name: str, value: str) -> str:
        """The value of one header."""
        known = name.lower()
        if known in _KEPT_HEADERS and _KEPT_VALUE.fullmatch(value):
            return value
        if known == "feedback-id":
            key, colon, rest = value.partition(":")
            return (key if re.fullmatch(r"[A-Za-z]\w*", key) else self.shape(key)) + colon + self._tokens(rest, ())
        if known == "subject":
            subject = self.line(decode_words(value) if "=?" in value else value, is_subject=True)
            return _encoded_word(subject) if "=?" in value else subject
        if known in _ADDRESS_HEADERS:
            return self._encoded(value, lambda text: self._tokens(text, self._not_names()))
        if _SERVER_HEADERS.fullmatch(known):
            return self._tokens(value, _SERVER_WORDS, by_server=True)
        return self._encoded(value, lambda text: self._tokens(text, _SERVER_WORDS))

    def _not_names(self) -> frozenset[str]:
        """Words beside names: `via LinkedIn`, `Job Alerts`."""
        return (_vocabulary() | frozenset(_words_of(via().pattern.casefold()))) - self.names

    def _encoded(self, value: str, change: Callable[[str], str]) -> str:
        """Change the text of a header value, and encode anew what was encoded."""
        if "=?" not in value:
            return change(value)
        pieces, at = [], 0
        for run in _ENCODED.finditer(value):
            pieces += [change(value[at : run.start()]), _encoded_word(change(decode_words(run.group())))]
            at = run.end()
        return "".join([*pieces, change(value[at:])])

    def _tokens(self, value: str, kept: Iterable[str], *, by_server: bool = False) -> str:
        words = frozenset(kept)
        return (_BY_SERVER if by_server else _TOKEN).sub(lambda token: self._token(token, words), value)

    def _token(self, token: re.Match[str], kept: frozenset[str]) -> str:
        text = token.group()
        if token.lastgroup in {"date", "tag"}:
            return text
        if token.lastgroup == "run":
            is_kept = text.casefold() in kept or _is_linkedin(text)
            return text if is_kept and text.casefold() not in self.names else self.inventions.shape(text)
        return self._named(str(token.lastgroup), text)

    def _named(self, kind: str, text: str) -> str:
        changes = {"url": self.url, "mail": self.mail, "ip": self.ip, "host": self.host}
        return changes[kind](text)

    # -------------------------------------------------------------------------------------------------------- lines

    def text(self, text: str) -> str:
        """A text part, line by line."""
        lines = text.split("\n")
        return "\n".join(self.lines([(line, False) for line in lines[:MAX_LINES]]))

    def lines(self, lines: Sequence[tuple[str, bool]]) -> Iterator[str]:
        """Lines in reading order; of each, whether all of it is the label of a button."""
        defaults = _default_words([text for text, _ in lines])
        for index, (text, is_label) in enumerate(lines):
            yield self.line(text, defaults.get(index, frozenset()), is_own=is_label and _is_short(text))

    def line(
        self, text: str, default: frozenset[int] = frozenset(), *, is_own: bool = False, is_subject: bool = False
    ) -> str:
        """One line. Words of a default sentence (`default`: where they begin) stay, and of those in LinkedIn's lines
        (`is_own`, or known as a whole) the ones that the tables hold.
        """
        linked = _LINKS.sub(lambda found: self._named(str(found.lastgroup), found.group()), text)
        sense = self._ask(text, is_subject=is_subject)
        changes = self._changes(text, default, is_own=is_own or is_subject or any(sense.languages))
        shown = _applied(linked, changes)
        if not sense or self._ask(shown, is_subject=is_subject) == sense:
            return shown
        return self._least(linked, changes, sense, is_subject=is_subject)

    def _least(self, text: str, changes: Sequence[tuple[int, str]], sense: _Sense, *, is_subject: bool) -> str:
        """Change every word that the tables do not need to know the line."""
        for change in changes:
            shown = _applied(text, [change])
            if self._ask(shown, is_subject=is_subject) == sense:
                text = shown
        return text

    def _changes(self, text: str, default: frozenset[int], *, is_own: bool) -> list[tuple[int, str]]:
        """Where which words come in."""
        linked = _covered(text, _LINKS)
        closed = _covered(text, _BRACKETS)
        vocabulary = _vocabulary() if is_own and self.kind not in {Kind.UNRELATED, Kind.MESSAGE} else frozenset()
        found = []
        for word in _word().finditer(text):
            start, shown = word.start(), word.group()
            stays = start in default or (shown.casefold() in vocabulary and not closed[start])
            if not linked[start] and (new := self._new(shown, stays=stays)) != shown:
                found.append((start, new))
        return found

    def _new(self, word: str, *, stays: bool) -> str:
        if word.casefold() in self.names:
            return self.inventions.shape(word)
        return word if stays or _is_linkedin(word) else _masked(word)

    def _ask(self, text: str, *, is_subject: bool) -> _Sense:
        if self.kind is Kind.UNRELATED or len(text) > MAX_KNOWN_LINE or self.checks >= MAX_CHECKS:
            return _NOTHING
        self.checks += 1
        invented = (self.inventions.made[name] for name in self.names & self.inventions.made.keys())
        return _sense(text, self.names.union(invented), is_subject=is_subject)


def _name_words(name: str) -> Iterator[str]:
    words = _words_of(without_via(name))
    of_linkedin = any(map(_is_linkedin, words))
    return (word for word in words if not of_linkedin or not (_is_linkedin(word) or word.casefold() in _vocabulary()))


def _is_short(label: str) -> bool:
    return len(label.split()) <= MAX_LABEL_WORDS


def _is_personal(domain: str) -> bool:
    return bool(domain) and not (at_linkedin(domain) or close_to_linkedin(domain) or _RESERVED.search(domain))


def _is_service(local: str) -> bool:
    known = local.lower() in signals().senders or bool(_SERVICE_WORDS.search(local.lower()))
    return known and bool(_SERVICE_LOCAL.fullmatch(local))


def _is_wording(piece: str) -> bool:
    words = re.split(r"[-_.~]", piece)
    return all(not word or word.lower() in _LINK_WORDS or word.lower() in _vocabulary() for word in words)


def _covered(text: str, pattern: re.Pattern[str]) -> bytearray:
    """For each place of a text, whether the pattern covers it."""
    covered = bytearray(len(text))
    for found in pattern.finditer(text):
        covered[found.start() : found.end()] = b"\1" * len(found.group())
    return covered


def _applied(text: str, changes: Iterable[tuple[int, str]]) -> str:
    pieces, at = [], 0
    for start, new in changes:
        pieces += [text[at:start], new]
        at = start + len(new)
    return "".join([*pieces, text[at:]])


def _encoded_word(text: str) -> str:
    return Header(text, "utf-8", maxlinelen=75).encode()


def _default_words(texts: Sequence[str]) -> dict[int, frozenset[int]]:
    """By line, where the words of LinkedIn's default sentences begin; a text part may wrap one over three lines."""
    found: dict[int, set[int]] = defaultdict(set)
    plainly = [text.replace("\n", " ") for text in texts[:MAX_LINES]]
    for first in range(len(plainly)):
        near = takewhile(visible, plainly[first : first + 3])
        joined = "\n".join(near)[:MAX_KNOWN_LINE]
        for start in _default_starts(joined):
            before = joined[:start]
            found[first + before.count("\n")].add(start - (before.rfind("\n") + 1))
    return {index: frozenset(starts) for index, starts in found.items()}


def _default_starts(joined: str) -> Iterator[int]:
    found = find_default(joined)
    if found is None:
        return
    at = joined.replace("\n", " ").find(found.words.replace("\n", " "))
    known = set(plain(found.known.text.replace("'", " ").replace("’", " ")).split())
    for word in _word().finditer(joined, max(at, 0), at + len(found.words) if at >= 0 else 0):
        if plain(word.group()) in known:
            yield word.start()


# -------------------------------------------------------------------------------------------------------- HTML


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


def _html(markup: str, redaction: _Redaction) -> str:
    try:
        clean = re.sub(r"^\s*<\?xml[^>]*\?>", "", markup)
        parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
        root = html.document_fromstring(clean.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return "<p>[HTML that cannot be read was left out]</p>"
    _redact_words(root, redaction)
    for element in root.iter():
        _redact_element(element, redaction)
    return f"<!DOCTYPE html>\n{html.tostring(root, encoding='unicode')}\n"


def _redact_words(root: html.HtmlElement, redaction: _Redaction) -> None:
    lines = list(_html_lines(root))
    whole = [("".join(piece.text for piece in line), all(p.is_label for p in line if p.text.strip())) for line in lines]
    redacted = redaction.lines([(_CONTROLS.sub(" ", text), is_label) for text, is_label in whole])
    for line, shown in zip(lines, redacted, strict=True):
        at = 0
        for piece in line:
            length = len(piece.text)
            piece.write(shown[at : at + length])
            at += length


def _html_lines(root: html.HtmlElement) -> Iterator[list[_Piece]]:
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


def _redact_element(element: html.HtmlElement, redaction: _Redaction) -> None:
    if element.tag not in _TAGS:
        element.tag = "span"
    for name, value in element.items()[:MAX_ATTRIBUTES]:
        shown = _attribute(name, _CONTROLS.sub(" ", value), redaction)
        if shown is None:
            del element.attrib[name]
        else:
            element.set(name, shown)
    for name in element.keys()[MAX_ATTRIBUTES:]:
        del element.attrib[name]


def _attribute(name: str, value: str, redaction: _Redaction) -> str | None:
    if name in _LINK_ATTRIBUTES:
        return redaction.target(value)
    if name in _KEPT_ATTRIBUTES:
        return re.sub(_URL, lambda found: redaction.url(found.group()), value)
    if name in _WORDED_ATTRIBUTES or re.fullmatch(r"data-[a-z-]{1,60}", name):
        return value if _is_wording(value) else redaction.line(value, is_own=True)
    return None


# -------------------------------------------------------------------------------------------------------- parts


class _Bounded(Compat32):
    """How the library reads a mail's structure: with the beginning of each header."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Name and value of one header."""
        name, value = super().header_source_parse(sourcelines)
        return name, value[:MAX_PART_HEADER]


_BOUNDED = _Bounded()


def _mail_lines(content: bytes, redaction: _Redaction) -> list[str]:
    try:
        return list(_part_lines(message_from_bytes(content, policy=_BOUNDED), redaction, 0))
    except Exception:  # noqa: BLE001 - the library raises anything on hostile mail: nothing of it is shown then
        return ["", "[a mail that cannot be read was left out]", ""]


def _part_lines(part: EmailMessage, redaction: _Redaction, depth: int) -> Iterator[str]:
    """A part: its headers, an empty line, its body."""
    redaction.parts += 1
    if depth > MAX_DEPTH or redaction.parts > MAX_PARTS * 2:
        yield "\n[the parts beyond were left out]"
    elif part.get_content_maintype() == "multipart" and part.is_multipart():
        yield from _multipart_lines(part, redaction, depth)
    elif part.get_content_type() in {"text/plain", "text/html"} and not _is_attached(part):
        yield from _header_lines(part, redaction, {"content-transfer-encoding": "quoted-printable"}, "utf-8")
        yield _quoted_printable(_words(part, redaction))
    else:
        yield from _header_lines(part, redaction, {"content-transfer-encoding": "7bit"}, None)
        yield f"[an attachment was left out: {len(str(part.get_payload())):,} characters]\n"


def _multipart_lines(part: EmailMessage, redaction: _Redaction, depth: int) -> Iterator[str]:
    boundary = redaction.shape(_boundary(part))
    yield from _header_lines(part, redaction, {}, None)
    for inner in part.get_payload():
        if isinstance(inner, EmailMessage):
            yield f"--{boundary}"
            yield from _part_lines(inner, redaction, depth + 1)
    yield f"--{boundary}--\n"


def _header_lines(
    part: EmailMessage, redaction: _Redaction, set_to: Mapping[str, str], charset: str | None
) -> Iterator[str]:
    room, missing = MAX_HEADER_BLOCK, dict(set_to)
    for name, raw in part.raw_items():
        value = _CONTROLS.sub(" ", _readable(str(raw)).replace("\r\n", "\n"))
        room -= len(value)
        if room < 0 or not re.fullmatch(r"[!-9;-~]{1,76}", name):
            continue
        known = name.lower()
        missing.pop(known, None)
        if known == "content-type":
            yield f"{name}: {_content_type(part, redaction, charset)}"
        else:
            yield f"{name}: {set_to.get(known) or redaction.header(name, value)}"
    yield from (f"{name.title()}: {value}" for name, value in missing.items())
    yield ""


def _readable(value: str) -> str:
    return message.decode_bytes(value.encode("utf-8", "surrogateescape"), "utf-8")


def _content_type(part: EmailMessage, redaction: _Redaction, charset: str | None) -> str:
    shown = part.get_content_type()
    for name, value in _parameters(part):
        if name == "boundary":
            shown += f';\n\tboundary="{redaction.shape(_boundary(part))}"'
        elif name != "charset":
            shown += f'; {name}="{value if name in _KEPT_PARAMETERS and value.isalnum() else redaction.shape(value)}"'
    return shown + (f"; charset={charset}" if charset else "")


def _parameters(part: EmailMessage) -> list[tuple[str, str]]:
    found = part.get_params(failobj=[])[1:9]
    named = [(name.lower(), _plain_value(value)) for name, value in found]
    return [(name, value) for name, value in named if re.fullmatch(r"[a-z-]{1,20}", name)]


def _plain_value(value: str | tuple[str | None, str | None, str]) -> str:
    text = collapse_rfc2231_value(value)
    return re.sub(r'["\\\n]', "_", text[:200])


def _boundary(part: EmailMessage) -> str:
    return re.sub(r"[^\w'()+,./:=?-]", "_", part.get_boundary() or "cut", flags=re.ASCII)[:70]


def _is_attached(part: EmailMessage) -> bool:
    return bool(part.get_filename()) or part.get_content_disposition() == "attachment"


def _words(part: EmailMessage, redaction: _Redaction) -> str:
    body = part.get_payload(decode=True)
    octets = body if isinstance(body, bytes) else b""
    text = message.decode_bytes(octets[:MAX_TEXT], str(part.get_content_charset() or "ascii"))
    text = _CONTROLS.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _html(text, redaction) if part.get_content_type() == "text/html" else redaction.text(text)


def _quoted_printable(text: str) -> str:
    encoded = b2a_qp(text.encode("utf-8", "replace"), istext=True).decode("ascii")
    # Not to be taken for a boundary, nor for the next mail of a mailbox file.
    return re.sub(r"^(?:-(?=-)|F(?=rom ))", lambda found: f"={ord(found.group()):02X}", encoded, flags=re.MULTILINE)
