"""What a first pass costs beside a client that reads every mail's headers, in one run on one Dovecot.

Three ways over the same mailbox (the corpus among 2,000 other mails): the program's own pass, a client that fetches
ENVELOPE of all mail, and one that fetches all mail whole. Prints octets, round trips and seconds, and the ratios.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from servers import dovecot as dovecot_server
from servers.dovecot import Dovecot
from servers.posts import imap_post

from watcher.adapters.clock import SystemClock
from watcher.adapters.dkim import DkimSignatures
from watcher.adapters.dns_keys import DnsResolver
from watcher.adapters.imap.mailbox import ImapMailbox
from watcher.adapters.ledger import open_ledger
from watcher.adapters.templates import FileTemplates
from watcher.cycle import run_pass
from watcher.domain.plan import Policy, Strictness
from watcher.domain.reading import Trust
from watcher.ports import Mailbox
from watcher.samples import RECIPIENT
from watcher.steps.account import Account, Ports
from watcher.steps.drafting import Voice

CORPUS = Path(__file__).parents[1] / "tests" / "corpus"
OTHERS = 2000
BODY = "Lorem ipsum dolor sit amet, consectetur.\r\n" * 40


def other(number: int) -> bytes:
    head = f"From: Person {number} <p{number}@d{number % 97}.example>\r\nTo: me@example.test\r\n"
    return f"{head}Subject: Message {number}\r\nMessage-ID: <bulk{number}@example>\r\n\r\n{BODY}".encode()


def our_pass(mailbox: Mailbox) -> None:
    policy = Policy(strictness=Strictness.WARN, drafts_per_pass=1000)
    account = Account(
        Voice("me@example.test", RECIPIENT, ("en",), b"k" * 32), ("INBOX",), timedelta(14), policy, Trust()
    )
    with tempfile.TemporaryDirectory() as folder:
        ledger = open_ledger(f"sqlite:///{folder}/ledger.sqlite")
        ports = Ports(mailbox, ledger, FileTemplates(), SystemClock(), DkimSignatures(DnsResolver(SystemClock())))
        print(f"  drafted {run_pass(account, ports).summary.drafted}; a second, idle pass:", end=" ")
        idle = run_pass(account, ports).traffic
        print(f"{idle.round_trips} round trips, {idle.bytes_in} octets")
        ledger.close()


def everything(item: str) -> Callable[[Mailbox], None]:
    def fetch(mailbox: Mailbox) -> None:
        assert isinstance(mailbox, ImapMailbox)
        mailbox.look("INBOX")
        uids = mailbox.session.client.search(["ALL"])
        for start in range(0, len(uids), 500):
            mailbox.session.client.fetch(uids[start : start + 500], [item])

    return fetch


def measured(server: Dovecot, way: Callable[[Mailbox], None]) -> tuple[int, int, float]:
    mailbox = imap_post(server).open()
    before, started = mailbox.traffic, time.perf_counter()
    way(mailbox)
    cost = mailbox.traffic.since(before)
    mailbox.close()
    return cost.bytes_in, cost.round_trips, time.perf_counter() - started


def main() -> None:
    with dovecot_server.packages() as root, dovecot_server.running(root) as server:
        corpus = [file.read_bytes() for file in sorted(CORPUS.glob("*.eml"))]
        mails = [*map(other, range(1000)), *corpus, *map(other, range(1000, OTHERS))]
        server.bulk(mails, time.time() - 3600)
        size = sum(map(len, mails))
        print(f"{len(mails)} mails, {size:,} octets")
        ways = {
            "our first pass": our_pass,
            "ENVELOPE of all": everything("ENVELOPE"),
            "all whole": everything("BODY.PEEK[]"),
        }
        found = {name: measured(server, way) for name, way in ways.items()}
    ours = found["our first pass"]
    for name, (octets, trips, seconds) in found.items():
        shares = f"{octets / size:6.1%} of the mailbox, {octets / ours[0]:5.1f} × ours"
        print(f"{name:16} {octets:>10,} octets ({shares}) {trips:3} round trips {seconds:.2f} s")


if __name__ == "__main__":
    main()
