"""What an ad account allows: its least budgets and what it says about transparency, asked for once a day."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from vibekanban.clients.meta.gateway import Gateway
from vibekanban.core import broker
from vibekanban.domains.meta.models import MetaAccount

KEPT = timedelta(days=1)
FIELDS = "currency,min_daily_budget,min_campaign_group_spend_cap,default_dsa_beneficiary,default_dsa_payor"
# which of Meta's minimums holds, by what is paid for
BY_BILLING: Mapping[str, str] = {
    "THRUPLAY": "video_views",
    "LINK_CLICKS": "high_freq",
    "CLICKS": "high_freq",
    "POST_ENGAGEMENT": "high_freq",
    "PAGE_LIKES": "high_freq",
    "APP_INSTALLS": "low_freq",
    "OFFER_CLAIMS": "low_freq",
}


@dataclass(frozen=True)
class Limits:
    """Amounts are in minor units; `least` by how often what is paid for happens."""

    least: dict[str, int] = field(default_factory=dict)
    least_spend_cap: int = 0
    names_beneficiary: bool = True
    names_payor: bool = True

    def least_daily(self, billing_event: str = "IMPRESSIONS") -> int:
        return self.least.get(BY_BILLING.get(billing_event, "imp"), self.least.get("imp", 0))


def limits(meta: Gateway, account: MetaAccount) -> Limits:
    """The account's limits; Meta is asked for them when ours are older than a day."""
    key = f"meta:limits:{account.id}"
    kept = broker.connection().get(key)
    if isinstance(kept, bytes):
        return Limits(**json.loads(kept))
    found = _ask(meta, f"act_{account.meta_account_id}", account.currency)
    broker.connection().set(key, json.dumps(asdict(found)), ex=KEPT)
    return found


def _ask(meta: Gateway, node: str, currency: str) -> Limits:
    about = meta.get(node, fields=FIELDS)
    rows: list[dict[str, Any]] = meta.get(f"{node}/minimum_budgets").get("data", [])
    prefix = "min_daily_budget_"
    own = next((row for row in rows if row.get("currency") == currency), {})
    least = {
        name.removeprefix(prefix): int(value)
        for name, value in own.items()
        if name.startswith(prefix) and value
    }
    return Limits(
        least={"imp": int(about.get("min_daily_budget") or 0), **least},
        least_spend_cap=int(about.get("min_campaign_group_spend_cap") or 0),
        names_beneficiary=bool(about.get("default_dsa_beneficiary")),
        names_payor=bool(about.get("default_dsa_payor")),
    )
