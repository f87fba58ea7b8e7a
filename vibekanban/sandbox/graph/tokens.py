"""Access tokens: minting, checking, and what is known of them."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any

from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.graph.problems import GraphError, dead_token
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.world import PERSON, Account, Person

DAY = 86400.0
SHORT_LIFE = 2 * 3600.0
DATA_ACCESS = 90 * DAY


@dataclass(frozen=True)
class Token:
    """A good token; `expires` 0 means never."""

    text: str
    person: Person
    kind: str
    scopes: frozenset[str]
    issued: float
    expires: float
    data_access_expires: float

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]

    def sees(self, account: Account) -> bool:
        return account in self.person.accounts


class Tokens:
    """Mints and checks tokens of the one app there is."""

    def __init__(self, store: Store, clock: Clock, app_id: str, app_secret: str) -> None:
        self._store = store
        self._clock = clock
        self.app_id = app_id
        self.app_secret = app_secret

    def mint(self, person: str, scopes: list[str], *, life: float, kind: str = "USER") -> str:
        """A new token; `life` in seconds, 0 for ever."""
        text = "EAA" + secrets.token_hex(40)
        now = self._clock.now()
        self._store.write(
            "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
            text, person, kind, json.dumps(sorted(scopes)), now, now + life if life else 0, now + DATA_ACCESS,
        )  # fmt: skip
        return text

    def check(self, text: str, proof: str | None) -> Token:
        """The token, if it is good; Meta's own refusal otherwise."""
        if not text:
            raise GraphError(
                104 if proof else 2500,
                "An active access token must be used to query information about the current user.",
            )
        row = self._row(text)
        if row is None:
            raise GraphError(190, "Invalid OAuth access token - Cannot parse access token", status=401)
        if proof is not None and not hmac.compare_digest(proof, self.proof(text)):
            raise GraphError(
                100, "Invalid appsecret_proof provided in the API argument", kind="GraphMethodException"
            )
        if row[7]:
            raise dead_token(row[7])
        if row[5] and row[5] <= self._clock.now():
            raise dead_token(463)
        return _token(row)

    def proof(self, text: str) -> str:
        return hmac.new(self.app_secret.encode(), text.encode(), hashlib.sha256).hexdigest()

    def is_app(self, text: str) -> bool:
        return hmac.compare_digest(text, f"{self.app_id}|{self.app_secret}")

    def known(self, text: str) -> dict[str, Any]:
        """What debug_token says."""
        row = self._row(text)
        if row is None:
            return {
                "is_valid": False,
                "scopes": [],
                "error": {"code": 190, "message": "Invalid OAuth access token.", "subcode": None},
            }
        token = _token(row)
        expired = bool(row[5]) and row[5] <= self._clock.now()
        subcode = row[7] or (463 if expired else None)
        scopes = sorted(token.scopes)
        found: dict[str, Any] = {
            "app_id": self.app_id,
            "type": row[2],
            "application": "Vibe Kanban (sandbox)",
            "user_id": token.person.user_id,
            "is_valid": subcode is None,
            "issued_at": int(row[4]),
            "expires_at": int(row[5]),
            "data_access_expires_at": int(row[6]),
            "scopes": scopes,
            "granular_scopes": [
                {"scope": scope, "target_ids": [account.id for account in token.person.accounts][:100]}
                if scope.startswith("ads_")
                else {"scope": scope}
                for scope in scopes
            ],
        }
        if subcode is not None:
            found["error"] = {"code": 190, "subcode": subcode, "message": str(dead_token(subcode))}
        return found

    def listed(self) -> list[dict[str, Any]]:
        """Every token by its fingerprint, newest first."""
        rows = self._store.rows(
            "SELECT token, person, kind, scopes, issued, expires, data_access_expires, dead_subcode FROM tokens"
            " ORDER BY issued DESC LIMIT 200"
        )
        return [
            {
                "fingerprint": _token(row).fingerprint, "person": row[1], "kind": row[2], "scopes": json.loads(row[3]),
                "issued": row[4], "expires": row[5], "dead": row[7],
            }
            for row in rows
        ]  # fmt: skip

    def kill(self, *, subcode: int, text: str | None = None, person: str | None = None) -> int:
        """Make one token, or all of a person, dead for a reason; 0 revives. Answers how many."""
        column, value = ("token", text) if text else ("person", person)
        before = self._store.row(f"SELECT count(*) FROM tokens WHERE {column} = ?", value)
        self._store.write(f"UPDATE tokens SET dead_subcode = ? WHERE {column} = ?", subcode or None, value)
        return before[0] if before else 0

    def withdraw(self, person: str, scope: str) -> None:
        """A person takes one permission back, from every token."""
        for text, scopes in self._store.rows("SELECT token, scopes FROM tokens WHERE person = ?", person):
            self.rescope(text, [one for one in json.loads(scopes) if one != scope])

    def rescope(self, text: str, scopes: list[str]) -> None:
        self._store.write("UPDATE tokens SET scopes = ? WHERE token = ?", json.dumps(scopes), text)

    def _row(self, text: str) -> tuple[Any, ...] | None:
        return self._store.row(
            "SELECT token, person, kind, scopes, issued, expires, data_access_expires, dead_subcode"
            " FROM tokens WHERE token = ?",
            text,
        )


def _token(row: tuple[Any, ...]) -> Token:
    return Token(row[0], PERSON[row[1]], row[2], frozenset(json.loads(row[3])), row[4], row[5], row[6])
