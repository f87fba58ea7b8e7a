"""The store's own upkeep in both shapes: partitions or chunks, weeks, forgetting."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlmodel import Session

from tests.domains.meta.conftest import Store
from tests.factories.metrics import DAY, a_fact, write
from vibekanban.core import columns, db
from vibekanban.core.settings import ROOT
from vibekanban.domains.meta import conversions, metrics_store
from vibekanban.domains.meta.ingest import Written

ACCOUNT = uuid4()


def on_timescale(test: Callable[..., None]) -> Callable[..., None]:
    """What native partitions do not have."""
    return pytest.mark.timescale(pytest.mark.parametrize("store", ["timescale"], indirect=True)(test))


@pytest.fixture(autouse=True)
def unsummed(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test summed up is unsummed: TimescaleDB shows no later arrival among days that once were."""
    store: Store | None = request.getfixturevalue("store") if "store" in request.fixturenames else None
    yield
    if store is None:
        return
    with store() as session:
        if metrics_store.has_timescale(session):
            session.execute(text("TRUNCATE metric_weeks"))


def weeks(session: Session) -> list[tuple[date, int]]:
    found = session.execute(
        text(
            "SELECT week, sum(spend_micros)::bigint FROM metric_weeks WHERE account_id = :account AND spend_micros > 0"
            " GROUP BY 1 ORDER BY 1"
        ),
        {"account": ACCOUNT},
    )
    return [(row[0], row[1]) for row in found]


def test_the_shape_is_told(store: Store, request: pytest.FixtureRequest) -> None:
    with store() as session:
        assert metrics_store.has_timescale(session) is ("timescale" in request.node.callspec.id)


def migrate(*command: str) -> None:
    """Alembic on the store of this test; TimescaleDB for tests knows one connection at a time."""
    db.metrics_engine().dispose()
    subprocess.run([sys.executable, "-m", "alembic", "-n", "metrics", *command], cwd=ROOT, check=True)


def tables(session: Session) -> set[str]:
    found = session.execute(
        text("SELECT relname FROM pg_class WHERE relname LIKE 'metric\\_%' AND relkind IN ('r', 'p', 'v')")
    )
    return set(found.scalars())


def test_the_store_can_be_taken_down_and_put_up_again(store: Store) -> None:
    with store() as session:
        write(session, ACCOUNT, [a_fact()])
    try:
        migrate("downgrade", "base")
        with store() as session:
            assert tables(session) == set()
    finally:
        migrate("upgrade", "head")
    with store() as session:
        named = {"metric_facts", "metric_changes", "metric_coverage", "metric_reach", "metric_weeks"}
        assert tables(session) >= named
        assert write(session, ACCOUNT, [a_fact(spend="1.00")]) == Written(new=1, restated=0)
        assert weeks(session) == [(metrics_store.week_of(DAY), 1_000_000)]


def test_facts_lie_in_a_piece_per_month(store: Store) -> None:
    days = [date(2026, 1, 31), date(2026, 2, 1), date(2026, 3, 1)]
    with store() as session:
        write(session, ACCOUNT, [a_fact(day=day) for day in days], since=days[0], until=days[-1])
        pieces = session.execute(
            text("SELECT count(DISTINCT tableoid), min(tableoid::regclass::text) FROM metric_facts")
        ).one()
    assert pieces[0] >= 2
    assert "rest" not in pieces[1]


def test_a_restated_row_stays_on_its_page(database: object) -> None:
    """Its index entries stay as well, then: what restating costs is mostly theirs."""
    day = date(2031, 5, 5)
    with db.metrics_transaction() as session:
        write(session, ACCOUNT, [a_fact(day=day)], since=day, until=day)
        place = "SELECT (ctid::text::point)[0] FROM metric_facts WHERE account_id = :account"
        before = session.execute(text(place), {"account": ACCOUNT}).scalar_one()
        write(session, ACCOUNT, [a_fact(day=day, spend="1.00")], since=day, until=day)
        assert session.execute(text(place), {"account": ACCOUNT}).scalar_one() == before
        filled = session.execute(
            text("SELECT reloptions FROM pg_class WHERE relname = 'metric_facts_2031_05'")
        ).scalar_one()
        session.execute(text("DROP TABLE metric_facts_2031_05"))
    assert filled == [f"fillfactor={metrics_store.FILLED}"]


def test_a_month_that_waited_in_the_rest_moves_into_its_partition(database: object) -> None:
    with db.metrics_transaction() as session:
        session.execute(
            text(
                "INSERT INTO metric_facts (account_id, level, object_id, day, fetched_at)"
                " VALUES (:account, 'campaign', '1', DATE '2031-05-05', now())"
            ),
            {"account": ACCOUNT},
        )
        metrics_store.ensure_partitions(session, date(2031, 5, 1), date(2031, 5, 31))
        where = session.execute(text("SELECT tableoid::regclass::text FROM metric_facts")).scalar_one()
        session.execute(text("DROP TABLE metric_facts_2031_05"))
    assert where == "metric_facts_2031_05"


def test_the_months_to_come_are_prepared_before_they_come(database: object) -> None:
    with db.metrics_transaction() as session:
        metrics_store.prepare_months(session, date(2026, 11, 24))
        names = [f"metric_facts_{month}" for month in ("2026_11", "2026_12", "2027_01", "2027_02")]
        there = [
            session.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar() for name in names
        ]
    assert None not in there


def test_a_week_that_was_summed_up_is_summed_up_again_when_it_is_restated(store: Store) -> None:
    monday = metrics_store.week_of(DAY)
    with store() as session:
        write(session, ACCOUNT, [a_fact(spend="1.00")])
    metrics_store.refresh_weeks(DAY, DAY)
    with store() as session:
        write(session, ACCOUNT, [a_fact(spend="3.00")])
    metrics_store.refresh_weeks(DAY, DAY)
    with store() as session:
        assert weeks(session) == [(monday, 3_000_000)]


