"""What a mail is: several independent signals are added up, and no single one decides.

First comes who speaks: LinkedIn's machine, a person, or somebody who claims to be LinkedIn. Only the machine's mail is
told apart by the table of signals (`data/signals.toml`).
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from rapidfuzz.distance import OSA

from watcher.domain.frame import is_chrome
from watcher.domain.genuine import at_linkedin
from watcher.domain.kinds import Authentic, Kind
from watcher.domain.layout import Line
from watcher.domain.links import Link, accept_links, invitation_ids, reply_links, template_keys
from watcher.domain.message import Address, Message
from watcher.domain.tables import KindPattern, signals, via

ENOUGH = 4
"""Points that a kind needs, from two signals at least."""

# 2009–14 in guests' mail, and what LinkedIn's machine writes since: never under a person's own address.
_GUEST_ID = re.compile(r"\.JavaMail\.[\w.-]+@[\w.-]+\.prod>$")
_TODAYS_ID = re.compile(r"\.prod\.linkedin\.com>$")
_TODAYS_TEMPLATE = re.compile(r"^(email|comm)_", re.IGNORECASE)
_MACHINE_ID = re.compile(r"(?:\.JavaMail\.[\w.-]+@[\w.-]+\.prod|\.prod\.linkedin\.com)>$")
_ADDRESS = re.compile(r"https?://(?:[a-z0-9-]+\.)*linkedin\.com\b", re.IGNORECASE)
_CLAIM = re.compile(
    r"^(?:linked\W?[il1]n\b.{0,40}|.{1,120} via linked\W?[il1]n|.{0,120}@(?:[a-z0-9-]+\.){0,4}linkedin\.com\b.{0,40})$",
    re.IGNORECASE,
)
_MACHINE_LOCAL = re.compile(r"invit|no-?reply|hit-reply|^member$|^(e|em|el|cs)$")


class Speaker(Enum):
    """Whose words a mail holds."""

    LINKEDIN = auto()
    GUEST = auto()  # LinkedIn's machine in the inviter's own name, until 2014
    PERSON = auto()
    IMITATOR = auto()


@dataclass(frozen=True, slots=True)
class Sorted:
    """The kind of a mail, why, and what contradicts it."""

    kind: Kind
    reason: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that speaks for one or several kinds."""

    name: str
    points: int
    kinds: frozenset[Kind]


def may_be_invitation(message: Message) -> bool:
    """From the headers alone: is it worth reading? Never true for mail between people."""
    speaker = _speaker_by_headers(message)
    if speaker is Speaker.GUEST:
        return "linkedin" in message.subject.lower() or bool(_linkedin_sender(message))
    return speaker is Speaker.LINKEDIN and not _is_surely_other(message)


def sort(message: Message, lines: tuple[Line, ...], authentic: Authentic) -> Sorted:
    """Say what a mail is; `lines` are all the lines a reader sees of it."""
    links = tuple(one for line in lines for one in line.links)
    speaker = speaker_of(message, links)
    if speaker is Speaker.PERSON:
        return Sorted(Kind.UNRELATED, "written by a person or another sender, not by LinkedIn's machine")
    if speaker is Speaker.IMITATOR:
        return Sorted(Kind.IMITATION, f"claims to be LinkedIn, but comes from {message.senders[0].address}")
    if authentic is Authentic.FAIL:
        return Sorted(Kind.IMITATION, "claims to be LinkedIn, and the mailbox's server or its signature says it is not")
    astray = None if authentic is Authentic.PASS else next(_astray(lines), None)
    if astray is not None:
        return Sorted(Kind.IMITATION, f"shows LinkedIn's words over a link that leads to {astray}")
    return _by_signals(tuple(_signals(message, lines, links)))


def _astray(lines: tuple[Line, ...]) -> Iterator[str]:
    """Hosts of links that leave LinkedIn behind an honest text: an address of LinkedIn's, or the words that accept."""
    for line in lines:
        away = [one.host for one in line.links if not one.is_linkedins_own]
        honest = bool(away) and _is_linkedins_word(line.text)
        yield from (host for host in away if honest or _is_made_up(host))


