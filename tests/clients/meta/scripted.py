"""A Graph API that answers what it is told to, for what the sandbox does not do: odd headers and broken bodies."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Heard:
    """A call as it came over the wire."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]


@dataclass
class Scripted:
    """Answers in the order they were told; the last one is repeated."""

    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    answers: deque[tuple[int, Mapping[str, str], bytes]] = field(default_factory=deque)
    drips: int = 0  # bytes of a body that comes by and by, never to its end
    dripped: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    def say(self, body: Any, status: int = 200, headers: Mapping[str, Any] | None = None) -> None:
        """Answer with JSON, or with bytes as they are; header values that are no text become JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "text/html" if isinstance(body, bytes) else "application/json"
        texts = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in (headers or {}).items()
        }
        self.answers.append((status, {"Content-Type": kind, **texts}, content))

    def refuse(
        self, code: int, subcode: int | None = None, *, headers: Mapping[str, Any] | None = None, **more: Any
    ) -> None:
        """Answer with an error object."""
        error = {"message": "refused", "type": "OAuthException", "code": code, "fbtrace_id": "A1", **more}
        if subcode is not None:
            error["error_subcode"] = subcode
        self.say({"error": error}, 400, headers)


@contextmanager
def scripted() -> Iterator[Scripted]:
    """A running one."""
    script = Scripted()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(script))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    script.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield script
    finally:
        script.released.set()
        server.shutdown()
        server.server_close()


def _handler(script: Scripted) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            script.heard.append(
                Heard(self.command, parts.path, dict(parse_qsl(parts.query)), dict(parse_qsl(body)))
            )
            if script.drips:
                self._drip()
                return
            status, headers, content = (
                script.answers.popleft() if len(script.answers) > 1 else script.answers[0]
            )
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_DELETE = do_GET  # noqa: N815 - the names http.server looks for

        def _drip(self) -> None:
            self.close_connection = True
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            for _ in range(script.drips):
                if script.released.wait(0.02):
                    return
                try:
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    script.dripped += 1
                except OSError:
                    return

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    return Handler
