"""A proxy that shows a token to /mcp in the name of a program that has no way to; everything else passes as it came."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "authorization", "content-length"})


@contextmanager
def proxied(address: str, token: str) -> Iterator[str]:
    """The address of the proxy, for as long as it is needed."""
    there = urlsplit(address)

    class Passing(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            upstream = http.client.HTTPConnection(there.hostname or "", there.port, timeout=60)
            upstream.putrequest(self.command, there.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in HOP:
                    upstream.putheader(name, value)
            upstream.putheader("Authorization", f"Bearer {token}")
            upstream.putheader("Content-Length", str(len(body)))
            upstream.endheaders(body)
            answer = upstream.getresponse()
            found = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(found)))
            self.end_headers()
            self.wfile.write(found)
            upstream.close()

        do_GET = do_POST = do_DELETE = do_OPTIONS = do_PUT = _pass  # noqa: N815 - names of the standard library

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Passing)
    Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://localhost:{listening.server_port}/mcp"
    listening.shutdown()
    listening.server_close()
