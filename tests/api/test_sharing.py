"""Sharing over HTTP: links and the page behind them, people invited to accounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from tests.factories.accounts import a_user, bearer
from tests.factories.board import a_task
from tests.factories.meta import a_campaign, a_connection, an_account
from tests.factories.metrics import a_fact, write
from vibekanban.api import shared_page
from vibekanban.core import columns
from vibekanban.core.i18n import say
from vibekanban.domains.accounts.models import User
from vibekanban.domains.board import placing
from vibekanban.domains.meta.models import Level, MetaAccount
from vibekanban.domains.reporting import saved
from vibekanban.domains.reporting.definitions import Definition
from vibekanban.domains.reporting.figures import Metric
from vibekanban.domains.sharing.links import Opened
from vibekanban.domains.sharing.models import ShareLink

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def user(database: Any) -> User:
    with database() as session:
        return a_user(session, name="Agencia Norte")


@pytest.fixture
def signed_in(database: Any, user: User) -> dict[str, str]:
    with database() as session:
        return bearer(session, user)


@pytest.fixture
def account(database: Any, user: User) -> MetaAccount:
    with database() as session:
        return an_account(session, a_connection(session, user), name="Casa Verde", timezone="UTC")


def a_link(client: TestClient, signed_in: dict[str, str], *accounts: MetaAccount, **values: Any) -> str:
    """The path of a new link."""
    body = {"name": "Para el cliente", "accountIds": [str(one.id) for one in accounts], **values}
    made = client.post("/api/sharing/links", json=body, headers=signed_in)
    assert made.status_code == 201, made.text
    return made.json()["secret"].partition("localhost:8000")[2]


def test_a_link_shows_the_campaigns_of_its_accounts_and_nothing_of_our_own(
    client: TestClient, database: Any, user: User, signed_in: dict[str, str], account: MetaAccount
) -> None:
    with database() as session:
        other = an_account(session, a_connection(session, user), name="Otro cliente")
        campaign = a_campaign(session, account, name="Rebajas <b>")
        a_campaign(session, other, name="De otro")
        a_task(session, user, title="Asunto interno", account_id=account.id)
        placing.label(session, user.id, campaign.id, ["Difícil"])
    page = client.get(a_link(client, signed_in, account))
    assert page.status_code == 200
    assert "Rebajas &lt;b&gt;" in page.text
    assert "Casa Verde" in page.text
    for hidden in ("De otro", "Otro cliente", "Asunto interno", "Difícil", "Agencia Norte", str(campaign.id)):
        assert hidden not in page.text


def test_the_page_keeps_its_address_to_itself(
    client: TestClient, signed_in: dict[str, str], account: MetaAccount
) -> None:
    headers = client.get(a_link(client, signed_in, account)).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "same-origin"
    assert "noindex" in headers["x-robots-tag"]
    assert "script-src" not in headers["content-security-policy"]


def test_a_summary_shows_the_last_thirty_days(
    client: TestClient, database: Any, signed_in: dict[str, str], account: MetaAccount
) -> None:
    today = columns.now().date()
    with database() as session:
        write(session, account.id, [a_fact(day=today)], since=today, until=today, level=Level.ACCOUNT)
    page = client.get(a_link(client, signed_in, account, kind="summary"), headers=ENGLISH)
    assert "€12.34" in page.text
    assert say("en", "shared.days") in page.text


def test_a_board_link_keeps_the_filters_it_was_made_with(
    client: TestClient, database: Any, signed_in: dict[str, str], account: MetaAccount
) -> None:
    with database() as session:
        a_campaign(session, account, name="Rebajas")
        a_campaign(session, account, name="Marca")
    page = client.get(a_link(client, signed_in, account, filters={"q": "reba"}))
    assert "Rebajas" in page.text
    assert "Marca" not in page.text


def test_a_link_that_was_ended_looks_like_one_that_never_was(
    client: TestClient, signed_in: dict[str, str], account: MetaAccount
) -> None:
    path = a_link(client, signed_in, account)
    (link,) = client.get("/api/sharing/links", headers=signed_in).json()["items"]
    assert client.get(path).status_code == 200
    assert client.delete(f"/api/sharing/links/{link['id']}", headers=signed_in).status_code == 204
    ended, unknown = client.get(path), client.get("/s/vkv_nothing")
    assert ended.status_code == unknown.status_code == 404
    assert ended.text == unknown.text
    assert client.get("/api/sharing/links", headers=signed_in).json()["items"] == []


def test_a_password_is_asked_for_and_remembered_for_that_link_alone(
    client: TestClient, database: Any, signed_in: dict[str, str], account: MetaAccount
) -> None:
    with database() as session:
        a_campaign(session, account, name="Rebajas")
    path = a_link(client, signed_in, account, password="abre sésamo")
    other = a_link(client, signed_in, account, password="abre sésamo")
    assert "Rebajas" not in client.get(path).text
    assert client.post(path, data={"password": "no"}).status_code == 403
    opened = client.post(path, data={"password": "abre sésamo"})
    assert "Rebajas" in opened.text
    assert "Rebajas" in client.get(path).text
    assert "Rebajas" not in client.get(other).text


def test_tries_of_a_password_are_few(
    client: TestClient, signed_in: dict[str, str], account: MetaAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vibekanban.core.settings import settings

    path = a_link(client, signed_in, account, password="abre sésamo")
    monkeypatch.setattr(settings(), "sign_in_limit_requests", 2)
    tried = [client.post(path, data={"password": "no"}).status_code for _ in range(3)]
    assert tried == [403, 403, 429]


def test_looks_are_counted(client: TestClient, signed_in: dict[str, str], account: MetaAccount) -> None:
    path = a_link(client, signed_in, account)
    for _ in range(2):
        client.get(path)
    (link,) = client.get("/api/sharing/links", headers=signed_in).json()["items"]
    assert (link["views"], link["hasPassword"]) == (2, False)
    assert "token" not in str(link).lower()


def test_a_look_holds_nothing_that_the_next_one_waits_for_while_its_page_is_made(
    client: TestClient,
    database: Any,
    signed_in: dict[str, str],
    account: MetaAccount,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = a_link(client, signed_in, account)
    made = shared_page.outside.board

    def slowly(session: Session, opened: Opened) -> Any:
        with database() as another:
            another.exec(select(ShareLink).with_for_update(nowait=True)).one()
        return made(session, opened)

    monkeypatch.setattr(shared_page.outside, "board", slowly)
    assert client.get(path).status_code == 200
    (link,) = client.get("/api/sharing/links", headers=signed_in).json()["items"]
    assert link["views"] == 1


def test_a_client_is_invited_accepts_looks_and_is_shown_out(
    client: TestClient, database: Any, signed_in: dict[str, str], account: MetaAccount
) -> None:
    with database() as session:
        a_campaign(session, account, name="Rebajas")
        person = a_user(session)
        theirs = bearer(session, person)
    body = {"email": person.email, "accountIds": [str(account.id)]}
    assert client.post("/api/sharing/invitations", json=body, headers=signed_in).status_code == 201
    (asked,) = client.get("/api/sharing/received", headers=theirs).json()["items"]
    assert (asked["ownerName"], asked["accountNames"]) == ("Agencia Norte", ["Casa Verde"])
    answer = f"/api/sharing/invitations/{asked['id']}/answer"
    assert client.post(answer, json={"accept": True}, headers=theirs).status_code == 204
    assert client.post(answer, json={"accept": True}, headers=theirs).status_code == 409

    board = client.get("/api/board", headers=theirs).json()["columns"][0]
    assert [(card["title"], card["readOnly"], card["targets"]) for card in board["cards"]] == [
        ("Rebajas", True, [])
    ]
    card = board["cards"][0]["id"]
    refused = client.post(f"/api/board/cards/{card}/move", json={"stage": "paused"}, headers=theirs)
    assert (refused.status_code, refused.json()["code"]) == (403, "board_read_only")
    assert client.post(f"/api/meta/campaigns/{card}/pause", headers=theirs).status_code == 404

    (member,) = client.get("/api/sharing/members", headers=signed_in).json()["items"]
    assert client.delete(f"/api/sharing/members/{member['id']}", headers=signed_in).status_code == 204
    assert client.get("/api/sharing/accounts", headers=theirs).json()["items"] == []
    assert client.get("/api/board", headers=theirs).json()["columns"][0]["cards"] == []


def test_sharing_needs_a_session(client: TestClient) -> None:
    for path in ("links", "members", "invitations", "received", "accounts"):
        assert client.get(f"/api/sharing/{path}").status_code == 401


def a_report(database: Any, user: User, account: MetaAccount) -> str:
    with database() as session:
        definition = Definition(account_id=account.id, metrics=[Metric.SPEND])
        return str(saved.create(session, user.id, "Semana", definition).report.id)


def spent(database: Any, account: MetaAccount, name: str) -> None:
    """A campaign with two days of numbers."""
    with database() as session:
        campaign = a_campaign(session, account, name=name)
        today = columns.now().date()
        for level, of in ((Level.CAMPAIGN, campaign.meta_id), (Level.ACCOUNT, account.meta_account_id)):
            facts = [a_fact(of, day) for day in (today - timedelta(days=1), today)]
            write(session, account.id, facts, since=facts[0].day, until=today, level=level)


def test_a_saved_report_is_read_behind_a_link_until_it_is_deleted(
    client: TestClient, database: Any, user: User, signed_in: dict[str, str], account: MetaAccount
) -> None:
    spent(database, account, "Rebajas <i>")
    report = a_report(database, user, account)
    path = a_link(client, signed_in, kind="report", reportId=report)
    page = client.get(path, headers=ENGLISH)
    assert page.status_code == 200
    assert "Semana" in page.text
    assert "Rebajas &lt;i&gt;" in page.text
    assert say("en", "reports.row.total") in page.text
    client.delete(f"/api/meta/reports/{report}", headers=signed_in)
    assert client.get(path).status_code == 404


def test_a_report_that_asks_another_account_since_is_behind_no_link(
    client: TestClient, database: Any, user: User, signed_in: dict[str, str], account: MetaAccount
) -> None:
    report = a_report(database, user, account)
    path = a_link(client, signed_in, kind="report", reportId=report)
    with database() as session:
        other = an_account(session, a_connection(session, user), name="Otro cliente")
        moved = Definition(account_id=other.id, metrics=[Metric.SPEND])
        saved.change(session, user.id, UUID(report), definition=moved)
    assert client.get(path).status_code == 404


def test_a_link_to_a_report_needs_one_of_one_s_own(
    client: TestClient, database: Any, signed_in: dict[str, str], account: MetaAccount
) -> None:
    with database() as session:
        stranger = a_user(session)
        theirs = an_account(session, a_connection(session, stranger))
    body = {"name": "x", "kind": "report", "accountIds": [str(account.id)]}
    assert client.post("/api/sharing/links", json=body, headers=signed_in).status_code == 422
    body["reportId"] = a_report(database, stranger, theirs)
    assert client.post("/api/sharing/links", json=body, headers=signed_in).status_code == 404


def test_the_dashboard_behind_a_link_has_a_chart_and_the_campaigns(
    client: TestClient, database: Any, signed_in: dict[str, str], account: MetaAccount
) -> None:
    spent(database, account, "Rebajas")
    page = client.get(a_link(client, signed_in, account, kind="summary"))
    assert "<polyline" in page.text
    assert "Rebajas" in page.text
