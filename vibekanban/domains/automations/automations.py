"""Automations of a person: choosing, changing, pausing, running now, ending.

Every use case writes what is wanted; a job makes n8n follow (`deploying`). What must hold at once (the token's
limits, its end) holds when the transaction commits, whatever n8n does.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import any_, func, or_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import Session, col, select

from vibekanban.core import columns, vault
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.access import tokens
from vibekanban.domains.access.models import McpToken
from vibekanban.domains.accounts.models import User
from vibekanban.domains.automations import deploying, renewing, stopped, telling, templates
from vibekanban.domains.automations.errors import AutomationEnded, NotRunning, TooManyAutomations
from vibekanban.domains.automations.models import Automation, AutomationPlace, AutomationRun, State, Wanted
from vibekanban.domains.automations.renewing import Asks
from vibekanban.domains.automations.stopped import StopReason
from vibekanban.domains.meta import objects
from vibekanban.domains.meta.models import MetaAccount

MOST = 50  # of one person that have not ended
MOST_ACCOUNTS = 20
REVOKED_FOR = timedelta(days=1)  # by then a run has failed and its owner was told


@dataclass(frozen=True)
class Shown:
    """An automation with its limits, its last run, and what keeps it from acting."""

    automation: Automation
    policy: dict[str, Any]
    last_run: AutomationRun | None
    stops: list[StopReason]
    asks: Asks | None  # what a newer version of its template waits for


def automations(
    session: Session, user_id: UUID, *, before: UUID | None = None, limit: int = 25
) -> list[Shown]:
    """The person's automations, newest first; ended ones too."""
    query = select(Automation).where(Automation.user_id == user_id)
    if before is not None:
        query = query.where(Automation.id < before)
    found = session.exec(query.order_by(col(Automation.id).desc()).limit(limit)).all()
    return _shown(session, found)


def automation(session: Session, user_id: UUID, automation_id: UUID) -> Shown:
    found = session.exec(
        select(Automation).where(Automation.id == automation_id, Automation.user_id == user_id)
    ).first()
    if found is None:
        raise NotFound()
    return _shown(session, [found])[0]


def create(
    session: Session,
    user_id: UUID,
    *,
    template: str,
    name: str,
    account_ids: Sequence[UUID],
    params: Mapping[str, Any],
    policy: Mapping[str, Any],
) -> Shown:
    """Begin one: its token is made here, its place in n8n by a job. Unless the policy says otherwise it only
    tries what it would do.
    """
    chosen = templates.template(template)
    wanted = chosen.checked(params)
    _enough(account_ids)
    if not objects.owns_accounts(session, user_id, account_ids):
        raise Invalid({"accountIds": "mcp.fields.accounts_unknown"})
    owner = session.get_one(User, user_id, with_for_update=True)
    alive = (
        select(func.count())
        .select_from(Automation)
        .where(Automation.user_id == user_id, Automation.wanted != Wanted.ENDED)
    )
    if session.exec(alive).one() >= MOST:
        raise TooManyAutomations(most=MOST)
    token = tokens.create(
        session,
        user_id,
        name=name,
        account_ids=account_ids,
        scopes=chosen.scopes,
        policy={"dryRun": True, **policy},
    ).token  # its secret is forgotten: n8n gets one of its own when its credential is made
    made = Automation(
        id=(automation_id := columns.new_id()),
        user_id=user_id,
        name=token.name,
        template=chosen.key,
        version=chosen.version,
        timezone=owner.timezone,
        account_ids=token.account_ids,
        params=wanted,
        token_id=token.id,
        credential_id=secrets.token_hex(8),
        run_credential_id=secrets.token_hex(8),
        run_path=secrets.token_urlsafe(24),
        sealed_run_key=vault.encrypt(secrets.token_urlsafe(32), context=f"automation:{automation_id}"),
    )
    session.add(made)
    session.add(
        AutomationPlace(
            automation_id=made.id,
            user_id=user_id,
            credential_id=made.credential_id,
            run_credential_id=made.run_credential_id,
        )
    )
    session.flush()
    return _ordered(session, made)


def change(
    session: Session,
    user_id: UUID,
    automation_id: UUID,
    *,
    name: str | None = None,
    params: Mapping[str, Any] | None = None,
    policy: dict[str, Any] | None = None,
) -> Shown:
    """Other parameters go to n8n as a whole workflow; other limits hold at its next call already."""
    found = _open(session, user_id, automation_id)
    if (name is not None or policy is not None) and not _revoked(session, found):
        written = None if policy is None else {"dryRun": True, **policy}
        token = tokens.change(session, user_id, found.token_id, name=name, policy=written)
        found.name = token.name
    if params is not None:
        chosen = templates.template(found.template)
        known = {name: found.params[name] for name in found.params if name in chosen.schema["properties"]}
        wanted = chosen.checked({**known, **params})
        if wanted != found.params or found.version != chosen.version:
            renewing.allow(session, found, chosen.scopes)
            found.params, found.version = wanted, chosen.version
            renewing.renew(session, found)
            return _ordered(session, found)
    found.updated_at = columns.now()
    telling.show(session, found)
    return _read(session, found)


