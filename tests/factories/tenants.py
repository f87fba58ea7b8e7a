"""Somebody with one of everything, to prove that nobody else reaches any of it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from tests.factories.access import a_caller, a_question, a_token
from tests.factories.accounts import a_browser_session, a_session, a_user
from tests.factories.alerts import an_alert
from tests.factories.automations import a_run, a_running_automation
from tests.factories.board import a_comment, a_target, a_task, a_view
from tests.factories.editing import a_bulk_run
from tests.factories.guarding import an_approval
from tests.factories.meta import a_campaign, a_connection, a_creative, an_account, an_ad, an_ad_set
from tests.factories.metrics import a_fact, write
from tests.factories.notifications import a_channel, a_delivery, a_notification
from tests.factories.reporting import a_report
from tests.factories.sharing import a_link, a_member, an_invitation
from vibekanban.core import columns
from vibekanban.domains.access import audit, oauth
from vibekanban.domains.access.models import Outcome, Scope
from vibekanban.domains.meta import changes, syncs
from vibekanban.domains.meta.models import ActorKind, ChangeOutcome, Level, SyncKind

_OWNED = """
SELECT table_name FROM information_schema.columns
WHERE table_schema = 'public' AND column_name = 'user_id' ORDER BY table_name
"""


@dataclass(frozen=True)
class Tenant:
    """Whose everything it is, how they sign in, and each thing's id by what it is called in addresses."""

    user_id: UUID
    cookie: str
    bearer: str
    ids: dict[str, UUID]


def a_tenant(session: Session, mark: str) -> Tenant:
    """Everything that has a name bears the mark."""
    user = a_user(session, name=f"{mark} Persona")
    account = an_account(session, a_connection(session, user, meta_user_name=mark), name=f"{mark} Cuenta")
    campaign = a_campaign(session, account, name=f"{mark} Campaña")
    ad_set = an_ad_set(session, campaign, name=f"{mark} Conjunto")
    ad = an_ad(session, ad_set, name=f"{mark} Anuncio")
    token = a_token(session, user.id, name=f"{mark} Token", account_ids=[account.id]).token
    answered = a_question(session, name=f"{mark} Programa")
    oauth.allow(session, user.id, answered, account_ids=[account.id], scopes=[Scope.READ])
    sync = syncs.request(session, user.id, account.id, SyncKind.ACCOUNT)
    today = columns.now().date()
    write(session, account.id, [a_fact(campaign.meta_id, today)], since=today, until=today)
    change = changes.begin(
        session,
        campaign,
        level=Level.CAMPAIGN,
        object_id=campaign.id,
        action="pause",
        actor=changes.Actor(ActorKind.USER, user.id, user.name),
        before={"status": "ACTIVE"},
        after={"status": "PAUSED"},
    )
    entry = audit.append(
        session,
        a_caller(token),
        door="mcp",
        tool="get_campaign",
        arguments={"reason": mark},
        outcome=Outcome.OK,
        duration_ms=5,
        account_id=account.id,
    )
    run = a_bulk_run(session, user, campaign)
    batch = changes.begin(
        session,
        campaign,
        level=Level.CAMPAIGN,
        object_id=campaign.id,
        action="pause",
        actor=changes.Actor(ActorKind.USER, user.id, user.name),
        before={"status": "ACTIVE"},
        after={"status": "PAUSED"},
        batch_id=run.id,
    )
    changes.settle(session, batch.id, ChangeOutcome.APPLIED)
    task = a_task(session, user, title=f"{mark} Tarea", account_id=account.id)
    channel = a_channel(session, user, label=f"{mark} Canal")
    automation = a_running_automation(session, account, name=f"{mark} Automatización")
    a_run(session, automation, results={"found": [mark]})
    opened = a_session(session, user)
    return Tenant(
        user.id,
        a_browser_session(session, user),
        opened.token,
        {
            "user": user.id,
            "account": account.id,
            "campaign": campaign.id,
            "ad_set": ad_set.id,
            "ad": ad.id,
            "creative": a_creative(session, account, name=f"{mark} Creatividad").id,
            "token": token.id,
            "request": answered,
            "approval": an_approval(session, token, campaign, object_name=f"{mark} Campaña").id,
            "job": sync.id,
            "change": change.id,
            "bulk": run.id,
            "batch": run.id,
            "entry": entry.id,
            "task": task.id,
            "card": task.id,
            "target": a_target(session, account).id,
            "link": a_link(session, account, name=f"{mark} Enlace").link.id,
            "member": a_member(session, a_user(session, name=f"{mark} Cliente"), account).id,
            "invitation": an_invitation(session, f"{mark.lower()}@example.com", account).id,
            "comment": a_comment(session, user, task, text=f"{mark} Comentario").id,
            "view": a_view(session, user, name=f"{mark} Vista").id,
            "session": opened.session.id,
            "notification": a_notification(session, user).id,
            "report": a_report(session, account, name=f"{mark} Informe").id,
            "alert": an_alert(session, campaign, name=f"{mark} Alerta").id,
            "channel": channel.id,
            "automation": automation.id,
            "subscription": automation.id,
            "delivery": a_delivery(session, channel).id,
        },
    )


def everything_of(session: Session, user_id: UUID) -> dict[str, str]:
    """A fingerprint of every row of a person, table by table."""
    connection = session.connection()
    tables = [name for (name,) in connection.exec_driver_sql(_OWNED)]
    question = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t WHERE {} = %s"
    return {
        name: connection.exec_driver_sql(question.format(name, column), (user_id,)).scalar_one()
        for name, column in [("users", "id"), *((name, "user_id") for name in tables)]
    }
