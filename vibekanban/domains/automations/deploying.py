"""Making n8n follow what an automation's owner wants, one step at a time.

Each step looks at the row, asks n8n for one thing that may be asked for twice, and writes down that it is done: a
crash between any two lines is repaired by the next try. What n8n makes is found again by names and ids that were
chosen before. A lease longer than a job may last keeps two workers from doing this at once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, or_, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from vibekanban.clients.n8n.api import N8n, host_of
from vibekanban.clients.n8n.errors import Denied, InConflict, Missing, N8nError, Unavailable, UnknownOutcome
from vibekanban.core import columns, db, queue, vault
from vibekanban.core.logging import logger, scrub
from vibekanban.core.queue import Job, Lane
from vibekanban.core.settings import settings
from vibekanban.domains.access import tokens
from vibekanban.domains.access.models import McpToken
from vibekanban.domains.automations import rendering, server, telling, templates
from vibekanban.domains.automations.errors import TemplateOutgrown
from vibekanban.domains.automations.models import Automation, AutomationTenant, State, Wanted

TIMEOUT = 120  # seconds a job may last
LEASE = timedelta(seconds=TIMEOUT + 30)
MOST_STEPS = 12  # of one job
MOST_ATTEMPTS = 30
LONGEST_PAUSE = timedelta(minutes=10)
TEMPORARY = (
    Unavailable,
    UnknownOutcome,
    Denied,
)  # a wrong key of ours is an operator's concern, not the owner's

Step = Callable[[N8n, Automation], None]
log = logger(__name__)


def begin(session: Session, automation: Automation, *, lane: Lane = Lane.HUMAN) -> None:
    """Have n8n follow what is wanted now, from the first try on."""
    automation.settled, automation.attempts = False, 0
    automation.problem, automation.detail = "", ""
    automation.updated_at = columns.now()
    session.flush()
    order(session, automation.id, lane=lane)
    telling.show(session, automation)


def order(session: Session, automation_id: UUID, *, lane: Lane = Lane.HUMAN) -> None:
    """Have a job make n8n follow, once this transaction has committed."""
    queue.enqueue(
        session,
        Job.FOLLOW_AUTOMATION,
        str(automation_id),
        lane=lane,
        job_id=f"automation-{automation_id}",
        timeout=TIMEOUT,
    )


def order_run(session: Session, automation_id: UUID) -> None:
    """Have a job run it at once, as soon as n8n has it as it is wanted."""
    queue.enqueue(
        session,
        Job.RUN_AUTOMATION,
        str(automation_id),
        lane=Lane.HUMAN,
        job_id=f"automation-run-{automation_id}",
        retry=(),
    )


def waiting(session: Session, *, limit: int = 200) -> list[UUID]:
    """Automations that n8n does not follow yet and that nobody is at."""
    query = (
        select(Automation.id)
        .where(col(Automation.settled).is_(False), _free())
        .order_by(col(Automation.id))
        .limit(limit)
    )
    return list(session.exec(query))


def follow(automation_id: UUID) -> None:
    """Bring n8n to what is wanted, as far as it lets us; opens its own transactions."""
    while _claimed(automation_id):
        try:
            with server.opened() as n8n:
                _settle(n8n, automation_id)
        except (N8nError, TemplateOutgrown) as error:
            log.warning("automation_not_settled", automation=str(automation_id), error=error.code)
            _troubled(automation_id, error)
            return
        if _done(automation_id):
            return


def _free() -> ColumnElement[bool]:
    return or_(col(Automation.working_until).is_(None), col(Automation.working_until) < columns.now())


def _claimed(automation_id: UUID) -> bool:
    """Whether it is ours to work at."""
    with db.transaction() as session:
        taken = session.execute(
            update(Automation)
            .where(col(Automation.id) == automation_id, col(Automation.settled).is_(False), _free())
            .values(working_until=columns.now() + LEASE, attempts=Automation.attempts + 1)
            .returning(col(Automation.attempts), col(Automation.wanted))
        ).first()
        if taken is None:
            return False
        if taken.attempts > MOST_ATTEMPTS and taken.wanted is not Wanted.ENDED:
            _give_up(session, automation_id, "automation_unreachable", "")
            return False
    return True


def _settle(n8n: N8n, automation_id: UUID) -> None:
    for _ in range(MOST_STEPS):
        with db.transaction() as session:
            automation = session.get(Automation, automation_id, populate_existing=True)
            step = _next(session, automation) if automation is not None else None
        if automation is None or step is None:
            return
        step(n8n, automation)


def _next(session: Session, automation: Automation) -> Step | None:
    """What is to be done now; None when n8n has it as it is wanted."""
    if automation.wanted is Wanted.ENDED:
        return None if automation.state is State.ENDED else _end
    if server.keeps_apart() and session.get(AutomationTenant, automation.user_id) is None:
        return _make_tenant
    token = session.get_one(McpToken, automation.token_id)
    if token.revoked_at is None and automation.armed_hint != token.hint:
        return _arm
    if not automation.run_armed:
        return _arm_run
    if automation.workflow_id is None:
        return _make_workflow
    if automation.applied != automation.revision:
        return _write_workflow
    if automation.wanted.value != automation.state.value:
        return _publish if automation.wanted is Wanted.RUNNING else _unpublish
    return None


def _done(automation_id: UUID) -> bool:
    """Whether n8n still has what is wanted now; False when its owner changed it meanwhile."""
    with db.transaction() as session:
        automation = session.get(Automation, automation_id, with_for_update=True, populate_existing=True)
        if automation is None:
            return True
        automation.working_until = None
        if _next(session, automation) is not None:
            return False
        automation.settled, automation.attempts = True, 0
        automation.problem, automation.detail = "", ""
        if automation.run_asked_at is not None:
            order_run(session, automation_id)
        telling.show(session, automation)
    return True


# -- steps: each does one thing at n8n and writes down that it is done


def _make_tenant(n8n: N8n, automation: Automation) -> None:
    made = n8n.create_tenant(rendering.tenant_address(automation.user_id))
    with db.transaction() as session:
        row = insert(AutomationTenant).values(
            user_id=automation.user_id, n8n_user_id=made.user_id, project_id=made.project_id
        )
        session.execute(row.on_conflict_do_nothing(index_elements=["user_id"]))


def _arm(n8n: N8n, automation: Automation) -> None:
    """Give n8n a secret of the automation's token. Only n8n holds it, so an unsure try begins with a new one."""
    with db.transaction() as session:
        issued = tokens.rotate(session, automation.user_id, automation.token_id)
        hint, project = issued.token.hint, _project(session, automation)
        _set(session, automation, armed_hint=None)
    try:
        n8n.create_bearer(
            name=rendering.credential_name(automation),
            token=issued.secret,
            domains=[host_of(settings().n8n_platform)],
            project_id=project,
            credential_id=automation.credential_id,
        )
    except InConflict:
        n8n.rotate_bearer(automation.credential_id, issued.secret)
    with db.transaction() as session:
        token = tokens.token(session, automation.user_id, automation.token_id)
        # somebody who rotated it meanwhile has a newer secret than the one n8n got last
        _set(session, automation, armed_hint=hint if token.hint == hint else None)


