"""Callers of the sandbox: a signed-in person, plain HTTP, and the official SDK."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
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
Caller = Callable[..., httpx.Client]
Frozen = Callable[[str], None]


def refusal(answer: httpx.Response) -> tuple[int, int | None]:
    """Code and subcode of a refused call."""
    error = answer.json()["error"]
    return error["code"], error.get("error_subcode")


def first_account(client: httpx.Client) -> str:
    return client.get("/me/adaccounts").json()["data"][0]["id"]


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
def caller(sandbox: Sandbox) -> Iterator[Callable[..., httpx.Client]]:
    """Plain HTTP as a demo person, with a token minted inside."""
    with ExitStack() as opened:

        def of(person: str, **body: Any) -> httpx.Client:
            answer = sandbox.admin.post(
                "/_sandbox/tokens", json={"person": person, **body}
            ).raise_for_status()
            headers = {"authorization": f"Bearer {answer.json()['token']}"}
            return opened.enter_context(
                httpx.Client(base_url=f"{sandbox.url}/v26.0", headers=headers, timeout=60)
            )

        yield of


@pytest.fixture
def frozen(sandbox: Sandbox) -> Callable[[str], None]:
    """Stops the sandbox's clock at a moment."""

    def at(moment: str) -> None:
        sandbox.admin.post("/_sandbox/clock", json={"to": moment, "speed": 0}).raise_for_status()

    return at


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
    return first_account(graph)
