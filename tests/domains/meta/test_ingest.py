"""Writing facts: only what changed, with what was before, on native partitions and on TimescaleDB alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlmodel import Session

from tests.domains.meta.conftest import Store
from tests.factories.metrics import DAY, a_fact, write
from vibekanban.core import columns, db
from vibekanban.domains.meta import metrics_store
from vibekanban.domains.meta.ingest import Written
from vibekanban.domains.meta.models import Level

ACCOUNT = uuid4()


def rows(session: Session, table: str, *names: str, account: UUID = ACCOUNT) -> list[tuple[Any, ...]]:
    found = session.execute(
        text(
            f"SELECT {', '.join(names)} FROM {table} WHERE account_id = :account ORDER BY {', '.join(names)}"
        ),
        {"account": account},
    )
    return [tuple(row) for row in found]


def test_what_comes_for_the_first_time_is_new(store: Store) -> None:
    with store() as session:
        written = write(session, ACCOUNT, [a_fact("1"), a_fact("2")])
        kept = rows(
            session,
            "metric_facts",
            "object_id",
            "spend_micros",
            "conversions_micros",
            "revenue_micros",
            "version",
        )
    assert written == Written(new=2, restated=0)
    assert kept == [("1", 12_340_000, 2_000_000, 49_900_000, 1), ("2", 12_340_000, 2_000_000, 49_900_000, 1)]


def test_what_is_the_same_is_not_written_again(store: Store) -> None:
    with store() as session:
        write(session, ACCOUNT, [a_fact()])
    with store() as session:
        written = write(session, ACCOUNT, [a_fact()])
        assert rows(session, "metric_facts", "version") == [(1,)]
        assert rows(session, "metric_changes", "version") == []
    assert written == Written(0, 0)


def test_a_restated_row_keeps_what_it_said_before(store: Store) -> None:
    with store() as session:
        write(session, ACCOUNT, [a_fact(spend="10.00")])
    with store() as session:
        written = write(session, ACCOUNT, [a_fact(spend="10.01")])
        assert rows(session, "metric_facts", "spend_micros", "version") == [(10_010_000, 2)]
        assert rows(session, "metric_changes", "spend_micros", "version") == [(10_000_000, 1)]
    assert written == Written(0, 1)


def test_a_new_action_alone_is_a_restatement(store: Store) -> None:
    more = [{"action_type": "omni_purchase", "value": "2"}, {"action_type": "lead", "value": "6"}]
    with store() as session:
        write(session, ACCOUNT, [a_fact()])
        written = write(session, ACCOUNT, [a_fact(actions=more)])
    assert written == Written(0, 1)


def test_a_row_that_does_not_come_back_becomes_zero(store: Store) -> None:
    with store() as session:
        write(session, ACCOUNT, [a_fact("1"), a_fact("2")])
        written = write(session, ACCOUNT, [a_fact("1")])
        kept = rows(
            session,
            "metric_facts",
            "object_id",
            "impressions",
            "spend_micros",
            "conversions_micros",
            "version",
        )
        before = rows(session, "metric_changes", "object_id", "spend_micros")
    assert written == Written(0, 1)
    assert kept == [("1", 1000, 12_340_000, 2_000_000, 1), ("2", 0, 0, 0, 2)]
    assert before == [("2", 12_340_000)]


def test_a_row_that_became_zero_is_left_alone_after_that(store: Store) -> None:
    with store() as session:
        write(session, ACCOUNT, [a_fact("1"), a_fact("2")])
        write(session, ACCOUNT, [a_fact("1")])
        assert write(session, ACCOUNT, [a_fact("1")]) == Written(0, 0)


def test_days_outside_what_was_read_keep_their_numbers(store: Store) -> None:
    yesterday = DAY - timedelta(days=1)
    with store() as session:
        write(session, ACCOUNT, [a_fact(day=yesterday)], since=yesterday, until=yesterday)
        write(session, ACCOUNT, [])
        assert rows(session, "metric_facts", "day", "spend_micros") == [(yesterday, 12_340_000)]


def test_a_part_of_a_range_takes_nothing_away(store: Store) -> None:
    with store() as session:
        write(session, ACCOUNT, [a_fact("1"), a_fact("2")])
        write(session, ACCOUNT, [a_fact("1", spend="13.00")], whole=False)
        assert rows(session, "metric_facts", "object_id", "spend_micros") == [
            ("1", 13_000_000),
            ("2", 12_340_000),
        ]


def test_a_row_that_comes_twice_is_kept_once(store: Store) -> None:
    with store() as session:
        assert write(session, ACCOUNT, [a_fact(), a_fact()]) == Written(1, 0)
        assert write(session, ACCOUNT, [a_fact(spend="1.00"), a_fact(spend="1.00")]) == Written(0, 1)
        assert rows(session, "metric_facts", "spend_micros") == [(1_000_000,)]
        assert rows(session, "metric_changes", "spend_micros") == [(12_340_000,)]
    metrics_store.refresh_weeks(DAY, DAY)
    with store() as session:
        assert rows(session, "metric_weeks", "spend_micros") == [(1_000_000,)]


def test_what_was_read_earlier_does_not_overwrite_what_was_read_later(store: Store) -> None:
    asked = columns.now()
    with store() as session:
        write(session, ACCOUNT, [a_fact(spend="20.00")], read_at=asked)
        write(session, ACCOUNT, [a_fact(spend="19.00")], read_at=asked - timedelta(seconds=30))
        assert rows(session, "metric_facts", "spend_micros") == [(20_000_000,)]
        assert rows(session, "metric_coverage", "fetched_at") == [(asked,)]


def test_every_day_that_was_read_is_covered_even_without_numbers(store: Store) -> None:
    until = DAY + timedelta(days=2)
    asked = columns.now()
    with store() as session:
        write(session, ACCOUNT, [a_fact()], until=until, read_at=asked)
        assert rows(session, "metric_coverage", "level", "breakdown", "day", "fetched_at") == [
            ("campaign", "", DAY + timedelta(days=offset), asked) for offset in range(3)
        ]
        assert metrics_store.read_at(session, ACCOUNT, Level.CAMPAIGN, until) == asked
        assert metrics_store.read_at(session, ACCOUNT, Level.CAMPAIGN, until, breakdown="hour") is None
        assert metrics_store.read_at(session, ACCOUNT, Level.AD, until) is None


def test_numbers_that_stay_the_same_get_younger(store: Store) -> None:
    asked = columns.now()
    with store() as session:
        for moment in (asked - timedelta(hours=1), asked):
            write(session, ACCOUNT, [a_fact()], read_at=moment)
        assert metrics_store.read_at(session, ACCOUNT, Level.CAMPAIGN, DAY) == asked


def test_a_part_of_a_range_covers_nothing(store: Store) -> None:
    with store() as session:
        write(session, ACCOUNT, [a_fact()], whole=False)
        assert metrics_store.read_at(session, ACCOUNT, Level.CAMPAIGN, DAY) is None


def test_a_row_that_comes_back_after_it_became_zero_counts_again(store: Store) -> None:
    with store() as session:
        for facts in ([a_fact(spend="5.00")], [], [a_fact(spend="6.00")]):
            write(session, ACCOUNT, facts)
        assert rows(session, "metric_facts", "spend_micros", "version") == [(6_000_000, 3)]
        assert rows(session, "metric_changes", "version", "spend_micros") == [(1, 5_000_000), (2, 0)]


def test_hours_do_not_touch_the_day(store: Store) -> None:
    with store() as session:
        write(session, ACCOUNT, [a_fact()])
        write(session, ACCOUNT, [], breakdown="hour")
        assert rows(session, "metric_facts", "breakdown", "spend_micros") == [("", 12_340_000)]


def test_another_account_is_not_touched(store: Store) -> None:
    other = uuid4()
    with store() as session:
        write(session, other, [a_fact()])
        write(session, ACCOUNT, [])
        assert rows(session, "metric_facts", "spend_micros", account=other) == [(12_340_000,)]


def test_text_that_copy_would_misread_comes_back_as_it_was(store: Store) -> None:
    strange = 'a\\b\tc\n"d"\\N'
    with store() as session:
        write(
            session,
            ACCOUNT,
            [a_fact(attribution_setting=strange, actions=[{"action_type": strange, "value": "1"}])],
        )
        kept = rows(session, "metric_facts", "attribution", "actions->>'" + strange.replace("'", "''") + "'")
    assert kept == [(strange, "1")]


def test_weeks_are_the_sum_of_their_days_after_every_restatement(store: Store) -> None:
    days = [DAY + timedelta(days=offset) for offset in range(-9, 10)]
    with store() as session:
        write(session, ACCOUNT, [a_fact("1", day) for day in days], since=days[0], until=days[-1])
        write(
            session,
            ACCOUNT,
            [a_fact("1", day, spend="9.99") for day in days[3:]],
            since=days[0],
            until=days[-1],
        )
        write(
            session,
            ACCOUNT,
            [a_fact("2", day, clicks="3") for day in days[:5]],
            since=days[0],
            until=days[-1],
        )
    metrics_store.refresh_weeks(days[0], days[-1])
    with store() as session:
        summed = session.execute(
            text(
                "SELECT object_id, date_trunc('week', day)::date, sum(spend_micros), sum(clicks),"
                " sum(conversions_micros) FROM metric_facts WHERE account_id = :account GROUP BY 1, 2 ORDER BY 1, 2"
            ),
            {"account": ACCOUNT},
        ).all()
        kept = rows(
            session, "metric_weeks", "object_id", "week", "spend_micros", "clicks", "conversions_micros"
        )
    assert kept == [tuple(row) for row in summed]


def test_two_workers_at_once_write_each_row_once(database: object) -> None:
    def work(_number: int) -> Written:
        with db.metrics_transaction() as session:
            return write(session, ACCOUNT, [a_fact(str(one)) for one in range(300)])

    with ThreadPoolExecutor(4) as pool:
        written = list(pool.map(work, range(4)))
    with db.metrics_transaction() as session:
        kept = rows(session, "metric_facts", "object_id", "version")
        weeks = rows(session, "metric_weeks", "spend_micros")
    assert sorted(one.new for one in written) == [0, 0, 0, 300]
    assert {version for _, version in kept} == {1}
    assert weeks == [(12_340_000,)] * 300
