"""What the one door says about the files it hands out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager

import pytest
from sqlmodel import Session
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.factories.accounts import a_browser_session, a_user
from vibekanban.core import pools
from vibekanban.domains.accounts import sessions
from vibekanban.ui.front_door import FrontDoor, page_headers


@pytest.mark.parametrize("path", ["/assets/root-4F4F.js", "/fonts/hanken-grotesk.woff2"])
def test_what_never_changes_is_kept_by_browsers(path: str) -> None:
    assert "immutable" in page_headers(path)["Cache-Control"]


@pytest.mark.parametrize("path", ["/", "/app", "/forms.js", "/logo.svg"])
def test_what_may_change_is_asked_for_again(path: str) -> None:
    assert page_headers(path)["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["/", "/en/app/board"])
def test_a_page_is_in_nobodys_frame(path: str) -> None:
    assert page_headers(path)["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", ["/", "/assets/root-4F4F.js"])
def test_no_type_is_guessed(path: str) -> None:
    assert page_headers(path)["X-Content-Type-Options"] == "nosniff"


@asynccontextmanager
async def _with_pools(_app: Starlette) -> AsyncIterator[None]:
    async with pools.opened():
        yield


@pytest.mark.parametrize("odd", ["a/b=c; ", 'prefs={"a": "b"}; '])
def test_a_cookie_of_somebody_else_shuts_nobody_out(
    database: Callable[[], AbstractContextManager[Session]], odd: str
) -> None:
    with database() as session:
        ours = f"{sessions.cookie_name()}={a_browser_session(session, a_user(session))}"
    pages = Starlette(routes=[Route("/app", lambda _: PlainTextResponse("page"))], lifespan=_with_pools)
    with TestClient(pages) as inside:
        inside.app = FrontDoor(pages, pages)
        answer = inside.get("/app", headers={"Cookie": odd + ours}, follow_redirects=False)
    assert answer.status_code == 200
