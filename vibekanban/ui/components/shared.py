"""What says that an account is somebody else's: in a list of accounts, and beside what is shown of it."""

from __future__ import annotations

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.domains.meta.models import MetaAccount


def account_name(account: MetaAccount, shared_by: str, locale: str) -> str:
    """An account as a list to choose from names it."""
    own = f"{account.name} · {account.currency}"
    return f"{own} · {say(locale, 'sharing.by', owner=shared_by)}" if shared_by else own


def shared_mark(locale: str, shared_by: rx.Var[str]) -> rx.Component:
    """Nothing on one's own account."""
    before, after = say(locale, "sharing.mark", owner="\0").split("\0")
    return rx.cond(
        shared_by != "",
        rx.el.span(rx.el.span(before, rx.el.b(shared_by), after), class_name="pill info"),
    )
