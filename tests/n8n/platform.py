"""Somebody's API that workflows call: it answers as it is told and remembers what came."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class Arrival:
    """One call."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Platform:
    """Where it is; `answers` are given one after the other, the last one from then on.

    A JSON-RPC call that `methods` knows has that result, or that refusal, whenever it comes.
    """

    url: str = ""
    answers: list[tuple[int, Any]] = field(default_factory=lambda: [(200, {"ok": True})])
    methods: dict[str, tuple[int, Any]] = field(default_factory=dict)
    arrivals: list[Arrival] = field(default_factory=list)

    def answer(self, body: Any) -> tuple[int, Any]:
        """Status and content for what came."""
        method = body.get("method") if isinstance(body, dict) else None
        if method in self.methods:
            status, given = self.methods[method]
            return status, {"jsonrpc": "2.0", "id": body["id"], "result": given} if status == 200 else given
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def answering(self, *answers: tuple[int, Any]) -> Platform:
        self.answers = list(answers)
        return self

    @property
    def tokens(self) -> list[str]:
        return [one.headers.get("authorization", "") for one in self.arrivals]


@contextmanager
def running() -> Iterator[Platform]:
    found = Platform()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                body = json.loads(content) if content else None
            except ValueError:
                body = content.decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            found.arrivals.append(Arrival(self.command, self.path, headers, body))
            status, given = found.answer(body)
            sent = given.encode() if isinstance(given, str) else json.dumps(given).encode()
            self.send_response(status)
            kind = "text/plain" if isinstance(given, str) else "application/json"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - names of the base class

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    found.url = f"http://127.0.0.1:{server.server_port}/campaigns"
    Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
