"""The ad account as a node: its money, place and limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from vibekanban.sandbox.graph import seeded
from vibekanban.sandbox.graph.catalogue import Catalogue
from vibekanban.sandbox.graph.delivery import Delivery
from vibekanban.sandbox.graph.insights import Asked, Tables
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.world import Account

MINIMUM = {"EUR": 100, "USD": 100, "GBP": 100, "JPY": 100, "CLP": 800, "COP": 4000}
# how many times the least budget, by how often what is paid for happens
RARITY = {"imp": 1, "video_views": 1, "high_freq": 5, "low_freq": 40}
BILLED = {
    "THRUPLAY": "video_views", "LINK_CLICKS": "high_freq", "CLICKS": "high_freq", "POST_ENGAGEMENT": "high_freq",
    "PAGE_LIKES": "high_freq", "APP_INSTALLS": "low_freq",
}  # fmt: skip
SPENT_DAYS = 30
LONGEST = 90  # days that a budget already spent is looked for
BUSINESS = "88"


class Accounts:
    """Fields of accounts; dear ones are functions, called when asked for."""

    def __init__(self, store: Store, catalogue: Catalogue, tables: Tables, delivery: Delivery) -> None:
        self._store = store
        self._catalogue = catalogue
        self._tables = tables
        self._delivery = delivery

    def fields(self, account: Account) -> dict[str, Any]:
        offset = self._delivery.local_offset(account)
        changed = self._catalogue.edits(account).get(account.id, {})
        business = {"id": f"{BUSINESS}{account.number:013d}", "name": account.name}
        spent = self._spent(account)
        status = self._store.setting("account_status", {}).get(account.id, 1)
        return {
            "id": f"act_{account.id}", "account_id": account.id, "level": "account", "name": account.name,
            "currency": account.currency, "timezone_name": account.timezone, "timezone_id": 300 + account.number % 90,
            "timezone_offset_hours_utc": offset, "account_status": status,
            "disable_reason": 0 if status == 1 else 1, "age": 540.0, "amount_spent": spent, "balance": spent,
            "min_daily_budget": self.minimum(account), "min_campaign_group_spend_cap": str(self.least_cap(account)),
            "spend_cap": "0", "business": business, "business_name": account.name, "owner": business["id"],
            "business_country_code": seeded.COUNTRY[account.timezone], "business_city": account.timezone.partition("/")[2],
            "created_time": "2024-01-10T09:00:00+0000", "is_prepay_account": False, "is_personal": 0,
            "capabilities": ["CAN_USE_REACH_AND_FREQUENCY"], "user_tasks": ["DRAFT", "ANALYZE", "ADVERTISE", "MANAGE"],
            "funding_source_details": {"id": "1", "display_string": "Demo card *0000", "type": 1},
            **self._transparency(account),
            **{name: value for name, value in changed.items() if not name.startswith("_")},
        }  # fmt: skip

    @staticmethod
    def minimum(account: Account, billing_event: str = "IMPRESSIONS") -> int:
        """The least daily budget in minor units; what happens rarely needs more."""
        return MINIMUM.get(account.currency, account.order // 50) * RARITY[BILLED.get(billing_event, "imp")]

    def spent_by(self, account: Account, level: str, object_id: str) -> int:
        """What a campaign or an ad set spent of late, in minor units."""
        today = self._delivery.today(account)
        since = today - timedelta(days=LONGEST)
        asked = Asked(
            account,
            level,
            since,
            today,
            campaign=object_id if level == "campaign" else None,
            adset=object_id if level == "adset" else None,
        )
        return sum(row.numbers.spend for row in self._tables.rows(asked))

    @classmethod
    def least_cap(cls, account: Account) -> int:
        """The least spend cap of a campaign in minor units."""
        return cls.minimum(account) * 100

    @staticmethod
    def _transparency(account: Account) -> dict[str, str]:
        """Who benefits and who pays, known beforehand but in French accounts."""
        if account.timezone == "Europe/Paris":
            return {}
        return {"default_dsa_beneficiary": account.name, "default_dsa_payor": account.name}

    def _spent(self, account: Account) -> Callable[[], str]:
        def text() -> str:
            today = self._delivery.today(account)
            asked = Asked(account, "account", today - timedelta(days=SPENT_DAYS - 1), today)
            return str(sum(row.numbers.spend for row in self._tables.rows(asked)))

        return text
