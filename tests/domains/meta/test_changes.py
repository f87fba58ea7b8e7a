from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from tests.factories.accounts import a_user
from tests.factories.meta import a_campaign, a_connection, an_account
from vibekanban.core import columns
from vibekanban.domains.meta import changes
from vibekanban.domains.meta.models import ActorKind, Campaign, Change, ChangeOutcome, Level


@pytest.fixture
def campaign(session: Session) -> Campaign:
    return a_campaign(session, an_account(session, a_connection(session, a_user(session))))


def begun(session: Session, campaign: Campaign, **values: Any) -> Change:
    change = changes.begin(
        session,
        campaign,
        level=Level.CAMPAIGN,
        object_id=campaign.id,
        action="pause",
        actor=changes.Actor(ActorKind.USER, campaign.user_id, "Tania"),
        before={"status": "ACTIVE"},
        after={"status": "PAUSED"},
    )
    for field, value in values.items():
        setattr(change, field, value)
    session.flush()
    return change


def test_a_change_starts_pending(session: Session, campaign: Campaign) -> None:
    change = begun(session, campaign)
    assert (change.outcome, change.settled_at) == (ChangeOutcome.PENDING, None)
    assert changes.unsettled(session, change.id) == change


def test_a_change_is_settled_once(session: Session, campaign: Campaign) -> None:
    change = begun(session, campaign)
    assert changes.settle(session, change.id, ChangeOutcome.APPLIED) == change
    assert changes.settle(session, change.id, ChangeOutcome.FAILED, error_code="x") is None
    assert (change.outcome, change.error_code) == (ChangeOutcome.APPLIED, None)


def test_only_a_change_older_than_any_call_is_stranded(session: Session, campaign: Campaign) -> None:
    long_ago = columns.now() - changes.STRANDED - timedelta(seconds=1)
    old = begun(session, campaign, created_at=long_ago)
    begun(session, campaign)
    begun(session, campaign, created_at=long_ago, outcome=ChangeOutcome.APPLIED)
    assert [change for change in changes.stranded(session) if change.object_id == campaign.id] == [old]


def test_changes_are_listed_newest_first_of_one_object(session: Session, campaign: Campaign) -> None:
    first, second = begun(session, campaign), begun(session, campaign)
    sibling = a_campaign(session, an_account(session, a_connection(session, a_user(session))))
    begun(session, sibling)
    listed = changes.changes(session, campaign.user_id, object_id=campaign.id)
    assert listed == [second, first]


def test_another_persons_changes_are_not_listed(session: Session, campaign: Campaign) -> None:
    begun(session, campaign)
    assert changes.changes(session, a_user(session).id, object_id=campaign.id) == []
