"""Strategies of calls that nobody should make: tokens, headers, bodies and addresses of both doors."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from tests.mcp.hostile import NAMES, Known, among, arguments, frames, ids, mostly, values, words

Header = tuple[bytes, bytes]


@dataclass(frozen=True)
class Call:
    """One request, as bytes."""

    method: str
    path: str
    headers: tuple[Header, ...]
    body: bytes

    @property
    def said(self) -> str:
        """All that the caller said, to tell an echo from a leak."""
        lines = (name + b": " + value for name, value in self.headers)
        text = b"\n".join([self.path.encode(), *lines, self.body]).decode("utf-8", "replace")
        try:
            return f"{text}\n{json.dumps(json.loads(self.body), ensure_ascii=False)}"
        except (ValueError, RecursionError):
            return text


def _spoiled(content: Any, how: str) -> bytes:
    whole = json.dumps(content).encode()
    middle = len(whole) // 2
    return {
        "cut": whole[:middle],
        "twice": whole + whole,
        "bytes": whole[:middle] + b"\xff\xfe\xc0\x80" + whole[middle:],
        "nul": whole + b"\x00",
        "bom": b"\xef\xbb\xbf" + whole,
        "utf16": whole.decode("utf-8", "replace").encode("utf-16"),
        "gzip": gzip.compress(whole, mtime=0),
        "deep": b'{"a":' * 3_000 + whole,
        "brackets": b"[" * 40_000,
        "empty": b"",
        "form": b"arguments=%7B%7D&name=x",
        "twin": whole[:-1] + b',"arguments":{},"params":{},"id":null}',
        "digits": b'{"arguments":{"limit":' + b"9" * 5_000 + b"}}",
        "large": b'{"x":"' + b"y" * 300_000 + b'"}',
        "larger": b" " * 1_100_000,
    }[how]


SPOILT = [
    "cut",
    "twice",
    "bytes",
    "nul",
    "bom",
    "utf16",
    "gzip",
    "deep",
    "brackets",
    "empty",
    "form",
    "twin",
    "digits",
]


def bodies(content: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    """JSON with everything that Python's lets through (NaN, lone surrogates as escapes), now and then spoilt."""
    sound = content.map(lambda made: json.dumps(made).encode())
    spoilt = st.builds(_spoiled, content, st.sampled_from([*SPOILT * 8, "large", "larger"]))
    return mostly(sound, spoilt)


RAW = [
    b"", b"x", b"\xff\xfe", b"a\r\nSet-Cookie: a=b", b"a\nX-Leak: 1", b"\x00", b"x" * 9_000, b"*/*", b"%0d%0aX: 1",
]  # fmt: skip
NO_TOKENS = [
    b"", b"Bearer", b"Bearer ", b"Bearer null", b"Bearer vkm_", b"Bearer vkm_" + b"a" * 9_000, b"Bearer \x00",
    b"Bearer a.b.c", b"Basic YTpi",
]  # fmt: skip
OTHER_TYPES = [
    b"application/json; charset=utf-16", b"text/plain", b"application/x-www-form-urlencoded", b"application/xml",
    b"multipart/form-data; boundary=x", b"application/json, text/html", b"",
]  # fmt: skip
NAMED = [
    b"mcp-session-id", b"mcp-protocol-version", b"mcp-method", b"mcp-name", b"last-event-id", b"origin", b"host",
    b"x-forwarded-for", b"x-forwarded-host", b"forwarded", b"x-request-id", b"accept-language", b"cookie",
    b"content-encoding", b"transfer-encoding", b"content-length", b"idempotency-key", b"traceparent", b"connection",
    b"x-http-method-override", b"authorization", b"content-type", b"if-none-match", b"range", b"expect", b"mcp-param-x",
]  # fmt: skip
WELL_FORMED = [
    (b"mcp-protocol-version", b"2025-06-18"), (b"mcp-protocol-version", b"2025-11-25"),
    (b"mcp-protocol-version", b"2026-07-28"), (b"mcp-method", b"tools/call"), (b"mcp-name", b"list_ads"),
    (b"origin", b"https://evil.example"), (b"origin", b"null"), (b"origin", b"http://localhost:1"),
    (b"host", b"evil.example"), (b"host", b"localhost@evil.example"), (b"host", b"[::1"), (b"host", b"localhost:99999"),
    (b"x-forwarded-for", b"127.0.0.1, 10.0.0.1"), (b"accept-language", b"en"), (b"accept-language", b"xx;q=9,es;q=x"),
    (b"mcp-session-id", b"00000000000000000000000000000000"), (b"accept-language", b"../../en"),
]  # fmt: skip


