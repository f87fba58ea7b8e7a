"""Every documented route under generated input: no 500, and only what the served document allows."""

from __future__ import annotations

import copy
import os
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import schemathesis
import uvicorn
from hypothesis import settings
from pydantic.alias_generators import to_snake
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi import checks

from tests.conftest import Sandbox, empty_tables
from tests.factories.access import a_token
from tests.factories.accounts import a_session, a_user
from tests.factories.meta import a_campaign, a_connection, a_creative, an_account, an_ad, an_ad_set
from tests.factories.metrics import a_fact, write
from tests.factories.reporting import a_report
from tests.ports import free_port
from vibekanban import serving
from vibekanban.core import broker, columns, db
from vibekanban.core import settings as product
from vibekanban.domains.accounts.models import Role, User
from vibekanban.domains.meta import syncs
from vibekanban.domains.meta.models import SyncKind
from vibekanban.domains.tools.catalogue import TOOLS
from vibekanban.domains.tools.tool import definition

EXAMPLES = 10  # random requests a route, beside those that walk the edges of its schema
CONFIG = schemathesis.Config.from_dict(
    {"seed": 20261124, "generation": {"with-security-parameters": False, "deterministic": True}}
)
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
    checks.negative_data_rejection,
    checks.unsupported_method,
]
MEANT = {("/readyz", not_a_server_error)}  # its 503 says that no worker runs, and none does here
DETERMINED = settings(max_examples=EXAMPLES, derandomize=True, deadline=None, database=None)
ENDLESS = "/api/stream"  # its body never ends, so it can not be read; test_stream.py reads it
OTHER_NAMES = {
    "account_ids": "account_id",
    "object_id": "campaign_id",
    "id": "campaign_id",
    "adset_id": "ad_set_id",
}


def _with_tools(document: dict[str, Any]) -> dict[str, Any]:
    """The document with one path a tool, whose arguments and result are the tool's own."""
    path = document["paths"]["/api/mcp/tools/{name}"]["post"]
    told = {}
    for tool in TOOLS.values():
        shown = definition(tool, "en")
        answers = {**path["responses"], "200": {"description": "", "content": {"application/json": {"schema": {
            "type": "object", "properties": {"result": shown["outputSchema"]}, "required": ["result"],
        }}}}}  # fmt: skip
        arguments = copy.deepcopy(shown["inputSchema"])
        needed = arguments.get("required", [])
        for name in arguments["properties"].keys() - set(needed):
            # models send null for what they leave out, which the schema spares them
            arguments["properties"][name] = {"anyOf": [arguments["properties"][name], {"type": "null"}]}
        body = {
            "type": "object",
            "properties": {"arguments": arguments},
            "required": ["arguments"] if needed else [],
        }
        told[f"/api/mcp/tools/{tool.name}"] = {
            "post": {
                "responses": answers,
                "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
            }
        }
    return {**document, "paths": told}


DOCUMENT = serving.create_api().openapi()
routes = schemathesis.openapi.from_dict(DOCUMENT, config=CONFIG).exclude(path=ENDLESS)
tools = schemathesis.openapi.from_dict(_with_tools(DOCUMENT), config=CONFIG)


@dataclass(frozen=True)
class Place:
    """The served application, who calls it, and the account that the sandbox plays."""

    url: str
    user_id: UUID
    admin_id: UUID
    mcp_token: str
    there: Mapping[str, UUID]

    def token(self, path: str) -> str:
        """A session of its own for every call: some calls end the one they are made with."""
        if path.startswith("/api/mcp/tools"):
            return self.mcp_token
        with db.transaction() as session:
            who = self.admin_id if path.startswith("/api/users") else self.user_id
            return a_session(session, session.get_one(User, who)).token

    def doomed(self, name: str) -> UUID:
        """Something that a call may delete."""
        with db.transaction() as session:
            user = session.get_one(User, self.user_id)
            if name == "account_id":
                return an_account(session, a_connection(session, user)).id
            if name == "token_id":
                return a_token(session, user.id).token.id
            if name == "report_id":
                return a_report(session, an_account(session, a_connection(session, user))).id
            return a_session(session, user).session.id


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    os.environ["MCP_RATE_LIMIT_PER_MINUTE"] = "100000"
    product.settings.cache_clear()
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(serving.standalone(), host="127.0.0.1", port=port, log_level="error")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the application did not start")
        thread.join(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)
    del os.environ["MCP_RATE_LIMIT_PER_MINUTE"]
    product.settings.cache_clear()


