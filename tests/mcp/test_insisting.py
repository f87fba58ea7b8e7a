"""An agent that asks for half more ten times: stopped by its owner's limits or ours with a reason, never by Meta's."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from tests.conftest import Sandbox
from tests.factories.meta import a_campaign, an_ad_set
from tests.mcp.conftest import Answer, Database, Server, Tenant
from tests.mcp.test_sandbox import graph, meta_token, tenant
from vibekanban.core import i18n
from vibekanban.domains.access import tokens
from vibekanban.domains.access.policy import Reason
from vibekanban.domains.guarding.errors import told_of
from vibekanban.domains.meta.models import MetaAccount

__all__ = ["meta_token", "tenant"]

TIMES = 10
START = Decimal(20)
META_ALLOWS = 4  # changes of an ad set's budget an hour; then it blocks them for an hour
TOO_OFTEN = 613
LIMITS: dict[str, tuple[dict[str, Any], int, str]] = {
    # policy, how many of ten calls change something, the reason of the others
    "percent a call": ({"maxPercentPerCall": 20}, 0, "percent_per_call"),
    "percent a day": ({"maxPercentPerDay": 50}, 1, "percent_per_day"),
    "ceiling": ({"maxDailyBudget": {"EUR": "50"}}, 2, "daily_ceiling"),
    "writes a day": ({"maxWritesPerDay": 3}, 3, "writes_per_day"),
}


@dataclass(frozen=True)
class Asked:
    """An ad set with a budget of its own, and who keeps asking."""

    server: Server
    sandbox: Sandbox
    meta_token: str
    token: str
    ad_set: str

    @property
    def budget(self) -> Decimal:
        return Decimal(graph(self.meta_token).get(self.ad_set, fields="daily_budget")["daily_budget"]) / 100

    def for_half_more(self, language: str = "es") -> Answer:
        amount = f"{self.budget * Decimal('1.5'):.2f}"
        return self.server.call(
            self.token, "update_ad_set", adSetId=self.ad_set, dailyBudget=amount, language=language
        )

    def at_meta(self) -> list[dict[str, Any]]:
        """The changes of the ad set that Meta was asked for; rehearsals change nothing."""
        return [
            call
            for call in self.sandbox.admin.get("/_sandbox/calls").json()
            if call["method"] == "POST"
            and call["path"].endswith(self.ad_set)
            and "validate_only" not in call["params"].get("execution_options", "")
        ]

    def said_by_meta(self) -> set[int | None]:
        return {call["code"] for call in self.sandbox.admin.get("/_sandbox/calls").json()}


@pytest.fixture
def asked(server: Server, database: Database, sandbox: Sandbox, tenant: Tenant, meta_token: str) -> Asked:
    place = f"act_{tenant.meta_ids['accountId']}"
    campaign = graph(meta_token).post(
        f"{place}/campaigns",
        name="Rebajas", objective="OUTCOME_TRAFFIC", status="PAUSED", special_ad_categories=[],
        is_adset_budget_sharing_enabled=False,
    )["id"]  # fmt: skip
    ad_set = graph(meta_token).post(
        f"{place}/adsets",
        name="Todos", campaign_id=campaign, daily_budget=int(START * 100), billing_event="IMPRESSIONS",
        optimization_goal="LINK_CLICKS", bid_strategy="LOWEST_COST_WITHOUT_CAP", status="PAUSED",
        targeting={"geo_locations": {"countries": ["MX"]}},
    )["id"]  # fmt: skip
    with database() as session:
        account = session.get_one(MetaAccount, UUID(tenant.account_id))
        row = a_campaign(session, account, meta_id=campaign, daily_budget=None)
        an_ad_set(session, row, meta_id=ad_set, daily_budget=int(START * 100))
    sandbox.admin.delete("/_sandbox/calls")
    return Asked(server, sandbox, meta_token, tenant.token, ad_set)


def limit(database: Database, tenant: Tenant, policy: dict[str, Any]) -> None:
    with database() as session:
        tokens.change(session, UUID(tenant.user_id), UUID(tenant.token_id), policy=policy)


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("name", LIMITS)
def test_the_owners_limit_stops_it_with_a_reason_before_meta_does(
    asked: Asked, database: Database, tenant: Tenant, name: str, language: str
) -> None:
    policy, applied, reason = LIMITS[name]
    limit(database, tenant, policy)
    answers = [asked.for_half_more(language) for _ in range(TIMES)]
    assert [answer.result.get("outcome") for answer in answers[:applied]] == ["applied"] * applied
    for refused in answers[applied:]:
        assert refused.error
        assert refused.code == "policy_refused"
        (told,) = refused.error["details"]["reasons"]
        named = {key: value for key, value in told.items() if key != "reason"}
        assert told["reason"] == reason
        assert told_of(Reason(reason), named, language) in refused.error["error"]
        assert refused.error["hint"]
    assert len(asked.at_meta()) == applied
    assert TOO_OFTEN not in asked.said_by_meta()


def test_a_person_is_asked_once_however_often_it_asks(
    asked: Asked, database: Database, tenant: Tenant
) -> None:
    limit(database, tenant, {"approval": {"abovePercent": 20}})
    answers = [asked.for_half_more() for _ in range(TIMES)]
    assert {answer.result["outcome"] for answer in answers} == {"pending_approval"}
    assert len({answer.result["approvalId"] for answer in answers}) == 1
    assert (asked.at_meta(), asked.budget) == ([], START)


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("policy", [{}, {"maxPercentPerCall": 50}], ids=["no policy", "half more is allowed"])
def test_where_every_call_is_allowed_the_fifth_of_an_hour_never_reaches_meta(
    asked: Asked, database: Database, tenant: Tenant, policy: dict[str, Any], language: str
) -> None:
    limit(database, tenant, policy)
    answers = [asked.for_half_more(language) for _ in range(TIMES)]
    assert [answer.result.get("outcome") for answer in answers[:META_ALLOWS]] == ["applied"] * META_ALLOWS
    assert {answer.code for answer in answers[META_ALLOWS:]} == {"budget_changed_too_often"}
    begun, _, ended = i18n.catalogue(language)["errors.budget_changed_too_often"].partition("{retry_after}")
    for refused in answers[META_ALLOWS:]:
        said = (refused.error or {})["error"]
        assert said.startswith(begun)
        assert said.endswith(ended)
    assert len(asked.at_meta()) == META_ALLOWS
    assert TOO_OFTEN not in asked.said_by_meta()
