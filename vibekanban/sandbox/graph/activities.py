"""The account's change log as Meta words it: one entry for every field that a write changed."""

from __future__ import annotations

import json
from typing import Any

from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.graph.seeded import stamp
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.tokens import Token
from vibekanban.sandbox.graph.world import Account

TYPES = {
    "campaign": "CAMPAIGN",
    "adset": "AD_SET",
    "ad": "AD",
    "creative": "AD_CREATIVE",
    "account": "ACCOUNT",
}
WORDS = {
    "campaign": "campaign",
    "adset": "ad_set",
    "ad": "ad",
    "creative": "ad_creative",
    "account": "ad_account",
}
FIELD_EVENTS = {
    "status": "run_status", "daily_budget": "budget", "lifetime_budget": "budget", "targeting": "target_spec",
    "bid_amount": "bid_info", "bid_strategy": "bidding", "optimization_goal": "optimization_goal",
    "start_time": "duration", "end_time": "duration", "stop_time": "duration", "creative": "creative",
    "spend_cap": "spend_limit",
}  # fmt: skip
SHOWN = {"ACTIVE": "Active", "PAUSED": "Inactive", "ARCHIVED": "Archived", "DELETED": "Deleted"}


class Activities:
    """Writes the log; reading it is an edge."""

    def __init__(self, store: Store, clock: Clock, application: str) -> None:
        self._store = store
        self._clock = clock
        self._application = application

    def created(self, token: Token, account: Account, level: str, fields: dict[str, Any]) -> None:
        self._keep(token, account, level, fields, f"create_{WORDS[level]}", {"new_value": fields.get("name")})

    def changed(
        self, token: Token, account: Account, level: str, fields: dict[str, Any], changed: dict[str, Any]
    ) -> None:
        """One entry a field; `fields` are those before the change."""
        for name, value in changed.items():
            kind = "friendly_name" if level == "ad" and name == "name" else FIELD_EVENTS.get(name, name)
            old = fields.get(name)
            extra = {
                "type": kind,
                "field": name,
                "old_value": _shown(name, old),
                "new_value": _shown(name, value),
            }
            if kind == "budget":
                extra |= {"currency": account.currency, "additional_value": name.partition("_")[0]}
            self._keep(token, account, level, fields, f"update_{WORDS[level]}_{kind}", extra)

    def _keep(
        self,
        token: Token,
        account: Account,
        level: str,
        fields: dict[str, Any],
        event: str,
        extra: dict[str, Any],
    ) -> None:
        now = self._clock.now()
        entry = {
            "event_type": event,
            "translated_event_type": event.replace("_", " ").capitalize(),
            "event_time": stamp(now),
            "date_time_in_timezone": self._clock.local(account.timezone).strftime("%m/%d/%Y at %I:%M %p"),
            "object_id": fields["id"],
            "object_name": fields.get("name", ""),
            "object_type": TYPES[level],
            "actor_id": token.person.user_id,
            "actor_name": token.person.name,
            "application_id": self._application,
            "application_name": "Vibe Kanban (sandbox)",
            "extra_data": json.dumps(extra, ensure_ascii=False, default=str),
        }
        self._store.write(
            "INSERT INTO activities (account, at, entry) VALUES (?, ?, ?)", account.id, now, json.dumps(entry)
        )


def _shown(name: str, value: Any) -> Any:
    return SHOWN.get(str(value), value) if name == "status" else value
