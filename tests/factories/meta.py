"""Connections, accounts and their objects as tests need them."""

from __future__ import annotations

from itertools import count
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel

from vibekanban.core.columns import new_id
from vibekanban.domains.accounts.models import User
from vibekanban.domains.meta import connections
from vibekanban.domains.meta.models import (
    Ad,
    AdSet,
    Campaign,
    ConnectionMode,
    Creative,
    MetaAccount,
    MetaConnection,
    Permission,
)

T = TypeVar("T", bound=SQLModel)

SCOPES = ["ads_read", "ads_management", "business_management"]
_numbers = count(1)


def a_connection(session: Session, user: User, *, token: str = "EAAnobody", **values: Any) -> MetaConnection:
    """An active connection that may manage; `token` is what calls are made with."""
    given: dict[str, Any] = {
        "id": new_id(),
        "user_id": user.id,
        "mode": ConnectionMode.SYSTEM_USER,
        "permission": Permission.MANAGE,
        "meta_user_id": str(4_900_000_000_000_000 + next(_numbers)),
        "meta_user_name": "Lucía Romero",
        "scopes": list(SCOPES),
        **values,
    }
    sealed = connections.sealed(given["id"], token)
    return _kept(session, MetaConnection(**{"sealed_token": sealed, **given}))


def an_account(session: Session, connection: MetaConnection, **values: Any) -> MetaAccount:
    """An ad account in euros of the connection's owner."""
    given: dict[str, Any] = {
        "user_id": connection.user_id,
        "connection_id": connection.id,
        "meta_account_id": str(790_000_000_000 + next(_numbers)),
        "name": "Casa Verde",
        "currency": "EUR",
        "timezone": "Europe/Madrid",
        **values,
    }
    return _kept(session, MetaAccount(**given))


def a_campaign(session: Session, account: MetaAccount, **values: Any) -> Campaign:
    """An active campaign for sales with a daily budget of 50.00."""
    given = {"objective": "OUTCOME_SALES", "daily_budget": 5000, **values}
    return _kept(session, Campaign(**_common(account.user_id, account.id, "Campaña", given)))


def an_ad_set(session: Session, campaign: Campaign, **values: Any) -> AdSet:
    given = {"campaign_id": campaign.id, **values}
    return _kept(session, AdSet(**_common(campaign.user_id, campaign.account_id, "Conjunto", given)))


def an_ad(session: Session, ad_set: AdSet, **values: Any) -> Ad:
    given = {"campaign_id": ad_set.campaign_id, "ad_set_id": ad_set.id, **values}
    return _kept(session, Ad(**_common(ad_set.user_id, ad_set.account_id, "Anuncio", given)))


def a_creative(session: Session, account: MetaAccount, **values: Any) -> Creative:
    number = next(_numbers)
    given = {"meta_id": str(149_000_000_000_000_000 + number), "name": f"Creatividad {number}", **values}
    return _kept(session, Creative(user_id=account.user_id, account_id=account.id, **given))


def _common(user_id: Any, account_id: Any, name: str, values: dict[str, Any]) -> dict[str, Any]:
    number = next(_numbers)
    return {
        "user_id": user_id,
        "account_id": account_id,
        "meta_id": str(129_000_000_000_000_000 + number),
        "name": f"{name} {number}",
        "status": "ACTIVE",
        "effective_status": "ACTIVE",
        **values,
    }


def _kept(session: Session, row: T) -> T:
    session.add(row)
    session.flush()
    return row
