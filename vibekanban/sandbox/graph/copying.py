"""Copies of campaigns, ad sets and ads, alone or with all that is in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vibekanban.sandbox.graph import params
from vibekanban.sandbox.graph.edges import unknown
from vibekanban.sandbox.graph.problems import GraphError
from vibekanban.sandbox.graph.reading import Reading
from vibekanban.sandbox.graph.tokens import Token
from vibekanban.sandbox.graph.world import ACCOUNTS
from vibekanban.sandbox.graph.writing import Writing

BELOW = {"campaign": "adset", "adset": "ad"}
MOST = 50  # objects a copy may make at once; more go through an asynchronous batch
MOST_LATER = 5000
LEFT_OUT = {
    "id", "level", "account_id", "effective_status", "configured_status", "created_time", "updated_time", "issues_info",
    "ad_review_feedback", "learning_stage_info", "adlabels",
}  # fmt: skip


class Copying:
    """Answers POST …/copies."""

    def __init__(self, reading: Reading, writing: Writing) -> None:
        self._reading = reading
        self._writing = writing

    def copy(
        self, token: Token, object_id: str, asked: dict[str, Any], *, later: bool = False
    ) -> dict[str, Any]:
        """Copy one object; `later` when an asynchronous batch asks."""
        fields = self._reading.object(token, object_id)
        account = ACCOUNTS[fields["account_id"]]
        self._writing.may(token, account)
        level = fields.get("level", "creative")
        if level not in {"campaign", "adset", "ad"}:
            raise unknown("copies")
        tree = list(self._tree(object_id, level, deep=params.truth(asked.get("deep_copy"))))
        if len(tree) > (MOST if not later else MOST_LATER):
            raise GraphError(
                100, "Invalid parameter", subcode=1885194, title="Copy is too large",
                user_message="Copies of many objects must be asked for asynchronously.",
            )  # fmt: skip
        moved = {name: str(asked[name]) for name in ("campaign_id", "adset_id") if asked.get(name)}
        copied: dict[str, str] = {}
        pairs = []
        for one, kind in tree:
            source = self._reading.object(token, one)
            kept = {name: value for name, value in source.items() if name not in LEFT_OUT and name[0] != "_"}
            for parent in ("campaign_id", "adset_id"):
                if parent in kept:
                    kept[parent] = copied.get(kept[parent], moved.get(parent, kept[parent]))
            kept["name"] = _renamed(kept["name"], asked, top=one == object_id)
            kept["status"] = _status(str(asked.get("status_option") or "PAUSED"), source["configured_status"])
            copied[one] = self._writing.keep(token, account, kind, {**kept, f"source_{kind}_id": one})
            pairs.append({"ad_object_type": _type(kind), "source_id": one, "copied_id": copied[one]})
        return {f"copied_{level}_id": copied[object_id], "ad_object_ids": pairs}

    def _tree(self, object_id: str, level: str, *, deep: bool) -> Iterator[tuple[str, str]]:
        yield object_id, level
        if not deep or level not in BELOW:
            return
        account = self._reading.catalogue.account_of(object_id)
        if account is None:
            return
        catalogue = self._reading.catalogue
        children = (
            catalogue.listed(account, "adset", campaign=object_id)
            if level == "campaign"
            else catalogue.listed(account, "ad", adset=object_id)
        )
        for child in children:
            yield from self._tree(child, BELOW[level], deep=True)


def _renamed(name: str, asked: dict[str, Any], *, top: bool) -> str:
    options = params.value(asked.get("rename_options"))
    options = options if isinstance(options, dict) else {}
    strategy = options.get("rename_strategy", "ONLY_TOP_LEVEL_RENAME")
    if strategy == "NO_RENAME" or (strategy == "ONLY_TOP_LEVEL_RENAME" and not top):
        return name
    return f"{options.get('rename_prefix', '')}{name}{options.get('rename_suffix', ' - Copy')}"


def _status(option: str, own: str) -> str:
    return {"ACTIVE": "ACTIVE", "INHERITED_FROM_SOURCE": own}.get(option, "PAUSED")


def _type(level: str) -> str:
    return {"campaign": "campaign", "adset": "ad_set", "ad": "ad"}[level]
