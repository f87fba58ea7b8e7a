"""What delivers: every ad with its parents and its part of their budget."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from vibekanban.sandbox.graph import seeded
from vibekanban.sandbox.graph.catalogue import Catalogue
from vibekanban.sandbox.graph.world import Account, Place, mix, object_id, place

NEWCOMER = 2  # weight of what was created among its siblings


@dataclass(frozen=True, slots=True)
class Crowd:
    """The weights of siblings: those of the seed, and how many joined on which day."""

    start: int
    joined: tuple[date, ...] = ()

    def total(self, day: date) -> int:
        """Newcomers take from the others only from the day after, so that past hours stay as they were."""
        return self.start + NEWCOMER * sum(1 for one in self.joined if one < day)


@dataclass(frozen=True, slots=True)
class Unit:
    """One ad; `ids` are campaign, ad set and ad."""

    account: Account
    ids: tuple[str, str, str]
    key: int
    campaign: int  # the place of its campaign among the seed's, or a number made from its id
    first_day: date
    weights: tuple[int, int]
    crowds: tuple[Crowd, Crowd]
    shares_campaign: bool  # as the seed had it
    seeded: bool = True
    asleep: bool = False
    stopped: bool = False
    rejected: bool = False
    first_budget: int = 0

    @property
    def runs_away(self) -> bool:
        return self.campaign == 0 and self.seeded

    def share(self, budget: int, day: date, *, shared: bool) -> int:
        """The ad's part of a budget, which the ad sets share when the campaign holds it."""
        if shared:
            crowd = self.crowds[0]
            budget = budget * self.weights[0] // max(crowd.total(day), self.weights[0])
        crowd = self.crowds[1]
        return budget * self.weights[1] // max(crowd.total(day), self.weights[1])


class Units:
    """The units of an account, of the seed and created; built anew when something was created."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._births = -1
        self._kept: dict[str, dict[str, list[Unit]]] = {}

    def of(
        self,
        account: Account,
        *,
        campaign: str | None = None,
        adset: str | None = None,
        ad: str | None = None,
    ) -> Sequence[Unit]:
        """All units, or those under an object."""
        births = self._catalogue.births  # taken first: a birth meanwhile makes the next call look again
        if self._births != births:
            self._kept, self._births = {}, births
        kept = self._kept
        index = kept.get(account.id)
        if index is None:
            index = kept[account.id] = self._indexed(account)
        return index.get(ad or adset or campaign or "", ())

    def _indexed(self, account: Account) -> dict[str, list[Unit]]:
        index: dict[str, list[Unit]] = defaultdict(list)
        for unit in self._built(account):
            for name in ("", *unit.ids):
                index[name].append(unit)
        return dict(index)

    def _built(self, account: Account) -> list[Unit]:
        made = [
            one for one in list(self._catalogue.made(account).values()) if one["level"] in {"adset", "ad"}
        ]
        joined: dict[str, list[date]] = {}
        for one in made:
            parent = str(one["campaign_id"] if one["level"] == "adset" else one["adset_id"])
            joined.setdefault(parent, []).append(_day(account, one["_created"]))
        found = [self._of_seed(at, joined) for at in _places(account)]
        return found + [self._created(account, one, joined) for one in made if one["level"] == "ad"]

    def _of_seed(self, at: Place, joined: dict[str, list[date]]) -> Unit:
        account, seed = at.account, self._catalogue.seed
        campaign_id = object_id(account, "campaign", at.campaign)
        adset_id = object_id(account, "adset", at.campaign, at.adset)
        holds = seeded.campaign_holds(account, at.campaign)
        budget = seeded.budget if holds else seeded.adset_budget
        return Unit(
            account,
            (campaign_id, adset_id, at.id),
            mix(seed, account.number, at.campaign, at.adset, at.ad),
            at.campaign,
            seeded.born(seed, account, at.campaign),
            (2 + at.adset % 3, 2 + at.ad % 3),
            (
                _crowd(account.adsets, tuple(joined.get(campaign_id, ()))),
                _crowd(account.ads, tuple(joined.get(adset_id, ()))),
            ),
            holds,
            asleep=seeded.starts_paused(at),
            stopped=at.campaign % 6 == 5,
            rejected=seeded.rejected(at),
            first_budget=budget(seed, account, at.campaign),
        )

    def _created(self, account: Account, ad: dict[str, object], joined: dict[str, list[date]]) -> Unit:
        ids = str(ad["campaign_id"]), str(ad["adset_id"]), str(ad["id"])
        campaign, adset = place(ids[0]), place(ids[1])
        weights = (2 + adset.adset % 3 if adset else NEWCOMER, NEWCOMER)
        return Unit(
            account,
            ids,
            mix(self._catalogue.seed, int(ids[2])),
            campaign.campaign if campaign else mix(int(ids[0])) % 5 + 6,
            _day(account, ad["_created"]),
            weights,
            (
                _crowd(account.adsets if campaign else 0, tuple(joined.get(ids[0], ()))),
                _crowd(account.ads if adset else 0, tuple(joined.get(ids[1], ()))),
            ),
            shares_campaign=False,
            seeded=False,
        )


def _places(account: Account) -> Iterator[Place]:
    for campaign in range(account.campaigns):
        for adset in range(account.adsets):
            for ad in range(account.ads):
                yield Place(account, "ad", campaign, adset, ad)


@lru_cache(maxsize=1000)
def _crowd(count: int, joined: tuple[date, ...]) -> Crowd:
    return Crowd(sum(2 + index % 3 for index in range(count)), joined)


def _day(account: Account, moment: object) -> date:
    return datetime.fromtimestamp(float(str(moment)), UTC).astimezone(ZoneInfo(account.timezone)).date()
