"""Sending the daily summaries that are due, each once a day; opens its own transactions."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlmodel import Session

from vibekanban.core import db, queue, security
from vibekanban.core.queue import Job, Lane
from vibekanban.domains.accounts import queries as people
from vibekanban.domains.alerts import summary, summary_letter
from vibekanban.domains.notifications import outbox

KIND = "daily_summary"


def order(session: Session) -> int:
    """Order a job for every summary that is due; says how many."""
    found = summary.due(session)
    for one in found:
        queue.enqueue(
            session,
            Job.SEND_SUMMARY,
            str(one.user_id),
            one.day.isoformat(),
            one.last_call,
            lane=Lane.TODAY,
            job_id=f"summary-{one.user_id}-{one.day}",
        )
    return len(found)


def send(user_id: UUID, day: date, *, last_call: bool) -> bool:
    """Queue one summary's e-mail; False when there is nothing to tell, it was done, or numbers are still to come.

    What is not read yet is waited for until the last call; safe to repeat, and to run twice at once.
    """
    with db.transaction() as session:
        user = people.user(session, user_id)
        if user is None or not user.is_active:
            return False
        told = summary_letter.gathered(session, user_id)
    if told.late and not last_call:
        return False
    shown = summary_letter.blocks(told, user)
    with db.transaction() as session:
        if not summary.settle(session, user_id, day) or told.empty:
            return False
        outbox.put(
            session,
            user,
            KIND,
            {
                "day": summary_letter.subject_day(user),
                "name": user.name,
                "blocks": shown,
                "unsubscribe": security.sign_link(summary.UNSUBSCRIBE, user_id),
            },
            dedupe_key=outbox.key_for(user_id, f"summary:{day}"),
            href="/app",
        )
    return True
