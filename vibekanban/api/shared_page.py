"""The page behind a share link: read-only, finished on the server, for people without an account of ours."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from vibekanban.api.deps import SessionDep
from vibekanban.core import i18n
from vibekanban.core.errors import NotFound
from vibekanban.core.settings import settings
from vibekanban.domains.board import outside
from vibekanban.domains.board.card import Card
from vibekanban.domains.board.cards import Column
from vibekanban.domains.board.outside import Glance
from vibekanban.domains.meta import money
from vibekanban.domains.sharing import links
from vibekanban.domains.sharing.errors import WrongSharePassword
from vibekanban.domains.sharing.links import Opened
from vibekanban.domains.sharing.models import ShareKind

router = APIRouter(prefix="/s", tags=["Sharing"], include_in_schema=False)
PAGES = Environment(
    loader=PackageLoader("vibekanban.api"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
COOKIE = "vk_shared"
NUMBERS = (
    ("spend", "money"), ("revenue", "money"), ("roas", "times"), ("conversions", "count"), ("cpa", "money"),
)  # fmt: skip
# the address is a secret: it is neither kept nor told to other places
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}
Lang = Annotated[str, Query(max_length=5)]


@router.get("/{token}")
def shared(token: str, request: Request, session: SessionDep, lang: Lang = "") -> HTMLResponse:
    """What the link shows, or the question for its password."""
    locale = _locale(request, lang)
    try:
        opened = links.opened(session, token)
    except NotFound:
        return _page("gone", locale, status=404, title=i18n.say(locale, "shared.title"))
    if not links.is_open(opened.link, request.cookies.get(COOKIE)):
        return _page("locked", locale, title=i18n.say(locale, "shared.title"), wrong=False)
    links.count_view(session, opened.link)
    name = opened.link.name
    if opened.link.kind is ShareKind.SUMMARY:
        glances = [_glance(one, locale) for one in outside.summary(opened)]
        return _page("summary", locale, title=name, renews=True, accounts=glances)
    columns = [_column(one, locale) for one in outside.board(session, opened)] if opened.accounts else []
    return _page("board", locale, title=name, renews=True, columns=columns)


@router.post("/{token}", response_model=None)
def unlock(
    token: str,
    request: Request,
    session: SessionDep,
    password: Annotated[str, Form(max_length=400)],
    lang: Lang = "",
) -> HTMLResponse | RedirectResponse:
    """Remember in this browser that the password was known."""
    locale = _locale(request, lang)
    title = i18n.say(locale, "shared.title")
    try:
        opened: Opened = links.opened(session, token)
        shown = links.unlock(opened.link, password)
    except NotFound:
        return _page("gone", locale, status=404, title=title)
    except WrongSharePassword:
        return _page("locked", locale, status=403, title=title, wrong=True)
    answer = RedirectResponse(request.url.path, 303, headers=HEADERS)
    answer.set_cookie(
        COOKIE,
        shown,
        max_age=86400,
        path=request.url.path,
        secure=settings().secure_cookies,
        httponly=True,
        samesite="lax",
    )
    return answer


def _locale(request: Request, lang: str) -> i18n.Locale:
    return i18n.known(lang) if lang else i18n.accepted(request.headers.get("accept-language"))


def _page(name: str, locale: i18n.Locale, *, status: int = 200, **values: Any) -> HTMLResponse:
    def say(key: str, **params: Any) -> str:
        return i18n.say(locale, key, **params)

    other = "es" if locale == "en" else "en"
    given = {"renews": False, **values, "locale": locale, "other": other, "say": say}
    page = PAGES.get_template(f"shared_{name}.html").render(given)
    return HTMLResponse(page, status, headers=HEADERS)


def _column(column: Column, locale: str) -> dict[str, Any]:
    name = f"board.stage.{column.stage.value}"
    sums = [i18n.money(money.spend(one.spend_micros), one.currency, locale) for one in column.sums]
    return {
        "name": i18n.say(locale, name),
        "hint": i18n.say(locale, f"{name}.empty"),
        "total": column.total,
        "more": column.total - len(column.cards),
        "sums": " · ".join(sums),
        "cards": [_card(card, locale) for card in column.cards],
    }


def _card(card: Card, locale: str) -> dict[str, Any]:
    currency = card.currency or "EUR"
    known = i18n.catalogue(i18n.known(locale))
    tones = {"ACTIVE": "good", "WITH_ISSUES": "warn", "DELETED": "bad"}
    budget = i18n.money(card.budget, currency, locale) if card.budget is not None else ""
    return {
        "account": card.account_name,
        "title": card.title,
        "spend": _number("money", card.spend, currency, locale),
        "budget": i18n.say(locale, "board.a_day", amount=budget) if budget else "",
        "conversions": _number("count", card.conversions, currency, locale),
        "roas": _number("times", card.roas, currency, locale),
        "status": known.get(f"ui.status.{card.status}", card.status.replace("_", " ").capitalize()),
        "tone": tones.get(card.status, ""),
        **_fresh(card.fresh_at, card.timezone, locale),
    }


def _glance(one: Glance, locale: str) -> dict[str, Any]:
    account, numbers = one.account, one.numbers
    before = numbers["previous"] if numbers["previousComplete"] else {}
    read_at = datetime.fromisoformat(numbers["fetchedAt"]) if numbers["fetchedAt"] else None
    days = [
        [
            i18n.day(date.fromisoformat(day["date"]), locale),
            *(_number(kind, day[name], account.currency, locale) for name, kind in NUMBERS),
        ]
        for day in reversed(numbers["days"])
    ]
    return {
        "name": account.name,
        "range": f"{i18n.day(one.asked.since, locale)} – {i18n.day(one.asked.until, locale)}",
        "event": account.conversion_event or "omni_purchase",
        "tiles": [
            {
                "label": i18n.say(locale, f"ui.column.{name}"),
                "value": _number(kind, numbers["totals"][name], account.currency, locale),
                "delta": _change(numbers["totals"][name], before.get(name), locale),
            }
            for name, kind in NUMBERS
        ],
        "heads": [i18n.say(locale, f"ui.column.{name}") for name, _ in NUMBERS],
        "days": days,
        **_fresh(read_at, account.timezone, locale),
    }


def _fresh(read_at: datetime | None, timezone: str | None, locale: str) -> dict[str, str]:
    """When the numbers were read, on the account's clock."""
    if read_at is None:
        return {"fresh": "", "fresh_at": ""}
    zone = ZoneInfo(timezone or "UTC")
    return {"fresh": i18n.moment(read_at, locale, zone), "fresh_at": read_at.isoformat()}


def _number(kind: str, value: Any, currency: str, locale: str) -> str:
    if value is None:
        return "—"
    amount = Decimal(str(value))
    if kind == "money":
        return i18n.money(amount, currency, locale)
    return f"{i18n.number(amount, locale, decimals=2)}×" if kind == "times" else i18n.number(amount, locale)


def _change(now: Any, before: Any, locale: str) -> str:
    if now is None or before is None or Decimal(str(before)) == 0:
        return "—"
    ratio = Decimal(str(now)) / Decimal(str(before)) - 1
    sign = "+" if ratio > 0 else "−" if ratio < 0 else ""
    return f"{sign}{i18n.percent(abs(ratio), locale)}"
