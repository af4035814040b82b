"""Invented mails in LinkedIn's two layouts, as whole bytes; each test changes what it is about."""

from collections.abc import Mapping
from pathlib import Path

from watcher.domain import message, reading
from watcher.domain.reading import Trust
from watcher.domain.values import Invitation, Reading

AUTHSERV = "mx.example.test"
TRUST = Trust(AUTHSERV)
PASSED = f"{AUTHSERV}; dkim=pass header.d=linkedin.com; dmarc=pass header.from=linkedin.com"
CORPUS = sorted((Path(__file__).parents[1] / "corpus").glob("*.eml"))

_KEY = "email_m2m_invite_single_01"
_ID = "7300000000000000042"
_ACCEPT = f"https://www.linkedin.com/comm/mynetwork/invite-accept/invitationId/{_ID}/sharedKey/AAAA/?trk=eml-{_KEY}"

HEADERS: Mapping[str, str] = {
    "Authentication-Results": PASSED,
    "From": "Tilda Moreau <invitations@linkedin.com>",
    "To": "Robin Ashdown <me@example.test>",
    "Subject": "I want to connect",
    "Date": "Mon, 09 Nov 2026 08:12:00 +0000",
    "Message-ID": "<1.101.1795000000000@lva1-app1001.prod.linkedin.com>",
    "X-LinkedIn-Template": _KEY,
}


def with_headers(changes: Mapping[str, str | None]) -> list[tuple[str, str]]:
    """LinkedIn's headers, some changed, some (None) left out."""
    merged: dict[str, str | None] = {**HEADERS, **changes}
    return [(name, value) for name, value in merged.items() if value is not None]


def a_letter(note: str = "", name: str = "Tilda Moreau", greeting: str = "Hi Robin,") -> str:
    """A text part; `note` stands where the inviter's words stand."""
    words = f"{greeting}\n{note}\n\n" if note else ""
    return (
        f"{words}{name}\nPlanner at Nordkai\nMalmö, Sweden\n\n"
        f"Accept: {_ACCEPT}-invitation~card-0-accept~invite\n\n"
        f"View {name}'s profile: https://www.linkedin.com/comm/in/tilda-moreau?trk=eml-{_KEY}-invitation~card-0-x\n\n"
        "----------------------------------------\n\nYou are receiving Invitation emails.\n"
    )


def a_card(note: str = "", name: str = "Tilda Moreau", below: str = "") -> str:
    """An HTML part; `below` stands among the people one may know."""
    profile = f"https://www.linkedin.com/comm/in/tilda-moreau?trk=eml-{_KEY}-invitation~card-0-inviter~name"
    words = f"<div>{note}</div>" if note else ""
    return (
        f'<html lang="en"><body><table><tr><td><h3><a href="{profile}">{name}</a></h3>'
        f"<div>Planner at Nordkai</div><div>Malmö, Sweden</div>{words}</td></tr>"
        f'<tr><td><a href="{_ACCEPT}-invitation~card-0-accept~invite">Accept</a></td></tr></table>'
        "<h2>People you may know</h2>"
        f'<p><a href="https://www.linkedin.com/comm/in/wanda-quist?trk=eml-{_KEY}-pymk-0-name">Wanda Quist</a></p>'
        f"<p>Beekeeper and accountant</p>{below}"
        "<p>You are receiving Invitation emails.</p></body></html>"
    )


def a_mail(
    text: str | None = None,
    html: str | None = None,
    changes: Mapping[str, str | None] | None = None,
    above: str = "",
) -> bytes:
    """The bytes of a mail; `above` are header lines that stand on top of all others."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in with_headers(changes or {}))
    parts = [("plain", text), ("html", html)]
    kept = [f"Content-Type: text/{kind}; charset=utf-8\r\n\r\n{body}\r\n" for kind, body in parts if body is not None]
    if len(kept) == 1:
        return f"{above}{lines}MIME-Version: 1.0\r\n{kept[0]}".encode()
    body = "".join(f"--cut\r\n{part}" for part in kept)
    content_type = 'Content-Type: multipart/alternative; boundary="cut"'
    return f"{above}{lines}MIME-Version: 1.0\r\n{content_type}\r\n\r\n{body}--cut--\r\n".encode()


def read(content: bytes, trust: Trust = TRUST) -> Reading:
    """What the program thinks of a mail."""
    return reading.read(message.parse(content), trust)


def invitation_in(content: bytes) -> Invitation:
    """The invitation that a mail holds."""
    found = read(content).found
    assert isinstance(found, Invitation), found
    return found
