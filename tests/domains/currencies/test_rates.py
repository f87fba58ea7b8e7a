from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from sqlmodel import Session

from tests.conftest import Sandbox
from vibekanban.clients import exchange_rates
from vibekanban.core.errors import OutsideFailed, OutsideUnavailable
from vibekanban.core.settings import settings
from vibekanban.domains.currencies import rates
from vibekanban.domains.currencies.models import ExchangeRate
from vibekanban.domains.currencies.rates import Rates
from workers import currencies

DAY = date(2026, 3, 11)
OF_A_DAY = Rates(DAY, {"EUR": Decimal(1), "USD": Decimal("1.25"), "JPY": Decimal(160)})


def kept(session: Session, day: date, **per_euro: str) -> None:
    for currency, rate in per_euro.items():
        session.add(ExchangeRate(day=day, currency=currency, per_euro=Decimal(rate)))
    session.flush()


@contextmanager
def answering(status: int, body: bytes = b"") -> Iterator[str]:
    """The address of a source that always answers the same."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_amounts_become_one_and_say_by_which_rates_and_day() -> None:
    found = rates.total({"EUR": Decimal(10), "USD": Decimal(25), "JPY": Decimal(320)}, "EUR", OF_A_DAY)
    assert (found.amount, found.day) == (Decimal(32), DAY)
    assert found.rates == {"JPY": Decimal(160), "USD": Decimal("1.25")}


def test_a_currency_without_a_rate_is_left_out_by_name() -> None:
    found = rates.total({"EUR": Decimal(10), "CLP": Decimal(9000)}, "EUR", OF_A_DAY)
    assert (found.amount, found.left_out) == (Decimal(10), {"CLP": Decimal(9000)})


def test_one_currency_alone_needs_no_rates() -> None:
    found = rates.total({"CLP": Decimal(9000)}, "CLP", Rates(None, {}))
    assert (found.amount, found.rates, found.day) == (Decimal(9000), {}, None)


def test_between_two_currencies_the_way_is_over_the_euro() -> None:
    assert OF_A_DAY.of(Decimal(10), "USD", "JPY") == Decimal(1280)
    assert OF_A_DAY.of(Decimal(10), "USD", "COP") is None


def test_the_rates_of_a_weekend_are_those_of_the_friday_before(session: Session) -> None:
    kept(session, date(2026, 3, 6), EUR="1", USD="1.1")
    kept(session, date(2026, 3, 9), EUR="1", USD="1.2")
    assert rates.latest(session, date(2026, 3, 8)).per_euro["USD"] == Decimal("1.1")
    assert rates.latest(session).day == date(2026, 3, 9)
    assert rates.latest(session, date(2026, 3, 1)).day is None


def test_what_is_published_is_kept_once(session: Session, sandbox: Sandbox) -> None:
    assert rates.read() > 20
    assert rates.read() == 0
    found = rates.latest(session)
    assert found.day is not None
    assert found.per_euro["EUR"] == 1
    assert not found.knows("COP")


def test_a_source_that_is_away_leaves_the_rates_as_they_were(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(session, DAY, EUR="1", USD="1.1")
    with answering(503) as origin:
        monkeypatch.setattr(settings(), "exchange_rates_url", origin)
        with pytest.raises(OutsideUnavailable):
            rates.read()
        currencies.read_rates()
    assert rates.latest(session).day == DAY


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>maintenance</html>",
        b'<Cube time="2026-03-11"/>',
        b'<Cube time="soon"><Cube currency="USD" rate="1.1"/></Cube>',
        b'<Cube time="2026-03-11"><Cube currency="USD" rate="0"/></Cube>',
        b'<Cube time="2026-03-11"><Cube currency="USD" rate="NaN"/></Cube>',
        b'<!DOCTYPE x [<!ENTITY a "1">]><Cube time="2026-03-11"><Cube currency="USD" rate="&a;"/></Cube>',
        b"<a>" + b"x" * exchange_rates.LARGEST + b"</a>",
    ],
)
def test_a_document_that_makes_no_sense_is_not_believed(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(200, body) as origin:
        monkeypatch.setattr(settings(), "exchange_rates_url", origin)
        with pytest.raises(OutsideFailed):
            exchange_rates.published()