def _arm_run(n8n: N8n, automation: Automation) -> None:
    with db.transaction() as session:
        project = _project(session, automation)
    try:
        n8n.create_header(
            name=rendering.run_credential_name(automation),
            header=rendering.HEADER,
            value=run_key(automation),
            project_id=project,
            credential_id=automation.run_credential_id,
        )
    except InConflict:
        log.info("automation_run_key_there", automation=str(automation.id))
    _write_down(automation, run_armed=True)


def _make_workflow(n8n: N8n, automation: Automation) -> None:
    """Take the one an earlier try made, or make it."""
    with db.transaction() as session:
        project, document = _project(session, automation), _document(session, automation)
    name = rendering.workflow_name(automation.id)
    found = next((one for one in n8n.workflows(project_id=project, name=name) if one.name == name), None)
    if found is not None:
        _write_down(automation, workflow_id=found.id, applied=0)
        return
    made = n8n.create_workflow(document, project_id=project)
    _write_down(automation, workflow_id=made.id, applied=automation.revision)


def _write_workflow(n8n: N8n, automation: Automation) -> None:
    """The whole document; what runs already runs the new one at once."""
    with db.transaction() as session:
        document = _document(session, automation)
    try:
        n8n.replace_workflow(str(automation.workflow_id), document)
    except Missing:
        _lost(automation)
        return
    _write_down(automation, applied=automation.revision)


