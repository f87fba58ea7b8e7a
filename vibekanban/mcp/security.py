"""Which Host and Origin headers /mcp accepts: ours and this machine's, against DNS rebinding."""

from __future__ import annotations

from urllib.parse import urlsplit

from mcp.server.transport_security import TransportSecuritySettings

from vibekanban.core.settings import settings

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def allowed() -> TransportSecuritySettings:
    """The public origins and the one n8n calls exactly, loopback on any port."""
    ours = [
        urlsplit(origin) for origin in {settings().origin, settings().api_origin, settings().n8n_platform}
    ]
    return TransportSecuritySettings(
        allowed_hosts=[*(name for name in LOOPBACK), *(f"{name}:*" for name in LOOPBACK)]
        + [host for url in ours for host in _spellings(url.hostname or "", url.port, url.scheme)],
        allowed_origins=[f"{url.scheme}://{url.netloc}" for url in ours]
        + [f"http://{name}{port}" for name in LOOPBACK for port in ("", ":*")],
    )


def _spellings(host: str, port: int | None, scheme: str) -> list[str]:
    """A default port may be named or left out."""
    usual = 443 if scheme == "https" else 80
    return [host, f"{host}:{usual}"] if port in (None, usual) else [f"{host}:{port}"]
