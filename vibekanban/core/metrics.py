"""Prometheus metrics of the process, under the names the dashboards know."""

from __future__ import annotations

import os
from functools import lru_cache

from prometheus_client import Counter, Gauge, Histogram, values

_name = str(os.getpid())  # under which this process counts


def count_under(name: str) -> None:
    """Count under a name in place of the process id, in a process that lives briefly."""
    global _name
    _name = name


os.register_at_fork(after_in_child=lambda: count_under(str(os.getpid())))
if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    values.ValueClass = values.MultiProcessValue(lambda: _name)

api_request_duration = Histogram(
    "api_request_duration_seconds",
    "API request duration in seconds",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
meta_api_calls = Counter("meta_api_calls_total", "Calls to the Meta API", ["lane", "outcome"])
meta_api_errors = Counter("meta_api_errors_total", "Total errors from Meta API", ["error_code"])
mcp_tool_calls = Counter("mcp_tool_calls_total", "Calls of MCP tools", ["tool", "outcome"])
mcp_tool_call = lru_cache(maxsize=1000)(mcp_tool_calls.labels)  # of a tool and an outcome
sync_rows = Counter("sync_rows_total", "Rows written by syncs", ["kind"])
jobs = Counter("jobs_total", "Jobs run", ["job", "outcome"])
live_streams = Gauge("live_streams", "Browsers listening to live changes", multiprocess_mode="livesum")
