"""A draft is good in a real mail program: it opens as one, is edited and saved, and the program then says `edited`."""

import time
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from servers.dovecot import Dovecot
from servers.neomutt import NeoMutt
from servers.posts import imap_post
from shell.program import Home

SAMPLES = Path(__file__).parents[2] / "watcher" / "samples"
ADDED = "P.S. A line of my own: Grüße."


@pytest.mark.parametrize("sample", ["02-default-sentence.eml", "10-answerable-by-mail.eml"])
def test_neomutt_opens_a_draft_edits_and_saves_it_and_the_next_pass_says_edited(
    neomutt: Path, dovecot: Dovecot, home: Home, tmp_path: Path, sample: str
) -> None:
    settings = {"WATCHER_AUTHENTICITY": "warn", "WATCHER_QUOTE": "below", "WATCHER_SIGNATURE": "Robin\\nMail engineer"}
    dovecot.bulk([(SAMPLES / sample).read_bytes()], time.time() - 60)
    (row, _) = home.run("once", "--json", **settings).lines
    assert row["state"] == "drafted"
    (draft,) = imap_post(dovecot).stored("Drafts").values()
    ours = message_from_bytes(draft.content, policy=default)

    seen = NeoMutt(neomutt, tmp_path, dovecot.port).edit_the_draft(ADDED)

    body = ours.get_body(("plain",))
    assert body is not None
    assert seen.rstrip() == body.get_content().replace("\r\n", "\n").rstrip(), "the editor had our text, as it is"
    kept = imap_post(dovecot).stored("Drafts")
    (saved,) = kept.values()
    theirs = message_from_bytes(saved.content, policy=default)
    for name in ("From", "To", "Subject", "In-Reply-To", "References"):
        assert theirs[name] == ours[name], name
    assert theirs.get_content().replace("\r\n", "\n").rstrip() == f"{seen.rstrip()}\n{ADDED}"
    home.run("once", **settings)
    (after,) = home.run("drafts", "--json").lines
    assert (after["id"], after["state"]) == (row["id"], "edited")
    assert imap_post(dovecot).stored("Drafts") == kept, "what the person edited is not touched"
