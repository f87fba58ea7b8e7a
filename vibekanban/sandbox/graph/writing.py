"""Creating, updating, copying and deleting, with the rules and the refusals of the real thing."""

from __future__ import annotations

import json
from typing import Any

from vibekanban.sandbox.graph import params
from vibekanban.sandbox.graph.catalogue import Catalogue
from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.graph.problems import GraphError, forbidden, invalid, missing
from vibekanban.sandbox.graph.reading import Reading
from vibekanban.sandbox.graph.seeded import GOALS, stamp
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.tokens import Token
from vibekanban.sandbox.graph.world import ACCOUNTS, Account

CREATES = {"campaigns": "campaign", "adsets": "adset", "ads": "ad", "adcreatives": "creative"}
STATUSES = {"ACTIVE", "PAUSED", "ARCHIVED", "DELETED"}
CATEGORIES = {
    "NONE", "EMPLOYMENT", "HOUSING", "FINANCIAL_PRODUCTS_SERVICES", "ISSUES_ELECTIONS_POLITICS",
    "ONLINE_GAMBLING_AND_GAMING",
}  # fmt: skip
UPDATABLE = {
    "campaign": {"name", "status", "daily_budget", "lifetime_budget", "bid_strategy", "special_ad_categories", "stop_time"},
    "adset": {
        "name", "status", "daily_budget", "lifetime_budget", "bid_amount", "bid_strategy", "targeting", "end_time",
        "optimization_goal",
    },
    "ad": {"name", "status", "creative"},
    "creative": {"name", "status"},
}  # fmt: skip
IGNORED = {"access_token", "appsecret_proof", "execution_options", "fields", "adset_budgets"}
BUDGET_CHANGES = 4  # an hour, per ad set


