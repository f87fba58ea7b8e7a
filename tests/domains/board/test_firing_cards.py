from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from tests.domains.board.test_cards import shown
from tests.factories.accounts import a_user
from tests.factories.alerts import an_alert
from tests.factories.meta import a_campaign
from tests.factories.sharing import a_member
from vibekanban.core import columns
from vibekanban.domains.alerts.models import AlertEvent, AlertState
from vibekanban.domains.board import cards, moving
from vibekanban.domains.board.models import Stage
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.models import ActorKind, Campaign, Level, MetaAccount


@pytest.fixture
def campaign(session: Session, account: MetaAccount) -> Campaign:
    return a_campaign(session, account, name="Rebajas", status="PAUSED")


def fired(session: Session, campaign: Campaign, at: datetime, *, firing: bool = True) -> AlertEvent:
    """The campaign's alert has fired at a moment, and still does or not."""
    alert = an_alert(session, campaign)
    event = AlertEvent(
        alert_id=alert.id,
        user_id=campaign.user_id,
        account_id=campaign.account_id,
        level=Level.CAMPAIGN,
        object_id=campaign.id,
        object_name=campaign.name,
        fired_at=at,
    )
    state = AlertState(alert_id=alert.id, object_id=campaign.id, firing=firing, since=at, last_fired_at=at)
    session.add_all([event, state])
    session.flush()
    return event


def move(campaign: Campaign, event: AlertEvent, stage: Stage) -> None:
    actor = Actor(ActorKind.USER, campaign.user_id, "Ana")
    moving.move(campaign.user_id, event.id, stage, actor=actor)


def test_a_firing_asks_for_attention_until_it_was_dealt_with(session: Session, campaign: Campaign) -> None:
    event = fired(session, campaign, columns.now())
    assert shown(session, campaign.user_id) == {"attention": ["Gasto alto · Rebajas"], "paused": ["Rebajas"]}
    move(campaign, event, Stage.DONE)
    assert shown(session, campaign.user_id)["done"] == ["Gasto alto · Rebajas"]
    move(campaign, event, Stage.ATTENTION)
    assert shown(session, campaign.user_id)["attention"] == ["Gasto alto · Rebajas"]


def test_what_is_over_by_itself_is_done(session: Session, campaign: Campaign) -> None:
    event = fired(session, campaign, columns.now(), firing=False)
    card = cards.card(session, campaign.user_id, event.id)
    assert (card.stage, card.detail["firing"]) == (Stage.DONE, False)


def test_an_alert_that_fires_again_is_a_new_card_and_the_only_one(
    session: Session, campaign: Campaign
) -> None:
    first = fired(session, campaign, columns.now() - timedelta(hours=3))
    move(campaign, first, Stage.DONE)
    again = AlertEvent(**first.model_dump(exclude={"id", "fired_at"}), fired_at=columns.now())
    session.add(again)
    session.flush()
    assert cards.card(session, campaign.user_id, again.id).stage is Stage.ATTENTION
    assert "done" not in shown(session, campaign.user_id)


def test_what_was_dealt_with_long_ago_is_not_on_the_board(session: Session, campaign: Campaign) -> None:
    fired(session, campaign, columns.now() - timedelta(days=8), firing=False)
    assert shown(session, campaign.user_id) == {"paused": ["Rebajas"]}


def test_nobody_sees_anothers_firings(session: Session, campaign: Campaign) -> None:
    fired(session, campaign, columns.now())
    assert shown(session, a_user(session).id) == {}
    client = a_member(session, a_user(session), session.get_one(MetaAccount, campaign.account_id))
    assert shown(session, client.id) == {"paused": ["Rebajas"]}