def headers(known: Known) -> st.SearchStrategy[tuple[Header, ...]]:
    """A token that mostly works, and now and then odd headers."""
    strange = among(
        st.sampled_from(RAW),
        words.map(lambda one: one.encode("utf-8", "surrogatepass")),
        ids(known).map(str.encode),
    )
    alive, dead = st.sampled_from(list(known.tokens)), st.sampled_from(list(known.dead))
    token = mostly(
        alive.map(lambda one: f"Bearer {one}".encode()),
        among(
            dead.map(lambda one: f"Bearer {one}".encode()),
            alive.map(lambda one: f"Bearer {one[:-1]}".encode()),
            alive.map(lambda one: f"Bearer {one}x".encode()),
            alive.map(lambda one: f"bearer\t{one}".encode()),
            alive.map(lambda one: b"Basic " + base64.b64encode(one.encode())),
            st.sampled_from(NO_TOKENS),
            strange,
        ),
        one_in=7,
    )
    kind = mostly(st.just(b"application/json"), st.sampled_from(OTHER_TYPES), one_in=20)
    takes = mostly(
        st.just(b"application/json, text/event-stream"),
        st.sampled_from([b"application/json", b"*/*", b"text/html", b"", b"q=;;;"]),
        one_in=20,
    )
    one_more = among(st.sampled_from(WELL_FORMED), st.tuples(st.sampled_from(NAMED), strange))
    more = among(st.just([]), st.just([]), st.lists(one_more, min_size=1, max_size=3))
    return st.builds(
        lambda shown, said, accepts, extra: (
            (b"authorization", shown),
            (b"content-type", said),
            (b"accept", accepts),
            *extra,
        ),
        token,
        kind,
        takes,
        more,
    )


METHODS = mostly(
    st.just("POST"), st.sampled_from(["GET", "DELETE", "PUT", "OPTIONS", "HEAD", "PATCH"]), one_in=25
)
PATHS = mostly(
    st.just("/mcp"),
    st.sampled_from(["/mcp/", "//mcp", "/mcp/sse", "/mcp?x=%00", "/mcp/%2e%2e/api/mcp/tools", "/MCP"]),
    one_in=25,
)


def _stateless(frame: Any) -> tuple[Header, ...]:
    """The headers that the stateless protocol wants of this message."""
    params = frame.get("params") if isinstance(frame, dict) else None
    name = (
        next((params[key] for key in ("name", "uri") if key in params), "")
        if isinstance(params, dict)
        else ""
    )
    method = str(frame.get("method", "")) if isinstance(frame, dict) else ""
    return (
        (b"mcp-protocol-version", b"2026-07-28"),
        (b"mcp-method", method.encode("utf-8", "replace")[:200]),
        (b"mcp-name", str(name).encode("utf-8", "replace")[:6_000]),
    )


META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "x", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


def _modern(frame: Any) -> Any:
    if not isinstance(frame, dict) or not isinstance(frame.get("params"), dict):
        return frame
    given = frame["params"].get("_meta")
    return {
        **frame,
        "params": {**frame["params"], "_meta": META | (given if isinstance(given, dict) else {})},
    }


def calls(known: Known) -> st.SearchStrategy[Call]:
    """A call of either door, two of three by MCP, every third of those in the stateless protocol."""
    message = frames(known)
    content = mostly(message, among(st.lists(message, max_size=3), values), one_in=8)
    of_mcp = st.builds(Call, METHODS, PATHS, headers(known), bodies(content))
    stateless = st.builds(
        lambda shown, frame: Call(
            "POST", "/mcp", (*shown, *_stateless(frame)), json.dumps(_modern(frame)).encode()
        ),
        headers(known),
        message,
    )
    of_twin = among(*[_of_twin(known, tool) for tool in NAMES])
    return among(of_mcp, of_mcp, stateless, of_twin, of_twin)


def _of_twin(known: Known, tool: str) -> st.SearchStrategy[Call]:
    sound = st.fixed_dictionaries({"arguments": arguments(known, tool)})
    strange = st.dictionaries(st.sampled_from(["arguments", "name", "x"]), values, max_size=3)
    path = st.just(f"/api/mcp/tools/{quote(tool[:300])}")
    return st.builds(Call, METHODS, path, headers(known), bodies(mostly(sound, among(strange, values))))
