"""The people and ad accounts of the sandbox, and which objects they start with; a pure function of the seed.

An object's id tells where it stands: `12` + account (4 digits) + level (1) + campaign (4) + ad set (3) + ad (3).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

MASK = (1 << 64) - 1
LEVEL_DIGIT = {"campaign": "1", "adset": "2", "ad": "3"}
DIGIT_LEVEL = {digit: level for level, digit in LEVEL_DIGIT.items()}
WHOLE = frozenset({"CLP", "COP", "CRC", "HUF", "IDR", "ISK", "JPY", "KRW", "PYG", "TWD", "VND"})
# what a thousand impressions and an order cost, in minor units
PRICES = {
    "EUR": (720, 5400), "USD": (910, 6200), "GBP": (800, 5100), "MXN": (9500, 98000), "BRL": (2400, 21000),
    "JPY": (820, 6900), "CLP": (5200, 41000), "COP": (16000, 150000), "INR": (21000, 240000),
    "PEN": (2600, 17000), "CHF": (1100, 8200),
}  # fmt: skip


def mix(*parts: int) -> int:
    """A well-mixed 64-bit number of some integers (splitmix64)."""
    state = 0x9E3779B97F4A7C15
    for part in parts:
        state = (state ^ part) * 0xBF58476D1CE4E5B9 & MASK
        state ^= state >> 27
        state = state * 0x94D049BB133111EB & MASK
        state ^= state >> 31
    return state


@dataclass(frozen=True)
class Account:
    """An ad account; `campaigns` × `adsets` × `ads` objects to start with."""

    number: int
    name: str
    currency: str
    timezone: str
    scenario: str = "tidy"
    campaigns: int = 12
    adsets: int = 3
    ads: int = 3
    live: int = 1  # one ad in so many is on from the start

    @property
    def id(self) -> str:
        return f"70{self.number:04d}00{(self.number * 7919) % 10000:04d}"

    @property
    def offset(self) -> int:
        return 1 if self.currency in WHOLE else 100

    @property
    def cpm(self) -> int:
        return PRICES[self.currency][0]

    @property
    def order(self) -> int:
        return PRICES[self.currency][1]


@dataclass(frozen=True)
class Person:
    """Somebody with a Facebook profile; `token_days` is how long a long-lived token lasts."""

    key: str
    user_id: str
    name: str
    about_es: str
    about_en: str
    accounts: tuple[Account, ...]
    token_days: float = 60.0


TIDY = Account(1, "Casa Verde · Tienda online", "EUR", "Europe/Madrid")
HARD = (
    Account(101, "Gasto desbocado", "EUR", "Europe/Madrid", "runaway", 6),
    Account(102, "Píxel caído", "EUR", "Europe/Madrid", "pixel_outage", 6),
    Account(103, "Oleada de rechazos", "USD", "America/New_York", "disapprovals", 6),
    Account(104, "Mezcla CBO y ABO", "MXN", "America/Mexico_City", "mixed_budgets", 8),
    Account(105, "東京ストア", "JPY", "Asia/Tokyo", "tidy", 6),
    Account(106, "Tienda Santiago", "CLP", "America/Santiago", "tidy", 6),
    Account(107, "Mumbai Handloom", "INR", "Asia/Kolkata", "tidy", 6),
)
LARGE = (
    Account(201, "Catálogo de 10.000 anuncios", "EUR", "Europe/Madrid", "tidy", 100, 10, 10),
    Account(202, "Catálogo de 40.000 anuncios", "USD", "America/New_York", "tidy", 200, 20, 10, live=50),
)
PLACES = (
    ("EUR", "Europe/Madrid"), ("EUR", "Europe/Paris"), ("USD", "America/New_York"), ("GBP", "Europe/London"),
    ("MXN", "America/Mexico_City"), ("BRL", "America/Sao_Paulo"), ("COP", "America/Bogota"),
    ("PEN", "America/Lima"), ("CLP", "America/Santiago"), ("CHF", "Europe/Zurich"),
)  # fmt: skip
TRADES = (
    "Panadería",
    "Clínica",
    "Academia",
    "Zapatería",
    "Hotel",
    "Gimnasio",
    "Óptica",
    "Vivero",
    "Joyería",
    "Librería",
)
TOWNS = ("Norte", "del Puerto", "Alameda", "San Martín", "Mirador", "La Plaza")
AGENCY = tuple(
    Account(300 + n, f"{TRADES[n % 10]} {TOWNS[n // 10]}", *PLACES[(n * 7) % 10], "tidy", 3 + n % 4, 2, 2)
    for n in range(60)
)
PERSONS = (
    Person(
        "lucia", "4100000000000001", "Lucía Romero",
        "Una tienda online ordenada: 12 campañas en euros.",
        "A tidy online shop: 12 campaigns in euros.",
        (TIDY,),
    ),
    Person(
        "agencia", "4100000000000002", "Agencia Norte",
        "Una agencia con 60 cuentas de varias monedas y husos horarios.",
        "An agency with 60 accounts in several currencies and timezones.",
        AGENCY,
    ),
    Person(
        "dificil", "4100000000000003", "Casos difíciles",
        "Gasto desbocado, píxel caído, rechazos, yenes, pesos y rupias.",
        "Runaway spend, pixel outage, disapprovals, yen, pesos and rupees.",
        HARD,
    ),
    Person(
        "grande", "4100000000000004", "Catálogo enorme",
        "Dos cuentas con 10.000 y 40.000 anuncios.",
        "Two accounts with 10,000 and 40,000 ads.",
        LARGE,
    ),
    Person(
        "caduca", "4100000000000005", "Token a punto de caducar",
        "Como Lucía, pero su permiso caduca en tres días.",
        "Like Lucía, but the permission ends in three days.",
        (Account(2, "Casa Azul · Tienda online", "EUR", "Europe/Madrid", "tidy", 6),),
        2.9,
    ),
)  # fmt: skip
PERSON = {person.key: person for person in PERSONS}
ACCOUNTS = {account.id: account for person in PERSONS for account in person.accounts}
BY_NUMBER = {account.number: account for account in ACCOUNTS.values()}


@dataclass(frozen=True)
class Place:
    """Where an object stands; indexes start at 0 and are -1 above its level."""

    account: Account
    level: str
    campaign: int
    adset: int = -1
    ad: int = -1

    @property
    def id(self) -> str:
        return object_id(self.account, self.level, self.campaign, self.adset, self.ad)


def object_id(account: Account, level: str, campaign: int, adset: int = -1, ad: int = -1) -> str:
    return f"12{account.number:04d}{LEVEL_DIGIT[level]}{campaign:04d}{max(adset, 0):03d}{max(ad, 0):03d}"


@lru_cache(maxsize=200_000)
def place(object_id: str) -> Place | None:
    """The starting object of an id; None when there is none."""
    if len(object_id) != 17 or not object_id.isdigit() or object_id[:2] != "12":
        return None
    account, level = BY_NUMBER.get(int(object_id[2:6])), DIGIT_LEVEL.get(object_id[6])
    if account is None or level is None:
        return None
    campaign, adset, ad = int(object_id[7:11]), int(object_id[11:14]), int(object_id[14:17])
    if campaign >= account.campaigns or adset >= account.adsets or ad >= account.ads:
        return None
    if (level == "campaign" and (adset or ad)) or (level == "adset" and ad):
        return None
    return Place(account, level, campaign, adset if level != "campaign" else -1, ad if level == "ad" else -1)
