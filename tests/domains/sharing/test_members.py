from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from tests.factories.accounts import a_user
from tests.factories.board import a_task
from tests.factories.meta import a_campaign, a_connection, an_account
from tests.factories.sharing import a_member, an_invitation
from vibekanban.core import columns
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.accounts.models import User
from vibekanban.domains.board import cards, comments, moving, people, placing
from vibekanban.domains.board.errors import ReadOnlyCard
from vibekanban.domains.board.models import Stage
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.models import ActorKind, MetaAccount
from vibekanban.domains.notifications.models import Email, Notification
from vibekanban.domains.sharing import members
from vibekanban.domains.sharing.errors import InvitationOver, NeedsVerifiedEmail


@pytest.fixture
def owner(session: Session) -> User:
    return a_user(session, name="Agencia Norte")


@pytest.fixture
def account(session: Session, owner: User) -> MetaAccount:
    return an_account(session, a_connection(session, owner), name="Casa Verde")


def titles(session: Session, user: User) -> list[str]:
    return [card.title for column in cards.columns(session, user.id) for card in column.cards]


def test_whoever_accepts_sees_the_account_and_no_other(
    session: Session, owner: User, account: MetaAccount
) -> None:
    a_campaign(session, account, name="Suya")
    a_campaign(session, an_account(session, a_connection(session, owner)), name="De otro cliente")
    a_task(session, owner, title="Asunto interno", account_id=account.id)
    client = a_member(session, a_user(session), account)
    assert titles(session, client) == ["Suya"]
    (shared,) = members.shared_with(session, client.id)
    assert (shared.account.id, shared.owner_name) == (account.id, "Agencia Norte")
    assert [one.id for one in members.members(session, owner.id)] == [client.id]


def test_an_invitation_that_was_not_accepted_shows_nothing(
    session: Session, owner: User, account: MetaAccount
) -> None:
    a_campaign(session, account)
    client = a_user(session)
    asked = an_invitation(session, client.email, account)
    assert titles(session, client) == []
    (shown,) = members.asked(session, client.id)
    assert (shown.owner_name, shown.account_names) == ("Agencia Norte", ["Casa Verde"])
    members.answer(session, client.id, asked.id, accept=False)
    assert titles(session, client) == []
    with pytest.raises(InvitationOver):
        members.answer(session, client.id, asked.id, accept=True)


def test_an_invitation_is_for_its_address_alone(session: Session, account: MetaAccount) -> None:
    asked = an_invitation(session, "cliente@example.com", account)
    with pytest.raises(NotFound):
        members.answer(session, a_user(session).id, asked.id, accept=True)
    claimed = a_user(session, email="cliente@example.com", is_verified=False)
    assert members.asked(session, claimed.id) == []
    with pytest.raises(NeedsVerifiedEmail):
        members.answer(session, claimed.id, asked.id, accept=True)


def test_an_old_invitation_is_over(session: Session, account: MetaAccount) -> None:
    client = a_user(session)
    asked = an_invitation(session, client.email, account)
    asked.expires_at = columns.now() - timedelta(seconds=1)
    session.flush()
    assert members.asked(session, client.id) == []
    with pytest.raises(InvitationOver):
        members.answer(session, client.id, asked.id, accept=True)


def test_an_address_is_told_whether_somebody_has_it_here_or_not(
    session: Session, account: MetaAccount
) -> None:
    known = a_user(session)
    an_invitation(session, known.email, account)
    an_invitation(session, "nadie@example.com", account)
    mailed = session.exec(select(Email.to_email).where(Email.kind == "share_invited")).all()
    assert set(mailed) == {known.email, "nadie@example.com"}
    lines = session.exec(select(Notification.user_id).where(Notification.kind == "share_invited")).all()
    assert lines == [known.id]


def test_nobody_invites_to_anothers_account_or_themself(
    session: Session, owner: User, account: MetaAccount
) -> None:
    theirs = an_account(session, a_connection(session, a_user(session)))
    with pytest.raises(NotFound):
        members.invite(session, owner.id, email="x@example.com", account_ids=[theirs.id])
    with pytest.raises(Invalid):
        members.invite(session, owner.id, email=owner.email, account_ids=[account.id])


