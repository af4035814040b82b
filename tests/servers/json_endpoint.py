"""An HTTP endpoint on loopback that keeps what apprise posts to it (`json://`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from time import monotonic


@dataclass
class Endpoint:
    """`status` is what it answers with; 0 is no answer at all."""

    port: int = 0
    status: int = 200
    told: list[tuple[str, str]] = field(default_factory=list)
    stop: Event = field(default_factory=Event)

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.port}/"

    def waited_for(self, count: int, seconds: float = 30) -> list[tuple[str, str]]:
        """What it was told, once it is so much."""
        deadline = monotonic() + seconds
        while len(self.told) < count and monotonic() < deadline:
            Event().wait(0.05)
        return self.told


@contextmanager
def running() -> Iterator[Endpoint]:
    endpoint = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not endpoint.status:
                endpoint.stop.wait(30)
                return
            endpoint.told.append((body["title"], body["message"]))
            self.send_response(endpoint.status)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    endpoint.port = server.server_address[1]
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield endpoint
    finally:
        endpoint.stop.set()
        server.shutdown()
        server.server_close()
