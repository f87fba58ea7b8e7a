from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import orjson
import pytest
from redis import Redis
from sqlmodel import Session, select

from tests.domains.editing.graph import Fault, Graph, graph
from tests.factories.accounts import a_user
from tests.factories.meta import a_campaign, a_connection, an_account, an_ad, an_ad_set
from vibekanban.clients.meta import errors as meta_errors
from vibekanban.core import columns, events
from vibekanban.core.errors import NotFound
from vibekanban.core.settings import settings
from vibekanban.domains.accounts.models import User
from vibekanban.domains.editing import switching
from vibekanban.domains.editing.errors import NotSwitchable, Unconfirmed
from vibekanban.domains.editing.switching import Switched, Verb
from vibekanban.domains.meta import changes
from vibekanban.domains.meta.errors import ConnectionNeedsSignIn
from vibekanban.domains.meta.models import (
    ActorKind,
    Ad,
    AdSet,
    Campaign,
    Change,
    ChangeOutcome,
    Level,
)
from workers import meta_changes


@dataclass
class Scene:
    """A campaign with an ad set and an ad, running here and at Meta."""

    session: Session
    meta: Graph
    user: User
    campaign: Campaign
    ad_set: AdSet
    ad: Ad

    def switch(self, verb: Verb, level: Level = Level.CAMPAIGN) -> Switched:
        thing = {Level.CAMPAIGN: self.campaign, Level.AD_SET: self.ad_set, Level.AD: self.ad}[level]
        actor = changes.Actor(ActorKind.USER, self.user.id, self.user.name)
        return switching.switch(self.user.id, level, thing.id, verb, actor=actor)

    @property
    def change(self) -> Change:
        return self.session.exec(select(Change).where(Change.user_id == self.user.id)).one()

    def shown(self) -> list[tuple[str, str]]:
        things = (self.campaign, self.ad_set, self.ad)
        for thing in things:
            self.session.refresh(thing)
        return [(thing.status, thing.effective_status) for thing in things]


