"""The objects as they stand now: what the seed gave, with every edit and creation on top."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.world import ACCOUNTS, Account, Place, mix, object_id, place

OBJECTIVES = (
    "OUTCOME_SALES",
    "OUTCOME_LEADS",
    "OUTCOME_TRAFFIC",
    "OUTCOME_SALES",
    "OUTCOME_ENGAGEMENT",
    "OUTCOME_AWARENESS",
)
THEMES = ("Prospección", "Remarketing", "Lanzamiento", "Rebajas", "Catálogo", "Marca", "Captación", "Navidad")
PLACES = ("España", "Península", "Ciudades", "Lookalike 1 %", "Intereses", "Abierta")
FORMATS = ("Vídeo 15 s", "Carrusel", "Imagen", "Historia", "Colección")
GOALS = {
    "OUTCOME_SALES": "OFFSITE_CONVERSIONS",
    "OUTCOME_LEADS": "LEAD_GENERATION",
    "OUTCOME_TRAFFIC": "LINK_CLICKS",
    "OUTCOME_ENGAGEMENT": "POST_ENGAGEMENT",
    "OUTCOME_AWARENESS": "REACH",
    "OUTCOME_APP_PROMOTION": "APP_INSTALLS",
}
IN_PROCESS = 3.0  # seconds after a write
REVIEW = 6.0
EPOCH = datetime(2024, 1, 15, tzinfo=UTC)


class Catalogue:
    """Looks objects up, and lists them in the order of their ids."""

    def __init__(self, store: Store, clock: Clock, seed: int) -> None:
        self._store = store
        self._clock = clock
        self.seed = seed

    # -- one object

    def find(self, object_id: str) -> dict[str, Any] | None:
        """Every field of an object now; None when there is none (deleted ones are still found)."""
        at = place(object_id)
        fields = self._base(at) if at else self._created(object_id)
        if fields is None:
            return None
        return self._finished(fields, self._edits(object_id))

    def account_of(self, object_id: str) -> Account | None:
        at = place(object_id)
        if at:
            return at.account
        row = self._store.row("SELECT account FROM created WHERE id = ?", object_id)
        return ACCOUNTS[row[0]] if row else None

    def _edits(self, object_id: str) -> dict[str, Any]:
        row = self._store.row("SELECT changed FROM edits WHERE id = ?", object_id)
        return json.loads(row[0]) if row else {}

    def _created(self, object_id: str) -> dict[str, Any] | None:
        row = self._store.row("SELECT fields FROM created WHERE id = ?", object_id)
        return json.loads(row[0]) if row else None

    def change(self, object_id: str, account: Account, changed: dict[str, Any]) -> None:
        """Keep an edit; status and budget go into the history that delivery follows."""
        now = self._clock.now()
        kept = self._edits(object_id) | changed | {"_edited": now}
        with self._store.together():
            self._store.write(
                "INSERT OR REPLACE INTO edits VALUES (?, ?, ?)", object_id, account.id, json.dumps(kept)
            )
            for field in ("status", "daily_budget", "lifetime_budget"):
                if field in changed:
                    self._store.write(
                        "INSERT INTO history VALUES (?, ?, ?, ?, ?)",
                        object_id, account.id, field, now, str(changed[field]),
                    )  # fmt: skip

    def create(self, account: Account, level: str, fields: dict[str, Any]) -> str:
        """Keep a new object; answers its id."""
        now = self._clock.now()
        count = self._store.row("SELECT count(*) FROM created WHERE account = ?", account.id)
        number = 900_000_000 + (count[0] if count else 0)
        new_id = f"13{account.number:04d}{ {'campaign': 1, 'adset': 2, 'ad': 3, 'creative': 4}[level] }{number:010d}"
        fields = {
            **fields, "id": new_id, "level": level, "account_id": account.id,
            "created_time": stamp(now), "updated_time": stamp(now), "_created": now,
        }  # fmt: skip
        self._store.write(
            "INSERT INTO created VALUES (?, ?, ?, ?, ?, ?, ?)",
            new_id, account.id, level, fields.get("campaign_id"), fields.get("adset_id"),
            json.dumps(fields), now,
        )  # fmt: skip
        return new_id

    # -- lists

    def listed(
        self, account: Account, level: str, *, campaign: str | None = None, adset: str | None = None
    ) -> Iterator[dict[str, Any]]:
        """Objects of a level, under a parent when one is named."""
        edits = {
            row[0]: json.loads(row[1])
            for row in self._store.rows("SELECT id, changed FROM edits WHERE account = ?", account.id)
        }
        for at in places(account, level, campaign=campaign, adset=adset):
            yield self._finished(self._base(at), edits.get(at.id, {}), edits)
        query = "SELECT fields FROM created WHERE account = ? AND level = ?"
        values = [account.id, level]
        for column, parent in (("campaign", campaign), ("adset", adset)):
            if parent:
                query += f" AND {column} = ?"
                values.append(parent)
        for (text,) in self._store.rows(query + " ORDER BY id", *values):
            fields = json.loads(text)
            yield self._finished(fields, edits.get(fields["id"], {}), edits)

    # -- what the seed gave

    def _base(self, at: Place) -> dict[str, Any]:
        account, c = at.account, at.campaign
        kind = OBJECTIVES[c % len(OBJECTIVES)]
        cbo = self.campaign_budgets(account, c)
        born = stamp(EPOCH.timestamp() + 86400 * (mix(self.seed, account.number, c) % 300))
        shared = {
            "id": at.id, "level": at.level, "account_id": account.id, "created_time": born,
            "updated_time": born, "status": "ACTIVE",
        }  # fmt: skip
        if at.level == "campaign":
            return shared | {
                "name": f"{THEMES[c % len(THEMES)]} {c + 1:02d} · {kind.removeprefix('OUTCOME_').title()}",
                "objective": kind, "buying_type": "AUCTION", "special_ad_categories": [],
                "bid_strategy": "LOWEST_COST_WITHOUT_CAP", "start_time": born,
                "status": "PAUSED" if self.starts_paused(c) else "ACTIVE",
                **({"daily_budget": str(self.budget(account, c))} if cbo else {}),
            }  # fmt: skip
        if at.level == "adset":
            return shared | {
                "name": f"{PLACES[at.adset % len(PLACES)]} · conjunto {at.adset + 1}",
                "campaign_id": object_id(account, "campaign", c),
                "optimization_goal": GOALS[kind], "billing_event": "IMPRESSIONS",
                "targeting": {"geo_locations": {"countries": ["ES"]}, "age_min": 18, "age_max": 65},
                "start_time": born, "attribution_spec": [{"event_type": "CLICK_THROUGH", "window_days": 7}],
                **({} if cbo else {"daily_budget": str(max(account.offset, self.budget(account, c) // account.adsets))}),
            }  # fmt: skip
        rejected = account.scenario == "disapprovals" and c < 3 and at.ad == 0
        return shared | {
            "name": f"{FORMATS[at.ad % len(FORMATS)]} · anuncio {at.ad + 1}",
            "campaign_id": object_id(account, "campaign", c),
            "adset_id": object_id(account, "adset", c, at.adset),
            "creative": {"id": "14" + at.id[2:]},
            "_rejected": rejected,
        }

    def starts_paused(self, campaign: int) -> bool:
        return campaign % 6 == 5

    def campaign_budgets(self, account: Account, campaign: int) -> bool:
        """True: the campaign holds the budget; False: its ad sets do."""
        return account.scenario != "mixed_budgets" or campaign % 2 == 0

    def budget(self, account: Account, campaign: int) -> int:
        """The starting daily budget of a campaign in minor units: some orders' worth."""
        steps = 1 + mix(self.seed, account.number, campaign, 77) % 6
        return account.order * steps // 2 + account.offset * 10

    # -- what happens to it

    def _finished(
        self, fields: dict[str, Any], changed: dict[str, Any], edits: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        whole = fields | {name: value for name, value in changed.items() if not name.startswith("_")}
        if "_edited" in changed:
            whole["updated_time"] = stamp(changed["_edited"])
        whole["effective_status"] = self._effective(whole, changed, edits)
        whole["configured_status"] = whole["status"]
        if whole["effective_status"] == "DISAPPROVED":
            whole["issues_info"] = [
                {
                    "level": "AD", "error_code": 2490427, "error_summary": "Ad rejected",
                    "error_message": "The ad does not comply with our Advertising Standards.",
                    "error_type": "HARD_ERROR",
                }
            ]  # fmt: skip
        return whole

    def _effective(self, whole: dict[str, Any], changed: dict[str, Any], edits: dict[str, Any] | None) -> str:
        status = whole["status"]
        if status in {"DELETED", "ARCHIVED", "PAUSED"}:
            return status
        for parent, word in (("campaign_id", "CAMPAIGN_PAUSED"), ("adset_id", "ADSET_PAUSED")):
            above = whole.get(parent)
            if above and self._status(above, edits) != "ACTIVE":
                return word
        if whole.get("_rejected"):
            return "DISAPPROVED"
        now = self._clock.now()
        touched = max(changed.get("_edited", 0.0), whole.get("_created", 0.0))
        if whole["level"] == "ad" and "_created" in whole and now - whole["_created"] < REVIEW:
            return "PENDING_REVIEW"
        return (
            "IN_PROCESS"
            if whole["level"] != "ad" and now - touched < IN_PROCESS and "_created" in whole
            else "ACTIVE"
        )

    def _status(self, object_id: str, edits: dict[str, Any] | None) -> str:
        changed = edits.get(object_id, {}) if edits is not None else self._edits(object_id)
        if "status" in changed:
            return changed["status"]
        at = place(object_id)
        if at:
            paused = at.level == "campaign" and self.starts_paused(at.campaign)
            return "PAUSED" if paused else "ACTIVE"
        created = self._created(object_id)
        return created["status"] if created else "DELETED"


def places(
    account: Account, level: str, *, campaign: str | None = None, adset: str | None = None
) -> Iterator[Place]:
    """The starting objects of a level in the order of their ids."""
    above = place(adset or campaign or "")
    if (adset or campaign) and above is None:
        return
    for c in [above.campaign] if above else range(account.campaigns):
        if level == "campaign":
            yield Place(account, level, c)
            continue
        for s in [above.adset] if above and above.level == "adset" else range(account.adsets):
            if level == "adset":
                yield Place(account, level, c, s)
                continue
            for a in range(account.ads):
                yield Place(account, level, c, s, a)


def stamp(moment: float) -> str:
    """Meta's way of writing a time."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
