"""Signed webhooks after the Standard Webhooks specification, to addresses that are not ours.

The address is looked up and checked here, and the connection goes to the very address that was checked;
a name that answers differently a moment later changes nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import socket
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

import httpcore

from vibekanban.clients import posting
from vibekanban.clients.posting import Gone, Refused, Unavailable
from vibekanban.core.settings import settings

PREFIX = "whsec_"
LONGEST = 2000
NAT64 = IPv6Network("64:ff9b::/96")
# answer on the inside of a cloud although the address looks public
METADATA = frozenset({ip_address("168.63.129.16")})


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,<base64>` over `id.timestamp.body`."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def accepts(url: str) -> bool:
    """Whether an address has a form we call: https, or http where the operator allows it; no user in it."""
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        given = urlsplit(url)
        port = given.port
    except ValueError:
        return False
    if not given.hostname or given.username is not None or given.fragment or port == 0:
        return False
    return given.scheme == "https" or (given.scheme == "http" and _plain_allowed(given.hostname))


def send(url: str, keys: Sequence[str], body: bytes, *, message_id: str, timestamp: int) -> None:
    """Post one signed message; raises Gone, Refused or Unavailable."""
    if not accepts(url):
        raise Refused("not_an_address")
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(key, message_id, timestamp, body) for key in keys),
    }
    status, _ = posting.post(url, body, headers, network=Guarded())
    if 200 <= status < 300:
        return
    if status == 410:
        raise Gone("answered", "410")
    raise Unavailable("answered", str(status))


def public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is on the open internet, whatever notation hides it."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and address in NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return public(inner)
    return (
        address.is_global and not address.is_multicast and not address.is_reserved and address not in METADATA
    )


class Guarded(httpcore.NetworkBackend):
    """Connects to public addresses only, and to the private ones the operator named."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        found = _looked_up(host, port)
        if not _ours(host, port) and not all(public(ip_address(address)) for address in found):
            raise Refused("private_address")
        plain = httpcore.SyncBackend()
        for address in found[:-1]:
            try:
                return plain.connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore.ConnectError:
                continue  # the name has another address
        return plain.connect_tcp(found[-1], port, timeout, local_address, socket_options)


def _looked_up(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    except (OSError, UnicodeError):
        raise Unavailable("unknown_name") from None
    # a scope (fe80::1%eth0) only exists on link-local addresses
    return list(dict.fromkeys(str(one[4][0]).partition("%")[0] for one in found))


def _ours(host: str, port: int) -> bool:
    """The sandbox of a laptop, and what self-hosting allows."""
    sandbox = urlsplit(settings().webhook_sandbox)
    return host in settings().webhook_private_hosts or (host, port) == (sandbox.hostname, sandbox.port)


def _plain_allowed(host: str) -> bool:
    return host in settings().webhook_private_hosts or not settings().is_production


__all__ = ["Gone", "Refused", "Unavailable", "accepts", "new_secret", "public", "send", "signature"]
