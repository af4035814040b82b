"""SRV records from a DNS server on loopback: there, not there, refused, or no answer."""

import socketserver
import threading
from collections.abc import Iterator

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from watcher.adapters.discovery import DnsMailRecords
from watcher.adapters.dns_keys import Server
from watcher.errors import TryAgain
from watcher.ports import Srv

ZONE = {
    ("_imaps._tcp.example.test.", "SRV"): ("0 1 993 imap.example.test.", "10 2 1993 Spare.example.test."),
    ("_imap._tcp.example.test.", "SRV"): ("0 0 0 .",),
}
FAILING = {"refused.example.test.": dns.rcode.REFUSED, "failing.example.test.": dns.rcode.SERVFAIL}


class _Answering(socketserver.DatagramRequestHandler):
    def handle(self) -> None:
        query = dns.message.from_wire(self.rfile.read())
        question = query.question[0]
        name, kind = question.name.to_text().lower(), dns.rdatatype.to_text(question.rdtype)
        if name == "silent.example.test.":
            return
        response = dns.message.make_response(query)
        if records := ZONE.get((name, kind)):
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *records))
        else:
            response.set_rcode(FAILING.get(name, dns.rcode.NXDOMAIN))
        self.wfile.write(response.to_wire())


@pytest.fixture(scope="module")
def records() -> Iterator[DnsMailRecords]:
    server = socketserver.ThreadingUDPServer(("127.0.0.1", 0), _Answering)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield DnsMailRecords([Server("127.0.0.1", int(server.server_address[1]))], time_limit=0.5)
    server.shutdown()
    server.server_close()


def test_srv_records_come_whole(records: DnsMailRecords) -> None:
    assert set(records.srv("_imaps._tcp.example.test")) == {
        Srv(0, 1, 993, "imap.example.test"),
        Srv(10, 2, 1993, "Spare.example.test"),
    }


def test_a_service_that_is_not_offered_has_no_target(records: DnsMailRecords) -> None:
    assert records.srv("_imap._tcp.example.test") == (Srv(0, 0, 0, ""),)


@pytest.mark.parametrize("name", ["absent.example.test", "a" * 64 + ".test", ".".join(["a" * 60] * 5)])
def test_what_is_not_there_is_none(records: DnsMailRecords, name: str) -> None:
    assert records.srv(name) == ()


@pytest.mark.parametrize("name", ["refused.example.test", "failing.example.test", "silent.example.test"])
def test_no_answer_is_told(records: DnsMailRecords, name: str) -> None:
    with pytest.raises(TryAgain):
        records.srv(name)
