"""What the reading workloads ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import orjson

from tests.bench.load import Request
from tests.bench.seed import DAYS, LARGE
from vibekanban.core import columns


class Requests:
    """Requests of the people in a file of tokens, in turn."""

    def __init__(self, tokens: Path) -> None:
        lines: list[dict[str, Any]] = [orjson.loads(line) for line in tokens.read_bytes().splitlines()]
        self._with_campaigns = [line for line in lines if line["campaignIds"]]
        self._large = [line for line in lines if len(line["campaignIds"]) == LARGE[1]]

    def of(self, workload: str) -> Callable[[], Iterator[Request]]:
        return {"w1": self.w1, "w2": self.w2, "w3": self.w3}[workload]

    def w1(self) -> Iterator[Request]:
        """Thirty days of a campaign, by MCP token."""
        for line in cycle(self._with_campaigns):
            body = {"arguments": {"id": line["campaignIds"][0]}}
            yield Request("POST", "/api/mcp/tools/get_metrics", line["mcpToken"], body)

    def w2(self) -> Iterator[Request]:
        """A page of campaigns with today's counts, by JWT."""
        for line in cycle(self._with_campaigns):
            yield Request("GET", "/api/meta/campaigns", line["jwt"])

    def w3(self) -> Iterator[Request]:
        """The summary of 200 campaigns over 90 days, by JWT."""
        until = columns.now().date()
        since = until - timedelta(days=DAYS - 1)
        for line in cycle(self._large):
            path = f"/api/meta/metrics/summary?accountId={line['accountId']}&since={since}&until={until}"
            yield Request("GET", path, line["jwt"])