def _publish(n8n: N8n, automation: Automation) -> None:
    try:
        n8n.publish(str(automation.workflow_id))
    except Missing:
        _lost(automation)
        return
    _write_down(automation, state=State.RUNNING)


def _unpublish(n8n: N8n, automation: Automation) -> None:
    try:
        n8n.unpublish(str(automation.workflow_id))
    except Missing:
        _lost(automation)
        return
    _write_down(automation, state=State.PAUSED)


def _end(n8n: N8n, automation: Automation) -> None:
    """Archived, so that its history stays; its token is revoked since its owner asked for the end."""
    name = rendering.workflow_name(automation.id)
    ids = [automation.workflow_id] if automation.workflow_id else []
    if not ids:
        ids = [one.id for one in n8n.workflows(name=name) if one.name == name]
    for workflow_id in ids:
        try:
            n8n.archive(workflow_id)
        except Missing:
            log.info("automation_gone_in_n8n", automation=str(automation.id))
    n8n.delete_credential(automation.credential_id)
    n8n.delete_credential(automation.run_credential_id)
    _write_down(automation, state=State.ENDED, ended_at=columns.now(), armed_hint=None, run_armed=False)


def _lost(automation: Automation) -> None:
    """Somebody deleted it in n8n: it is made anew."""
    _write_down(automation, workflow_id=None, applied=0, state=State.PREPARING)


# -- what the steps share


def run_key(automation: Automation) -> str:
    return vault.decrypt(automation.sealed_run_key, context=f"automation:{automation.id}")


def _document(session: Session, automation: Automation) -> dict[str, object]:
    chosen = templates.template(automation.template)
    scopes = session.get_one(McpToken, automation.token_id).scopes
    if automation.version < chosen.version and chosen.carried(automation.params, scopes) is None:
        raise TemplateOutgrown()  # what it was made from is gone, and the newer one would lack values
    return rendering.document(automation)


def _project(session: Session, automation: Automation) -> str | None:
    tenant = session.get(AutomationTenant, automation.user_id)
    return tenant.project_id if tenant is not None else None


def _write_down(automation: Automation, **values: object) -> None:
    with db.transaction() as session:
        _set(session, automation, **values)


def _set(session: Session, automation: Automation, **values: object) -> None:
    session.execute(update(Automation).where(col(Automation.id) == automation.id).values(**values))
    telling.show(session, automation)


def _troubled(automation_id: UUID, error: N8nError | TemplateOutgrown) -> None:
    """Try again later, or give up where trying again would end the same."""
    with db.transaction() as session:
        automation = session.get(Automation, automation_id, with_for_update=True, populate_existing=True)
        if automation is None:
            return
        detail = scrub(str(error.params.get("reason", "")))[:300]
        if automation.wanted is not Wanted.ENDED and not isinstance(error, TEMPORARY):
            _give_up(session, automation_id, error.code, detail)
            return
        pause = min(timedelta(seconds=2 ** min(automation.attempts, 10)), LONGEST_PAUSE)
        automation.working_until = columns.now() + pause
        automation.problem, automation.detail = error.code, detail
        telling.show(session, automation)


def _give_up(session: Session, automation_id: UUID, problem: str, detail: str) -> None:
    automation = session.get_one(Automation, automation_id, with_for_update=True, populate_existing=True)
    automation.state, automation.settled = State.FAILED, True
    automation.problem, automation.detail = problem, detail
    automation.working_until, automation.attempts, automation.run_asked_at = None, 0, None
    telling.not_deployed(session, automation)
