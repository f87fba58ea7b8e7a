"""What a sync consists of: listings of the structure, today, the first month, and asynchronous runs over longer ranges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlmodel import Session, col

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.clients.meta import paging
from vibekanban.clients.meta.gateway import Gateway
from vibekanban.core import columns, db, events, logging, queue
from vibekanban.domains.meta import (
    activities,
    ingest,
    insight_runs,
    insights,
    metrics_store,
    structure,
    syncs,
    troubles,
)
from vibekanban.domains.meta import today as counts
from vibekanban.domains.meta.insights import HOUR
from vibekanban.domains.meta.models import Level, MetaAccount, Sync, SyncKind

TRAILING = 28
MOST_DAYS = 37 * 30  # Meta keeps 37 months
HOURS = 14
NIGHT = 3  # until this hour yesterday is read with today, so that it closes with its last numbers
DETAILS_EVERY = timedelta(minutes=30)
AT_ONCE = 14  # days of a breakdown that one call may span
ONLY_BY_RUNS = frozenset({"impression_device"})  # Meta may answer it empty in a synchronous call
LEVELS = (Level.ACCOUNT, Level.CAMPAIGN, Level.AD_SET, Level.AD)
POLL, SLOWEST_POLL = timedelta(seconds=2), timedelta(seconds=30)


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
    def local(self) -> datetime:
        return columns.now().astimezone(ZoneInfo(self.account.timezone))

    @property
    def today(self) -> date:
        return self.local.date()


@dataclass(frozen=True)
class Reached:
    """How a piece of a step ended: the step is over, or goes on from `cursor` after `delay`."""

    over: bool = True
    cursor: dict[str, Any] | None = None
    delay: timedelta | None = None
    share: float = 1.0


Step = Callable[[Work], Reached]
log = logging.logger(__name__)


# -- structure


def _listing(level: Level) -> Step:
    def step(work: Work) -> Reached:
        """Pages of one level; the place reached is kept with each page, so a crash repeats one page.

        When Meta has forgotten the place the level begins anew; what was kept is kept again.
        """
        cursor = work.sync.cursor
        again = {"restarts": cursor["restarts"]} if "restarts" in cursor else {}
        started = datetime.fromisoformat(cursor["since"]) if "since" in cursor else columns.now()
        following = {"after": cursor["after"]} if cursor.get("after") else {}
        pages = work.meta.cursored(
            f"{work.act}/{structure.EDGES[level]}",
            limit=500,
            fields=structure.FIELDS[level],
            effective_status=structure.ALIVE,
            **following,
        )
        while True:
            read_at = columns.now()
            try:
                page = next(pages, None)
            except meta_errors.CursorExpired:
                restarts = again.get("restarts", 0) + 1
                if restarts > paging.RESTARTS:
                    raise
                return Reached(over=False, cursor={"restarts": restarts}, share=0)
            if page is None:
                break
            rows, after = page
            kept = {"at": level.value, "since": started.isoformat(), "after": after, **again}
            with db.transaction() as session:
                structure.keep(session, work.account, level, rows, read_at=read_at)
                if not syncs.beat(session, work.sync, kept):
                    return Reached(over=False, cursor=kept)
        with db.transaction() as session:
            structure.mark_missing(session, work.account.id, level, since=started)
            troubles.note(session, work.account)
            if level is Level.AD:
                _stamp(session, work, structure_synced_at=columns.now())
            events.publish(session, work.account.user_id, events.Topic.CAMPAIGNS, account_id=work.account.id)
        return Reached()

    return step


def changed_elsewhere(work: Work) -> Reached:
    """What other people changed at Meta since the last look."""
    with db.transaction() as session:
        account = session.get(MetaAccount, work.account.id)
    if account is None:
        return Reached()
    try:
        activities.read(work.meta, account)
    except (meta_errors.Refused, meta_errors.NeedsPermission, meta_errors.TooMuchData) as error:
        # numbers and alerts do not wait for a log that this token may not read
        log.warning("meta.activities_unread", account=str(account.id), kind=type(error).__name__)
    return Reached()


def troubled(work: Work) -> Reached:
    """The ads in trouble, between two listings of all: a wave of rejections is not to wait for the next day."""
    troubles.look(work.meta, work.account)
    return Reached()


def _stamp(session: Session, work: Work, **moments: Any) -> None:
    session.execute(update(MetaAccount).where(col(MetaAccount.id) == work.account.id).values(**moments))


# -- numbers


def _read(
    work: Work,
    level: Level,
    since: date,
    until: date,
    breakdown: str = "",
    *,
    read_at: datetime | None = None,
) -> ingest.Spool:
    return paging.whole(lambda: ingest.Spool(_rows(work, level, since, until, breakdown), read_at=read_at))


def _rows(work: Work, level: Level, since: date, until: date, breakdown: str) -> Iterator[insights.Fact]:
    for page in work.meta.pages(
        f"{work.act}/insights",
        limit=500,
        level=level.value,
        fields=insights.fields(level),
        time_range={"since": since.isoformat(), "until": until.isoformat()},
        time_increment=1,
        **insights.cut(breakdown),
    ):
        for row in page:
            yield insights.fact(row, level, breakdown=breakdown, event=work.account.conversion_event)


def _kept(session: Session, work: Work, level: Level, read: ingest.Spool, since: date, until: date,
          breakdown: str = "") -> None:  # fmt: skip
    ingest.ingest(session, work.account.id, level, read, since=since, until=until, breakdown=breakdown)


def today(work: Work) -> Reached:
    """Today so far: campaigns, the account, and the campaigns' hours; in the night yesterday with it."""
    day = work.today
    since = day - timedelta(days=1) if work.local.hour < NIGHT else day
    read_at = columns.now()
    campaigns = paging.whole(lambda: list(_rows(work, Level.CAMPAIGN, since, day, "")))
    read = ingest.Spool(campaigns, read_at=read_at)
    whole = _read(work, Level.ACCOUNT, since, day)
    try:
        hours = _read(work, Level.CAMPAIGN, since, day, HOUR)
    except meta_errors.TooMuchData:
        hours = None  # the day of a very large account is worth more than its hours
    with db.metrics_transaction() as session:
        _kept(session, work, Level.CAMPAIGN, read, since, day)
        _kept(session, work, Level.ACCOUNT, whole, since, day)
        if hours is not None:
            _kept(session, work, Level.CAMPAIGN, hours, since, day, HOUR)
    metrics_store.refresh_weeks(since, day)
    now = [fact for fact in campaigns if fact.day == day]
    with db.transaction() as session:
        counts.keep(session, work.account.id, day, now)
        _stamp(session, work, today_synced_at=read_at)
        queue.enqueue(
            session,
            queue.Job.JUDGE_ALERTS,
            str(work.account.id),
            lane=queue.Lane.ALERT,
            job_id=f"judge-{work.account.id}",
        )
        events.publish(
            session,
            work.account.user_id,
            events.Topic.METRICS,
            account_id=work.account.id,
            day=day.isoformat(),
            spendMicros=sum(fact.spend_micros for fact in now),
            impressions=sum(fact.impressions for fact in now),
            clicks=sum(fact.clicks for fact in now),
        )
    return Reached()


