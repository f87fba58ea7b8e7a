"""Writes that may be repeated safely."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel
from sqlmodel import select

from tests.factories.accounts import a_user, bearer
from vibekanban.api import errors
from vibekanban.api.app import lifespan
from vibekanban.api.deps import CurrentUser, SessionDep
from vibekanban.api.idempotency import Idempotent
from vibekanban.core.columns import now
from vibekanban.core.errors import Conflict, OutsideTimeout, OutsideUnavailable
from vibekanban.domains.accounts import idempotency
from vibekanban.domains.accounts.models import IdempotencyKey, User


class Order(BaseModel):
    amount: int = 1


class Till:
    """A write of the tests' own: what it makes, and how it fails when told to."""

    def __init__(self) -> None:
        self.sold = 0
        self.fails: Exception | None = None
        self.gate: threading.Event | None = None
        self.entered = threading.Event()

    def router(self) -> APIRouter:
        router = APIRouter(route_class=Idempotent)

        @router.post("/sales", status_code=201)
        def sell(order: Order, session: SessionDep, user: CurrentUser) -> dict[str, int]:
            self.sold += order.amount
            self.entered.set()
            if self.gate is not None:
                self.gate.wait(10)
            if self.fails is not None:
                raise self.fails
            user.name = f"Sale {self.sold}"
            session.add(user)
            return {"sold": self.sold}

        return router


@pytest.fixture
def till() -> Till:
    return Till()


@pytest.fixture
def client(database: Any, till: Till) -> Iterator[TestClient]:
    app = FastAPI(lifespan=lambda _app: lifespan())
    errors.install(app)
    app.include_router(till.router())
    with TestClient(app, raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def user(database: Any) -> User:
    with database() as session:
        return a_user(session)


@pytest.fixture
def signed_in(database: Any, user: User) -> dict[str, str]:
    with database() as session:
        return bearer(session, user)


def _key(headers: dict[str, str], key: str = "sale-1") -> dict[str, str]:
    return {**headers, "Idempotency-Key": key}


def test_a_repeat_gets_the_first_answer_and_does_nothing(
    client: TestClient, till: Till, signed_in: dict[str, str]
) -> None:
    first, again = (client.post("/sales", json={"amount": 5}, headers=_key(signed_in)) for _ in range(2))
    assert (again.status_code, again.json()) == (first.status_code, first.json()) == (201, {"sold": 5})
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["content-type"] == "application/json"
    assert "Idempotent-Replayed" not in first.headers
    assert till.sold == 5


def test_without_a_key_every_write_counts(client: TestClient, till: Till, signed_in: dict[str, str]) -> None:
    for _ in range(2):
        client.post("/sales", json={}, headers=signed_in)
    assert till.sold == 2


def test_a_key_is_for_one_request(client: TestClient, till: Till, signed_in: dict[str, str]) -> None:
    client.post("/sales", json={"amount": 1}, headers=_key(signed_in))
    other = client.post("/sales", json={"amount": 2}, headers=_key(signed_in))
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_reused")
    assert till.sold == 1


def test_two_people_may_choose_the_same_key(
    client: TestClient, database: Any, till: Till, signed_in: dict[str, str]
) -> None:
    with database() as session:
        other = bearer(session, a_user(session))
    for who in (signed_in, other):
        assert client.post("/sales", json={}, headers=_key(who)).status_code == 201
    assert till.sold == 2


def test_while_the_first_runs_a_repeat_is_refused(
    client: TestClient, till: Till, signed_in: dict[str, str]
) -> None:
    till.gate = threading.Event()
    with ThreadPoolExecutor() as pool:
        first = pool.submit(client.post, "/sales", json={}, headers=_key(signed_in))
        assert till.entered.wait(10)
        second = client.post("/sales", json={}, headers=_key(signed_in))
        till.gate.set()
        assert first.result().status_code == 201
    assert (second.status_code, second.json()["code"]) == (409, "idempotency_running")


@pytest.mark.parametrize("failure", [Conflict(), OutsideUnavailable(service="stripe")])
def test_what_was_refused_may_be_tried_again(
    client: TestClient, till: Till, signed_in: dict[str, str], failure: Exception
) -> None:
    till.fails = failure
    assert client.post("/sales", json={}, headers=_key(signed_in)).status_code in {409, 503}
    till.fails = None
    assert client.post("/sales", json={}, headers=_key(signed_in)).status_code == 201


@pytest.mark.parametrize(("failure", "status"), [(OutsideTimeout(), 504), (RuntimeError("bug"), 500)])
def test_what_may_have_happened_is_not_done_again(
    client: TestClient, till: Till, signed_in: dict[str, str], failure: Exception, status: int
) -> None:
    till.fails = failure
    statuses = [client.post("/sales", json={}, headers=_key(signed_in)).status_code for _ in range(2)]
    assert statuses == [status, status]
    assert till.sold == 1


def test_a_key_is_free_again_after_a_day(
    client: TestClient, database: Any, till: Till, signed_in: dict[str, str]
) -> None:
    client.post("/sales", json={}, headers=_key(signed_in))
    with database() as session:
        session.exec(select(IdempotencyKey)).one().created_at = now() - timedelta(hours=25)
    client.post("/sales", json={}, headers=_key(signed_in))
    assert till.sold == 2


def test_a_request_that_died_half_way_blocks_its_key_for_ten_minutes(database: Any, user: User) -> None:
    def begin(user_id: UUID) -> idempotency.Answer | None:
        with database() as session:
            return idempotency.begin(session, user_id, "sale-1", "POST /sales", b"hash")

    assert begin(user.id) is None
    with pytest.raises(idempotency.IdempotencyRunning):
        begin(user.id)
    with database() as session:
        session.exec(select(IdempotencyKey)).one().created_at = now() - timedelta(minutes=11)
    assert begin(user.id) is None


def test_kept_answers_are_sealed_and_forgotten_after_a_day(
    client: TestClient, database: Any, signed_in: dict[str, str]
) -> None:
    client.post("/sales", json={}, headers=_key(signed_in))
    with database() as session:
        kept = session.exec(select(IdempotencyKey)).one()
        assert "sold" not in kept.sealed_answer
        kept.created_at = now() - timedelta(hours=25)
    with database() as session:
        assert idempotency.forget_old(session) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "with space"])
def test_a_key_must_be_one(client: TestClient, till: Till, signed_in: dict[str, str], key: str) -> None:
    answer = client.post("/sales", json={}, headers=_key(signed_in, key))
    assert (answer.status_code, till.sold) == (400, 0)


def test_the_signed_out_are_refused_before_anything_is_kept(client: TestClient, database: Any) -> None:
    assert client.post("/sales", json={}, headers={"Idempotency-Key": "sale-1"}).status_code == 401
    with database() as session:
        assert session.exec(select(IdempotencyKey)).all() == []


def test_the_reference_shows_the_header(client: TestClient) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/sales"]["post"]
    assert "Idempotency-Key" in [parameter["name"] for parameter in operation["parameters"]]
    assert {"409", "422"} <= set(operation["responses"])