def _is_linkedins_word(text: str) -> bool:
    return _ADDRESS.search(text) is not None or (bool(text) and is_chrome(text))


def _is_made_up(host: str) -> bool:
    """`linkedin.com.login.example` or `linkedln.example`; a partner's `linkedin.example` is a link like others."""
    return "linkedin.com" in host or (close_to_linkedin(host) and "linkedin" not in host)


def speaker_of(message: Message, links: tuple[Link, ...]) -> Speaker:
    """Who speaks; a mail in the inviter's own name has to carry LinkedIn's accept link as well."""
    speaker = _speaker_by_headers(message)
    if speaker is Speaker.GUEST and not accept_links(links):
        return Speaker.PERSON
    return speaker


def _speaker_by_headers(message: Message) -> Speaker:
    if not message.senders:
        return Speaker.PERSON
    sender = message.senders[0]
    if at_linkedin(sender.domain):
        return Speaker.LINKEDIN if _is_machine(message, sender) else Speaker.PERSON
    guest = _is_guest_mail(message)
    # "via LinkedIn", in whatever language, was never written behind a guest's name.
    if looks_like_linkedin(sender) or _wears_marks(message) or (guest and "linkedin" in sender.name.lower()):
        return Speaker.IMITATOR
    return Speaker.GUEST if guest else Speaker.PERSON


def _wears_marks(message: Message) -> bool:
    """A foreign sender under the marks of today's machine. A list that passes mail on keeps them, and says so."""
    template = message.first("x-linkedin-template") or ""
    marks = _TODAYS_ID.search(message.message_id or "") or _TODAYS_TEMPLATE.match(template) or _feedback_key(message)
    return bool(marks) and message.first("list-id") is None and message.in_reply_to is None


def looks_like_linkedin(sender: Address) -> bool:
    """A foreign address under LinkedIn's name, or at a domain made to be mistaken for LinkedIn's."""
    claims = _CLAIM.match(sender.name) or via().search(sender.name) or "linkedin.com" in sender.local
    return bool(claims) or close_to_linkedin(sender.domain) or any(map(_is_disguised, sender.name.split()))


def _is_disguised(word: str) -> bool:
    """LinkedIn written with letters of another script."""
    bare = unicodedata.normalize("NFKC", word).casefold()
    return not bare.isascii() and len(bare) >= 6 and OSA.distance(bare, "linkedin") <= 3


def close_to_linkedin(host: str) -> bool:
    """Whether a host outside linkedin.com is named to be mistaken for it."""
    labels = re.split(r"[.\-]", unicodedata.normalize("NFKC", host).casefold())
    return any("linkedin" in label or (len(label) >= 6 and OSA.distance(label, "linkedin") <= 2) for label in labels)


def _is_machine(message: Message, sender: Address) -> bool:
    # An employee writes from linkedin.com too: a machine is known by its address or by the marks it leaves.
    by_address = sender.local in signals().senders or bool(_MACHINE_LOCAL.search(sender.local))
    below = sender.domain != "linkedin.com"
    return by_address or below or _has_marks(message)


def _has_marks(message: Message) -> bool:
    headers = message.first("x-linkedin-template") or message.first("x-linkedin-class")
    return bool(headers or _MACHINE_ID.search(message.message_id or ""))


def _is_guest_mail(message: Message) -> bool:
    has_address = bool(message.senders and message.senders[0].local)
    return has_address and message.in_reply_to is None and bool(_GUEST_ID.search(message.message_id or ""))


def _linkedin_sender(message: Message) -> bool:
    return any(at_linkedin(address.domain) for address in message.addresses("sender"))