class Writing:
    """Answers POST and DELETE; every write goes into the account's activities."""

    def __init__(self, store: Store, clock: Clock, catalogue: Catalogue, reading: Reading) -> None:
        self._store = store
        self._clock = clock
        self._catalogue = catalogue
        self._reading = reading

    def create(self, token: Token, account: Account, edge: str, asked: dict[str, Any]) -> dict[str, Any]:
        level = CREATES[edge]
        self._may(token, account)
        fields = {name: params.value(raw) for name, raw in asked.items() if name not in IGNORED}
        getattr(self, f"_new_{level}")(token, account, fields)
        if _dry(asked):
            return {"success": True}
        fields.setdefault("status", "ACTIVE" if level == "creative" else "PAUSED")
        new_id = self._catalogue.create(account, level, fields)
        self._log(token, account, f"create_{level}", new_id, {"new": fields})
        return self._answer(token, new_id, asked, {"id": new_id})

    def update(self, token: Token, object_id: str, asked: dict[str, Any]) -> dict[str, Any]:
        fields = self._reading.object(token, object_id)
        account = ACCOUNTS[fields["account_id"]]
        level = fields.get("level", "creative")
        self._may(token, account)
        changed = {name: params.value(raw) for name, raw in asked.items() if name not in IGNORED}
        for name in changed:
            if name not in UPDATABLE[level]:
                subcode = 1815573 if level == "creative" else None
                raise invalid(f"{name} cannot be changed.", field=name, subcode=subcode)
        if fields["status"] == "DELETED" or (
            fields["status"] == "ARCHIVED" and changed.get("status") != "DELETED"
        ):
            raise invalid("Deleted or archived objects cannot be edited.", subcode=1487056)
        self._check_status(changed)
        self._check_budget(account, level, fields, changed)
        if _dry(asked):
            return {"success": True}
        before = {name: fields.get(name) for name in changed}
        self._catalogue.change(object_id, account, _texts(changed))
        self._log(token, account, f"update_{level}", object_id, {"old": before, "new": changed})
        return self._answer(token, object_id, asked, {"success": True})

    def delete(self, token: Token, object_id: str) -> dict[str, Any]:
        fields = self._reading.object(token, object_id)
        account = ACCOUNTS[fields["account_id"]]
        self._may(token, account)
        if fields["status"] == "DELETED":
            raise missing(object_id)
        self._catalogue.change(object_id, account, {"status": "DELETED"})
        self._log(token, account, f"delete_{fields.get('level', 'creative')}", object_id, {})
        return {"success": True}

    def copy(self, token: Token, object_id: str, asked: dict[str, Any]) -> dict[str, Any]:
        fields = self._reading.object(token, object_id)
        account = ACCOUNTS[fields["account_id"]]
        self._may(token, account)
        rename = params.value(asked.get("rename_options")) or {}
        suffix = rename.get("rename_suffix", " - Copy") if isinstance(rename, dict) else " - Copy"
        kept = {
            name: text
            for name, text in fields.items()
            if name not in {"effective_status", "configured_status"}
        }
        kept["name"] = f"{fields['name']}{suffix}"
        kept["status"] = {"ACTIVE": "ACTIVE", "INHERITED_FROM_SOURCE": fields["status"]}.get(
            str(asked.get("status_option") or "PAUSED"), "PAUSED"
        )
        new_id = self._catalogue.create(account, fields["level"], kept)
        self._log(token, account, f"copy_{fields['level']}", new_id, {"source": object_id})
        return {
            f"copied_{fields['level']}_id": new_id,
            "ad_object_ids": [{"source_id": object_id, "copied_id": new_id}],
        }

    # -- rules

    def _may(self, token: Token, account: Account) -> None:
        self._reading.must_see(token, account)
        if "ads_management" not in token.scopes:
            raise forbidden("ads_management")

    def _check_status(self, fields: dict[str, Any]) -> None:
        if "status" in fields and fields["status"] not in STATUSES:
            raise invalid(f"{fields['status']} is not a valid status.", field="status")
        if "name" in fields and not str(fields["name"]).strip():
            raise invalid("Name must not be empty.", field="name")

    def _new_campaign(self, _token: Token, account: Account, fields: dict[str, Any]) -> None:
        self._need(fields, "name", "objective")
        if fields["objective"] not in GOALS:
            raise invalid("Objective is not valid for new campaigns.", field="objective", subcode=1815702)
        if "special_ad_categories" not in fields:
            raise invalid("special_ad_categories is required.", field="special_ad_categories")
        wrong = set(params.words(fields["special_ad_categories"])) - CATEGORIES
        if wrong:
            raise invalid(f"{wrong.pop()} is not a special ad category.", field="special_ad_categories")
        fields["special_ad_categories"] = params.words(fields["special_ad_categories"])
        self._check_status(fields)
        if fields.get("daily_budget") and fields.get("lifetime_budget"):
            raise invalid("Choose a daily or a lifetime budget.", field="daily_budget", subcode=1885650)
        budgeted = fields.get("daily_budget") or fields.get("lifetime_budget")
        if not budgeted and "is_adset_budget_sharing_enabled" not in fields:
            raise invalid(
                "Without a campaign budget is_adset_budget_sharing_enabled must be set.",
                field="is_adset_budget_sharing_enabled", subcode=4834011,
            )  # fmt: skip
        fields.setdefault("buying_type", "AUCTION")
        fields.setdefault("start_time", stamp(self._clock.now()))
        self._least(account, fields)

    def _new_adset(self, token: Token, account: Account, fields: dict[str, Any]) -> None:
        self._need(fields, "name", "campaign_id", "optimization_goal", "billing_event", "targeting")
        campaign = self._reading.object(token, str(fields["campaign_id"]))
        self._check_status(fields)
        holds = campaign.get("daily_budget") or campaign.get("lifetime_budget")
        own = fields.get("daily_budget") or fields.get("lifetime_budget")
        if holds and own:
            raise invalid("The campaign holds the budget.", field="daily_budget", subcode=1885621)
        if not holds and not own:
            raise invalid("An ad set needs a budget.", field="daily_budget", subcode=1885272)
        self._least(account, fields)

    def _new_ad(self, token: Token, _account: Account, fields: dict[str, Any]) -> None:
        self._need(fields, "name", "adset_id", "creative")
        adset = self._reading.object(token, str(fields["adset_id"]))
        fields["campaign_id"] = adset["campaign_id"]
        creative = fields["creative"]
        if isinstance(creative, dict) and "creative_id" in creative:
            self._reading.object(token, str(creative["creative_id"]))
            fields["creative"] = {"id": str(creative["creative_id"])}
        self._check_status(fields)

    def _new_creative(self, _token: Token, _account: Account, fields: dict[str, Any]) -> None:
        if (
            "object_story_spec" not in fields
            and "asset_feed_spec" not in fields
            and "object_story_id" not in fields
        ):
            raise invalid("A creative needs object_story_spec or asset_feed_spec.", field="object_story_spec")

    @staticmethod
    def _need(fields: dict[str, Any], *names: str) -> None:
        for name in names:
            if fields.get(name) in (None, ""):
                raise invalid(f"{name} is required.", field=name)

    def _least(self, account: Account, fields: dict[str, Any]) -> None:
        least = self._reading.accounts.minimum(account)
        for name in ("daily_budget", "lifetime_budget"):
            if name not in fields:
                continue
            try:
                amount = int(fields[name])
            except (TypeError, ValueError):
                raise invalid("A budget is a whole number of minor units.", field=name) from None
            if amount < least:
                raise invalid(
                    f"The minimum is {least} in the smallest unit of {account.currency}.", field=name, subcode=1885272,
                    title="Budget is too low",
                )  # fmt: skip
            fields[name] = str(amount)

    def _check_budget(
        self, account: Account, level: str, fields: dict[str, Any], changed: dict[str, Any]
    ) -> None:
        named = {"daily_budget", "lifetime_budget"} & changed.keys()
        if not named:
            return
        if level == "adset":
            campaign = self._catalogue.find(fields["campaign_id"]) or {}
            if campaign.get("daily_budget") or campaign.get("lifetime_budget"):
                raise invalid("The campaign holds the budget.", field="daily_budget", subcode=1885621)
            recent = self._store.row(
                "SELECT count(*) FROM history WHERE id = ? AND field = 'daily_budget' AND at > ?",
                fields["id"], self._clock.now() - 3600,
            )  # fmt: skip
            if recent and recent[0] >= BUDGET_CHANGES:
                raise GraphError(
                    613, "(#613) You have changed this ad set's budget too many times in the last hour.",
                    subcode=1487632, title="Too many budget changes",
                )  # fmt: skip
        elif not (fields.get("daily_budget") or fields.get("lifetime_budget")):
            raise invalid("The ad sets hold the budgets.", field="daily_budget", subcode=1885621)
        self._least(account, changed)

    # -- traces

    def _log(self, token: Token, account: Account, event: str, object_id: str, extra: dict[str, Any]) -> None:
        entry = {
            "event_type": event, "event_time": stamp(self._clock.now()), "object_id": object_id,
            "actor_id": token.person.user_id, "actor_name": token.person.name,
            "extra_data": json.dumps(extra, ensure_ascii=False, default=str),
        }  # fmt: skip
        self._store.write(
            "INSERT INTO activities (account, at, entry) VALUES (?, ?, ?)",
            account.id, self._clock.now(), json.dumps(entry),
        )  # fmt: skip

    def _answer(
        self, token: Token, object_id: str, asked: dict[str, Any], plain: dict[str, Any]
    ) -> dict[str, Any]:
        """With `fields` a write answers what a read would."""
        if "fields" not in asked:
            return plain
        return plain | self._reading.node(token, object_id, {"fields": asked["fields"]})


def _dry(asked: dict[str, Any]) -> bool:
    return "validate_only" in params.words(asked.get("execution_options"))


def _texts(changed: dict[str, Any]) -> dict[str, Any]:
    return {name: str(raw) if name.endswith("_budget") else raw for name, raw in changed.items()}
