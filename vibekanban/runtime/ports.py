"""TCP ports of this machine: taken or not, answering, and whose."""

from __future__ import annotations

import contextlib
import socket

import psutil

from vibekanban.runtime.refusal import Refusal


def answers(port: int, host: str = "127.0.0.1") -> bool:
    """Whether somebody accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there; old connections that still wind down do not count."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def listener(port: int) -> psutil.Process | None:
    """The process that listens on the port, where this user may know."""
    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr[1:2] == (port,):
                return psutil.Process(connection.pid) if connection.pid else None
    return None


def claim(port: int, setting: str, purpose: str, host: str = "127.0.0.1") -> None:
    """Refuse in one sentence when the port is taken.

    Granian listens with SO_REUSEPORT: without this check two servers would share one port silently.
    """
    if is_free(port, host):
        return
    owner = listener(port)
    whose = "another process"
    if owner is not None:
        with contextlib.suppress(psutil.Error):
            whose = f"{owner.name()} (process {owner.pid})"
    raise Refusal(
        f"Port {port} for {purpose} is in use by {whose}: stop it, or set {setting} to a free port "
        f"in the environment or in .env."
    )
