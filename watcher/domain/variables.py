"""What a template may name, each with its meaning: the one list that docs/templates.md and the page show.

`reply.template_values` gives the values; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable and what it is, in words for whoever writes a template. `may_lack`: ask before it is used."""

    name: str
    meaning: str
    may_lack: bool = False


VARIABLES = (
    Variable("inviter.name", "who invites, as the mail shows it"),
    Variable(
        "inviter.greeting",
        "how to greet them: the first name, or the whole name in Chinese, Japanese and Korean letters; empty where it "
        "cannot be told",
        may_lack=True,
    ),
    Variable("inviter.first_name", "the given name; empty where it cannot be told", may_lack=True),
    Variable("inviter.headline", "the line below the name, or nothing", may_lack=True),
    Variable("inviter.company", "the company of the headline, or nothing", may_lack=True),
    Variable("inviter.profile_url", "their profile without tracking, or nothing", may_lack=True),
    Variable("note", "the words of the invitation, or nothing", may_lack=True),
    Variable("verdict", "generic, personalised or unsure"),
    Variable("because", "the ground: no_note, default_note, boilerplate, reason or unclear"),
    Variable("language", "the language of this answer"),
    Variable("subject", "the subject of the invitation"),
    Variable("url", "where to answer on LinkedIn"),
    Variable("me.name", "WATCHER_MY_NAME"),
    Variable("me.first_name", "the first word of it"),
    Variable("me.address", "WATCHER_MY_ADDRESS"),
    Variable("me.headline", "WATCHER_MY_HEADLINE, empty where not set", may_lack=True),
    Variable("me.signature", "WATCHER_SIGNATURE, empty where not set; \\n in the setting is a new line", may_lack=True),
)
