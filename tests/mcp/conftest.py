"""The whole application over real HTTP, and the official client to call it with."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import httpx
import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from sqlmodel import Session

from tests.ports import free_port

T = TypeVar("T")
Database = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Answer:
    """What a tool call gave: a result, or an error as a model reads it."""

    result: dict[str, Any]
    error: dict[str, Any] | None

    @property
    def code(self) -> str:
        return self.error["code"] if self.error else ""


@dataclass(frozen=True)
class Server:
    """A running application."""

    url: str

    def http(self, token: str = "", **headers: str) -> httpx.Client:
        """A plain HTTP client that sends the token."""
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def mcp(
        self,
        token: str,
        use: Callable[[Client], Awaitable[T]],
        *,
        mode: Literal["auto", "legacy"] = "auto",
        language: str = "es",
    ) -> T:
        """What `use` answers with an official client connected with the token."""

        async def connected() -> T:
            headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
            async with httpx2.AsyncClient(headers=headers, timeout=30) as plain:
                transport = streamable_http_client(f"{self.url}/mcp", http_client=plain)
                async with Client(transport, mode=mode) as client:
                    return await use(client)

        return asyncio.run(connected())

    def call(self, token: str, tool: str, *, language: str = "es", **arguments: Any) -> Answer:
        """One tool call by MCP."""
        called = self.mcp(token, lambda client: client.call_tool(tool, arguments), language=language)
        text = json.loads(called.content[0].text)  # pyright: ignore[reportAttributeAccessIssue]
        if called.is_error:
            return Answer({}, text)
        assert text == called.structured_content
        return Answer(text, None)


def application() -> FastAPI:
    """API and MCP as one application, put together as a serving process does."""
    from vibekanban.api import app
    from vibekanban.mcp import server as mcp_server

    api = app.create_api()
    api.router.routes.extend(mcp_server.routes())

    @asynccontextmanager
    async def life(_api: FastAPI) -> AsyncIterator[None]:
        async with app.lifespan(), mcp_server.lifespan():
            yield

    api.router.lifespan_context = life
    return api


@pytest.fixture
def server(database: Database) -> Iterator[Server]:
    port = free_port()
    running = uvicorn.Server(
        uvicorn.Config(application(), host="127.0.0.1", port=port, log_level="warning", lifespan="on")
    )
    thread = threading.Thread(target=running.run)
    thread.start()
    deadline = time.monotonic() + 30
    while not running.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the application did not start")
        thread.join(0.01)
    yield Server(f"http://127.0.0.1:{port}")
    running.should_exit = True
    thread.join(20)


@dataclass(frozen=True)
class Tenant:
    """A person with an account, one object of each level, and a token for all of it."""

    user_id: str
    account_id: str
    campaign_id: str
    ad_set_id: str
    ad_id: str
    meta_ids: dict[str, str]
    token_id: str
    token: str


def a_tenant(database: Database, **token: Any) -> Tenant:
    from tests.factories.access import a_token
    from tests.factories.accounts import a_user
    from tests.factories.meta import a_campaign, a_connection, an_account, an_ad, an_ad_set

    with database() as session:
        user = a_user(session)
        account = an_account(session, a_connection(session, user))
        campaign = a_campaign(session, account)
        ad_set = an_ad_set(session, campaign)
        ad = an_ad(session, ad_set)
        issued = a_token(session, user.id, account_ids=[account.id], **token)
        return Tenant(
            user_id=str(user.id),
            account_id=str(account.id),
            campaign_id=str(campaign.id),
            ad_set_id=str(ad_set.id),
            ad_id=str(ad.id),
            meta_ids={
                "accountId": account.meta_account_id,
                "campaignId": campaign.meta_id,
                "adSetId": ad_set.meta_id,
                "adId": ad.meta_id,
            },
            token_id=str(issued.token.id),
            token=issued.secret,
        )
