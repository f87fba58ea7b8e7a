"""What the choice of an ad's creative holds: those of the account, a new one, and how one looks at Meta."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import reflex as rx

from vibekanban.core import db
from vibekanban.core.errors import AppError, Invalid, NotFound
from vibekanban.core.i18n import say
from vibekanban.domains.editing import choices, creatives, media
from vibekanban.domains.meta import changes, objects
from vibekanban.domains.meta.models import ActorKind, Ad, Creative, Level
from vibekanban.ui import base, guard, shown
from vibekanban.ui.base import Viewer, locale_of
from vibekanban.ui.components.parts import close_dialog, open_dialog

MANY = 12


@dataclass
class Look:
    """A creative to choose; `id` is Meta's."""

    id: str = ""
    name: str = ""
    text: str = ""
    picture: str = ""


@dataclass
class Page:
    id: str
    name: str


class Showcase(rx.State):
    shown: bool = False
    account_id: str = ""
    chosen: Look = Look()
    looks: list[Look] = []
    following: str = ""
    q: str = ""
    listing: bool = False
    busy: bool = False
    pages: list[Page] = []
    wrong: str = ""
    frame: str = ""
    drafts: int = 0  # a new form after each creative that was made

    @guard.signed_in
    async def load(self) -> Any:
        """Only the pages of ads ask for it."""
        query = self.router.url.query_parameters
        asked = base.uuid_of(query.get("id") or query.get("parent") or "")
        self.shown, self.chosen, self.looks, self.pages, self.q = False, Look(), [], [], ""
        if query.get("level", "") != Level.AD.value or asked is None:
            return
        level = Level.AD if query.get("id") else Level.AD_SET
        user_id = await base.user_id(self)

        def work() -> tuple[UUID, str]:
            with db.transaction() as session:
                thing = objects.found(session, user_id, level, asked)
                return thing.account_id, thing.creative_id if isinstance(thing, Ad) else ""

        try:
            account_id, meta_id = await asyncio.to_thread(work)
        except NotFound:
            return
        self.account_id, self.shown = str(account_id), True
        if meta_id:
            self.chosen = Look(meta_id, say(locale_of(self), "ui.editor.creative", id=meta_id))
            yield
            try:
                self.chosen = _look(await asyncio.to_thread(creatives.of_meta, user_id, account_id, meta_id))
            except AppError:  # the form does not depend on it
                return

    @guard.signed_in
    async def browse(self) -> Any:
        """The account's creatives, the newest first."""
        self.listing = not self.looks
        yield open_dialog("showcase")
        if not self.looks:
            await self._list("")

    @guard.signed_in
    async def search(self, form: dict[str, Any]) -> None:
        self.q = str(form.get("q") or "")[:200]
        self.looks = []
        await self._list("")

    @guard.signed_in
    async def more(self) -> None:
        await self._list(self.following)

    @guard.signed_in
    async def choose(self, meta_id: str) -> Any:
        found = next((one for one in self.looks if one.id == meta_id), None)
        if found is not None:
            self.chosen = Look(found.id, found.name, found.text, found.picture)
            yield close_dialog("showcase")

    @guard.signed_in
    async def begin(self) -> Any:
        """A form for a new creative, with the pages it may speak for."""
        self.wrong = ""
        if not self.pages:
            user_id = await base.user_id(self)
            found = await asyncio.to_thread(media.pages_of, user_id, self._account())
            self.pages = [Page(one.id, one.name) for one in found]
        yield open_dialog("creative")

    @guard.signed_in
    async def make(self, form: dict[str, Any]) -> Any:
        """Make it at Meta and choose it; it spends nothing by itself."""
        locale = locale_of(self)
        user_id, viewer = await base.user_id(self), await self.get_state(Viewer)
        actor = changes.Actor(ActorKind.USER, user_id, viewer.name)
        self.busy, self.wrong = True, ""
        yield
        try:
            content = _content(form)
            made = await asyncio.to_thread(creatives.create, user_id, self._account(), content, actor)
        except AppError as error:
            said = (
                " ".join(dict.fromkeys(error.reasons(locale).values())) if isinstance(error, Invalid) else ""
            )
            self.wrong = said or error.sentence(locale)
            return
        finally:
            self.busy = False
        if made is not None:
            self.chosen, self.looks = _look(made), []
        self.drafts += 1
        yield close_dialog("creative")
        yield rx.toast.success(say(locale, "ui.showcase.made"))

    @guard.signed_in
    async def preview(self, kind: str) -> Any:
        """How Meta draws the chosen one."""
        user_id = await base.user_id(self)
        self.frame = ""
        yield open_dialog("seen")
        creative = {"creative_id": self.chosen.id}
        kind = kind if kind in media.FORMATS else media.FORMATS[0]
        self.frame = await asyncio.to_thread(media.preview, user_id, self._account(), creative, kind)

    async def _list(self, cursor: str) -> None:
        user_id, q = await base.user_id(self), self.q
        try:
            found = await asyncio.to_thread(
                creatives.creatives_of, user_id, self._account(), q=q, limit=MANY, cursor=cursor or None
            )
        finally:
            self.listing = False
        self.looks = [*(self.looks if cursor else []), *(_look(one) for one in found.items)]
        self.following = found.next_cursor or ""

    def _account(self) -> UUID:
        found = base.uuid_of(self.account_id)
        if found is None:
            raise NotFound()
        return found


def _look(row: Creative) -> Look:
    return Look(row.meta_id, row.name or row.title, row.body or row.title, shown.picture(row))


def _content(form: dict[str, Any]) -> dict[str, Any]:
    """What was typed, as the content of a creative."""

    def typed(name: str) -> str:
        return str(form.get(name) or "").strip()

    link, page = typed("link"), typed("page")
    wrong = {}
    if not link.startswith(("https://", "http://")) or " " in link:
        wrong["link"] = "editing.rule.creative_link"
    if not page:
        wrong["page"] = "editing.rule.promote_page_id"
    try:
        sent = json.loads(typed("media") or "{}")
    except ValueError:
        sent = {}
    if not isinstance(sent, dict) or not (sent.get("hash") or sent.get("videoId")):
        wrong["media"] = "editing.rule.creative_media"
    if wrong:
        raise Invalid(wrong)
    action = typed("action") if typed("action") in choices.CALLS else ""
    texts = {name: typed(name) for name in ("message", "headline", "description")}
    if sent.get("videoId"):
        story = creatives.video_story(
            page, link, str(sent["videoId"]), str(sent.get("url") or ""),
            call_to_action=action or choices.CALLS[0], **texts,
        )  # fmt: skip
    else:
        story = creatives.link_story(page, link, image_hash=str(sent["hash"]), call_to_action=action, **texts)
    return {"name": typed("name"), "object_story_spec": story}
