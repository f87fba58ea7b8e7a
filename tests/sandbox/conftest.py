"""Callers of the sandbox: a signed-in person, plain HTTP, and the official SDK."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from facebook_business.api import FacebookAdsApi
from facebook_business.session import FacebookSession

from tests.conftest import Sandbox
from vibekanban.core.settings import settings

REDIRECT = "http://localhost:8000/api/auth/meta/callback"
SignIn = Callable[..., str]


@pytest.fixture
def sign_in(sandbox: Sandbox) -> SignIn:
    """A long-lived token of a demo person, got through the sign-in dialog."""

    def through_dialog(
        person: str = "lucia", scopes: str = "ads_read,ads_management,business_management"
    ) -> str:
        chosen = settings()
        back = httpx.post(
            f"{sandbox.url}/v26.0/dialog/oauth",
            data={
                "client_id": chosen.meta_app_id, "redirect_uri": REDIRECT, "state": "s", "answer": "yes",
                "person": person, "scope": scopes.split(","),
            },
        )  # fmt: skip
        code = parse_qs(urlsplit(back.headers["location"]).query)["code"][0]
        secret = {"client_id": chosen.meta_app_id, "client_secret": chosen.meta_app_secret}
        where = f"{sandbox.url}/v26.0/oauth/access_token"
        short = httpx.get(where, params={**secret, "redirect_uri": REDIRECT, "code": code}).json()
        grown = {"grant_type": "fb_exchange_token", "fb_exchange_token": short["access_token"]}
        return httpx.get(where, params={**secret, **grown}).json()["access_token"]

    return through_dialog


@pytest.fixture
def graph(sandbox: Sandbox, sign_in: SignIn) -> Iterator[httpx.Client]:
    """Plain HTTP as the owner of the tidy shop."""
    headers = {"authorization": f"Bearer {sign_in()}"}
    with httpx.Client(base_url=f"{sandbox.url}/v26.0", headers=headers, timeout=30) as client:
        yield client


@pytest.fixture
def sdk(sandbox: Sandbox, sign_in: SignIn) -> FacebookAdsApi:
    """The unmodified SDK as the owner of the tidy shop; only its base address differs."""
    chosen = settings()
    session = FacebookSession(chosen.meta_app_id, chosen.meta_app_secret, sign_in(), timeout=(5, 60))
    pointed: Any = session
    pointed.GRAPH = sandbox.url
    return FacebookAdsApi(session)


@pytest.fixture
def account(graph: httpx.Client) -> str:
    """The tidy shop's ad account, as `act_…`."""
    return graph.get("/me/adaccounts").json()["data"][0]["id"]
