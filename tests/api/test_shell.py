"""What every answer of the API has in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import redis.exceptions
from fastapi import FastAPI
from fastapi.testclient import TestClient
from jsonschema import validate
from prometheus_client import REGISTRY
from rq import Worker

from tests.factories.accounts import a_user, bearer
from vibekanban.api.app import standalone
from vibekanban.core import broker
from vibekanban.core.settings import settings
from vibekanban.domains.accounts import sessions

Open = Callable[..., TestClient]


@pytest.fixture
def opened(database: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Applications one after the other (a process serves one), under settings of the test's own."""
    with ExitStack() as stack:

        def start(*, address: str = "203.0.113.5", **chosen: str) -> TestClient:
            stack.close()
            for name, value in chosen.items():
                monkeypatch.setenv(name.upper(), value)
            settings.cache_clear()
            app = TestClient(
                standalone(),
                base_url="http://localhost:8000",
                client=(address, 1234),
                raise_server_exceptions=False,
            )
            return stack.enter_context(app)

        yield start
    monkeypatch.undo()
    settings.cache_clear()


# -- failures


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/nothing/here", 404, "not_found"),
        ("GET", "/api", 404, "not_found"),
        ("GET", "/api/auth/login", 405, "method_not_allowed"),
        ("PATCH", "/api/users/7", 401, "not_signed_in"),
        ("GET", "/api/auth/me", 401, "not_signed_in"),
    ],
)
def test_a_failure_has_one_shape(client: TestClient, method: str, path: str, status: int, code: str) -> None:
    answer = client.request(method, path, json={} if method == "PATCH" else None)
    assert answer.status_code == status
    assert answer.json() == {
        "error": answer.json()["error"],
        "code": code,
        "details": {},
        "requestId": answer.headers["X-Request-ID"],
    }


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"{nope", "application/json", 400, "malformed"),
        (b"a=b", "application/x-www-form-urlencoded", 415, "wrong_type"),
        (b"{}", "text/plain", 415, "wrong_type"),
        (b"{}", "application/json", 422, "invalid"),
        (b'"' + b"x" * 1_100_000 + b'"', "application/json", 413, "too_large"),
    ],
)
def test_a_body_that_can_not_be_used_says_why(
    client: TestClient, content: bytes, kind: str, status: int, code: str
) -> None:
    answer = client.post("/api/auth/login", content=content, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_body_without_an_announced_length_is_measured_as_it_comes(client: TestClient) -> None:
    pieces = (b"x" * 100_000 for _ in range(12))
    answer = client.post("/api/auth/login", content=pieces, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_field_errors_name_the_field_in_the_callers_language(client: TestClient) -> None:
    body = {"email": 7, "surprise": 1}
    answer = client.post("/api/auth/login", json=body, headers={"Accept-Language": "en"})
    assert answer.json()["details"]["fields"] == [
        {"field": "email", "message": "It must be a text."},
        {"field": "password", "message": "This is missing."},
        {"field": "surprise", "message": "There is no such field."},
    ]


def test_sentences_are_spanish_unless_asked_otherwise(client: TestClient) -> None:
    spanish = client.get("/api/nothing").json()["error"]
    english = client.get("/api/nothing", headers={"Accept-Language": "fr;q=0.9, en-US;q=0.8"}).json()["error"]
    assert (spanish, english) == ("No existe, o no es tuyo.", "It does not exist, or is not yours.")


def test_what_nobody_foresaw_is_a_500_without_details(opened: Open) -> None:
    client = opened()
    app = client.app
    assert isinstance(app, FastAPI)

    def burst() -> None:
        raise RuntimeError("password=hunter2 and a SELECT")

    app.add_api_route("/api/burst", burst)
    answer = client.get("/api/burst")
    assert (answer.status_code, answer.json()["code"], answer.json()["details"]) == (500, "unexpected", {})
    assert "hunter2" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


# -- request ids, headers, metrics


def test_a_request_keeps_the_id_it_came_with(client: TestClient) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": "n8n-run-0042"})
    assert answer.headers["X-Request-ID"] == "n8n-run-0042"


@pytest.mark.parametrize("given", ["", "short", "with space in it", "x" * 129, "<script>alert(1)</script>"])
def test_an_id_that_is_none_is_replaced(client: TestClient, given: str) -> None:
    made = client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert made != given
    assert len(made) == 32


def test_every_answer_carries_the_safety_headers(client: TestClient) -> None:
    for path in ("/healthz", "/api/auth/me", "/api/nothing"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"


def test_over_https_browsers_are_told_to_stay_there(opened: Open) -> None:
    client = opened(frontend_url="https://app.example.com")
    assert "max-age" in client.get("/healthz").headers["Strict-Transport-Security"]


def test_requests_are_measured_by_the_template_of_their_route(client: TestClient) -> None:
    def measured() -> float:
        labels = {"method": "DELETE", "route": "/api/auth/sessions/{session_id}", "status": "401"}
        return REGISTRY.get_sample_value("api_request_duration_seconds_count", labels) or 0

    before = measured()
    client.delete("/api/auth/sessions/0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5d")
    assert measured() == before + 1


# -- limits


def test_every_answer_says_where_the_caller_stands(client: TestClient) -> None:
    for path in ("/api/config", "/api/auth/me", "/api/nothing"):
        headers = client.get(path).headers
        assert headers["RateLimit-Limit"] == "100000"
        assert int(headers["RateLimit-Remaining"]) < 100_000
        assert 0 < int(headers["RateLimit-Reset"]) <= 900


def test_probes_and_metrics_are_not_limited(client: TestClient) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        assert "RateLimit-Limit" not in client.get(path).headers


def test_the_count_is_shared_by_all_processes(opened: Open) -> None:
    statuses = [opened(rate_limit_requests="3").get("/api/config").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]


def test_too_many_says_when_to_come_back(opened: Open) -> None:
    client = opened(rate_limit_requests="1")
    client.get("/api/config")
    refused = client.get("/api/config")
    wait = refused.json()["retryAfter"]
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert refused.headers["Retry-After"] == str(wait) == refused.headers["RateLimit-Reset"]
    assert refused.headers["RateLimit-Remaining"] == "0"
    assert refused.json()["details"] == {"retryAfter": wait}


def test_each_person_has_a_count_of_their_own(opened: Open, database: Any) -> None:
    with database() as session:
        one, two = bearer(session, a_user(session)), bearer(session, a_user(session))
    client = opened(rate_limit_requests="1")
    statuses = [client.get("/api/auth/me", headers=who).status_code for who in (one, two, one)]
    assert statuses == [200, 200, 429]


def test_made_up_tokens_and_cookies_share_the_count_of_their_address(opened: Open) -> None:
    client = opened(rate_limit_requests="2")
    statuses = []
    for number in range(2):
        statuses.append(
            client.get("/api/auth/me", headers={"Authorization": f"Bearer x{number}"}).status_code
        )
        cookie = {"Cookie": f"{sessions.cookie_name()}=vks_{number}"}
        statuses.append(client.get("/api/auth/me", headers=cookie).status_code)
    assert statuses == [401, 401, 429, 429]


def test_made_up_mcp_tokens_bar_their_address(opened: Open) -> None:
    client = opened(rate_limit_requests="2")
    guesses = [
        client.get("/api/mcp/tools", headers={"Authorization": f"Bearer vkm_{number}"}).status_code
        for number in range(3)
    ]
    assert guesses == [401, 401, 429]


def test_signing_in_has_a_tighter_limit(opened: Open) -> None:
    client = opened(sign_in_limit_requests="2")
    body = {"email": "nadie@example.com", "password": "x"}
    assert [client.post("/api/auth/login", json=body).status_code for _ in range(3)] == [401, 401, 429]
    assert client.get("/api/config").status_code == 200


def test_without_redis_the_api_goes_on_unlimited(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from vibekanban.api import rate_limits

    async def away(self: object, who: str) -> None:
        raise redis.exceptions.ConnectionError

    client = opened()
    monkeypatch.setattr(rate_limits.Rule, "take", away)
    answer = client.get("/api/config")
    assert answer.status_code == 200
    assert "RateLimit-Limit" not in answer.headers


def test_a_forwarded_address_counts_only_behind_a_trusted_proxy(opened: Open) -> None:
    def status(client: TestClient, forwarded: str) -> int:
        return client.get("/api/config", headers={"X-Forwarded-For": forwarded}).status_code

    direct = opened(rate_limit_requests="1")
    assert [status(direct, "198.51.100.1"), status(direct, "198.51.100.2")] == [200, 429]
    proxied = opened(trusted_proxy_hops="1")
    assert status(proxied, "1.1.1.1, 198.51.100.3") == 200
    assert status(proxied, "2.2.2.2, 198.51.100.3") == 429
    assert status(proxied, "1.1.1.1, 198.51.100.4") == 200


# -- probes


def test_ready_names_what_is_missing(client: TestClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "missing", "missing": ["workers"]})


def test_ready_once_a_worker_lives(client: TestClient) -> None:
    worker = Worker(["human"], connection=broker.connection())
    worker.register_birth()
    try:
        answer = client.get("/readyz")
    finally:
        worker.register_death()
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "missing": []})


def test_old_migrations_are_named(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from vibekanban.api import health

    monkeypatch.setattr(health, "_heads", lambda section: frozenset({"9999"}))
    assert client.get("/readyz").json()["missing"] == ["migrations", "workers"]


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("203.0.113.5", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.5"}, 403),
        ("203.0.113.5", {"Authorization": "Bearer let-me-see"}, 200),
        ("203.0.113.5", {"Authorization": "Bearer guess"}, 403),
    ],
)
def test_metrics_are_for_this_machine_or_with_the_token(
    opened: Open, address: str, headers: dict[str, str], status: int
) -> None:
    answer = opened(address=address, metrics_token="let-me-see").get("/metrics", headers=headers)
    assert answer.status_code == status
    assert ("api_request_duration_seconds" in answer.text) == (status == 200)


def test_the_public_flags(client: TestClient) -> None:
    assert client.get("/api/config").json() == {"marketplace": True, "copyStrategy": True, "sandbox": True}


# -- the reference


def test_the_page_of_the_reference_loads_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/api/docs").text
    assert "https://" not in page
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert f"/api/docs-assets/{asset}" in page
        assert client.get(f"/api/docs-assets/{asset}").status_code == 200


def test_the_reference_knows_our_failures_and_no_other(client: TestClient) -> None:
    document = client.get("/api/openapi.json").json()
    assert "HTTPValidationError" not in str(document)
    problem = document["components"]["schemas"]["Problem"]
    for answer in (
        client.get("/api/nothing"),
        client.post("/api/auth/login", json={}),
        client.get("/api/auth/me"),
    ):
        validate(answer.json(), problem)


def test_every_body_in_the_reference_has_an_example(client: TestClient) -> None:
    document = client.get("/api/openapi.json").json()
    schemas = document["components"]["schemas"]
    bare = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            for choice in content.get("schema", {}).get("anyOf", [content.get("schema", {})]):
                name = choice.get("$ref", "").rpartition("/")[2]
                if name and not schemas[name].get("examples") and not content.get("examples"):
                    bare.append(f"{method} {path}: {name}")
    assert bare == []


def test_the_reference_says_which_calls_need_whom(client: TestClient) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]
    assert paths["/api/auth/me"]["get"]["security"] == [{"token": []}, {"cookie": []}]
    assert "security" not in paths["/api/auth/login"]["post"]
