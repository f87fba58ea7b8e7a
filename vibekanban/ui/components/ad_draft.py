"""A file on its way to Meta's library, with its progress, and how the ad will look."""

from __future__ import annotations

from typing import Any

import reflex as rx

from vibekanban.core.i18n import say

TEXTS = (
    "file",
    "sending",
    "processing",
    "ready",
    "large",
    "failed",
    "look",
    "sponsored",
    "message",
    "headline",
)


class AdDraft(rx.Component):
    """Stands in a form: it looks at the form's own fields and adds one of its own, `media`."""

    library = "$/public/ad_draft.js"
    tag = "AdDraft"
    account: rx.Var[str]
    texts: rx.Var[dict[str, str]]


def ad_draft(locale: str, account: Any) -> rx.Component:
    # the placeholder of the size is filled in where the size is known
    texts = {name: say(locale, f"ui.draft.{name}", most="{most}") for name in TEXTS}
    return AdDraft.create(account=account, texts=texts)
