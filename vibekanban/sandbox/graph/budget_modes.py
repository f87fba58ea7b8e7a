"""Who holds the budgets of a campaign: handing the campaign's to its ad sets, and taking theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vibekanban.sandbox.graph import params, rules
from vibekanban.sandbox.graph.catalogue import GONE
from vibekanban.sandbox.graph.problems import GraphError, invalid
from vibekanban.sandbox.graph.reading import Reading
from vibekanban.sandbox.graph.requested import given
from vibekanban.sandbox.graph.world import ACCOUNTS

MOST_AD_SETS = 70  # of a campaign that can give its budget away
AUTOMATIC = "LOWEST_COST_WITHOUT_CAP"
Edits = list[tuple[dict[str, Any], dict[str, Any]]]


class BudgetModes:
    """What an edit of a campaign does to its ad sets when the budget changes hands."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def moved(self, campaign: Mapping[str, Any], changed: dict[str, Any]) -> Edits:
        """The ad sets that change along, with what changes; `changed` becomes the campaign's own part.

        A budget for a campaign that holds none takes its ad sets' budgets; `adset_budgets` gives them theirs.
        """
        holds = any(campaign.get(name) for name in rules.BUDGETS)
        shares = params.value(changed.pop("adset_budgets", None))
        if shares is not None:
            return self._given(campaign, changed, shares, holds=holds)
        named = [name for name in rules.BUDGETS if changed.get(name) not in (None, "")]
        if named and not holds:
            return self._taken(campaign, changed, named[0])
        if params.truth(changed.get("is_adset_budget_sharing_enabled")):
            self._check_sharing(campaign, holds=holds)
        return []

    def _given(
        self, campaign: Mapping[str, Any], changed: dict[str, Any], shares: Any, *, holds: bool
    ) -> Edits:
        if not isinstance(shares, list) or not all(isinstance(share, dict) for share in shares):
            raise GraphError(100, "(#100) Param adset_budgets must be an array of objects")
        adsets = self._adsets(campaign)
        if holds and len(adsets) > MOST_AD_SETS:
            raise invalid(
                f"A campaign with more than {MOST_AD_SETS} ad sets cannot turn its campaign budget off.",
                field="adset_budgets",
            )
        named = {str(share.get("adset_id")): share for share in shares}
        strangers = named.keys() - {adset["id"] for adset in adsets}
        if strangers:
            raise invalid(f"{sorted(strangers)[0]} is not an ad set of this campaign.", field="adset_budgets")
        left = [adset["id"] for adset in adsets if adset["id"] not in named]
        if holds and left:
            raise invalid(
                f"Ad set {left[0]} needs a budget.", field="adset_budgets", title="Budget is missing"
            )
        account = ACCOUNTS[campaign["account_id"]]
        edits: Edits = []
        for adset in adsets:
            share = given(named[adset["id"]])
            rules.one_budget(share)
            least = self._reading.accounts.minimum(account, str(adset.get("billing_event") or "IMPRESSIONS"))
            own = rules.budgets(share, least, account.currency)
            if not own:
                raise invalid(f"Ad set {adset['id']} needs a budget.", field="adset_budgets", subcode=1885272)
            if "lifetime_budget" in own:
                rules.schedule({**adset, **own}, {}, 0.0)
                if params.truth(changed.get("is_adset_budget_sharing_enabled")):
                    raise invalid("Shared budgets are daily.", field="is_adset_budget_sharing_enabled")
            strategy = campaign.get("bid_strategy") if holds else None
            edits.append((adset, own | ({"bid_strategy": strategy} if strategy else {})))
        changed |= {name: "" for name in (*rules.BUDGETS, "bid_strategy") if campaign.get(name)}
        changed.setdefault("is_adset_budget_sharing_enabled", False)
        return edits

    def _taken(self, campaign: Mapping[str, Any], changed: dict[str, Any], budget: str) -> Edits:
        adsets = self._adsets(campaign)
        wanted = changed.get("bid_strategy")
        held = {str(adset.get("bid_strategy") or AUTOMATIC) for adset in adsets}
        if wanted is None and len(held) > 1:
            raise invalid("All ad sets of the campaign must have one bid strategy.", field="bid_strategy")
        strategy = str(wanted or next(iter(held), AUTOMATIC))
        if "LOWEST_COST_WITH_MIN_ROAS" in held and held != {strategy}:
            raise invalid("A minimum ROAS cannot be switched to another strategy.", field="bid_strategy")
        if strategy == AUTOMATIC and len({adset.get("optimization_goal") for adset in adsets}) > 1:
            raise invalid("All ad sets of the campaign must have one optimization goal.", field=budget)
        for adset in adsets:
            bids = {name: adset.get(name) for name in ("bid_amount", "bid_constraints")}
            rules.bidding({} if strategy == AUTOMATIC else bids, strategy)
            if budget == "lifetime_budget":
                rules.schedule(adset, {"lifetime_budget": changed[budget]}, 0.0)
        changed["bid_strategy"] = strategy
        changed["is_adset_budget_sharing_enabled"] = ""
        gone = (*rules.BUDGETS, "bid_strategy", *(("bid_amount",) if strategy == AUTOMATIC else ()))
        return [(adset, {name: "" for name in gone if adset.get(name)}) for adset in adsets]

    def _check_sharing(self, campaign: Mapping[str, Any], *, holds: bool) -> None:
        if holds:
            raise invalid("The campaign holds the budget.", field="is_adset_budget_sharing_enabled")
        if any(adset.get("lifetime_budget") for adset in self._adsets(campaign)):
            raise invalid("Shared budgets are daily.", field="is_adset_budget_sharing_enabled")

    def _adsets(self, campaign: Mapping[str, Any]) -> list[dict[str, Any]]:
        catalogue = self._reading.catalogue
        ids = catalogue.ids(ACCOUNTS[campaign["account_id"]], "adset", campaign=campaign["id"])
        found = (catalogue.find(one) for one in ids)
        return [one for one in found if one is not None and one["effective_status"] not in GONE]
