"""A person connected to the sandbox with a thousand ads, whose token may move a budget by so much."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import pytest

from tests.factories.meta import an_ad
from tests.mcp.conftest import Database, Tenant
from tests.mcp.test_sandbox import graph
from vibekanban.domains.access import tokens
from vibekanban.domains.meta.models import AdSet

ADS = 1_000
HELD_ABOVE, REFUSED_ABOVE = 10, 20
POLICY = {"maxPercentPerCall": REFUSED_ABOVE, "approval": {"abovePercent": HELD_ABOVE}}
BEYOND = {  # what is said to a call that asks for more
    "es": f"Cambio máximo por llamada: {REFUSED_ABOVE}\u00a0%",
    "en": f"Largest change a call: {REFUSED_ABOVE}%",
}


@dataclass(frozen=True)
class Limited:
    """Its token may raise the campaign's budget by a tenth, asks a person up to a fifth, and no more."""

    tenant: Tenant
    meta_token: str
    ad_ids: frozenset[str]

    @property
    def token(self) -> str:
        return self.tenant.token

    @property
    def campaign_id(self) -> str:
        return self.tenant.campaign_id

    @property
    def budget(self) -> Decimal:
        """What the campaign may spend a day, as Meta says now."""
        found = graph(self.meta_token).get(self.tenant.meta_ids["campaignId"], fields="daily_budget")
        return Decimal(found["daily_budget"]) / 100

    def more(self, percent: int) -> str:
        """The budget raised by so much, as a tool takes it."""
        return f"{self.budget * (100 + percent) / 100:.2f}"


@pytest.fixture
def limited(database: Database, tenant: Tenant, meta_token: str) -> Limited:
    with database() as session:
        ad_set = session.get_one(AdSet, UUID(tenant.ad_set_id))
        ads = {str(an_ad(session, ad_set).id) for _ in range(ADS - 1)} | {tenant.ad_id}
        tokens.change(session, UUID(tenant.user_id), UUID(tenant.token_id), policy=POLICY)
    return Limited(tenant, meta_token, frozenset(ads))