@pytest.fixture(scope="module")
def place(url: str, sandbox_process: Sandbox) -> Iterator[Place]:
    """One person with an account that the sandbox plays, a token, and ten days of numbers."""
    sandbox_process.admin.post("/_sandbox/reset").raise_for_status()
    broker.connection().flushdb()
    meta = sandbox_process.admin.post("/_sandbox/tokens", json={"person": "lucia"}).json()["token"]
    graph = httpx.Client(base_url=f"{sandbox_process.url}/v26.0", params={"access_token": meta})

    def first(edge: str) -> str:
        return graph.get(edge, params={"limit": 1}).json()["data"][0]["id"]

    with graph:
        act = first("/me/adaccounts")
        campaign_id = first(f"/{act}/campaigns")
        ad_set_id = first(f"/{campaign_id}/adsets")
        ad_id = first(f"/{ad_set_id}/ads")
        creative_id = first(f"/{act}/adcreatives")
    with db.transaction() as session:
        user, admin = a_user(session), a_user(session, role=Role.ADMIN)
        connection = a_connection(session, user, token=meta)
        account = an_account(session, connection, meta_account_id=act.removeprefix("act_"))
        campaign = a_campaign(session, account, meta_id=campaign_id)
        ad_set = an_ad_set(session, campaign, meta_id=ad_set_id)
        there = {
            "user_id": a_user(session).id,
            "account_id": account.id,
            "campaign_id": campaign.id,
            "ad_set_id": ad_set.id,
            "ad_id": an_ad(session, ad_set, meta_id=ad_id).id,
            "creative_id": a_creative(session, account, meta_id=creative_id).id,
            "token_id": a_token(session, user.id).token.id,
            "report_id": a_report(session, account).id,
            "session_id": a_session(session, user).session.id,
            "job_id": syncs.request(session, user.id, account.id, SyncKind.HISTORY).id,
        }
        secret = a_token(session, user.id, account_ids=[account.id]).secret
    today = columns.now().date()
    days = [today - timedelta(days=ago) for ago in range(10)]
    with db.metrics_transaction() as session:
        facts = [a_fact(campaign_id, day) for day in days]
        write(session, account.id, facts, since=days[-1], until=days[0])
    yield Place(url, user.id, admin.id, secret, there)
    empty_tables()
    broker.connection().flushdb()


def _aimed(case: schemathesis.Case, place: Place) -> None:
    """Give three of four well-formed ids of a case something that is there."""
    made = case.meta.components if case.meta else {}
    for where, values in (
        (ParameterLocation.PATH, case.path_parameters),
        (ParameterLocation.QUERY, case.query),
        (ParameterLocation.BODY, case.body),
    ):
        if where in made and made[where].mode is GenerationMode.POSITIVE and isinstance(values, dict):
            _aim(values, case, place)


def _aim(values: dict[str, Any], case: schemathesis.Case, place: Place) -> None:
    for name, value in list(values.items()):
        snake = to_snake(name)
        snake = OTHER_NAMES.get(snake, snake)
        if isinstance(value, dict):
            _aim(value, case, place)
        elif value and snake in place.there and zlib.crc32(str(value).encode()) % 4:
            target = str(place.doomed(snake) if case.method == "DELETE" else place.there[snake])
            values[name] = [target] if isinstance(value, list) else target


def _checked(case: schemathesis.Case, place: Place) -> None:
    _aimed(case, place)
    headers = {"Authorization": f"Bearer {place.token(case.path)}"}
    wanted = [check for check in CHECKS if (case.path, check) not in MEANT]
    case.call_and_validate(base_url=place.url, headers=headers, checks=wanted, timeout=30)


@routes.parametrize()
@DETERMINED
def test_a_route_keeps_to_the_document(case: schemathesis.Case, place: Place) -> None:
    _checked(case, place)


@tools.parametrize()
@DETERMINED
def test_a_tool_keeps_to_its_schemas(case: schemathesis.Case, place: Place) -> None:
    _checked(case, place)
