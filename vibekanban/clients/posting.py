"""One POST of JSON to an address somebody gave us: a deadline for all of it, no redirects, no proxies."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Mapping
from typing import Any

import httpcore
import httpx

DEADLINE = 15.0  # seconds for the whole call: one that drips its answer must not hold a process
MOST_READ = 2_000  # bytes of the answer; nobody needs more of a stranger's
MOST_SENT = 64_000  # bytes


class Undelivered(Exception):
    """Base; `code` names the reason for the owner of the address, and never is the address itself."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())


class Gone(Undelivered):
    """The other side says that it takes nothing at this address any more."""


class Refused(Undelivered):
    """The other side will never take this message, or we will not call this address."""


class Unavailable(Undelivered):
    """Not reached, too slow or not answered with success: worth another try."""


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, network: httpcore.NetworkBackend | None = None
) -> tuple[int, str]:
    """The status and the beginning of the answer; raises Unavailable when there is none."""
    if len(body) > MOST_SENT:
        raise Refused("too_long")
    timed = _Timed(network or httpcore.SyncBackend(), time.monotonic() + DEADLINE)
    with httpcore.ConnectionPool(ssl_context=httpx.create_ssl_context(), network_backend=timed) as pool:
        try:
            with pool.stream(
                "POST",
                url,
                headers={"Content-Type": "application/json", "User-Agent": "VibeKanban/1.0", **headers},
                content=body,
            ) as answer:
                return answer.status, _beginning(answer.iter_stream())
        # the causes are dropped: some of them name the address
        except httpcore.TimeoutException:
            raise Unavailable("too_slow") from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise Unavailable("not_reached", type(error).__name__) from None


def _beginning(pieces: Iterable[bytes]) -> str:
    read = b""
    for piece in pieces:
        read += piece
        if len(read) >= MOST_READ:
            break
    return read[:MOST_READ].decode("utf-8", "replace").strip()


class _Timed(httpcore.NetworkBackend):
    """Gives every step only what is left of the deadline."""

    def __init__(self, inner: httpcore.NetworkBackend, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline is the only limit
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(self._deadline, httpcore.ConnectTimeout)
        stream = self._inner.connect_tcp(host, port, left, local_address, socket_options)
        return _TimedStream(stream, self._deadline)


class _TimedStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._inner.read(max_bytes, _left(self._deadline, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._inner.write(buffer, _left(self._deadline, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        left = _left(self._deadline, httpcore.ConnectTimeout)
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(deadline: float, late: type[httpcore.TimeoutException]) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise late()
    return left
