"""Saved reports behind share links: whoever has the address reads the answer, for as long as the report is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session

from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.reporting import explorer, saved
from vibekanban.domains.reporting.explorer import Answer
from vibekanban.domains.sharing import links
from vibekanban.domains.sharing.links import Issued, Opened
from vibekanban.domains.sharing.models import ShareKind

REPORT = "report"  # which one, among what narrows a link


@dataclass(frozen=True)
class Shown:
    """A report's name and its answer as of now."""

    name: str
    answer: Answer


def make(session: Session, owner: UUID, report_id: UUID | None, **given: Any) -> Issued:
    """A link to one of one's saved reports; `given` is what `links.make` takes of every link."""
    if report_id is None:
        raise Invalid({"reportId": "sharing.field.report"})
    kept = saved.report(session, owner, report_id).report
    return links.make(
        session,
        owner,
        kind=ShareKind.REPORT,
        account_ids=[kept.account_id],
        filters={REPORT: str(report_id)},
        **given,
    )


def opened(session: Session, found: Opened) -> Shown:
    """What a link to a report shows now; NotFound when the report is gone, or asks another account since."""
    owner = found.link.user_id
    kept = saved.report(session, owner, UUID(found.link.filters[REPORT]))
    if kept.report.account_id not in {account.id for account in found.accounts}:
        raise NotFound()
    return Shown(kept.report.name, explorer.explore(session, owner, kept.definition))
