"""Tools that pause and resume."""

from __future__ import annotations

from collections.abc import Callable

from vibekanban.domains.access.models import Scope
from vibekanban.domains.editing.switching import Verb
from vibekanban.domains.meta.models import Level
from vibekanban.domains.tools import writing
from vibekanban.domains.tools.shapes import Reference
from vibekanban.domains.tools.tool import Context, Done
from vibekanban.domains.tools.writing import Writing

SCOPES = {Verb.PAUSE: Scope.PAUSE, Verb.RESUME: Scope.RESUME}


class SwitchCampaign(Writing):
    campaign_id: Reference


class SwitchAdSet(Writing):
    ad_set_id: Reference


class SwitchAd(Writing):
    ad_id: Reference


def campaign(verb: Verb) -> Callable[[Context, SwitchCampaign], Done]:
    return lambda context, asked: _switch(context, asked, Level.CAMPAIGN, asked.campaign_id, verb, "campaign")


def ad_set(verb: Verb) -> Callable[[Context, SwitchAdSet], Done]:
    return lambda context, asked: _switch(context, asked, Level.AD_SET, asked.ad_set_id, verb, "ad_set")


def ad(verb: Verb) -> Callable[[Context, SwitchAd], Done]:
    return lambda context, asked: _switch(context, asked, Level.AD, asked.ad_id, verb, "ad")


def _switch(context: Context, asked: Writing, level: Level, reference: str, verb: Verb, name: str) -> Done:
    return writing.edit(
        context,
        asked,
        tool=f"{verb.value}_{name}",
        verb=SCOPES[verb],
        level=level,
        reference=reference,
        fields={"status": verb.status},
        words=verb.value,
    )