def today_details(work: Work) -> Reached:
    """Today by ad set and ad, less often; an account too large for it gets them by its runs."""
    day = work.today
    with db.metrics_transaction() as session:
        read_at = metrics_store.read_at(session, work.account.id, Level.AD, day)
    if read_at and columns.now() - read_at < DETAILS_EVERY:
        return Reached()
    for level in (Level.AD_SET, Level.AD):
        try:
            read = _read(work, level, day, day)
        except meta_errors.TooMuchData:
            return Reached()
        with db.metrics_transaction() as session:
            _kept(session, work, level, read, day, day)
    return Reached()


def month(work: Work) -> Reached:
    """What the first page shows, at once: a month of campaigns, and two of the account to compare with."""
    until, since = work.today, work.today - timedelta(days=30)
    for level, start in ((Level.ACCOUNT, since - timedelta(days=30)), (Level.CAMPAIGN, since)):
        try:
            read = _read(work, level, start, until)
        except meta_errors.TooMuchData:
            continue  # a large account gets them by its runs
        with db.metrics_transaction() as session:
            _kept(session, work, level, read, start, until)
    _told(work, since, until)
    return Reached()


def hours(work: Work) -> Reached:
    """Two weeks of the campaigns' hours, so that today can be compared with the same hours of other days."""
    until, since = work.today - timedelta(days=1), work.today - timedelta(days=HOURS)
    try:
        read = _read(work, Level.CAMPAIGN, since, until, HOUR)
    except meta_errors.TooMuchData:
        return Reached()  # a large account has them from now on
    with db.metrics_transaction() as session:
        _kept(session, work, Level.CAMPAIGN, read, since, until, HOUR)
    return Reached()


