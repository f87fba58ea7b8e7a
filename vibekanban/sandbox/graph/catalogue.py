"""The objects as they stand now: what the seed gave, with every edit and creation on top."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from vibekanban.sandbox.graph import learning, seeded
from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.graph.incidents import RUNAWAY, Incidents
from vibekanban.sandbox.graph.sequences import Joined, Seeded
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.world import BY_NUMBER, Account, place

IN_PROCESS = 3.0  # seconds after a creation
REVIEW = 6.0
GONE = frozenset({"DELETED", "ARCHIVED"})
REFUSE = "[reject]"  # an ad with this in its name is disapproved once reviewed
LEVEL_DIGIT = {"campaign": 1, "adset": 2, "ad": 3, "creative": 4}
KEPT_LISTS = 64
REJECTION = {
    "level": "AD",
    "error_code": 2490427,
    "error_summary": "Ad rejected",
    "error_message": "The ad does not comply with our Advertising Standards.",
    "error_type": "HARD_ERROR",
}
Keep = Callable[[dict[str, Any]], bool]


class Catalogue:
    """Looks objects up, lists their ids, and keeps edits and creations.

    Reads go on while one write at a time replaces the dictionaries they look at, never changing them in place.
    """

    def __init__(self, store: Store, clock: Clock, seed: int, incidents: Incidents) -> None:
        self._store = store
        self._clock = clock
        self.seed = seed
        self.incidents = incidents
        self.forget()

    def forget(self) -> None:
        """Read everything from the store again."""
        self.edition: int = getattr(self, "edition", 0) + 1
        self.births: int = getattr(self, "births", 0) + 1
        self._edits: dict[str, dict[str, dict[str, Any]]] = {}
        self._made: dict[str, dict[str, dict[str, Any]]] = {}
        self._lists: dict[tuple[Any, ...], Sequence[str]] = {}

    # -- one object

    def find(self, object_id: str) -> dict[str, Any] | None:
        """Every field of an object now; None when there is none (deleted ones are still found)."""
        account = self.account_of(object_id)
        if account is None:
            return None
        begun = self._begun(account, object_id)
        return None if begun is None else self._finished(account, begun)

    def account_of(self, object_id: str) -> Account | None:
        """The account an object is in, if there is such an object."""
        if not object_id.isdigit() or len(object_id) != 17 or object_id[:2] not in {"12", "13", "14"}:
            return None
        account = BY_NUMBER.get(int(object_id[2:6]))
        if account is None:
            return None
        found = object_id in self.made(account) if object_id[:2] == "13" else place("12" + object_id[2:])
        return account if found else None

    def edits(self, account: Account) -> dict[str, dict[str, Any]]:
        """Every edit of an account, by object."""
        found = self._edits.get(account.id)
        if found is None:
            rows = self._store.rows("SELECT id, changed FROM edits WHERE account = ?", account.id)
            read = {row[0]: json.loads(row[1]) for row in rows}
            found = self._edits.setdefault(account.id, read)
        return found

    def made(self, account: Account) -> dict[str, dict[str, Any]]:
        """Every object created in an account, by id, in the order of creation."""
        found = self._made.get(account.id)
        if found is None:
            rows = self._store.rows(
                "SELECT id, fields FROM created WHERE account = ? ORDER BY id", account.id
            )
            read = {row[0]: json.loads(row[1]) for row in rows}
            found = self._made.setdefault(account.id, read)
        return found

    def _begun(self, account: Account, object_id: str) -> dict[str, Any] | None:
        """An object as it began, its edits not yet applied."""
        if object_id[:2] == "13":
            return self.made(account).get(object_id)
        at = place("12" + object_id[2:])
        if at is None:
            return None
        if object_id[:2] == "12":
            fields = seeded.fields(self.seed, at)
            if at.campaign == 0 and "daily_budget" in fields and self.incidents.struck(account, "runaway"):
                fields["daily_budget"] = str(int(fields["daily_budget"]) * RUNAWAY)
            return fields
        if at.level != "ad":
            return None
        return seeded.creative(account, object_id, seeded.fields(self.seed, at)["name"])

    # -- writes

    def change(self, object_id: str, account: Account, changed: dict[str, Any]) -> None:
        """Keep an edit; status and budget go into the history that delivery follows."""
        now = self._clock.now()
        with self._store.together():
            kept = self.edits(account).get(object_id, {}) | changed | {"_edited": now}
            if "creative" in changed:
                kept["_reviewed_from"] = now
            if learning.SIGNIFICANT & changed.keys():
                kept[learning.FROM] = now
            self._store.write(
                "INSERT OR REPLACE INTO edits VALUES (?, ?, ?)", object_id, account.id, json.dumps(kept)
            )
            for field in ("status", "daily_budget", "lifetime_budget"):
                if field in changed:
                    self._store.write(
                        "INSERT INTO history VALUES (?, ?, ?, ?, ?)",
                        object_id, account.id, field, now, str(changed[field]),
                    )  # fmt: skip
            self._edits[account.id] = {**self.edits(account), object_id: kept}
        self.moved()

    def create(self, account: Account, level: str, fields: dict[str, Any]) -> str:
        """Keep a new object; answers its id."""
        now, text = self._clock.now(), seeded.stamp(self._clock.now())
        with self._store.together():
            made = self.made(account)
            new_id = f"13{account.number:04d}{LEVEL_DIGIT[level]}{900_000_000 + len(made):010d}"
            whole = {
                **fields, "id": new_id, "level": level, "account_id": account.id,
                "created_time": text, "updated_time": text, "_created": now,
            }  # fmt: skip
            self._store.write(
                "INSERT INTO created VALUES (?, ?, ?, ?, ?, ?, ?)",
                new_id, account.id, level, whole.get("campaign_id"), whole.get("adset_id"),
                json.dumps(whole), now,
            )  # fmt: skip
            self._made[account.id] = {**made, new_id: whole}
            self.births += 1
        self.moved()
        return new_id

    def moved(self) -> None:
        """Something changed: lists and numbers made before are stale."""
        self.edition += 1
        self._lists = {}

    # -- lists

    def ids(
        self, account: Account, level: str, *, campaign: str | None = None, adset: str | None = None
    ) -> Sequence[str]:
        """Ids of a level, gone ones too, under a parent when one is named; those of the seed first."""
        made = [
            one["id"]
            for one in list(self.made(account).values())
            if one["level"] == level
            and (campaign is None or one.get("campaign_id") == campaign)
            and (adset is None or one.get("adset_id") == adset)
        ]
        above = place(adset or campaign or "")
        if level not in Seeded.LEVELS or ((adset or campaign) and above is None):
            return made
        of_seed = Seeded(account, level, above.campaign if above else None, above.adset if above else -1)
        return Joined(of_seed, made) if made else of_seed

    def listed(
        self,
        account: Account,
        level: str,
        *,
        campaign: str | None = None,
        adset: str | None = None,
        statuses: frozenset[str] = frozenset(),
        keep: Keep | None = None,
        key: str = "",
    ) -> Sequence[str]:
        """Ids that a list shows: never the deleted, the archived only when `statuses` asks for them.

        `key` names what `keep` keeps, so that the answer can be used again.
        """
        lists = self._lists  # taken first: what a write makes stale meanwhile goes with the old dictionary
        every = self.ids(account, level, campaign=campaign, adset=adset)
        if not statuses and keep is None and not self._any_gone(account):
            return every
        name = (account.id, level, campaign, adset, statuses, key, self._tick(account))
        found = lists.get(name)
        if found is None:
            found = lists[name] = [one for one in every if self._shows(one, statuses, keep)]
            if len(lists) > KEPT_LISTS:
                self._lists = {}
        return found

    def _tick(self, account: Account) -> int:
        """What a list rests on besides edits: the clock, while something is new or an incident is to come."""
        now = self._clock.now()
        reviewed = [one.get("_reviewed_from", 0.0) for one in list(self.edits(account).values())]
        begun = [one["_created"] for one in list(self.made(account).values())]
        restless = max([*reviewed, *begun], default=0.0) > now - 2 * REVIEW
        incident = self.incidents.of(account)
        return int(now) if restless else int(incident is not None and incident.since <= now)

    def _any_gone(self, account: Account) -> bool:
        gone = (one.get("status") in GONE for one in list(self.edits(account).values()))
        return any(gone) or any(one.get("status") in GONE for one in list(self.made(account).values()))

    def _shows(self, object_id: str, statuses: frozenset[str], keep: Keep | None) -> bool:
        fields = self.find(object_id)
        if fields is None or fields["effective_status"] == "DELETED":
            return False
        shown = (
            fields["effective_status"] in statuses if statuses else fields["effective_status"] != "ARCHIVED"
        )
        return shown and (keep is None or keep(fields))

    # -- what happens to an object

    def _finished(self, account: Account, begun: dict[str, Any]) -> dict[str, Any]:
        changed = self.edits(account).get(begun["id"], {})
        whole = begun | {name: value for name, value in changed.items() if value != ""}
        whole = {name: value for name, value in whole.items() if changed.get(name, 0) != ""}
        if "_edited" in changed:
            whole["updated_time"] = seeded.stamp(changed["_edited"])
        whole["configured_status"] = whole.get("status", "ACTIVE")
        whole["effective_status"] = self._effective(account, whole)
        if whole.get("level") == "adset":
            whole["learning_stage_info"] = learning.stage(whole, self._clock.now())
        if whole["effective_status"] == "DISAPPROVED":
            whole["issues_info"] = [REJECTION]
            whole["ad_review_feedback"] = {"global": {"Advertising policies": REJECTION["error_message"]}}
        return whole

    def _effective(self, account: Account, whole: dict[str, Any]) -> str:
        parents = [
            (self._status(account, whole[name]), word)
            for name, word in (("campaign_id", "CAMPAIGN_PAUSED"), ("adset_id", "ADSET_PAUSED"))
            if whole.get(name)
        ]
        own = whole["configured_status"]
        for gone in ("DELETED", "ARCHIVED"):
            if own == gone or any(status == gone for status, _ in parents):
                return gone
        if own == "PAUSED":
            return "PAUSED"
        for status, word in parents:
            if status != "ACTIVE":
                return word
        return self._reviewed(account, whole)

    def _reviewed(self, account: Account, whole: dict[str, Any]) -> str:
        now = self._clock.now()
        if whole.get("level") == "ad":
            at = place(whole["id"])
            if at and seeded.rejected(at) and self.incidents.struck(account, "disapprovals"):
                return "DISAPPROVED"
            since = whole.get("_reviewed_from", whole.get("_created"))
            if since is not None:
                if now - since < REVIEW:
                    return "PENDING_REVIEW"
                return "DISAPPROVED" if REFUSE in str(whole.get("name")) else "ACTIVE"
            return "ACTIVE"
        fresh = whole.get("level") in {"campaign", "adset"} and now - whole.get("_created", 0.0) < IN_PROCESS
        return "IN_PROCESS" if fresh else "ACTIVE"

    def _status(self, account: Account, object_id: str) -> str:
        changed = self.edits(account).get(object_id, {})
        if "status" in changed:
            return changed["status"]
        at = place(object_id)
        if at:
            return "PAUSED" if seeded.starts_paused(at) else "ACTIVE"
        made = self.made(account).get(object_id)
        return made["status"] if made else "DELETED"
