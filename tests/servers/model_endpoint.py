"""A chat completions endpoint on loopback that does what a script says, and keeps what it was asked."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

PERSONALISED, GENERIC, UNSURE = "gives a reason", "a thousand people", "neither can be said"
"""What the task says of each label."""


@dataclass(frozen=True)
class Asked:
    """One request: its path, its header fields in small letters, its JSON, and the octets of it all."""

    path: str
    fields: Mapping[str, str]
    body: dict[str, Any]
    octets: bytes

    @property
    def task(self) -> str:
        return str(self.body["messages"][0]["content"])

    @property
    def note(self) -> str:
        """The note between its lines."""
        return "\n".join(str(self.body["messages"][1]["content"]).split("\n")[1:-1])

    def label(self, meaning: str) -> str:
        """The label that the task gives to a meaning."""
        return next(
            label for label, head in re.findall(r'^- "(\w+)": (.*)$', self.task, re.MULTILINE) if meaning in head
        )


@dataclass(frozen=True)
class Reply:
    """What goes back. `drops`: one octet at a time, until the other side is gone."""

    body: bytes = b""
    status: int = 200
    fields: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    drops: bool = False
    drops_fields: bool = False
    length: int | None = None


Script = Callable[[Asked], Reply]


def completion(words: str | None, **changes: Any) -> Reply:
    """A whole answer around the words of the model."""
    choice = {"index": 0, "message": {"role": "assistant", "content": words}, "finish_reason": "stop"} | changes
    return Reply(json.dumps({"object": "chat.completion", "choices": [choice]}).encode())


def says(meaning: str, because: str, *evidence: str) -> Script:
    """A model that answers as it is told to; without evidence it quotes the first line of the note."""

    def answer(asked: Asked) -> Reply:
        quotes = list(evidence) or [asked.note.split("\n")[0]]
        words = {"verdict": asked.label(meaning), "because": because, "evidence": quotes}
        return completion(json.dumps(words, ensure_ascii=False))

    return answer


def obeys(asked: Asked) -> Reply:
    """A model that does whatever a note wishes, and finds every note personalised."""
    return says(PERSONALISED, "met")(asked)


@dataclass
class ModelEndpoint:
    """A running endpoint."""

    port: int
    script: Script
    asked: list[Asked] = field(default_factory=list)
    over: Event = field(default_factory=Event)
    is_encrypted: bool = False

    @property
    def url(self) -> str:
        return f"{'https' if self.is_encrypted else 'http'}://127.0.0.1:{self.port}/v1"

    def environment(self) -> dict[str, str]:
        return {"WATCHER_LLM_URL": self.url, "WATCHER_LLM_MODEL": "scripted", "WATCHER_LLM_TIMEOUT": "5 s"}


@contextmanager
def running(script: Script, context: ssl.SSLContext | None = None) -> Iterator[ModelEndpoint]:
    """An endpoint that answers by a script until the block ends."""
    endpoint = ModelEndpoint(0, script, is_encrypted=context is not None)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(endpoint))
    server.handle_error = lambda *_: None  # type: ignore[method-assign] - the other side hangs up on purpose
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    endpoint.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.over.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


def _handler(endpoint: ModelEndpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            octets = self.rfile.read(int(self.headers["Content-Length"]))
            fields = {name.lower(): value for name, value in self.headers.items()}
            whole = f"{self.requestline}\n{self.headers}".encode() + octets
            asked = Asked(self.path, fields, json.loads(octets), whole)
            endpoint.asked.append(asked)
            self._send(endpoint.script(asked))

        def do_GET(self) -> None:
            endpoint.asked.append(Asked(self.path, {}, {}, b""))
            self._send(Reply())

        def _send(self, reply: Reply) -> None:
            head = [f"HTTP/1.1 {reply.status} Scripted", *(f"{name}: {value}" for name, value in reply.fields.items())]
            length = len(reply.body) if reply.length is None else reply.length
            octets = "\r\n".join([*head, f"Content-Length: {length}", "Connection: close", "", ""]).encode("latin-1")
            if reply.drops_fields:
                self._drop(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            self.wfile.write(octets)
            if reply.drops:
                self._drop(b"")
            self.wfile.write(reply.body)

        def _drop(self, first: bytes) -> None:
            self.wfile.write(first)
            while not endpoint.over.wait(0.05):
                self.wfile.write(b"x")
                self.wfile.flush()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def hangs(endpoint_over: Callable[[], Event]) -> Script:
    """A model that thinks until the test is over."""

    def think(_asked: Asked) -> Reply:
        endpoint_over().wait(60)
        return Reply()

    return think
