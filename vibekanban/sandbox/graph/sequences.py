"""Ids as sequences that know their length and any page of themselves without being written out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from vibekanban.sandbox.graph.world import Account, object_id


class Seeded(Sequence[str]):
    """The ids of a level that the seed gave, under a campaign or an ad set when one is given."""

    LEVELS = ("campaign", "adset", "ad", "creative")

    def __init__(self, account: Account, level: str, campaign: int | None = None, adset: int = -1) -> None:
        self._account = account
        self._level = level
        self._campaign = campaign
        self._adset = adset

    def __len__(self) -> int:
        account = self._account
        campaigns = account.campaigns if self._campaign is None else 1
        if self._level == "campaign":
            return campaigns
        adsets = campaigns * (account.adsets if self._adset < 0 else 1)
        return adsets if self._level == "adset" else adsets * account.ads

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self._at(n) for n in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self._at(index % len(self))

    def _at(self, n: int) -> str:
        account, first = self._account, self._campaign or 0
        if self._level == "campaign":
            return object_id(account, "campaign", first + n)
        ad = -1
        if self._level != "adset":
            n, ad = divmod(n, account.ads)
        if self._adset >= 0:
            campaign, adset = first, self._adset
        else:
            campaign, adset = divmod(n, account.adsets)
            campaign += first
        if self._level == "adset":
            return object_id(account, "adset", campaign, adset)
        found = object_id(account, "ad", campaign, adset, ad)
        return found if self._level == "ad" else "14" + found[2:]


class Joined(Sequence[str]):
    """Two sequences, one after the other."""

    def __init__(self, first: Sequence[str], second: Sequence[str]) -> None:
        self._first = first
        self._second = second

    def __len__(self) -> int:
        return len(self._first) + len(self._second)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[n] for n in range(*index.indices(len(self)))]
        index = index % len(self) if -len(self) <= index < 0 else index
        return self._first[index] if index < len(self._first) else self._second[index - len(self._first)]
