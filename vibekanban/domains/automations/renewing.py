"""Automations that n8n has to have anew although their owner changed nothing: another time zone, a newer template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from vibekanban.core.queue import Lane
from vibekanban.domains.access import tokens
from vibekanban.domains.access.models import McpToken, Scope
from vibekanban.domains.accounts.models import User
from vibekanban.domains.automations import deploying, telling, templates
from vibekanban.domains.automations.errors import TemplateOutgrown
from vibekanban.domains.automations.models import Automation, State, Wanted

AT_ONCE = 100  # so that n8n is not asked to write all of them in one moment


def carried(session: Session, automation: Automation) -> dict[str, Any] | None:
    """Its parameters as its template takes them now; None when the template asks for more than its owner gave."""
    chosen = templates.template(automation.template)
    if automation.version >= chosen.version:
        return automation.params
    return chosen.carried(automation.params, session.get_one(McpToken, automation.token_id).scopes)


@dataclass(frozen=True)
class Asks:
    """What a newer version of the template waits for: new values by name, rights that the token lacks."""

    params: list[str]
    scopes: list[Scope]


def asks(session: Session, automation: Automation) -> Asks | None:
    """What its owner has to say before it can follow its template; None when nothing waits for them."""
    if automation.wanted is Wanted.ENDED or carried(session, automation) is not None:
        return None
    chosen = templates.template(automation.template)
    held = session.get_one(McpToken, automation.token_id).scopes
    return Asks(
        [name for name in chosen.schema["required"] if name not in automation.params],
        [scope for scope in chosen.scopes if scope not in held],
    )


def renew(session: Session, automation: Automation) -> None:
    """Its next revision: by its template and in its owner's time zone as both are now."""
    params = carried(session, automation)
    if params is None:
        raise TemplateOutgrown()
    automation.params = params
    automation.version = max(automation.version, templates.template(automation.template).version)
    automation.timezone = session.get_one(User, automation.user_id).timezone
    automation.revision += 1


def allow(session: Session, found: Automation, scopes: Sequence[Scope]) -> None:
    """See that its token may do what its template needs: a newer version may need more than the one before."""
    token = session.get_one(McpToken, found.token_id)
    if token.revoked_at is None and set(scopes) - set(token.scopes):
        another_token(session, found, scopes)
        tokens.revoke(session, found.user_id, token.id)


def another_token(session: Session, found: Automation, scopes: Sequence[Scope]) -> None:
    """One like it, for n8n to get a secret of."""
    old = session.get_one(McpToken, found.token_id)
    made = tokens.create(
        session,
        found.user_id,
        name=old.name,
        account_ids=old.account_ids,
        scopes=scopes,
        policy=old.policy,
    )
    found.token_id, found.armed_hint = made.token.id, None


def renew_the_behind(session: Session, *, limit: int = AT_ONCE) -> int:
    """Have n8n follow other time zones and newer templates, some automations at a time; says how many it looked at.

    Those that failed to start are left alone: resuming writes them anew.
    """
    older = or_(
        *(
            and_(
                col(Automation.template) == one.key,
                col(Automation.version) < one.version,
                col(Automation.looked_at) < one.version,
            )
            for one in templates.catalogue().values()
        )
    )
    elsewhere = and_(
        col(Automation.timezone) != col(User.timezone), col(Automation.looked_at) <= col(Automation.version)
    )
    query = (
        select(Automation)
        .join(User, col(User.id) == Automation.user_id)
        .where(
            Automation.wanted != Wanted.ENDED,
            Automation.state != State.FAILED,
            col(Automation.settled),
            or_(older, elsewhere),
        )
        .order_by(col(Automation.id))
        .limit(limit)
        .with_for_update(skip_locked=True, of=Automation)  # pyright: ignore[reportArgumentType]
    )
    found = session.exec(query).all()
    for one in found:
        if asks(session, one) is not None:
            one.looked_at = templates.template(one.template).version
            telling.show(session, one)
        else:
            renew(session, one)
            deploying.begin(session, one, lane=Lane.TODAY)
    return len(found)
