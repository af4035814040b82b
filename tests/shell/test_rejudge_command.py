"""Once the server's authserv-id is pinned, what was held for want of proof is drafted in one go; reports count it."""

import time
from pathlib import Path

from servers.dovecot import Dovecot
from servers.posts import imap_post
from shell.program import Home

SAMPLES = Path(__file__).parents[2] / "watcher" / "samples"
TRUST = {"WATCHER_TRUSTED_AUTHSERV": "mx.example.test", "WATCHER_LANGUAGES": "en,de"}


def test_held_mail_is_taken_through_again(dovecot: Dovecot, home: Home) -> None:
    dovecot.bulk([file.read_bytes() for file in sorted(SAMPLES.glob("*.eml"))], time.time() - 60)
    assert home.run("once", "--json").lines[-1]["held"] == 12
    assert imap_post(dovecot).stored("Drafts") == {}
    ran = home.run("rejudge", "--json", **TRUST)
    assert (ran.code, ran.lines[-1]["drafted"]) == (0, 9)
    assert len(imap_post(dovecot).stored("Drafts")) == 9
    counts = home.run("report", "--json", **TRUST).lines[0]
    assert counts["invitations"] == 12
    assert counts["states"] == {"drafted": 9, "skipped": 2, "held": 1}
    made = {name: template["made"] for name, template in counts["templates"].items()}
    assert made == {"generic": 5, "boilerplate": 1, "personalised": 3}
    assert "drafted" in home.run("report", **TRUST).out
    assert home.run("drift", "--json", **TRUST).lines == []