def pause(session: Session, user_id: UUID, automation_id: UUID) -> Shown:
    """Nothing starts any more; what runs at this moment ends by itself."""
    found = _open(session, user_id, automation_id)
    found.wanted, found.run_asked_at = Wanted.PAUSED, None
    return _ordered(session, found)


def resume(session: Session, user_id: UUID, automation_id: UUID) -> Shown:
    """Let it run again, with everything of it in n8n written anew: it also repairs one that failed to start, whose
    credentials are gone, or whose token was revoked, which gets it a new one.
    """
    found = _open(session, user_id, automation_id)
    if _revoked(session, found):
        renewing.another_token(session, found, templates.template(found.template).scopes)
    found.armed_hint, found.run_armed = None, False
    renewing.renew(session, found)
    found.wanted = Wanted.RUNNING
    return _ordered(session, found)


def run(session: Session, user_id: UUID, automation_id: UUID) -> Shown:
    """Run it now, beside its schedule; asking again before it began is the same run."""
    found = _open(session, user_id, automation_id)
    if found.wanted is not Wanted.RUNNING or found.state is not State.RUNNING:
        raise NotRunning()
    found.run_asked_at = found.run_asked_at or columns.now()
    session.flush()
    deploying.order_run(session, found.id)
    telling.show(session, found)
    return _read(session, found)


def end(session: Session, user_id: UUID, automation_id: UUID) -> Shown:
    """For good: its token is dead when this commits, its place in n8n is cleared by a job; ending twice is the same."""
    found = _locked(session, user_id, automation_id)
    if found.wanted is Wanted.ENDED:
        return _read(session, found)
    found.wanted, found.run_asked_at = Wanted.ENDED, None
    tokens.revoke(session, user_id, found.token_id)
    return _ordered(session, found)


def pause_the_pointless(session: Session, *, limit: int = 200) -> int:
    """Pause those that could only fail: their token was revoked a day ago, or none of their accounts is left."""
    reached = (
        select(MetaAccount.id)
        .where(MetaAccount.user_id == Automation.user_id, MetaAccount.id == any_(col(Automation.account_ids)))
        .exists()
    )
    query = (
        select(Automation)
        .join(McpToken, col(McpToken.id) == Automation.token_id)
        .where(
            Automation.wanted == Wanted.RUNNING,
            or_(col(McpToken.revoked_at) < columns.now() - REVOKED_FOR, ~reached),
        )
        .limit(limit)
        .with_for_update(skip_locked=True, of=Automation)  # pyright: ignore[reportArgumentType]
    )
    found = session.exec(query).all()
    for one in found:
        one.wanted, one.run_asked_at = Wanted.PAUSED, None
        _ordered(session, one)
    return len(found)


def _enough(account_ids: Sequence[UUID]) -> None:
    if not account_ids:
        raise Invalid({"accountIds": "mcp.fields.accounts_missing"})
    if len(account_ids) > MOST_ACCOUNTS:
        raise Invalid({"accountIds": "automations.fields.accounts_many"})


def _locked(session: Session, user_id: UUID, automation_id: UUID) -> Automation:
    query = select(Automation).where(Automation.id == automation_id, Automation.user_id == user_id)
    found = session.exec(query.with_for_update().execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound()
    return found


def _open(session: Session, user_id: UUID, automation_id: UUID) -> Automation:
    found = _locked(session, user_id, automation_id)
    if found.wanted is Wanted.ENDED:
        raise AutomationEnded()
    return found


def _revoked(session: Session, automation: Automation) -> bool:
    return session.get_one(McpToken, automation.token_id).revoked_at is not None


def _ordered(session: Session, found: Automation) -> Shown:
    deploying.begin(session, found)
    return _read(session, found)


def _read(session: Session, found: Automation) -> Shown:
    session.flush()
    return _shown(session, [found])[0]


def _shown(session: Session, found: Sequence[Automation]) -> list[Shown]:
    """Read together, however many they are."""
    query = (
        select(McpToken, User)
        .join(User, col(User.id) == McpToken.user_id)
        .where(col(McpToken.id).in_([one.token_id for one in found]))
    )
    held = {token.id: (token, owner) for token, owner in session.exec(query)}
    reached = stopped.reached(session, found)
    last = _last_runs(session, [one.id for one in found])
    return [
        Shown(
            one,
            held[one.token_id][0].policy,
            last.get(one.id),
            stopped.reasons(one, *held[one.token_id], reached[one.id]),
            renewing.asks(session, one),
        )
        for one in found
    ]


def _last_runs(session: Session, ids: Sequence[UUID]) -> dict[UUID, AutomationRun]:
    query = (
        select(AutomationRun)
        .where(col(AutomationRun.automation_id).in_(ids))
        .ext(distinct_on(col(AutomationRun.automation_id)))
        .order_by(col(AutomationRun.automation_id), col(AutomationRun.started_at).desc())
    )
    return {run.automation_id: run for run in session.exec(query)}
