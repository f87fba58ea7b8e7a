"""What breaks under the running product, and what is left of it afterwards."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Event
from typing import Any

import httpx
import pytest

from tests.e2e import people
from tests.e2e.product import Product, running
from vibekanban.runtime.processes import wait_until

pytestmark = pytest.mark.browser
DAYS = 28


@pytest.fixture
def product() -> Iterator[Product]:
    """One of its own: time stands still in it, so that what this reads would be missing in the others' quota."""
    with running() as started:
        yield started


@contextmanager
def readers(client: httpx.Client, path: str) -> Iterator[list[int]]:
    """Programs that ask for a page over and over; the statuses they were answered."""
    statuses: list[int] = []
    over = Event()

    def read() -> None:
        while not over.is_set():
            statuses.append(client.get(path).status_code)

    with ThreadPoolExecutor(4) as threads:
        reading = [threads.submit(read) for _ in range(4)]
        try:
            yield statuses
        finally:
            over.set()
    for one in reading:
        one.result()


def forget_leases(product: Product) -> None:
    """The minutes go by after which a sync is taken to have lost its worker."""
    product.execute("UPDATE syncs SET due_at = now() - interval '1 hour' WHERE finished_at IS NULL")


def test_a_database_that_is_killed_under_load_costs_no_number(product: Product) -> None:
    minted = product.sandbox.post("/_sandbox/tokens", json={"person": "lucia"}).json()["token"]
    ana = {"name": "Ana", "email": people.an_address(), "password": people.PASSWORD}
    with product.client() as client:
        token = client.post("/api/auth/register", json=ana).raise_for_status().json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        given = {"mode": "system_user", "accessToken": minted}
        client.post("/api/meta/auth/connect", json=given).raise_for_status()
        (account,) = client.get("/api/meta/auth/accounts").json()["items"]
        until = datetime.now(UTC).date() - timedelta(2)
        since = until - timedelta(DAYS - 1)
        period = {"since": since.isoformat(), "until": until.isoformat()}
        asked = client.post(f"/api/meta/accounts/{account['id']}/sync", json={"kind": "history", **period})
        job = f"/api/jobs/{asked.raise_for_status().json()['jobId']}"

        def seen() -> dict[str, Any]:
            answer = client.get(job)
            return answer.json() if answer.status_code == 200 else {}

        with readers(client, "/api/meta/campaigns") as statuses:
            assert wait_until(lambda: 0 < seen().get("progress", 0) < 100, product.process, 60)
            killed = product.recorded("postgres")
            os.kill(killed, signal.SIGKILL)
            assert wait_until(lambda: product.recorded("postgres") != killed, product.process, 60)
            assert wait_until(lambda: client.get("/readyz").status_code == 200, product.process, 60)
        assert set(statuses) <= {200, 503}
        forget_leases(product)
        assert wait_until(lambda: seen().get("status") == "done", product.process, 300), seen()

        summary = client.get("/api/meta/metrics/summary", params={"accountId": account["id"], **period})
        truth = people.oracle(product, account=account["metaAccountId"], level="account", **period)
        totals = summary.raise_for_status().json()["totals"]
        assert Decimal(totals["spend"]) == Decimal(truth["spend"]) > 0
        assert totals["impressions"] == truth["impressions"]
        assert totals["conversions"] == truth["purchases"]
