"""What the page of sharing shows and what its controls do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import reflex as rx

from vibekanban.core.i18n import day, say
from vibekanban.domains.board import views
from vibekanban.domains.meta import accounts
from vibekanban.domains.reporting import saved
from vibekanban.domains.sharing import links, members
from vibekanban.domains.sharing.models import ShareKind
from vibekanban.ui import base, guard
from vibekanban.ui.base import locale_of
from vibekanban.ui.components.parts import close_dialog, open_dialog
from vibekanban.ui.live_state import LiveState

ACCOUNT = "account-"  # begins the name of the box of an account


@dataclass
class Choice:
    id: str
    label: str


@dataclass
class Link:
    id: str
    name: str
    hint: str
    shows: str
    accounts: str
    expires_at: str
    seen_at: str
    views: str
    locked: bool


@dataclass
class Guest:
    """Somebody who looks, or was asked to (`waiting`)."""

    id: str
    name: str
    email: str
    accounts: str
    waiting: bool
    exports: bool


@dataclass
class Asked:
    id: str
    text: str


class Sharing(LiveState, rx.State):
    links: list[Link] = []
    guests: list[Guest] = []
    asked: list[Asked] = []
    shared: list[Choice] = []
    accounts: list[Choice] = []
    views: list[Choice] = []
    reports: list[Choice] = []
    kind: str = ShareKind.BOARD.value
    about: str = ""  # the account or the report that the new link is to show
    asked_for: int = 0
    ending_id: str = ""
    ending: str = ""
    leaving_id: str = ""
    leaving: str = ""
    losing: str = ""

    @guard.signed_in
    async def load(self) -> Any:
        """On arrival; the address may say what is to be shared."""
        await self._show()
        query = self.router.url.query_parameters
        kind, about = query.get("share", ""), query.get("of", "")
        if kind not in set(ShareKind):
            return None
        self.kind, self.about = kind, about[:40]
        self.asked_for += 1
        return open_dialog("share-new")

    @guard.signed_in
    async def ask_to_end(self, link_id: str) -> rx.event.EventSpec:
        link = await base.run(self, links.link, UUID(link_id))
        self.ending_id, self.ending = link_id, link.name
        return open_dialog("share-end")

    @guard.signed_in
    async def end(self) -> list[rx.event.EventSpec]:
        await base.run(self, links.end, UUID(self.ending_id))
        await self._show()
        return [close_dialog("share-end"), self._said("sharing.link.ended")]

    @guard.signed_in
    async def invite(self, form: dict[str, Any]) -> list[rx.event.EventSpec]:
        """Ask an address to look at the accounts whose boxes are ticked."""
        ticked = [UUID(name.removeprefix(ACCOUNT)) for name in form if name.startswith(ACCOUNT)]
        email = str(form.get("email") or "")
        await base.run(
            self, members.invite, email=email, account_ids=ticked, may_export=bool(form.get("may_export"))
        )
        await self._show()
        return [close_dialog("share-invite"), self._said("sharing.invited", email=email)]

    @guard.signed_in
    async def take_back(self, invitation_id: str) -> rx.event.EventSpec:
        await base.run(self, members.take_back, UUID(invitation_id))
        await self._show()
        return self._said("sharing.taken_back")

    @guard.signed_in
    async def ask_to_remove(self, member_id: str) -> rx.event.EventSpec | None:
        guest = next((one for one in self.guests if one.id == member_id and not one.waiting), None)
        if guest is None:
            return None
        self.leaving_id, self.leaving, self.losing = member_id, guest.name, guest.accounts
        return open_dialog("share-remove")

    @guard.signed_in
    async def remove(self) -> list[rx.event.EventSpec]:
        await base.run(self, members.remove, UUID(self.leaving_id))
        await self._show()
        return [close_dialog("share-remove"), self._said("sharing.removed")]

    @guard.signed_in
    async def let_export(self, member_id: str, on: bool) -> rx.event.EventSpec:
        """Whether somebody who looks may take files away."""
        await base.run(self, members.let_export, UUID(member_id), may=on)
        await self._show()
        return self._said("sharing.export.allowed" if on else "sharing.export.forbidden")

    @guard.signed_in
    async def accept(self, invitation_id: str) -> rx.event.EventSpec:
        await base.run(self, members.answer, UUID(invitation_id), accept=True)
        await self._show()
        return self._said("sharing.accepted")

    @guard.signed_in
    async def decline(self, invitation_id: str) -> rx.event.EventSpec:
        await base.run(self, members.answer, UUID(invitation_id), accept=False)
        await self._show()
        return self._said("sharing.declined")

    @guard.signed_in
    async def leave(self, account_id: str) -> rx.event.EventSpec:
        """Look no longer at somebody else's account."""
        await base.run(self, members.leave, UUID(account_id))
        await self._show()
        return self._said("sharing.left")

    # -- behind them

    def _said(self, key: str, **params: str) -> rx.event.EventSpec:
        return rx.toast.success(say(locale_of(self), key, **params))

    async def _show(self) -> None:
        locale = locale_of(self)
        known = [one.account for one in await base.run(self, accounts.connected, limit=1000)]
        names = {one.id: one.name for one in known}
        self.accounts = [Choice(str(one.id), f"{one.name} · {one.currency}") for one in known]
        self.views = [Choice(str(one.id), one.name) for one in await base.run(self, views.views)]
        self.reports = [
            Choice(str(one.report.id), f"{one.report.name} · {one.account.name}")
            for one in await base.run(self, saved.reports)
        ]
        self.links = [
            Link(
                id=str(one.id),
                name=one.name,
                hint=f"{one.hint}…",
                shows=say(locale, f"sharing.kind.{one.kind.value}"),
                accounts=", ".join(names.get(account_id, "—") for account_id in one.account_ids),
                expires_at=day(one.expires_at.date(), locale) if one.expires_at else "",
                seen_at=one.seen_at.isoformat() if one.seen_at else "",
                views=say(locale, "sharing.views", count=one.views),
                locked=one.password_hash is not None,
            )
            for one in await base.run(self, links.links)
        ]
        looking = [
            Guest(
                str(one.id),
                one.name,
                one.email,
                ", ".join(each.name for each in one.accounts),
                waiting=False,
                exports=one.may_export,
            )
            for one in await base.run(self, members.members)
        ]
        waiting = [
            Guest(
                str(one.id),
                "",
                one.email,
                ", ".join(names.get(account_id, "—") for account_id in one.account_ids),
                waiting=True,
                exports=one.may_export,
            )
            for one in await base.run(self, members.invitations)
        ]
        self.guests = looking + waiting
        self.asked = [
            Asked(
                str(one.invitation.id),
                say(
                    locale,
                    "sharing.received.text",
                    owner=one.owner_name,
                    accounts=", ".join(one.account_names),
                ),
            )
            for one in await base.run(self, members.asked)
        ]
        of = say(locale, "sharing.of")
        self.shared = [
            Choice(str(one.account.id), f"{one.account.name} · {of} {one.owner_name}")
            for one in await base.run(self, members.shared_with)
        ]
        self.loaded = True
