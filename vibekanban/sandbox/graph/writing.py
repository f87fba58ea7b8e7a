"""Creating, updating, copying and deleting, with the rules and the refusals of the real thing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vibekanban.sandbox.graph import creatives, rules
from vibekanban.sandbox.graph.activities import Activities
from vibekanban.sandbox.graph.budget_modes import BudgetModes
from vibekanban.sandbox.graph.catalogue import GONE, Catalogue
from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.graph.problems import GraphError, forbidden, invalid, missing
from vibekanban.sandbox.graph.reading import Reading
from vibekanban.sandbox.graph.requested import given, is_dry
from vibekanban.sandbox.graph.seeded import stamp
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.tokens import Token
from vibekanban.sandbox.graph.world import ACCOUNTS, Account

CREATES = {"campaigns": "campaign", "adsets": "adset", "ads": "ad", "adcreatives": "creative"}
BUDGET_CHANGES = 4  # an hour, per ad set
CAP_CHANGES = 10  # a day, per account
Announce = Callable[[Account, str, dict[str, Any]], None]


class Writing:
    """Answers POST and DELETE; every write goes into the account's activities and is announced."""

    def __init__(
        self, store: Store, clock: Clock, reading: Reading, activities: Activities, announce: Announce
    ) -> None:
        self._store = store
        self._clock = clock
        self._catalogue: Catalogue = reading.catalogue
        self._reading = reading
        self._activities = activities
        self._announce = announce
        self._modes = BudgetModes(reading)

    # -- verbs

    def create(self, token: Token, account: Account, edge: str, asked: dict[str, Any]) -> dict[str, Any]:
        """A new object under an account; `validate_only` stops before it is kept."""
        self.may(token, account)
        level, dry = CREATES[edge], is_dry(asked)
        fields = given(asked)
        rules.common(fields)
        rules.labels(fields)
        make = {"campaign": self._campaign, "adset": self._adset, "ad": self._ad, "creative": self._creative}[
            level
        ]
        make(token, account, fields)
        if dry:
            return {"success": True}
        if level == "ad":
            self._keep_inline(token, account, fields)
        fields = {name: value for name, value in fields.items() if value != ""}
        fields.setdefault("status", "ACTIVE" if level == "creative" else "PAUSED")
        new_id = self.keep(token, account, level, fields)
        return self._answer(
            token, new_id, asked, {"id": new_id} | ({"success": True} if level == "ad" else {})
        )

    def update(self, token: Token, object_id: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Change an object; archived ones may only be deleted, deleted ones not at all."""
        fields = self._reading.object(token, object_id)
        account, level = ACCOUNTS[fields["account_id"]], fields.get("level", "creative")
        self.may(token, account)
        changed = given(asked)
        self._check_names(level, changed)
        gone = fields["effective_status"]
        if gone in GONE and not (gone == "ARCHIVED" and changed == {"status": "DELETED"}):
            raise invalid(
                "Deleted or archived objects cannot be edited.", subcode=1487056, title="Object is gone"
            )
        rules.common(changed)
        rules.labels(changed)
        if level == "campaign":
            rules.cap(changed, self._reading.accounts.least_cap(account), account.currency)
        along = self._modes.moved(fields, changed) if level == "campaign" else []
        if level in {"campaign", "adset"}:
            changed |= self._money(token, account, fields, changed)
        if level == "adset":
            self._check_adset(account, fields, changed)
        if level == "ad" and "creative" in changed:
            self._shown(token, account, changed)
        if is_dry(asked):
            return {"success": True}
        if level == "ad":
            self._keep_inline(token, account, changed)
        for adset, own in along:
            self._catalogue.change(adset["id"], account, own)
            self._activities.changed(token, account, "adset", adset, own)
        self._catalogue.change(object_id, account, changed)
        self._activities.changed(token, account, level, fields, changed)
        self._announce(account, level, {"id": object_id, **changed})
        return self._answer(token, object_id, asked, {"success": True})

    def update_account(self, token: Token, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
        """Name, defaults and the spend cap, which may change ten times a day."""
        self.may(token, account)
        changed = given(asked)
        self._check_names("account", changed)
        if "spend_cap" in changed:
            recent = self._store.row(
                "SELECT count(*) FROM activities WHERE account = ? AND at > ? AND entry LIKE '%ad_account_spend_limit%'",
                account.id, self._clock.now() - 86400,
            )  # fmt: skip
            if recent and recent[0] >= CAP_CHANGES:
                raise GraphError(17, "(#17) The spend cap was changed too often today.", subcode=1885172)
        if is_dry(asked):
            return {"success": True}
        fields = self._reading.accounts.fields(account)
        self._catalogue.change(account.id, account, changed)
        self._activities.changed(token, account, "account", fields, changed)
        return {"success": True}

    def delete(self, token: Token, object_id: str) -> dict[str, Any]:
        """For good, with all that is in it."""
        fields = self._reading.object(token, object_id)
        account, level = ACCOUNTS[fields["account_id"]], fields.get("level", "creative")
        self.may(token, account)
        if fields["effective_status"] == "DELETED":
            raise missing(object_id)
        self._catalogue.change(object_id, account, {"status": "DELETED"})
        self._activities.changed(token, account, level, fields, {"status": "DELETED"})
        self._announce(account, level, {"id": object_id, "status": "DELETED"})
        return {"success": True}

    def _keep_inline(self, token: Token, account: Account, fields: dict[str, Any]) -> None:
        inline = fields.get("creative")
        if isinstance(inline, dict) and "id" not in inline:
            fields["creative"] = {"id": self.keep(token, account, "creative", {"status": "ACTIVE", **inline})}

    # -- rules

    def may(self, token: Token, account: Account) -> None:
        """Whether a token may write there."""
        self._reading.must_see(token, account)
        if "ads_management" not in token.scopes:
            raise forbidden("ads_management")

    def _check_names(self, level: str, changed: dict[str, Any]) -> None:
        for name in sorted(changed.keys() - rules.UPDATABLE[level]):
            if level == "creative":
                raise invalid("The content of a creative cannot be changed.", field=name, subcode=1815573)
            raise invalid(f"{name} cannot be changed.", field=name)

    def _campaign(self, _token: Token, account: Account, fields: dict[str, Any]) -> None:
        rules.need(fields, "name", "objective")
        rules.objective(fields)
        fields["special_ad_categories"] = rules.categories(fields)
        rules.one_budget(fields)
        fields |= rules.budgets(fields, self._reading.accounts.minimum(account), account.currency)
        rules.cap(fields, self._reading.accounts.least_cap(account), account.currency)
        if not any(fields.get(name) for name in rules.BUDGETS):
            if "is_adset_budget_sharing_enabled" not in fields:
                raise invalid(
                    "Without a campaign budget is_adset_budget_sharing_enabled must be true or false.",
                    field="is_adset_budget_sharing_enabled", subcode=4834011,
                )  # fmt: skip
        elif fields.get("bid_strategy", "LOWEST_COST_WITHOUT_CAP") not in rules.BIDDING:
            raise invalid("This bid strategy does not exist.", field="bid_strategy")
        fields.setdefault("buying_type", "AUCTION")
        fields.setdefault("start_time", stamp(self._clock.now()))

    def _adset(self, token: Token, account: Account, fields: dict[str, Any]) -> None:
        rules.need(fields, "name", "campaign_id", "optimization_goal", "billing_event", "targeting")
        campaign = self._parent(token, account, str(fields["campaign_id"]), "campaign")
        rules.goal(fields, campaign)
        rules.targeting(fields["targeting"])
        rules.protected(fields["targeting"], campaign)
        rules.promoted(fields, campaign)
        rules.transparency(fields, self._reading.accounts.fields(account))
        rules.one_budget(fields)
        rules.bidding(fields, campaign.get("bid_strategy"))
        holds = any(campaign.get(name) for name in rules.BUDGETS)
        own = any(fields.get(name) for name in rules.BUDGETS)
        if holds and own:
            raise invalid("The campaign holds the budget.", field="daily_budget", subcode=1885621)
        if not holds and not own:
            raise invalid(
                "An ad set needs a budget.", field="daily_budget", subcode=1885272, title="Budget is missing"
            )
        least = self._reading.accounts.minimum(account, str(fields["billing_event"]))
        fields |= rules.budgets(fields, least, account.currency)
        if campaign.get("is_adset_budget_sharing_enabled") is True and fields.get("lifetime_budget"):
            raise invalid("Shared budgets are daily.", field="lifetime_budget")
        rules.schedule(fields, campaign, self._clock.now())
        fields.setdefault("start_time", stamp(self._clock.now()))

    def _ad(self, token: Token, account: Account, fields: dict[str, Any]) -> None:
        rules.need(fields, "name", "adset_id", "creative")
        fields["campaign_id"] = self._parent(token, account, str(fields["adset_id"]), "adset")["campaign_id"]
        self._shown(token, account, fields)

    def _shown(self, token: Token, account: Account, fields: dict[str, Any]) -> None:
        """The creative of an ad: one that is there, or a new one within."""
        creative = fields["creative"]
        if not isinstance(creative, dict):
            raise GraphError(100, "(#100) Param creative must be a JSON object with creative_id")
        known = creative.get("creative_id") or creative.get("id")
        if known:
            found = self._reading.object(token, str(known))
            if found.get("level", "creative") != "creative" or found["account_id"] != account.id:
                raise invalid(f"{known} is not a creative of this account.", field="creative")
            fields["creative"] = {"id": str(known)}
        else:
            self._creative(token, account, creative)

    def _creative(self, _token: Token, account: Account, fields: dict[str, Any]) -> None:
        creatives.check(self._store, account, fields, self._clock.now())

    def _parent(self, token: Token, account: Account, object_id: str, level: str) -> dict[str, Any]:
        above = self._reading.object(token, object_id)
        if above.get("level") != level or above["account_id"] != account.id:
            raise invalid(f"{object_id} is not a {level} of this account.", field=f"{level}_id")
        if above["effective_status"] in GONE:
            raise invalid("Its parent is deleted or archived.", field=f"{level}_id", subcode=1487566)
        return above

    def _check_adset(self, account: Account, fields: dict[str, Any], changed: dict[str, Any]) -> None:
        if changed.get("bid_strategy") == "LOWEST_COST_WITHOUT_CAP":  # which ends what was bid before
            changed |= {
                name: ""
                for name in ("bid_amount", "bid_constraints")
                if fields.get(name) and name not in changed
            }
        if {"bid_amount", "bid_strategy", "bid_constraints"} & changed.keys():
            campaign = self._catalogue.find(fields["campaign_id"]) or {}
            bids = {
                "bid_amount": fields.get("bid_amount"),
                "bid_constraints": fields.get("bid_constraints"),
                **changed,
            }
            rules.bidding(bids, fields.get("bid_strategy") or campaign.get("bid_strategy"))
        if "targeting" in changed:
            rules.targeting(changed["targeting"])
            rules.protected(changed["targeting"], self._catalogue.find(fields["campaign_id"]) or {})
            rules.transparency({**fields, **changed}, self._reading.accounts.fields(account))
        if {"optimization_goal", "promoted_object"} & changed.keys():
            campaign = self._catalogue.find(fields["campaign_id"]) or {}
            rules.goal({**fields, **changed}, campaign)
            rules.promoted({**fields, **changed}, campaign)
        if "end_time" in changed:
            kept = {name: fields.get(name) for name in ("start_time", "lifetime_budget")}
            campaign = self._catalogue.find(fields["campaign_id"]) or {}
            rules.schedule({**kept, **changed}, campaign, self._clock.now())

    def _money(
        self, token: Token, account: Account, fields: dict[str, Any], changed: dict[str, Any]
    ) -> dict[str, str]:
        """The new budgets in Meta's form, if this object may hold them and has not changed them too often."""
        named = [name for name in rules.BUDGETS if changed.get(name) not in (None, "")]
        if not named:
            return {}
        rules.one_budget(changed)
        holder = fields
        if fields["level"] == "adset":
            holder = self._reading.object(token, fields["campaign_id"])
            if any(holder.get(name) for name in rules.BUDGETS):
                raise invalid("The campaign holds the budget.", field=named[0], subcode=1885621)
            self._check_pace(fields["id"])
        billing = str(changed.get("billing_event") or fields.get("billing_event") or "IMPRESSIONS")
        found = rules.budgets(changed, self._reading.accounts.minimum(account, billing), account.currency)
        if "lifetime_budget" in found:
            spent = self._reading.accounts.spent_by(account, fields["level"], fields["id"])
            rules.above_spent(int(found["lifetime_budget"]), spent)
        other = "lifetime_budget" if named[0] == "daily_budget" else "daily_budget"
        if fields.get(other):
            raise invalid("The kind of a budget cannot be changed.", field=named[0], subcode=1885621)
        return found

    def _check_pace(self, object_id: str) -> None:
        recent = self._store.row(
            "SELECT count(*) FROM history WHERE id = ? AND field IN ('daily_budget', 'lifetime_budget') AND at > ?",
            object_id, self._clock.now() - 3600,
        )  # fmt: skip
        if recent and recent[0] >= BUDGET_CHANGES:
            raise GraphError(
                613, "(#613) You have changed this ad set's budget too many times in the last hour.",
                subcode=1487632, title="Too many budget changes",
                user_message="You can change the budget of an ad set four times an hour. Try again later.",
            )  # fmt: skip

    # -- keeping and answering

    def keep(self, token: Token, account: Account, level: str, fields: dict[str, Any]) -> str:
        """A new object that passed its checks; answers its id."""
        new_id = self._catalogue.create(account, level, fields)
        self._activities.created(token, account, level, {**fields, "id": new_id})
        self._announce(account, level, {**fields, "id": new_id, "created": True})
        return new_id

    def _answer(
        self, token: Token, object_id: str, asked: dict[str, Any], plain: dict[str, Any]
    ) -> dict[str, Any]:
        """With `fields` a write answers what a read would."""
        if "fields" not in asked:
            return plain
        return plain | self._reading.node(token, object_id, {"fields": asked["fields"]})
