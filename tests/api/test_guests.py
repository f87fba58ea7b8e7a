"""People who may look at somebody's account, over HTTP: they read it as its owner does, and change nothing."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.factories.accounts import a_user, bearer
from tests.factories.meta import a_campaign, a_connection, an_account, an_ad, an_ad_set
from tests.factories.metrics import a_fact, write
from tests.factories.sharing import a_member
from vibekanban.core import columns
from vibekanban.domains.accounts.models import User
from vibekanban.domains.meta.models import MetaAccount

Ids = dict[str, str]


@pytest.fixture
def guest(database: Any) -> User:
    with database() as session:
        return a_user(session, name="Cliente")


@pytest.fixture
def headers(database: Any, guest: User) -> dict[str, str]:
    with database() as session:
        return bearer(session, guest)


def shared(database: Any, guest: User | None, *, may_export: bool = True) -> Ids:
    """Somebody's account with a day of numbers, shared with the guest if there is one."""
    with database() as session:
        owner = a_user(session, name="Agencia Norte")
        account = an_account(session, a_connection(session, owner), name="Casa Verde", timezone="UTC")
        campaign = a_campaign(session, account, name="Rebajas")
        ad_set = an_ad_set(session, campaign)
        ad = an_ad(session, ad_set)
        today = columns.now().date()
        write(session, account.id, [a_fact(campaign.meta_id, today)], since=today, until=today)
        if guest is not None:
            a_member(session, guest, account, may_export=may_export)
        return {
            "owner": str(owner.id), "account": str(account.id), "campaign": str(campaign.id),
            "ad_set": str(ad_set.id), "ad": str(ad.id),
        }  # fmt: skip


READS = (
    "/api/meta/campaigns/{campaign}",
    "/api/meta/metrics/{campaign}",
    "/api/meta/metrics/{campaign}?granularity=hour",
    "/api/meta/metrics/{campaign}?breakdown=age",
    "/api/meta/metrics/{campaign}/realtime",
    "/api/meta/metrics/summary?accountId={account}",
    "/api/meta/adsets/{ad_set}",
    "/api/meta/ads/{ad}",
    "/api/meta/reports/explore?accountId={account}",
)
LISTS = (
    "/api/meta/campaigns?accountId={account}",
    "/api/meta/adsets?accountId={account}",
    "/api/meta/adsets?campaignId={campaign}",
    "/api/meta/ads?campaignId={campaign}",
)


@pytest.mark.parametrize("path", READS)
def test_a_guest_reads_what_is_shared(
    client: TestClient, database: Any, guest: User, headers: dict[str, str], path: str
) -> None:
    ids = shared(database, guest)
    assert client.get(path.format(**ids), headers=headers).status_code == 200


@pytest.mark.parametrize("path", READS)
def test_what_is_not_shared_does_not_exist(
    client: TestClient, database: Any, headers: dict[str, str], path: str
) -> None:
    ids = shared(database, None)
    assert client.get(path.format(**ids), headers=headers).status_code == 404


@pytest.mark.parametrize("path", LISTS)
def test_a_list_has_what_is_shared_and_nothing_else(
    client: TestClient, database: Any, guest: User, headers: dict[str, str], path: str
) -> None:
    ids, other = shared(database, guest), shared(database, None)
    assert len(client.get(path.format(**ids), headers=headers).json()["items"]) == 1
    assert client.get(path.format(**other), headers=headers).json()["items"] == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/meta/campaigns/{campaign}/pause", {}),
        ("PATCH", "/api/meta/campaigns/{campaign}", {"name": "Mía"}),
        ("DELETE", "/api/meta/campaigns/{campaign}", {}),
        ("PATCH", "/api/meta/adsets/{ad_set}", {"name": "Mío"}),
        ("POST", "/api/meta/ads/{ad}/pause", {}),
        ("PATCH", "/api/meta/accounts/{account}", {"conversionEvent": "purchase"}),
        ("GET", "/api/meta/accounts/{account}/quota", {}),
        ("GET", "/api/meta/reports/restatements?accountId={account}", {}),
    ],
)
def test_a_guest_changes_nothing_and_sees_none_of_the_owner_s_affairs(
    client: TestClient, database: Any, guest: User, headers: dict[str, str], method: str, path: str, body: Any
) -> None:
    ids = shared(database, guest)
    json = {} if method in {"GET", "DELETE"} else {"json": body}
    assert client.request(method, path.format(**ids), headers=headers, **json).status_code == 404


@pytest.mark.parametrize(("may", "status"), [(True, 200), (False, 403)])
@pytest.mark.parametrize(
    "path", ["/api/meta/campaigns?accountId={account}", "/api/meta/reports/explore?accountId={account}"]
)
def test_files_are_the_owner_s_to_allow(
    client: TestClient, database: Any, guest: User, headers: dict[str, str], path: str, may: bool, status: int
) -> None:
    ids = shared(database, guest, may_export=may)
    csv = {**headers, "Accept": "text/csv"}
    assert client.get(path.format(**ids), headers=csv).status_code == status


def test_the_owner_takes_files_back_and_gives_them_again(
    client: TestClient, database: Any, guest: User, headers: dict[str, str]
) -> None:
    ids = shared(database, guest)
    with database() as session:
        account = session.get_one(MetaAccount, ids["account"])
        owners = bearer(session, session.get_one(User, account.user_id))
    for may in (False, True):
        path = f"/api/sharing/members/{guest.id}"
        assert client.patch(path, json={"mayExport": may}, headers=owners).status_code == 204
        (member,) = client.get("/api/sharing/members", headers=owners).json()["items"]
        (mine,) = client.get("/api/sharing/accounts", headers=headers).json()["items"]
        assert member["mayExport"] is mine["mayExport"] is may


def test_a_member_of_nobody_s_is_not_found(client: TestClient, headers: dict[str, str], guest: User) -> None:
    path = f"/api/sharing/members/{guest.id}"
    assert client.patch(path, json={"mayExport": False}, headers=headers).status_code == 404
