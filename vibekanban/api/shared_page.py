"""The page behind a share link: read-only, finished on the server, for people without an account of ours."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlmodel import Session

from vibekanban.api import shared_words
from vibekanban.api.deps import SessionDep
from vibekanban.core import i18n
from vibekanban.core.errors import NotFound
from vibekanban.core.settings import settings
from vibekanban.domains.board import outside
from vibekanban.domains.reporting import behind_links
from vibekanban.domains.sharing import links
from vibekanban.domains.sharing.errors import WrongSharePassword
from vibekanban.domains.sharing.links import Opened
from vibekanban.domains.sharing.models import ShareKind

router = APIRouter(prefix="/s", tags=["Sharing"], include_in_schema=False)
PAGES = Environment(
    loader=PackageLoader("vibekanban.api"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
COOKIE = "vk_shared"
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
    page = _shown(session, opened, locale)
    if page.status_code == 200:
        links.count_view(session, opened.link)
    return page


def _shown(session: Session, opened: Opened, locale: i18n.Locale) -> HTMLResponse:
    name = opened.link.name
    if opened.link.kind is ShareKind.SUMMARY:
        glances = [shared_words.glance(one, locale) for one in outside.summary(session, opened)]
        return _page("summary", locale, title=name, renews=True, accounts=glances)
    if opened.link.kind is ShareKind.REPORT:
        return _report(session, opened, locale)
    columns = (
        [shared_words.column(one, locale) for one in outside.board(session, opened)]
        if opened.accounts
        else []
    )
    return _page("board", locale, title=name, renews=True, columns=columns)


def _report(session: Session, opened: Opened, locale: i18n.Locale) -> HTMLResponse:
    """A saved report; gone when its owner deleted it."""
    try:
        found = behind_links.opened(session, opened)
    except NotFound:
        return _page("gone", locale, status=404, title=i18n.say(locale, "shared.title"))
    report = shared_words.report(found, locale)
    return _page("report", locale, title=opened.link.name, renews=True, report=report)


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
