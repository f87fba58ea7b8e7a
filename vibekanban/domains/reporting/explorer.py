"""A report's answer: rows of a level that always add up to the account's total, by days and against a period before.

What the account counts and no row explains is a row of its own: archived and deleted objects, which Meta counts in
totals and leaves out of lists. So is what a filter hides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from vibekanban.core import columns, db
from vibekanban.domains.meta import accounts, metrics, reach
from vibekanban.domains.meta.metrics import Range
from vibekanban.domains.meta.models import Level, MetaAccount
from vibekanban.domains.reporting import definitions, names, reading
from vibekanban.domains.reporting.definitions import Definition
from vibekanban.domains.reporting.figures import OF_PEOPLE, Figures, Metric

UNKNOWN = names.Named(UUID(int=0), "", (), "")


@dataclass(frozen=True)
class Line:
    """A row: an object with its numbers; `before` is None when there is nothing to compare with.

    `windows` and `events` say what its conversions are: attribution settings and action types.
    """

    object_id: str
    id: UUID | None
    name: str
    parents: tuple[str, ...]
    status: str
    category: str
    now: Figures
    before: Figures | None
    windows: tuple[str, ...]
    events: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """Numbers beside those of the days before."""

    now: Figures
    before: Figures | None


@dataclass(frozen=True)
class Answer:
    """A report with its rows in order; lines + hidden + rest are total, exactly.

    A day without delivery is in `known_days` but not in `days`; one that is in neither was not read.

    `missing_days` were not read of Meta at this level: what they hold is in `rest`. `late` says that the account's
    numbers moved on since the level was read: a part of `rest` is that. `complete_before` says whether all days to
    compare with were read at the level, `complete_before_whole` whether they were for the account.
    """

    definition: Definition
    account: MetaAccount
    asked: Range
    compared: Range | None
    lines: list[Line]
    hidden: Pair
    hidden_count: int
    rest: Pair
    total: Pair
    days: dict[date, Figures]
    days_before: dict[date, Figures]
    known_days: frozenset[date]
    windows: tuple[str, ...]
    events: tuple[str, ...]
    read: list[reading.ReadDay]
    missing_days: int
    late: bool
    complete_before: bool
    complete_before_whole: bool
    fetched_at: datetime | None
    reach_at: datetime | None
    reach_before_at: datetime | None

    @property
    def mixed_windows(self) -> bool:
        """Whether conversions of different attribution settings stand side by side."""
        return len(self.windows) > 1

    @property
    def has_rest(self) -> bool:
        """Whether there is something that no row explains."""
        return bool(self.rest.now or (self.complete_before and self.rest.before))

    @property
    def mixed_events(self) -> bool:
        return len(self.events) > 1


def explore(session: Session, user_id: UUID, definition: Definition, *, at: datetime | None = None) -> Answer:
    """Answer a report from what is stored, as of the day of a moment; NotFound for another's account."""
    account = accounts.account(session, user_id, definition.account_id)
    today = (at or columns.now()).astimezone(ZoneInfo(account.timezone)).date()
    asked = definitions.range_of(definition, today)
    before = definitions.compared(asked, definition.compare)
    known = names.named(session, account, definition.level)
    level = reading.Question(account.id, definition.level, definition.breakdown.value, asked, before)
    top = replace(level, level=Level.ACCOUNT, breakdown="")
    with db.metrics_transaction() as store:
        _at_one_moment(store)
        summed = reading.objects(store, level)
        whole = reading.objects(store, top)
        people, all_people = reading.people(store, level), reading.people(store, top)
        if definition.breakdown:  # of a category nobody was asked
            people = reading.NOBODY
        read, top_read = reading.read(store, level), reading.read(store, top)
        lines = [_line(one, known, people, before) for one in summed]
        kept, dropped = _sifted(lines, definition)
        if dropped:
            by_day = reading.days(store, level, [(line.object_id, line.category) for line in kept])
        else:
            by_day = reading.days(store, top)
    whole_held = {one.day for one in top_read if one.read_at}
    held = whole_held & {one.day for one in read if one.read_at}
    compare = before is not None
    total = _pair((one.now, one.before) for one in whole)
    total = _with_people(total, all_people, account.meta_account_id)
    shown = _pair((line.now, line.before) for line in kept)
    hidden = _pair((line.now, line.before) for line in dropped)
    rest = Pair(
        total.now - shown.now - hidden.now,
        (total.before or Figures()) - (shown.before or Figures()) - (hidden.before or Figures()),
    )
    return Answer(
        definition=definition,
        account=account,
        asked=asked,
        compared=before,
        lines=sorted_lines(kept, definition.sort),
        hidden=hidden if compare else replace(hidden, before=None),
        hidden_count=len(dropped),
        rest=rest if compare else replace(rest, before=None),
        total=total if compare else replace(total, before=None),
        days={day: sums for day, sums in by_day.items() if asked.since <= day <= asked.until},
        days_before={
            day: sums for day, sums in by_day.items() if before and before.since <= day <= before.until
        },
        known_days=frozenset(held if dropped else whole_held),
        windows=_together(line.windows for line in kept),
        events=_together(line.events for line in kept),
        read=read,
        missing_days=sum(day not in held for day in asked.all()),
        late=any(one.late for one in read),
        complete_before_whole=before is not None and all(day in whole_held for day in before.all()),
        complete_before=before is not None and all(day in held for day in before.all()),
        fetched_at=max((one.read_at for one in read if one.read_at and one.day >= asked.since), default=None),
        reach_at=_oldest(people.read_at, all_people.read_at),
        reach_before_at=_oldest(people.before_read_at, all_people.before_read_at),
    )


