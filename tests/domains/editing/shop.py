"""An ad account of the sandbox with its structure in our tables, as tests of editing need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from tests.conftest import Sandbox
from tests.domains.meta.meta_sandbox import calls, forget_calls, minted
from tests.factories.accounts import a_user
from tests.factories.meta import a_connection, an_account
from vibekanban.core import columns
from vibekanban.core.queue import Lane
from vibekanban.domains.accounts.models import User
from vibekanban.domains.editing import edits
from vibekanban.domains.editing.edits import Edit, Outcome
from vibekanban.domains.meta import connections, structure
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.models import (
    ActorKind,
    Ad,
    AdSet,
    Campaign,
    Change,
    Level,
    MetaAccount,
    MetaConnection,
)
from vibekanban.domains.meta.objects import Thing


@dataclass
class Shop:
    """A person with one account; objects are named by their place, campaign 0 being the first."""

    session: Session
    sandbox: Sandbox
    user: User
    account: MetaAccount

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.USER, self.user.id, self.user.name)

    def campaign(self, number: int = 0) -> Campaign:
        return self._nth(Campaign, number)

    def ad_set(self, campaign: int = 0, number: int = 0) -> AdSet:
        return self._nth(AdSet, number, col(AdSet.campaign_id) == self.campaign(campaign).id)

    def ad(self, campaign: int = 0, number: int = 0) -> Ad:
        return self._nth(Ad, number, col(Ad.campaign_id) == self.campaign(campaign).id)

    def _nth(self, kind: Any, number: int, *where: Any) -> Any:
        query = select(kind).where(kind.account_id == self.account.id, *where)
        return self.session.exec(query.order_by(kind.meta_id).offset(number).limit(1)).one()

    def edit(self, level: Level, thing: Thing, values: Mapping[str, Any], **how: Any) -> Outcome:
        return edits.apply(self.user.id, Edit(level, thing.id, values), self.actor, **how)

    def at_meta(self, thing: Thing | str, fields: str) -> dict[str, Any]:
        """What the sandbox holds now, asked outside of what is tested."""
        meta_id = thing if isinstance(thing, str) else thing.meta_id
        with connections.opened(self.account.id, Lane.HUMAN) as meta:
            return meta.get(meta_id, fields=fields)

    def tell_meta(self, thing: Thing | str, **values: Any) -> dict[str, Any]:
        """A write that the product does not know of."""
        meta_id = thing if isinstance(thing, str) else thing.meta_id
        with connections.opened(self.account.id, Lane.HUMAN) as meta:
            return meta.post(meta_id, **values)

    def change(self, change_id: UUID | None) -> Change:
        return self.session.get_one(Change, change_id, populate_existing=True)

    def changes(self) -> list[Change]:
        return list(self.session.exec(select(Change).where(Change.user_id == self.user.id)))

    def writes(self) -> list[dict[str, Any]]:
        """The calls that wrote, rehearsals not counted."""
        return [
            one
            for one in calls(self.sandbox)
            if one["method"] != "GET" and "validate_only" not in one["params"].get("execution_options", "")
        ]


def a_shop(session: Session, sandbox: Sandbox, person: str = "lucia", currency: str = "") -> Shop:
    """The person's first account, or the first one in a currency, read into our tables."""
    user = a_user(session)
    connection = a_connection(session, user, token=minted(sandbox, person))
    with connections.calling(connection, Lane.HUMAN) as meta:
        listed = meta.get("me/adaccounts", fields="account_id,name,currency,timezone_name", limit=100)["data"]
    seen = next(one for one in listed if currency in ("", one["currency"]))
    return _opened(session, sandbox, user, connection, seen)


def another(shop: Shop, currency: str) -> Shop:
    """One more account of the same person, in that currency."""
    connection = shop.session.get_one(MetaConnection, shop.account.connection_id)
    with connections.calling(connection, Lane.HUMAN) as meta:
        listed = meta.get("me/adaccounts", fields="account_id,name,currency,timezone_name", limit=100)["data"]
    seen = next(one for one in listed if currency == one["currency"])
    return _opened(shop.session, shop.sandbox, shop.user, connection, seen)


def _opened(
    session: Session, sandbox: Sandbox, user: User, connection: MetaConnection, seen: dict[str, Any]
) -> Shop:
    account = an_account(
        session,
        connection,
        meta_account_id=seen["account_id"],
        name=seen["name"],
        currency=seen["currency"],
        timezone=seen["timezone_name"],
    )
    read(session, account)
    forget_calls(sandbox)
    return Shop(session, sandbox, user, account)


def read(session: Session, account: MetaAccount) -> None:
    """The account's structure as Meta lists it now, into our tables."""
    with connections.opened(account.id, Lane.HUMAN) as meta:
        for level in (Level.CAMPAIGN, Level.AD_SET, Level.AD):
            path = f"act_{account.meta_account_id}/{structure.EDGES[level]}"
            for page in meta.pages(path, fields=structure.FIELDS[level]):
                structure.keep(session, account, level, page, read_at=columns.now())
