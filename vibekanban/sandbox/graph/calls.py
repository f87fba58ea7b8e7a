"""The log of calls, for tests that count them; without secrets, and forgotten when the process ends."""

from __future__ import annotations

from collections import deque
from typing import Any

from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.graph.tokens import Token

MOST = 20_000
SECRETS = {
    "access_token",
    "appsecret_proof",
    "client_secret",
    "input_token",
    "fb_exchange_token",
    "code",
    "batch",
}


class Calls:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: deque[dict[str, Any]] = deque(maxlen=MOST)

    def note(
        self,
        method: str,
        path: str,
        asked: dict[str, Any],
        token: Token | None,
        status: int,
        code: int | None,
    ) -> None:
        self._kept.append(
            {
                "at": self._clock.now(), "method": method, "path": path, "status": status, "code": code,
                "token": token.fingerprint if token else None, "person": token.person.key if token else None,
                "params": {name: str(raw)[:500] for name, raw in asked.items() if name not in SECRETS},
            }
        )  # fmt: skip

    def since(self, moment: float, token: str = "") -> list[dict[str, Any]]:
        """Oldest first; of one token's fingerprint when one is given."""
        return [
            one for one in list(self._kept) if one["at"] >= moment and (not token or one["token"] == token)
        ]

    def forget(self) -> None:
        self._kept.clear()
