"""The browser's side of live changes, and ages that tick."""

from __future__ import annotations

from typing import Any

import reflex as rx


def _what(topic: rx.Var[str], account: rx.Var[str], data: rx.Var[str]) -> list[rx.Var[Any]]:
    return [topic, account, data]


class Live(rx.Component):
    """Calls `on_change(topic, account, data as JSON)` when something on the named topics changed."""

    library = "$/public/live.js"
    tag = "Live"
    topics: rx.Var[list[str]]
    on_change: rx.EventHandler[_what]


class TimeAgo(rx.Component):
    """How long ago an ISO moment was; marked once it is older than `stale` seconds."""

    library = "$/public/timeago.js"
    tag = "TimeAgo"
    at: rx.Var[str]
    lang: rx.Var[str]
    stale: rx.Var[int]
    never: rx.Var[str]


live = Live.create
time_ago = TimeAgo.create
