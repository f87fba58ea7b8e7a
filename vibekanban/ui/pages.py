"""The site map: every page, its address, its title and what it loads. Each is built once per language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx

from vibekanban.core.i18n import LOCALES, say
from vibekanban.core.settings import settings
from vibekanban.domains.meta import deletions
from vibekanban.ui import landing, missing
from vibekanban.ui.access import activity, approvals, authorize, connect, tokens
from vibekanban.ui.accounts import profile, recovery, register, sign_in
from vibekanban.ui.admin import users
from vibekanban.ui.alerts import rules as alerts
from vibekanban.ui.automations import detail as automation
from vibekanban.ui.automations import listing as automations
from vibekanban.ui.base import path
from vibekanban.ui.board import board
from vibekanban.ui.editing import bulk, changes, editor
from vibekanban.ui.layout import Shell
from vibekanban.ui.meta import campaign, connections, dashboard, deletion
from vibekanban.ui.notifications import channels, inbox, summary, wishes
from vibekanban.ui.reporting import explorer, saved, unsubscribe
from vibekanban.ui.sharing import sharing

STYLESHEETS = ["/tokens.css", "/ui.css", "/board.css"]


@dataclass(frozen=True)
class Page:
    """A page in both languages; its title is `ui.title.<name>`."""

    name: str
    route: str
    build: Callable[[str], rx.Component]
    on_load: tuple[Any, ...] = ()


PAGES = (
    Page("landing", "/", landing.page),
    Page("sign_in", "/sign-in", sign_in.page, (sign_in.SignIn.load,)),
    Page("register", "/register", register.page),
    Page("forgot", "/forgot-password", recovery.forgot),
    Page("reset", "/reset-password", recovery.reset),
    Page("verify", "/verify-email", recovery.verify),
    Page("deletion", deletions.ROUTE, deletion.page, (deletion.Deletion.load,)),
    Page("unsubscribe", summary.ROUTE, summary.unsubscribe_page, (summary.Unsubscribing.load,)),
    Page("dashboard", "/app", dashboard.page, (Shell.load, dashboard.Dashboard.load)),
    Page(
        "board",
        "/app/board",
        board.page,
        (Shell.load, board.Board.load, board.Views.load, board.Drawer.arrive),
    ),
    Page("campaign", "/app/campaign", campaign.page, (Shell.load, campaign.Detail.load)),
    Page("alerts", "/app/alerts", alerts.page, (Shell.load, alerts.Alerts.load)),
    Page(
        "edit",
        "/app/edit",
        editor.edit_page,
        (Shell.load, editor.Editor.load, editor.Hands.load, editor.Showcase.load),
    ),
    Page("new", "/app/new", editor.new_page, (Shell.load, editor.Editor.begin, editor.Showcase.load)),
    Page("reports", "/app/reports", explorer.page, (Shell.load, explorer.Explorer.load)),
    Page("saved_reports", "/app/reports/saved", saved.page, (Shell.load, saved.SavedReports.load)),
    Page("unsubscribe_report", unsubscribe.ROUTE, unsubscribe.page, (unsubscribe.ReportLeaving.load,)),
    Page("bulk", "/app/bulk", bulk.page, (Shell.load, bulk.Bulk.load)),
    Page("changes", "/app/changes", changes.page, (Shell.load, changes.Changelog.load)),
    Page("accounts", "/app/accounts", connections.page, (Shell.load, connections.Connections.load)),
    Page("tokens", "/app/tokens", tokens.page, (Shell.load, tokens.Tokens.load)),
    Page("approvals", "/app/approvals", approvals.page, (Shell.load, approvals.Approvals.load)),
    Page("automations", "/app/automations", automations.page, (Shell.load, automations.Automations.load)),
    Page("automation", "/app/automation", automation.page, (Shell.load, automation.OneAutomation.load)),
    Page("authorize", "/app/authorize", authorize.page, (Shell.load, authorize.Authorize.load)),
    Page("connect", "/app/connect", connect.page, (Shell.load,)),
    Page("activity", "/app/activity", activity.page, (Shell.load, activity.Activity.load)),
    Page("sharing", "/app/sharing", sharing.page, (Shell.load, sharing.Sharing.load)),
    Page("inbox", "/app/inbox", inbox.page, (Shell.load, inbox.Inbox.load)),
    Page(
        "channels",
        "/app/channels",
        channels.page,
        (Shell.load, channels.Channels.load, wishes.Wishes.load, summary.Summary.load),
    ),
    Page("profile", "/app/profile", profile.page, (Shell.load, profile.Profile.load)),
    Page("users", "/app/users", users.page, (Shell.load, users.Users.load)),
)


def register_all(app: rx.App) -> None:
    """Give every page to the app, twice."""
    for page in PAGES:
        for locale in LOCALES:
            build = _in_language(page, locale)
            app.add_page(
                build,
                route=path(locale, page.route),
                title=f"{say(locale, f'ui.title.{page.name}')} · Vibe Kanban",
                description=say(locale, "ui.promise.text"),
                image="/logo.svg",
                on_load=list(page.on_load) or None,
            )
    app.add_page(missing.page, route="404", title="Vibe Kanban", image="/logo.svg")


def _in_language(page: Page, locale: str) -> Callable[[], rx.Component]:
    """The page in one language.

    The function claims the page's own module, because Reflex bundles what pages share by module. The document's
    language is set by forms.js, since Reflex knows one for the whole app.
    """

    def built() -> rx.Component:
        return page.build(locale)

    built.__name__ = f"{page.name}_{locale}"
    built.__module__ = page.build.__module__
    return built


def head() -> list[rx.Component]:
    """What every page carries in its head."""
    parts: list[rx.Component] = [
        rx.el.link(
            rel="preload",
            href="/fonts/hanken-grotesk.woff2",
            custom_attrs={"as": "font", "type": "font/woff2", "crossOrigin": "anonymous"},
        ),
        rx.el.link(rel="icon", href="/favicon.ico", sizes="32x32"),
        rx.el.link(rel="icon", href="/logo.svg", type="image/svg+xml"),
        rx.el.meta(name="theme-color", content="#0b6b58"),
        rx.el.script(src="/forms.js", defer=True),
    ]
    if settings().logrocket_app_id:
        parts.append(
            rx.el.script(
                src="https://cdn.lr-in-prod.com/LogRocket.min.js", cross_origin="anonymous", defer=True
            )
        )
        parts.append(
            rx.el.script(
                f"addEventListener('load',()=>window.LogRocket&&LogRocket.init('{settings().logrocket_app_id}'))"
            )
        )
    return parts
