"""Webhooks: who is subscribed, what they are told, signed as Meta signs, and a log of every attempt."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
from typing import Any
from urllib.parse import urlsplit

import httpx

from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.graph.problems import GraphError, invalid
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.world import Account

LOCAL = {"localhost", "127.0.0.1", "::1"}  # a sandbox calls nobody but its own machine
FIELDS = (
    "effective_status", "with_issues_ad_objects", "in_process_ad_objects", "creative_fatigue", "ad_recommendations",
    "product_set_issue", "subscriptions",
)  # fmt: skip
LEVELS = {"campaign": "CAMPAIGN", "adset": "AD_SET", "ad": "AD", "creative": "CREATIVE"}
TIMEOUT = 5.0
TRIES = 3
STEP = 0.2  # real seconds between looks at what is due
Waiting = tuple[float, str, dict[str, Any], int]


class Webhooks:
    """Sends from one thread, in order, unless a test wants doubles or disorder."""

    def __init__(self, store: Store, clock: Clock, app_id: str, app_secret: str) -> None:
        self._store = store
        self._clock = clock
        self.app_id = app_id
        self._secret = app_secret
        self._waiting: list[Waiting] = []
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None

    # -- who wants to hear

    def subscribe(self, asked: dict[str, Any]) -> dict[str, Any]:
        """POST /{app}/subscriptions: the callback must echo a challenge first."""
        callback, verify = str(asked.get("callback_url") or ""), str(asked.get("verify_token") or "")
        if not callback or not asked.get("object"):
            raise invalid("object and callback_url are required.", field="callback_url")
        if urlsplit(callback).hostname not in LOCAL:
            raise GraphError(2200, "(#2200) The sandbox calls back to its own machine only.")
        fields = [one.strip() for one in str(asked.get("fields") or "").split(",") if one.strip()]
        challenge = secrets.token_hex(8)
        query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify}
        try:
            answer = httpx.get(callback, params=query, timeout=TIMEOUT)
        except httpx.HTTPError as error:
            raise GraphError(2200, f"(#2200) callback verification failed: {type(error).__name__}") from error
        if answer.status_code != 200 or answer.text.strip('"') != challenge:
            raise GraphError(
                2200, f"(#2200) callback verification failed: HTTP Status Code = {answer.status_code}"
            )
        kind = str(asked["object"])
        entry = {
            "object": kind,
            "callback_url": callback,
            "active": True,
            "fields": [{"name": name, "version": "v26.0"} for name in fields],
        }
        self._store.put("app_subscription", self.app_id, kind, entry)
        return {"success": True}

    def subscriptions(self) -> list[dict[str, Any]]:
        return self._store.things("app_subscription", self.app_id)

    def unsubscribe(self, kind: str) -> None:
        for one in self.subscriptions():
            if not kind or one["object"] == kind:
                self._store.drop("app_subscription", self.app_id, one["object"])

    # -- what they hear

    def announce(self, account: Account, level: str, changed: dict[str, Any]) -> None:
        """A write happened: whoever subscribed the account is told what Meta would tell."""
        value = {"id": changed["id"], "level": LEVELS.get(level, level.upper())}
        if "status" in changed or "created" in changed:
            self.tell(account, "effective_status", value)
        if changed.get("created") and level in {"campaign", "adset"}:
            self.tell(account, "in_process_ad_objects", {**value, "status_name": "ACTIVE"}, after=3.0)
        if level == "ad" and "[reject]" in str(changed.get("name")):
            issue = {"error_code": "2490427", "error_summary": "Ad rejected", "error_message": "Policy"}
            self.tell(account, "with_issues_ad_objects", {**value, **issue}, after=6.0)

    def tell(self, account: Account, field: str, value: dict[str, Any], *, after: float = 0.0) -> bool:
        """Queue a notice to the app's callback, some simulated seconds from now; False when nobody listens."""
        subscription = next((one for one in self.subscriptions() if one["object"] == "ad_account"), None)
        listens = self._store.things("subscribed_app", account.id)
        if subscription is None or not listens:
            return False
        if field not in {one["name"] for one in subscription["fields"]}:
            return False
        due = self._clock.now() + after
        entry = {"id": account.id, "time": int(due), "changes": [{"field": field, "value": value}]}
        self._queue(due, subscription["callback_url"], {"object": "ad_account", "entry": [entry]})
        return True

    def deauthorize(self, url: str, signed_request: str) -> None:
        """Tell the app that somebody took its permissions away."""
        if urlsplit(url).hostname in LOCAL:
            self._queue(self._clock.now(), url, {"signed_request": signed_request})

    def log(self) -> list[dict[str, Any]]:
        rows = self._store.rows("SELECT entry FROM hooks WHERE kind = 'sent' ORDER BY n DESC LIMIT 500")
        return [json.loads(row[0]) for row in rows]

    # -- sending

    def _queue(self, due: float, url: str, body: dict[str, Any]) -> None:
        mode: dict[str, bool] = self._store.setting("webhook_mode", {})
        with self._lock:
            for _ in range(2 if mode.get("duplicate") else 1):
                self._waiting.append((due, url, body, 1))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
                self._thread.start()
        self._wake.set()

    def _run(self) -> None:
        while not self._closed:
            self._wake.wait(STEP if self._waiting else 30.0)
            self._wake.clear()
            for one in self._due():
                self._send(*one)

    def _due(self) -> list[Waiting]:
        now = self._clock.now()
        with self._lock:
            due = [one for one in self._waiting if one[0] <= now]
            self._waiting = [one for one in self._waiting if one[0] > now]
        mode: dict[str, bool] = self._store.setting("webhook_mode", {})
        return due[::-1] if mode.get("disorder") else due

    def _send(self, _due: float, url: str, body: dict[str, Any], attempt: int) -> None:
        form = "signed_request" in body
        raw = json.dumps(body, separators=(",", ":")).encode()
        signature = "sha256=" + hmac.new(self._secret.encode(), raw, hashlib.sha256).hexdigest()
        headers = {} if form else {"content-type": "application/json", "x-hub-signature-256": signature}
        status, problem = 0, ""
        try:
            answer = (
                httpx.post(url, data=body, timeout=TIMEOUT)
                if form
                else httpx.post(url, content=raw, headers=headers, timeout=TIMEOUT)
            )
            status = answer.status_code
        except httpx.HTTPError as error:
            problem = type(error).__name__
        entry = {
            "at": self._clock.now(), "url": url, "status": status, "problem": problem, "attempt": attempt,
            "signature": signature, "body": {} if form else body,
        }  # fmt: skip
        self._store.write("INSERT INTO hooks (kind, entry) VALUES ('sent', ?)", json.dumps(entry))
        if not 200 <= status < 300 and attempt < TRIES:
            with self._lock:
                self._waiting.append((self._clock.now() + 2.0**attempt, url, body, attempt + 1))

    def idle(self) -> bool:
        """Whether nothing is waiting to be sent."""
        return not self._waiting

    def reset(self) -> None:
        with self._lock:
            self._waiting.clear()

    def close(self) -> None:
        self._closed = True
        self._wake.set()
