"""How campaigns look on the wire: listed, whole, new and edited."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import Field

from vibekanban.api import editing, wire
from vibekanban.api.wire import Wire, example
from vibekanban.core.errors import Invalid
from vibekanban.core.shapes import Moment
from vibekanban.domains.editing import choices, fields, forms
from vibekanban.domains.editing.choices import BudgetMode
from vibekanban.domains.meta import campaigns, money

EXAMPLE: dict[str, Any] = {
    "id": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5d",
    "metaCampaignId": "120210000000000001",
    "accountId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001",
    "name": "Rebajas de invierno",
    "objective": "OUTCOME_SALES",
    "status": "ACTIVE",
    "effectiveStatus": "ACTIVE",
    "dailyBudget": "50.00",
    "lifetimeBudget": None,
    "currency": "EUR",
    "today": {"spend": "12.34", "impressions": 4321, "clicks": 98},
    "issues": [],
    "syncedAt": "2026-11-24T09:00:00.000Z",
}
DETAIL: dict[str, Any] = {
    **EXAMPLE,
    "buyingType": "AUCTION",
    "budgetMode": "campaign",
    "bidStrategy": "LOWEST_COST_WITHOUT_CAP",
    "spendCap": None,
    "specialAdCategories": [],
    "specialAdCategoryCountry": [],
    "startTime": "2026-11-20T08:00:00.000Z",
    "stopTime": None,
}


class TodayOut(Wire):
    """Counts of the account's today."""

    spend: str
    impressions: int
    clicks: int


class CampaignOut(Wire):
    """`status` is what was set, `effectiveStatus` what happens; budgets are in major units."""

    id: UUID
    meta_campaign_id: str
    account_id: UUID
    name: str
    objective: str
    status: str
    effective_status: str
    daily_budget: str | None
    lifetime_budget: str | None
    currency: str
    today: TodayOut
    issues: list[dict[str, Any]]
    synced_at: Moment

    model_config = example(EXAMPLE)


class CampaignDetailOut(CampaignOut):
    """A campaign with all that can be set. `budgetMode` says who holds the budget."""

    buying_type: str
    budget_mode: BudgetMode
    bid_strategy: str
    spend_cap: str | None
    special_ad_categories: list[str]
    special_ad_category_country: list[str]
    start_time: Moment | None
    stop_time: Moment | None

    model_config = example(DETAIL)


class ChangedCampaignOut(CampaignDetailOut):
    """`changed` is false when the campaign was so already; then nothing was written at Meta."""

    changed: bool
    change_id: UUID | None

    model_config = example(DETAIL, changed=True, changeId="0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5e")


class NewCampaign(Wire):
    """A campaign is created PAUSED unless told. With neither budget its ad sets hold theirs."""

    account_id: UUID
    name: str = Field(max_length=400)
    objective: str = Field(max_length=60, description=", ".join(choices.OBJECTIVES))
    status: editing.BirthStatus = "PAUSED"
    special_ad_categories: list[str] = Field(default_factory=list, max_length=10)
    special_ad_category_country: list[str] = Field(
        default_factory=list, max_length=250, description="ISO codes; needed with a category"
    )
    daily_budget: editing.Amount | None = None
    lifetime_budget: editing.Amount | None = None
    bid_strategy: str | None = Field(None, max_length=60)
    spend_cap: editing.Amount | None = None
    start_time: wire.Instant | None = None
    stop_time: wire.Instant | None = None
    is_adset_budget_sharing_enabled: bool | None = Field(
        None, description="Without a budget of its own: ad sets may lend each other up to a fifth"
    )
    dry_run: editing.DryRun = False

    model_config = example(
        {
            "accountId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001",
            "name": "Rebajas de invierno",
            "objective": "OUTCOME_SALES",
            "specialAdCategories": [],
            "dailyBudget": "50.00",
            "status": "PAUSED",
            "dryRun": False,
        }
    )


class AdSetBudget(Wire):
    """What an ad set gets of the budget that its campaign gives away: a daily or a lifetime one."""

    ad_set_id: UUID
    daily_budget: editing.Amount | None = None
    lifetime_budget: editing.Amount | None = None


class EditedCampaign(Wire):
    """The fields to set; what is absent stays, null empties what may be empty."""

    name: str | None = Field(None, max_length=400)
    status: editing.Status | None = None
    daily_budget: editing.Amount | None = None
    lifetime_budget: editing.Amount | None = None
    bid_strategy: str | None = Field(None, max_length=60)
    spend_cap: editing.Amount | None = None
    start_time: wire.Instant | None = None
    stop_time: wire.Instant | None = None
    special_ad_categories: list[str] | None = Field(None, max_length=10)
    special_ad_category_country: list[str] | None = Field(None, max_length=250)
    is_adset_budget_sharing_enabled: bool | None = None
    budget_mode: BudgetMode | None = Field(
        None,
        description="Who holds the budget, changed in a request of its own: `campaign` with a budget, `adsets` or"
        " `shared` with `adSetBudgets`",
    )
    ad_set_budgets: list[AdSetBudget] | None = Field(None, max_length=70)
    dry_run: editing.DryRun = False

    model_config = example({"dailyBudget": "60.00", "dryRun": True})

    @property
    def switch(self) -> dict[str, Any] | None:
        """What a change of the budgets' holder says; None when the body does not ask for one."""
        given = self.model_dump(exclude_unset=True, exclude={"dry_run"})
        if self.budget_mode is None and "ad_set_budgets" not in given:
            return None
        alone = {"budget_mode", "ad_set_budgets", *fields.BUDGETS}
        if self.budget_mode is None or not given.keys() <= alone:
            raise Invalid({"budgetMode": "editing.rule.mode_alone"})
        return {name: given[name] for name in fields.BUDGETS if given.get(name) is not None}


def row_of(row: campaigns.Listed) -> dict[str, Any]:
    """The fields of a `CampaignOut`: budgets and spend in major units of the account's currency."""
    found, currency = row.campaign, row.account.currency
    return {
        "id": found.id,
        "meta_campaign_id": found.meta_id,
        "account_id": found.account_id,
        "name": found.name,
        "objective": found.objective,
        "status": found.status,
        "effective_status": found.effective_status,
        "daily_budget": money.text(money.budget(found.daily_budget, currency), currency),
        "lifetime_budget": money.text(money.budget(found.lifetime_budget, currency), currency),
        "currency": currency,
        "today": {
            "spend": money.text(money.spend(row.spend_micros), currency),
            "impressions": row.impressions,
            "clicks": row.clicks,
        },
        "issues": found.issues,
        "synced_at": found.synced_at,
    }


def detail_of(row: campaigns.Listed) -> dict[str, Any]:
    """Those of a `CampaignDetailOut`."""
    found, currency = row.campaign, row.account.currency
    return {
        **row_of(row),
        "buying_type": found.buying_type,
        "budget_mode": forms.mode_of(found),
        "bid_strategy": found.bid_strategy,
        "spend_cap": editing.budget(found.spend_cap, currency),
        "special_ad_categories": found.special_ad_categories,
        "special_ad_category_country": found.special_ad_category_country,
        "start_time": found.start_time,
        "stop_time": found.stop_time,
    }