def details(work: Work) -> Reached:
    """The last 28 days on every level, by asynchronous runs."""
    return _runs(work, work.today - timedelta(days=TRAILING), work.today)


def history(work: Work) -> Reached:
    """The range that was asked for, as far back as Meta goes."""
    since = max(work.sync.since or date.min, work.today - timedelta(days=MOST_DAYS))
    return _runs(work, since, min(work.sync.until or work.today, work.today))


def breakdown(work: Work) -> Reached:
    """A level cut as somebody looks at it: a few days at once, more of them or very many rows by runs."""
    level, cut = work.sync.level, work.sync.breakdown
    until = min(work.sync.until or work.today, work.today)
    since = work.sync.since or until
    if (until - since).days < AT_ONCE and cut not in ONLY_BY_RUNS and "since" not in work.sync.cursor:
        try:
            read = _read(work, level, since, until, cut)
        except meta_errors.TooMuchData:
            return _runs(work, since, until, (level,))
        with db.metrics_transaction() as session:
            _kept(session, work, level, read, since, until, cut)
        _told(work, since, until)
        return Reached()
    return _runs(work, since, until, (level,))


def _runs(work: Work, since: date, until: date, levels: tuple[Level, ...] = LEVELS) -> Reached:
    """One look at the runs under way; they are looked at less and less often while nothing moves."""
    cursor = work.sync.cursor
    if "since" in cursor:  # the range stays what it was when the day turns
        since, until = date.fromisoformat(cursor["since"]), date.fromisoformat(cursor["until"])
    else:
        cursor = {**cursor, "since": since.isoformat(), "until": until.isoformat()}
        with db.transaction() as session:
            insight_runs.plan(session, work.sync, levels, since, until)
    moved = insight_runs.look(work.meta, work.account, work.sync, lambda: _still(work, cursor))
    with db.transaction() as session:
        share = insight_runs.share_done(session, work.sync.id)
        left = insight_runs.under_way(session, work.sync.id)
    if left:
        idle = 0 if moved else int(cursor.get("idle", 0)) + 1
        delay = min(SLOWEST_POLL, POLL * 1.5**idle)
        return Reached(over=False, cursor={**cursor, "idle": idle}, delay=delay, share=share)
    _told(work, since, until)
    whole = levels == LEVELS and since <= work.today - timedelta(days=TRAILING)
    if whole and until >= work.today - timedelta(days=1):
        with db.transaction() as session:
            _stamp(session, work, trailing_synced_at=columns.now())
    return Reached()


def _still(work: Work, cursor: dict[str, Any]) -> bool:
    with db.transaction() as session:
        return syncs.beat(session, work.sync, cursor)


def _told(work: Work, since: date, until: date) -> None:
    """Weeks are summed up, the account knows how far back it goes, open pages look again."""
    metrics_store.refresh_weeks(since, until)
    with db.transaction() as session:
        account = session.get(MetaAccount, work.account.id, with_for_update=True)
        if account is not None and work.sync.kind is not SyncKind.BREAKDOWN:
            account.history_since = min(account.history_since or since, since)
        events.publish(session, work.account.user_id, events.Topic.METRICS, account_id=work.account.id)


CAMPAIGNS, AD_SETS, ADS = (_listing(level) for level in (Level.CAMPAIGN, Level.AD_SET, Level.AD))
STEPS: dict[SyncKind, dict[str, Step]] = {
    SyncKind.ACCOUNT: {
        "campaign": CAMPAIGNS, "today": today, "month": month, "hours": hours, "adset": AD_SETS, "ad": ADS,
        "activities": changed_elsewhere, "details": details,
    },
    SyncKind.TODAY: {
        "campaign": CAMPAIGNS, "activities": changed_elsewhere, "troubled": troubled, "today": today,
        "today_details": today_details,
    },
    SyncKind.TRAILING: {
        "campaign": CAMPAIGNS, "adset": AD_SETS, "ad": ADS, "activities": changed_elsewhere, "details": details,
    },
    SyncKind.HISTORY: {"history": history},
    SyncKind.BREAKDOWN: {"breakdown": breakdown},
}  # fmt: skip
