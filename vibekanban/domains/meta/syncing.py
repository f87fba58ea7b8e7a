"""Running a sync: one piece at a time, each resumable, none waiting inside a worker."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text, update
from sqlmodel import Session, col

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.clients.meta.gateway import Gateway
from vibekanban.core import columns, db, events, logging
from vibekanban.core.errors import NotFound
from vibekanban.domains.meta import connections, ingest, insights, metrics_store, reports, structure, syncs
from vibekanban.domains.meta.errors import ConnectionNeedsSignIn
from vibekanban.domains.meta.insights import HOUR, HOURLY
from vibekanban.domains.meta.models import Level, MetaAccount, Sync, SyncKind, SyncStatus

TRIES = 6
TRAILING = 28
MOST_MONTHS = 37
POLL = timedelta(seconds=2)
LEVELS = (Level.ACCOUNT, Level.CAMPAIGN, Level.AD_SET, Level.AD)
PERMANENT = (
    meta_errors.NeedsPermission,
    meta_errors.Refused,
    meta_errors.Blocked,
    meta_errors.VersionRetired,
)

log = logging.logger(__name__)


@dataclass(frozen=True)
class Work:
    """What a step gets: the account, the sync, and Meta."""

    account: MetaAccount
    sync: Sync
    meta: Gateway

    @property
    def act(self) -> str:
        return f"act_{self.account.meta_account_id}"

    @property
    def today(self) -> date:
        return datetime.now(ZoneInfo(self.account.timezone)).date()


@dataclass(frozen=True)
class Reached:
    """How a piece of a step ended: the step is over, or goes on from `cursor` after `delay`."""

    over: bool = True
    cursor: dict[str, Any] | None = None
    delay: timedelta | None = None
    share: float = 1.0


Step = Callable[[Work], Reached]


def run(sync_id: UUID, hop: int) -> None:
    """One piece of a sync. A twin that comes late, or one that was cancelled, does nothing."""
    with db.transaction() as session:
        sync = syncs.claim(session, sync_id, hop)
        account = session.get(MetaAccount, sync.account_id) if sync else None
    if sync is None or account is None:
        return
    steps = STEPS[sync.kind]
    name = str(sync.cursor.get("at") or next(iter(steps)))
    try:
        with connections.opened(account.id, syncs.LANES[sync.kind]) as meta:
            reached = steps[name](Work(account, sync, meta))
    except NotFound:
        return  # disconnected meanwhile
    except ConnectionNeedsSignIn as error:
        _end(sync, SyncStatus.CANCELLED, error.code)
        return
    except meta_errors.Throttled as error:
        _again(sync, name, delay=error.until - columns.now() + timedelta(seconds=random.uniform(1, 20)))  # noqa: S311
        return
    except PERMANENT as error:
        _end(sync, SyncStatus.FAILED, error.code)
        return
    except meta_errors.MetaError as error:
        if sync.tries + 1 >= TRIES:
            _end(sync, SyncStatus.FAILED, error.code)
            return
        _again(sync, name, delay=timedelta(seconds=min(300, 5 * 2**sync.tries)), tries=sync.tries + 1)
        return
    _onward(sync, list(steps), name, reached)


def _onward(sync: Sync, names: list[str], name: str, reached: Reached) -> None:
    position = names.index(name)
    following = name if not reached.over else names[position + 1] if position + 1 < len(names) else None
    if following is None:
        _end(sync, SyncStatus.DONE, None)
        return
    done = position + (1.0 if reached.over else reached.share)
    cursor = {"at": following, **(reached.cursor or {})} if not reached.over else {"at": following}
    with db.transaction() as session:
        row = session.get_one(Sync, sync.id)
        syncs.advance(
            session,
            row,
            cursor=cursor,
            step=following,
            progress=int(done * 100 / len(names)),
            delay=reached.delay,
        )


def _again(sync: Sync, name: str, *, delay: timedelta, tries: int = 0) -> None:
    with db.transaction() as session:
        row = session.get_one(Sync, sync.id)
        syncs.advance(
            session,
            row,
            cursor=row.cursor | {"at": name},
            step=name,
            progress=row.progress,
            delay=delay,
            tries=tries,
        )


def _end(sync: Sync, status: SyncStatus, error_code: str | None) -> None:
    with db.transaction() as session:
        syncs.end(session, session.get_one(Sync, sync.id), status, error_code=error_code)
    log.info("sync_ended", sync=str(sync.id), kind=sync.kind.value, status=status.value, error=error_code)


# -- structure


def _listing(level: Level) -> Step:
    def step(work: Work) -> Reached:
        """Pages of one level; the place reached is kept with each page, so a crash repeats one page."""
        cursor = work.sync.cursor
        started = datetime.fromisoformat(cursor["since"]) if "since" in cursor else columns.now()
        following = {"after": cursor["after"]} if cursor.get("after") else {}
        pages = work.meta.cursored(
            f"{work.act}/{structure.EDGES[level]}",
            limit=500,
            fields=structure.FIELDS[level],
            effective_status=structure.ALIVE,
            **following,
        )
        for rows, after in pages:
            with db.transaction() as session:
                structure.keep(session, work.account, level, rows)
                kept = {"at": level.value, "since": started.isoformat(), "after": after}
                if not syncs.beat(session, work.sync, kept):
                    return Reached(over=False, cursor=kept)
        with db.transaction() as session:
            structure.mark_missing(session, work.account.id, level, since=started)
            if level is Level.AD:
                _stamp(session, work, structure_synced_at=columns.now())
            _tell_structure(session, work)
        return Reached()

    return step


def _tell_structure(session: Session, work: Work) -> None:
    events.publish(session, work.account.user_id, events.Topic.CAMPAIGNS, account_id=work.account.id)


def _stamp(session: Session, work: Work, **moments: Any) -> None:
    session.execute(update(MetaAccount).where(col(MetaAccount.id) == work.account.id).values(**moments))


# -- numbers


def _read(work: Work, level: Level, since: date, until: date, *, breakdown: str = "") -> list[insights.Fact]:
    asked: dict[str, Any] = {"breakdowns": HOURLY} if breakdown == HOUR else {}
    return [
        insights.fact(row, level, breakdown=breakdown, event=work.account.conversion_event)
        for page in work.meta.pages(
            f"{work.act}/insights",
            limit=500,
            level=level.value,
            fields=insights.fields(level),
            time_range={"since": since.isoformat(), "until": until.isoformat()},
            time_increment=1,
            **asked,
        )
        for row in page
    ]


def today(work: Work) -> Reached:
    """Today so far: campaigns, the account, and the hours of both."""
    day = work.today
    campaigns = _read(work, Level.CAMPAIGN, day, day)
    whole = _read(work, Level.ACCOUNT, day, day)
    hours = _read(work, Level.CAMPAIGN, day, day, breakdown=HOUR)
    with db.metrics_transaction() as session:
        for level, facts, breakdown in (
            (Level.CAMPAIGN, campaigns, ""),
            (Level.ACCOUNT, whole, ""),
            (Level.CAMPAIGN, hours, HOUR),
        ):
            spool = ingest.Spool(facts)
            ingest.ingest(session, work.account.id, level, spool, since=day, until=day, breakdown=breakdown)
    with db.transaction() as session:
        _show_today(session, work, day, campaigns)
        _stamp(session, work, today_synced_at=columns.now())
        events.publish(
            session,
            work.account.user_id,
            events.Topic.METRICS,
            account_id=work.account.id,
            day=day.isoformat(),
            spendMicros=sum(fact.spend_micros for fact in campaigns),
            impressions=sum(fact.impressions for fact in campaigns),
            clicks=sum(fact.clicks for fact in campaigns),
        )
    return Reached()


def _show_today(session: Session, work: Work, day: date, facts: list[insights.Fact]) -> None:
    """The counts the campaign list shows; a campaign without delivery today shows zero."""
    session.execute(
        text(
            "UPDATE campaigns c SET today = :day, today_spend_micros = coalesce(i.spend, 0),"
            " today_impressions = coalesce(i.impressions, 0), today_clicks = coalesce(i.clicks, 0)"
            " FROM campaigns k LEFT JOIN unnest(CAST(:ids AS text[]), CAST(:spend AS bigint[]),"
            " CAST(:impressions AS bigint[]), CAST(:clicks AS bigint[]))"
            " AS i(meta_id, spend, impressions, clicks) ON i.meta_id = k.meta_id"
            " WHERE k.account_id = :account AND c.id = k.id"
            " AND (c.today, c.today_spend_micros, c.today_impressions, c.today_clicks) IS DISTINCT FROM"
            " (CAST(:day AS date), coalesce(i.spend, 0), coalesce(i.impressions, 0), coalesce(i.clicks, 0))"
        ),
        {
            "day": day,
            "account": work.account.id,
            "ids": [fact.object_id for fact in facts],
            "spend": [fact.spend_micros for fact in facts],
            "impressions": [fact.impressions for fact in facts],
            "clicks": [fact.clicks for fact in facts],
        },
    )


def month(work: Work) -> Reached:
    """The last thirty days of account and campaigns at once, so that the first page has something to show."""
    until, since = work.today, work.today - timedelta(days=30)
    for level in (Level.ACCOUNT, Level.CAMPAIGN):
        try:
            facts = _read(work, level, since, until)
        except meta_errors.TooMuchData:
            continue  # a large account gets them by its reports
        with db.metrics_transaction() as session:
            spool = ingest.Spool(facts)
            ingest.ingest(session, work.account.id, level, spool, since=since, until=until)
    metrics_store.refresh_weeks(since, until)
    with db.transaction() as session:
        _held_since(session, work, since)
        events.publish(session, work.account.user_id, events.Topic.METRICS, account_id=work.account.id)
    return Reached()


def details(work: Work) -> Reached:
    """The last 28 days on every level, by asynchronous runs."""
    return _reports(work, work.today - timedelta(days=TRAILING), work.today)


def history(work: Work) -> Reached:
    """The range that was asked for, as far back as Meta goes."""
    oldest = work.today - timedelta(days=MOST_MONTHS * 30)
    since = max(work.sync.since or oldest, oldest)
    return _reports(work, since, min(work.sync.until or work.today, work.today))


def _reports(work: Work, since: date, until: date) -> Reached:
    with db.transaction() as session:
        reports.plan(session, work.sync, LEVELS, since, until)
    with db.transaction() as session:
        waiting = reports.open_reports(session, work.sync.id)[: reports.AT_ONCE]
    for report in waiting:
        reports.work(work.meta, work.account, report)
        with db.transaction() as session:
            if not syncs.beat(session, work.sync, work.sync.cursor):
                return Reached(over=False, cursor=work.sync.cursor)
    with db.transaction() as session:
        share = reports.share_done(session, work.sync.id)
        left = reports.open_reports(session, work.sync.id)
    if left:
        return Reached(over=False, cursor=work.sync.cursor, delay=POLL, share=share)
    metrics_store.refresh_weeks(since, until)
    with db.transaction() as session:
        _held_since(session, work, since)
        _stamp(session, work, trailing_synced_at=columns.now())
        events.publish(session, work.account.user_id, events.Topic.METRICS, account_id=work.account.id)
    return Reached()


def _held_since(session: Session, work: Work, since: date) -> None:
    account = session.get_one(MetaAccount, work.account.id, with_for_update=True)
    account.history_since = min(account.history_since or since, since)


CAMPAIGNS, AD_SETS, ADS = (_listing(level) for level in (Level.CAMPAIGN, Level.AD_SET, Level.AD))
STEPS: dict[SyncKind, dict[str, Step]] = {
    SyncKind.ACCOUNT: {
        "campaign": CAMPAIGNS, "today": today, "month": month, "adset": AD_SETS, "ad": ADS, "details": details,
    },
    SyncKind.TODAY: {"campaign": CAMPAIGNS, "today": today},
    SyncKind.TRAILING: {"campaign": CAMPAIGNS, "adset": AD_SETS, "ad": ADS, "details": details},
    SyncKind.HISTORY: {"history": history},
}  # fmt: skip
