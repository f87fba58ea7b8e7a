from __future__ import annotations

import pytest
from sqlmodel import Session

from tests.factories.accounts import a_user
from tests.factories.meta import a_campaign, a_connection, an_account
from vibekanban.core import columns
from vibekanban.core.errors import NotFound
from vibekanban.domains.meta import campaigns, cursors
from vibekanban.domains.meta.campaigns import Sort
from vibekanban.domains.meta.cursors import BadCursor
from vibekanban.domains.meta.models import MetaAccount


@pytest.fixture
def account(session: Session) -> MetaAccount:
    return an_account(session, a_connection(session, a_user(session)), timezone="UTC", currency="EUR")


def names(page: campaigns.Slice) -> list[str]:
    return [row.campaign.name for row in page.items]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (Sort.NEWEST, ["c", "b", "a"]),
        (Sort.OLDEST, ["a", "b", "c"]),
        (Sort.NAME, ["a", "b", "c"]),
        (Sort.NAME_DOWN, ["c", "b", "a"]),
        (Sort.SPEND, ["b", "a", "c"]),
        (Sort.SPEND_DOWN, ["c", "a", "b"]),
    ],
)
def test_campaigns_come_in_the_order_asked_for(
    session: Session, account: MetaAccount, sort: Sort, expected: list[str]
) -> None:
    for name, micros in (("a", 2), ("b", 1), ("c", 3)):
        a_campaign(session, account, name=name, today=columns.now().date(), today_spend_micros=micros)
    assert names(campaigns.campaigns(session, account.user_id, sort=sort)) == expected


def test_a_cursor_of_another_order_is_refused(session: Session, account: MetaAccount) -> None:
    for name in "ab":
        a_campaign(session, account, name=name)
    page = campaigns.campaigns(session, account.user_id, sort=Sort.NAME, limit=1)
    with pytest.raises(BadCursor):
        campaigns.campaigns(session, account.user_id, sort=Sort.SPEND, cursor=page.next_cursor)


@pytest.mark.parametrize(
    "text", ["x", "é", "bnVsbA", "W10", cursors.encode("a\x00", columns.new_id()), "===="]
)
def test_a_made_up_cursor_is_refused(session: Session, account: MetaAccount, text: str) -> None:
    with pytest.raises(BadCursor):
        campaigns.campaigns(session, account.user_id, sort=Sort.NAME, cursor=text)


def test_a_search_finds_a_part_of_the_name_in_any_case(session: Session, account: MetaAccount) -> None:
    a_campaign(session, account, name="Rebajas ÁFRICA")
    a_campaign(session, account, name="Otra")
    assert names(campaigns.campaigns(session, account.user_id, q="áfri")) == ["Rebajas ÁFRICA"]


def test_a_search_finds_metas_whole_id(session: Session, account: MetaAccount) -> None:
    wanted = a_campaign(session, account)
    a_campaign(session, account)
    page = campaigns.campaigns(session, account.user_id, q=wanted.meta_id)
    assert [row.campaign.id for row in page.items] == [wanted.id]


def test_another_persons_campaign_is_not_found(session: Session, account: MetaAccount) -> None:
    theirs = a_campaign(session, account)
    stranger = a_user(session)
    with pytest.raises(NotFound):
        campaigns.campaign(session, stranger.id, theirs.id)
    assert campaigns.campaigns(session, stranger.id).items == []


def test_an_export_walks_all_pages(session: Session, account: MetaAccount) -> None:
    for _ in range(5):
        a_campaign(session, account)
    found = list(campaigns.every(session, account.user_id, sort=Sort.NAME))
    assert len({row.campaign.id for row in found}) == 5
