"""Tools that pause and resume."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from pydantic import Field

from vibekanban.core import i18n
from vibekanban.domains.editing import switching
from vibekanban.domains.editing.switching import Verb
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.models import ActorKind, Level
from vibekanban.domains.tools.shapes import Arguments, Reference, Shape
from vibekanban.domains.tools.tool import Context, Done


class Switch(Arguments):
    """What to switch; each level names its id as the rest of the tools do."""

    reason: Annotated[str, Field(max_length=300)] = ""


class SwitchCampaign(Switch):
    campaign_id: Reference


class SwitchAdSet(Switch):
    ad_set_id: Reference


class SwitchAd(Switch):
    ad_id: Reference


class SwitchedObject(Shape):
    """`changed` is false when the object was so already; then nothing was written at Meta."""

    id: UUID
    meta_id: str
    account_id: UUID
    level: str
    name: str
    status: str
    effective_status: str
    changed: bool
    message: str
    change_id: UUID | None


def campaign(verb: Verb) -> Callable[[Context, SwitchCampaign], Done]:
    return lambda context, asked: _switch(context, Level.CAMPAIGN, asked.campaign_id, verb)


def ad_set(verb: Verb) -> Callable[[Context, SwitchAdSet], Done]:
    return lambda context, asked: _switch(context, Level.AD_SET, asked.ad_set_id, verb)


def ad(verb: Verb) -> Callable[[Context, SwitchAd], Done]:
    return lambda context, asked: _switch(context, Level.AD, asked.ad_id, verb)


def _switch(context: Context, level: Level, reference: str, verb: Verb) -> Done:
    caller = context.caller
    done = switching.switch(
        caller.user_id,
        level,
        reference,
        verb,
        actor=Actor(ActorKind.TOKEN, caller.token_id, caller.name),
        account_ids=caller.account_ids,
    )
    thing = done.thing
    said = verb.value if done.changed else f"{verb.value}_already"
    result = SwitchedObject(
        id=thing.id,
        meta_id=thing.meta_id,
        account_id=thing.account_id,
        level=level.value,
        name=thing.name,
        status=thing.status,
        effective_status=thing.effective_status,
        changed=done.changed,
        message=i18n.say(context.locale, f"mcp.done.{said}", name=thing.name),
        change_id=done.change_id,
    )
    return Done(
        result,
        account_id=thing.account_id,
        object_id=str(thing.id),
        before=done.before.shown,
        after=done.after.shown,
    )
