"""Asynchronous insights: a run goes from Not Started to Completed by the clock, or fails as it is told to."""

from __future__ import annotations

import json
from typing import Any

from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.graph.paging import switches
from vibekanban.sandbox.graph.problems import GraphError, missing
from vibekanban.sandbox.graph.reading import Reading
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.tokens import Token
from vibekanban.sandbox.graph.world import ACCOUNTS

LASTS = 1.0  # seconds a run takes; the admin can change it
KEPT = 30 * 86400
LATE = "late"  # completed, but its rows come only after as long again
FATES = {"failed": ("Job Failed", 0), "skipped": ("Job Skipped", 0), "stuck": ("Job Running", 100)}


class Reports:
    """Runs are rows; their state is computed from their age."""

    def __init__(self, store: Store, clock: Clock, reading: Reading) -> None:
        self._store = store
        self._clock = clock
        self._reading = reading

    def start(self, token: Token, object_id: str, asked: dict[str, Any]) -> dict[str, Any]:
        account, parents = self._reading.scope(token, object_id)
        self._reading.insights.read(account, parents, asked)
        fates: list[str] = self._store.setting("report_fates", [])
        fate = fates.pop(0) if fates else ""
        self._store.set("report_fates", fates)
        kept = {name: text for name, text in asked.items() if name not in {"access_token", "appsecret_proof"}}
        number = self._store.row("SELECT count(*) FROM reports")
        run_id = f"60{(number[0] if number else 0) + 1:015d}"
        self._store.write(
            "INSERT INTO reports VALUES (?, ?, ?, ?, ?)",
            run_id, account.id, json.dumps({"parents": parents, "asked": kept}), self._clock.now(), fate,
        )  # fmt: skip
        return {"report_run_id": run_id}

    def is_run(self, object_id: str) -> bool:
        return len(object_id) == 17 and object_id.startswith("60")

    def account_of(self, object_id: str) -> str | None:
        """The account a run reports on."""
        if not self.is_run(object_id):
            return None
        row = self._store.row("SELECT account FROM reports WHERE id = ?", object_id)
        return row[0] if row else None

    def state(self, token: Token, run_id: str) -> dict[str, Any]:
        account_id, _query, at, fate = self._row(token, run_id)
        lasts = self._lasts()
        share = 1.0 if lasts <= 0 else min(1.0, (self._clock.now() - at) / lasts)
        answer: dict[str, Any] = {"id": run_id, "account_id": account_id, "time_ref": int(at)}
        if share >= 1 and fate in FATES:
            status, percent = FATES[fate]
            answer |= {"async_status": status, "async_percent_completion": percent}
            if fate == "failed":
                answer |= {
                    "error_code": -2, "error_subcode": 2490547, "error_user_title": "Report failed",
                    "error_user_msg": "The report is too large. Ask for a shorter range.",
                }  # fmt: skip
            return answer
        if share >= 1:
            return answer | {"async_status": "Job Completed", "async_percent_completion": 100}
        status = "Job Not Started" if share < 0.1 else "Job Started" if share < 0.25 else "Job Running"
        return answer | {"async_status": status, "async_percent_completion": int(share * 100)}

    def rows(self, token: Token, run_id: str, asked: dict[str, Any], url: str) -> dict[str, Any]:
        account_id, query, at, fate = self._row(token, run_id)
        if self.state(token, run_id)["async_status"] != "Job Completed":
            raise GraphError(
                2601,
                "(#2601) Attempted to read the results of an async job that has not completed",
                subcode=1815107,
            )
        if fate == LATE and self._clock.now() - at < 2 * self._lasts():
            return {"data": []}
        whole = json.loads(query)
        chosen = {
            name: asked[name]
            for name in ("limit", "after", "offset", "summary", "access_token")
            if name in asked
        }
        return self._reading.insights.page(
            ACCOUNTS[account_id],
            whole["parents"],
            whole["asked"] | chosen,
            url,
            switches(self._store),
            sync=False,
        )

    def _lasts(self) -> float:
        return float(self._store.setting("report_seconds", LASTS))

    def _row(self, token: Token, run_id: str) -> tuple[str, str, float, str]:
        row = self._store.row("SELECT account, query, at, fate FROM reports WHERE id = ?", run_id)
        if row is None or self._clock.now() - row[2] > KEPT:
            raise missing(run_id)
        self._reading.must_see(token, ACCOUNTS[row[0]])
        return row[0], row[1], row[2], row[3]