def test_the_week_under_way_is_never_behind_its_days(store: Store) -> None:
    today = columns.now().date()
    for spend in ("1.00", "2.00"):
        with store() as session:
            write(session, ACCOUNT, [a_fact(day=today, spend=spend)], since=today, until=today)
        metrics_store.refresh_weeks(today - timedelta(days=30), today)
    with store() as session:
        write(session, ACCOUNT, [a_fact(day=today, spend="5.00")], since=today, until=today)
    with store() as session:
        assert weeks(session) == [(metrics_store.week_of(today), 5_000_000)]


def test_an_account_that_is_forgotten_leaves_nothing(store: Store) -> None:
    with store() as session:
        write(session, ACCOUNT, [a_fact(spend="1.00")])
        write(session, ACCOUNT, [a_fact(spend="2.00")])
    metrics_store.refresh_weeks(DAY, DAY)
    with store() as session:
        metrics_store.forget(session, ACCOUNT)
    metrics_store.refresh_weeks(DAY, DAY)
    with store() as session:
        left = [
            session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in ("metric_facts", "metric_changes", "metric_coverage", "metric_weeks")
        ]
    assert left == [0, 0, 0, 0]


def test_what_numbers_said_long_ago_is_let_go(store: Store) -> None:
    with store() as session:
        for spend in ("1.00", "2.00", "3.00"):
            write(session, ACCOUNT, [a_fact(spend=spend)])
        session.execute(
            text("UPDATE metric_changes SET replaced_at = now() - interval '61 days' WHERE version = 1")
        )
        assert metrics_store.forget_old_changes(session) == 1
        left = session.execute(text("SELECT version FROM metric_changes")).all()
    assert [row[0] for row in left] == [2]


def compressed(session: Session) -> None:
    """Compress every chunk."""
    packed = session.execute(
        text("SELECT count(compress_chunk(chunk)) FROM show_chunks('metric_facts') chunk")
    )
    assert packed.scalar_one() > 0


def unpacking_little(session: Session) -> None:
    """TimescaleDB's limit as it is met by a large account."""
    session.execute(text("SET LOCAL timescaledb.max_tuples_decompressed_per_dml_transaction = 1"))


@on_timescale
def test_days_that_are_compressed_can_be_restated(store: Store) -> None:
    with store() as session:
        write(session, ACCOUNT, [a_fact("1", spend="1.00"), a_fact("2", spend="1.00"), a_fact("4")])
    metrics_store.refresh_weeks(DAY, DAY)
    with store() as session:
        compressed(session)
    with store() as session:
        unpacking_little(session)
        read = [a_fact("1", spend="2.00"), a_fact("2", spend="1.00"), a_fact("3", spend="4.00")]
        assert write(session, ACCOUNT, read) == Written(new=1, restated=2)
    metrics_store.refresh_weeks(DAY, DAY)
    with store() as session:
        kept = session.execute(
            text("SELECT object_id, spend_micros, version FROM metric_facts ORDER BY 1")
        ).all()
        assert weeks(session) == [(metrics_store.week_of(DAY), 7_000_000)]
    assert [tuple(row) for row in kept] == [
        ("1", 2_000_000, 2),
        ("2", 1_000_000, 1),
        ("3", 4_000_000, 1),
        ("4", 0, 2),
    ]


@on_timescale
def test_days_that_are_compressed_can_be_read_again_however_many_there_are(store: Store) -> None:
    facts = [a_fact(str(number)) for number in range(50)]
    with store() as session:
        write(session, ACCOUNT, facts)
    with store() as session:
        compressed(session)
    with store() as session:
        unpacking_little(session)
        assert write(session, ACCOUNT, facts) == Written(new=0, restated=0)


@on_timescale
def test_days_that_are_compressed_can_be_forgotten_and_others_stay(store: Store) -> None:
    other = uuid4()
    with store() as session:
        write(session, ACCOUNT, [a_fact(str(number)) for number in range(50)])
        write(session, other, [a_fact()])
    with store() as session:
        compressed(session)
    with store() as session:
        unpacking_little(session)
        metrics_store.forget(session, ACCOUNT)
    with store() as session:
        left = session.execute(text("SELECT DISTINCT account_id FROM metric_facts")).scalars().all()
    assert left == [other]


@on_timescale
def test_months_are_compressed_by_themselves_once_meta_restates_them_no_more(store: Store) -> None:
    today = columns.now().date()
    long_ago = today - timedelta(days=200)
    with store() as session:
        write(session, ACCOUNT, [a_fact(day=long_ago), a_fact(day=today)], since=long_ago, until=today)
        job = session.execute(
            text("SELECT job_id FROM timescaledb_information.jobs WHERE proc_name = 'policy_compression'")
        ).scalar_one()
    with db.metrics_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CALL run_job(:job)"), {"job": job})
    with store() as session:
        packed = session.execute(
            text(
                "SELECT is_compressed FROM timescaledb_information.chunks"
                " WHERE hypertable_name = 'metric_facts' ORDER BY range_start"
            )
        ).scalars()
        assert list(packed) == [True, False]


@on_timescale
def test_days_that_are_compressed_are_counted_anew_by_another_event(store: Store) -> None:
    with store() as session:
        write(session, ACCOUNT, [a_fact(str(number)) for number in range(50)])
    with store() as session:
        compressed(session)
    with store() as session:
        unpacking_little(session)
        assert conversions.recount(session, ACCOUNT, "lead") == 50
        counted = session.execute(text("SELECT DISTINCT conversions_micros FROM metric_facts")).scalars()
        assert list(counted) == [5_000_000]
