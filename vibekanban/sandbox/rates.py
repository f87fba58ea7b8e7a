"""The European Central Bank's daily document of exchange rates, dated by the sandbox's clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vibekanban.sandbox.graph.clock import Clock

# one euro in the currencies that the bank publishes; it has none for CLP, COP or PEN
PER_EURO = {
    "USD": "1.0832", "JPY": "162.45", "CZK": "25.312", "DKK": "7.4581", "GBP": "0.83415", "HUF": "408.63",
    "PLN": "4.3325", "RON": "4.9768", "SEK": "11.5280", "CHF": "0.9351", "ISK": "145.10", "NOK": "11.6505",
    "TRY": "37.4120", "AUD": "1.6218", "BRL": "6.2890", "CAD": "1.4733", "CNY": "7.8401", "HKD": "8.4296",
    "IDR": "17230.15", "ILS": "4.0230", "INR": "91.3520", "KRW": "1518.20", "MXN": "21.9340", "MYR": "4.8255",
    "NZD": "1.8012", "PHP": "63.780", "SGD": "1.4588", "THB": "37.520", "ZAR": "19.6120",
}  # fmt: skip
PATH = "/stats/eurofxref/eurofxref-daily.xml"


class Rates:
    """Publishes once a working day."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def routes(self) -> list[Route]:
        return [Route(PATH, self._daily)]

    async def _daily(self, _request: Request) -> Response:
        cubes = "".join(f'<Cube currency="{name}" rate="{rate}"/>' for name, rate in PER_EURO.items())
        day = _working(datetime.fromtimestamp(self._clock.now(), UTC).date()).isoformat()
        return Response(
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"'
            ' xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">'
            "<gesmes:subject>Reference rates</gesmes:subject>"
            "<gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>"
            f'<Cube><Cube time="{day}">{cubes}</Cube></Cube></gesmes:Envelope>',
            media_type="text/xml",
        )


def _working(day: date) -> date:
    """The day itself, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))