def test_a_member_looks_and_changes_nothing(session: Session, account: MetaAccount) -> None:
    campaign = a_campaign(session, account)
    client = a_member(session, a_user(session), account)
    card = cards.card(session, client.id, campaign.id)
    assert not card.mine
    actor = Actor(ActorKind.USER, client.id, client.name)
    with pytest.raises(ReadOnlyCard):
        moving.move(client.id, campaign.id, Stage.PAUSED, actor=actor)
    with pytest.raises(ReadOnlyCard):
        placing.label(session, client.id, campaign.id, ["VIP"])
    with pytest.raises(ReadOnlyCard):
        placing.snooze(session, client.id, campaign.id, columns.now() + timedelta(days=1))
    with pytest.raises(ReadOnlyCard):
        people.assign(session, client.id, campaign.id, client.id)


def test_a_member_sees_the_tasks_that_are_theirs(session: Session, owner: User, account: MetaAccount) -> None:
    client = a_member(session, a_user(session), account)
    task = a_task(session, owner, title="Mandar el logo", account_id=account.id)
    elsewhere = a_task(session, owner, title="Sin cuenta")
    people.assign(session, owner.id, task.id, client.id)
    with pytest.raises(NotFound):
        people.assign(session, owner.id, elsewhere.id, client.id)
    assert titles(session, client) == ["Mandar el logo"]


def test_a_member_reads_what_was_said_for_them(session: Session, owner: User, account: MetaAccount) -> None:
    campaign = a_campaign(session, account)
    client = a_member(session, a_user(session, name="Eva Cliente"), account)
    for text, shared in (("Entre nosotros", False), ("Para el cliente", True), ("@Eva Cliente ¿sí?", False)):
        comments.say(session, owner.id, campaign.id, text, shared=shared)
    answer = comments.say(session, client.id, campaign.id, "Sí")
    read = [one.text for one in comments.comments(session, client.id, campaign.id)]
    assert read == ["Para el cliente", "@Eva Cliente ¿sí?", "Sí"]
    assert len(comments.comments(session, owner.id, campaign.id)) == 4
    assert answer.shared
    assert cards.card(session, client.id, campaign.id).comments == 3


def test_access_ends_at_once(session: Session, owner: User, account: MetaAccount) -> None:
    a_campaign(session, account)
    second = an_account(session, a_connection(session, owner))
    client = a_member(session, a_user(session), account, second)
    members.remove(session, owner.id, client.id, account_id=account.id)
    assert titles(session, client) == []
    assert [one.account.id for one in members.shared_with(session, client.id)] == [second.id]
    members.leave(session, client.id, second.id)
    assert members.shared_with(session, client.id) == members.members(session, owner.id) == []
    with pytest.raises(NotFound):
        members.leave(session, client.id, second.id)


def test_an_owner_who_was_deactivated_shows_nothing(
    session: Session, owner: User, account: MetaAccount
) -> None:
    a_campaign(session, account)
    client = a_member(session, a_user(session), account)
    owner.is_active = False
    session.flush()
    assert titles(session, client) == []
    assert members.shared_with(session, client.id) == []


def test_an_invitation_that_was_answered_is_not_taken_back_but_its_guest_removed(
    session: Session, owner: User, account: MetaAccount
) -> None:
    client = a_user(session)
    asked = an_invitation(session, client.email, account)
    members.answer(session, client.id, asked.id, accept=True)
    with pytest.raises(InvitationOver):
        members.take_back(session, owner.id, asked.id)
    assert [one.id for one in members.members(session, owner.id)] == [client.id]


def test_what_is_taken_back_is_told_to_nobody_any_more(
    session: Session, owner: User, account: MetaAccount
) -> None:
    client = a_user(session)
    members.take_back(session, owner.id, an_invitation(session, client.email, account).id)
    members.take_back(session, owner.id, an_invitation(session, "nobody@example.com", account).id)
    assert session.exec(select(Email)).all() == []
    assert session.exec(select(Notification).where(Notification.user_id == client.id)).all() == []