def ask_people(answer: Answer) -> bool:
    """Ask Meta for the people reached, when the report shows them and what we have is old; True when it is new now.

    Opens its own transactions, none during a call.
    """
    if answer.definition.breakdown or not OF_PEOPLE & set(answer.definition.metrics):
        return False
    today = metrics.local_today(answer.account)
    asked = [(answer.asked, answer.reach_at)]
    if answer.compared is not None:
        asked.append((answer.compared, answer.reach_before_at))
    found = False
    for level in {answer.definition.level, Level.ACCOUNT}:
        for days, read_at in asked:
            if reach.stale(read_at, days.until, today):
                found |= reach.bring(answer.account.id, level, days.since, days.until)
    return found


def _at_one_moment(store: Session) -> None:
    """Rows and totals of the same instant, though an ingest may commit between the statements."""
    store.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _line(
    one: reading.Summed, known: dict[str, names.Named], people: reading.People, before: Range | None
) -> Line:
    named = known.get(one.object_id, UNKNOWN)
    return Line(
        one.object_id,
        named.id if named is not UNKNOWN else None,
        named.name or one.object_id,
        named.parents,
        named.status,
        one.category,
        replace(one.now, people=people.now.get(one.object_id)),
        replace(one.before, people=people.before.get(one.object_id)) if before else None,
        tuple(sorted(one.windows)),
        tuple(sorted(one.events)),
    )


def _sifted(lines: Iterable[Line], definition: Definition) -> tuple[list[Line], list[Line]]:
    """The rows that are shown, and those a filter hides; gone objects are in neither unless they are asked for."""
    kept: list[Line] = []
    dropped: list[Line] = []
    words = definition.q.strip().lower()
    for line in lines:
        if line.status in names.GONE and line.status not in definition.statuses:
            continue
        wanted = (
            (not words or words in line.name.lower() or words == line.object_id)
            and (not definition.statuses or line.status in definition.statuses)
            and all(condition.holds(line.now.value(condition.metric)) for condition in definition.conditions)
        )
        (kept if wanted else dropped).append(line)
    return kept, dropped


def sorted_lines(lines: list[Line], order: str) -> list[Line]:
    """In the order asked for; what lacks the metric comes last either way."""
    name, down = order.removeprefix("-"), order.startswith("-")
    calm = sorted(lines, key=lambda line: (line.name.lower(), line.object_id, line.category))
    if name == "name":
        return calm[::-1] if down else calm
    metric = Metric(name)
    valued = [(line.now.value(metric), line) for line in calm]
    having = [(value, line) for value, line in valued if value is not None]
    having.sort(key=lambda pair: pair[0], reverse=down)
    return [line for _, line in having] + [line for value, line in valued if value is None]


def _pair(pairs: Iterable[tuple[Figures, Figures | None]]) -> Pair:
    now, before = Figures(), Figures()
    for one, was in pairs:
        now, before = now + one, before + (was or Figures())
    return Pair(now, before)


def _with_people(total: Pair, people: reading.People, account: str) -> Pair:
    before = total.before or Figures()
    return Pair(
        replace(total.now, people=people.now.get(account)),
        replace(before, people=people.before.get(account)),
    )


def _oldest(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else min(one, other)


def _together(kinds: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({kind for some in kinds for kind in some if kind}))