@pytest.fixture
def scene(session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    with graph() as (origin, meta):
        monkeypatch.setattr(settings(), "meta_graph_url", origin)
        user = a_user(session)
        campaign = a_campaign(session, an_account(session, a_connection(session, user)))
        ad_set = an_ad_set(session, campaign)
        ad = an_ad(session, ad_set)
        for thing in (campaign, ad_set, ad):
            thing.status = thing.effective_status = "ACTIVE"
            meta.statuses[thing.meta_id] = "ACTIVE"
        session.flush()
        yield Scene(session, meta, user, campaign, ad_set, ad)


@pytest.mark.parametrize("level", [Level.CAMPAIGN, Level.AD_SET, Level.AD])
def test_pausing_writes_at_meta_and_logs_before_and_after(scene: Scene, level: Level) -> None:
    done = scene.switch(Verb.PAUSE, level)
    assert done.changed
    assert scene.meta.writes == [(done.thing.meta_id, "PAUSED")]
    change = scene.change
    assert (change.level, change.object_id, change.action) == (level, done.thing.id, "pause")
    assert (change.before["status"], change.after["status"]) == ("ACTIVE", "PAUSED")
    assert (change.outcome, change.actor_name) == (ChangeOutcome.APPLIED, scene.user.name)


def test_resuming_brings_it_back(scene: Scene) -> None:
    scene.switch(Verb.PAUSE)
    assert scene.switch(Verb.RESUME).after.status == "ACTIVE"
    assert [status for _, status in scene.meta.writes] == ["PAUSED", "ACTIVE"]


def test_what_is_paused_already_is_left_alone(scene: Scene) -> None:
    scene.meta.statuses[scene.campaign.meta_id] = "PAUSED"
    done = scene.switch(Verb.PAUSE)
    assert (done.changed, done.change_id, scene.meta.writes) == (False, None, [])
    assert scene.shown()[0] == ("PAUSED", "PAUSED")


def test_our_stale_copy_does_not_keep_a_running_campaign_running(scene: Scene) -> None:
    scene.campaign.status = scene.campaign.effective_status = "PAUSED"
    scene.session.flush()
    assert scene.switch(Verb.PAUSE).changed
    assert scene.meta.writes == [(scene.campaign.meta_id, "PAUSED")]


def test_children_of_a_paused_campaign_show_that_they_do_not_run(scene: Scene) -> None:
    scene.switch(Verb.PAUSE)
    assert scene.shown() == [
        ("PAUSED", "PAUSED"),
        ("ACTIVE", "CAMPAIGN_PAUSED"),
        ("ACTIVE", "CAMPAIGN_PAUSED"),
    ]
    scene.switch(Verb.RESUME)
    assert scene.shown() == [("ACTIVE", "ACTIVE")] * 3


def test_an_ad_of_a_paused_ad_set_stays_off_when_its_campaign_resumes(scene: Scene) -> None:
    scene.switch(Verb.PAUSE, Level.AD_SET)
    scene.switch(Verb.PAUSE)
    scene.switch(Verb.RESUME)
    assert scene.shown() == [("ACTIVE", "ACTIVE"), ("PAUSED", "PAUSED"), ("ACTIVE", "ADSET_PAUSED")]


def test_an_ad_in_review_keeps_what_meta_said_of_it(scene: Scene) -> None:
    scene.ad.effective_status = "PENDING_REVIEW"
    scene.session.flush()
    scene.switch(Verb.PAUSE)
    assert scene.shown()[2] == ("ACTIVE", "PENDING_REVIEW")


def test_an_archived_campaign_is_not_switched(scene: Scene) -> None:
    scene.meta.statuses[scene.campaign.meta_id] = "ARCHIVED"
    with pytest.raises(NotSwitchable) as refused:
        scene.switch(Verb.RESUME)
    assert refused.value.params == {"status": "ARCHIVED"}
    assert scene.meta.writes == []


def test_a_lost_answer_is_looked_up_and_counts_as_done(scene: Scene) -> None:
    scene.meta.fault = Fault.ANSWER_LOST
    assert scene.switch(Verb.PAUSE).after.status == "PAUSED"
    assert scene.change.outcome is ChangeOutcome.APPLIED
    assert len(scene.meta.writes) == 1


def test_a_lost_call_is_made_once_more(scene: Scene) -> None:
    scene.meta.fault = Fault.CALL_LOST
    assert scene.switch(Verb.PAUSE).after.status == "PAUSED"
    assert scene.change.outcome is ChangeOutcome.APPLIED
    assert len(scene.meta.writes) == 1


def test_a_call_lost_twice_is_a_failure(scene: Scene) -> None:
    scene.meta.fault, scene.meta.lasting = Fault.CALL_LOST, True
    with pytest.raises(meta_errors.UnknownOutcome):
        scene.switch(Verb.PAUSE)
    assert (scene.change.outcome, scene.change.error_code) == (ChangeOutcome.FAILED, "meta_unknown_outcome")
    assert scene.meta.writes == []


def test_a_refusal_of_meta_is_logged(scene: Scene) -> None:
    scene.meta.fault = Fault.REFUSED
    with pytest.raises(meta_errors.MetaError) as refused:
        scene.switch(Verb.PAUSE)
    assert (scene.change.outcome, scene.change.error_code) == (ChangeOutcome.FAILED, refused.value.code)


def test_a_dead_token_asks_for_a_new_sign_in(scene: Scene) -> None:
    scene.meta.fault = Fault.DEAD_TOKEN
    with pytest.raises(ConnectionNeedsSignIn):
        scene.switch(Verb.PAUSE)
    assert scene.change.outcome is ChangeOutcome.FAILED


def test_when_meta_goes_silent_the_change_waits_for_the_sweep(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.meta.fault = Fault.ANSWER_LOST
    apply = scene.meta.apply

    def apply_and_go_deaf(meta_id: str, status: str) -> None:
        apply(meta_id, status)
        scene.meta.deaf = True

    monkeypatch.setattr(scene.meta, "apply", apply_and_go_deaf)
    with pytest.raises(Unconfirmed):
        scene.switch(Verb.PAUSE)
    assert scene.change.outcome is ChangeOutcome.PENDING


def stranded(scene: Scene, *, age: timedelta = timedelta(minutes=5)) -> UUID:
    """A change whose writer died between the call and its end."""
    change = changes.begin(
        scene.session,
        scene.campaign,
        level=Level.CAMPAIGN,
        object_id=scene.campaign.id,
        action="pause",
        actor=changes.Actor(ActorKind.USER, scene.user.id, "Tania"),
        before={"status": "ACTIVE"},
        after={"status": "PAUSED"},
    )
    change.created_at = columns.now() - age
    scene.session.flush()
    return change.id


def test_a_stranded_change_that_arrived_is_applied(scene: Scene) -> None:
    change_id = stranded(scene)
    scene.meta.statuses[scene.campaign.meta_id] = "PAUSED"
    meta_changes.resolve_change(str(change_id))
    assert scene.change.outcome is ChangeOutcome.APPLIED
    assert scene.shown()[0] == ("PAUSED", "PAUSED")


def test_a_stranded_change_that_never_arrived_has_failed(scene: Scene) -> None:
    meta_changes.resolve_change(str(stranded(scene)))
    assert (scene.change.outcome, scene.change.error_code) == (ChangeOutcome.FAILED, "not_applied")


def test_a_stranded_change_waits_while_meta_does_not_answer(scene: Scene) -> None:
    scene.meta.deaf = True
    meta_changes.resolve_change(str(stranded(scene)))
    assert scene.change.outcome is ChangeOutcome.PENDING


def test_a_change_that_nobody_can_tell_for_a_day_stays_unknown(scene: Scene) -> None:
    scene.meta.deaf = True
    meta_changes.resolve_change(str(stranded(scene, age=timedelta(hours=25))))
    assert scene.change.outcome is ChangeOutcome.UNKNOWN


def test_the_sweep_orders_a_job_for_each_stranded_change(scene: Scene, redis: Redis) -> None:
    change_id = stranded(scene)
    meta_changes.sweep_changes()
    assert redis.exists(f"rq:job:change-{change_id}")


def test_an_open_page_hears_of_the_new_status(scene: Scene, redis: Redis) -> None:
    listener = redis.pubsub()
    listener.subscribe(events.CHANNEL)
    listener.get_message(timeout=5)
    scene.switch(Verb.PAUSE)
    message = listener.get_message(timeout=5)
    assert message is not None
    told = orjson.loads(message["data"])
    assert told["topic"] == "campaigns"
    assert told["data"] == {
        "level": "campaign",
        "id": str(scene.campaign.id),
        "status": "PAUSED",
        "effectiveStatus": "PAUSED",
    }


def test_another_persons_campaign_is_not_switched(scene: Scene) -> None:
    stranger = a_user(scene.session)
    actor = changes.Actor(ActorKind.USER, stranger.id, "x")
    with pytest.raises(NotFound):
        switching.switch(stranger.id, Level.CAMPAIGN, scene.campaign.id, Verb.PAUSE, actor=actor)
    assert scene.meta.writes == []
