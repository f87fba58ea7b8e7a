"""A Graph API of a few objects that fails in the ways a write can fail; the sandbox plays the rest."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Fault(Enum):
    """What happens to a write."""

    ANSWER_LOST = auto()  # applied, but nobody hears of it
    CALL_LOST = auto()  # neither applied nor answered
    REFUSED = auto()
    DEAD_TOKEN = auto()


REFUSALS: dict[Fault, dict[str, Any]] = {
    Fault.REFUSED: {"code": 100, "error_subcode": 1487056, "message": "archived", "error_user_msg": "No"},
    Fault.DEAD_TOKEN: {"code": 190, "error_subcode": 463, "message": "expired"},
}


@dataclass
class Graph:
    """Statuses by Meta's id, what was written, and which fault the next write meets."""

    statuses: dict[str, str] = field(default_factory=dict)
    writes: list[tuple[str, str]] = field(default_factory=list)
    fault: Fault | None = None
    lasting: bool = False  # and so do those after it
    deaf: bool = False  # reads fail too

    def apply(self, meta_id: str, status: str) -> None:
        self.writes.append((meta_id, status))
        self.statuses[meta_id] = status


@contextmanager
def graph() -> Iterator[tuple[str, Graph]]:
    """The origin of a running one, and its inside."""
    state = Graph()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            meta_id = urlsplit(self.path).path.rpartition("/")[2]
            if state.deaf:
                self._refuse({"code": 190, "error_subcode": 463, "message": "expired"})
                return
            status = state.statuses[meta_id]
            times = "2026-11-24T09:00:00+0000"
            row = {"id": meta_id, "name": "Verano", "status": status, "effective_status": status}
            self._answer(200, {**row, "updated_time": times})

        def do_POST(self) -> None:
            meta_id = urlsplit(self.path).path.rpartition("/")[2]
            body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            fault, state.fault = state.fault, None
            if fault is not None and state.lasting:
                state.fault = fault
            if fault in REFUSALS:
                self._refuse(REFUSALS[fault])
                return
            if fault is not Fault.CALL_LOST:
                state.apply(meta_id, body["status"][0])
            if fault is None:
                self._answer(200, {"success": True})
            else:
                self.close_connection = True  # hang up without a word

        def _refuse(self, error: dict[str, Any]) -> None:
            self._answer(400, {"error": {"type": "OAuthException", "fbtrace_id": "A1", **error}})

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", state
    finally:
        server.shutdown()
        server.server_close()