def _is_surely_other(message: Message) -> bool:
    """Two header signals for another kind and none for an invitation: its text need not be fetched."""
    found = tuple(_header_signals(message))
    against = [signal for signal in found if not signal.kinds & {Kind.INVITATION, Kind.REMINDER}]
    return len(against) >= 2 and len(against) == len(found)


def _signals(message: Message, lines: tuple[Line, ...], links: tuple[Link, ...]) -> Iterator[Signal]:
    yield from _header_signals(message)
    weights = signals().weights
    for key in template_keys(links)[:3]:
        yield Signal(f"template key {key} in links", weights["template_link"], template_kinds(key))
    if len(invitation_ids(links)) > 1:
        yield Signal("accept links of several invitations", weights["accept_links"], frozenset({Kind.DIGEST}))
    elif accept_links(links):
        kinds = frozenset({Kind.INVITATION, Kind.REMINDER, Kind.DIGEST})
        yield Signal("accept link", weights["accept_link"], kinds)
    elif reply_links(links):
        yield Signal("reply link", weights["reply_link"], frozenset({Kind.MESSAGE}))
    yield from _text_signals(" ".join(line.text for line in lines)[: 64 << 10])


def _header_signals(message: Message) -> Iterator[Signal]:
    table = signals()
    for key in {message.first("x-linkedin-template") or _feedback_key(message)} - {""}:
        yield Signal(f"template {key}", table.weights["template_header"], template_kinds(key))
    if message.senders and not at_linkedin(message.senders[0].domain):
        yield Signal("a guest's own address", table.weights["sender"], frozenset({Kind.INVITATION, Kind.REMINDER}))
    for local in {sender.local for sender in message.senders} & table.senders.keys():
        yield Signal(f"sender {local}@", table.weights["sender"], table.senders[local])
    yield from _matches("class", message.first("x-linkedin-class") or "", table.classes, table.weights["class_header"])
    yield from _matches("subject", message.subject, table.subjects, table.weights["subject"])


def _text_signals(text: str) -> Iterator[Signal]:
    table = signals()
    yield from _matches("footer", text, table.footers, table.weights["footer"])
    yield from _matches("phrase", text, table.phrases, table.weights["phrase"])


def _matches(name: str, text: str, patterns: tuple[KindPattern, ...], points: int) -> Iterator[Signal]:
    """One signal a kind set at most, however often the text repeats itself."""
    kinds = {pattern.kinds for pattern in patterns if pattern.pattern.search(text)}
    return (Signal(name, points, each) for each in kinds)


def template_kinds(key: str) -> frozenset[Kind]:
    """What a template key speaks for; one that the table does not know speaks for `other`."""
    known = (entry.kinds for entry in signals().templates if entry.pattern.search(key))
    return next(known, frozenset({Kind.OTHER}))


def _feedback_key(message: Message) -> str:
    key, _, owner = (message.first("feedback-id") or "").partition(":")
    return key.strip() if owner.strip().lower().endswith("linkedin") else ""


def _by_signals(found: tuple[Signal, ...]) -> Sorted:
    points: dict[Kind, int] = defaultdict(int)
    names: dict[Kind, list[str]] = defaultdict(list)
    for signal in found:
        for kind in signal.kinds:
            points[kind] += signal.points
            names[kind].append(signal.name)
    ranked = sorted(points, key=lambda kind: (-points[kind], list(Kind).index(kind)))
    if not ranked or points[ranked[0]] < ENOUGH or len(names[ranked[0]]) < 2:
        return Sorted(Kind.OTHER, "mail of LinkedIn's that nothing marks as an invitation")
    return Sorted(ranked[0], ", ".join(dict.fromkeys(names[ranked[0]])), tuple(_contradictions(ranked[0], found)))


def _contradictions(kind: Kind, found: tuple[Signal, ...]) -> Iterator[str]:
    for signal in found:
        if kind not in signal.kinds and signal.points >= ENOUGH:
            others = " or ".join(sorted(signal.kinds))
            yield f"read as {kind}, but its {signal.name} speaks for {others}"
