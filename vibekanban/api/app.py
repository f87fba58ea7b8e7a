"""Assembles the API: routes, failures, middleware and what a serving process holds for its life."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from prometheus_client import multiprocess
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from vibekanban.api import (
    accounts,
    approvals,
    audit,
    automations,
    board,
    board_talk,
    board_targets,
    browser,
    channels,
    errors,
    fast_lane,
    health,
    jobs,
    mcp_tokens,
    mcp_tools,
    meta_accounts,
    meta_ad_sets,
    meta_ads,
    meta_alerts,
    meta_audiences,
    meta_bulk,
    meta_campaigns,
    meta_changes,
    meta_connections,
    meta_creatives,
    meta_media,
    meta_metrics,
    meta_reports,
    meta_restatements,
    meta_webhooks,
    middleware,
    n8n_webhooks,
    notifications,
    oauth,
    rate_limits,
    reference,
    saved_reports,
    shared_page,
    sharing,
    stopping,
    stream,
    summaries,
    users,
)
from vibekanban.core import broker, logging, pools
from vibekanban.domains.access import audit_reads

SUBJECTS = (
    accounts,
    browser,
    users,
    notifications,
    channels,
    summaries,
    stream,
    health,
    meta_connections,
    meta_accounts,
    meta_campaigns,
    meta_ad_sets,
    meta_ads,
    meta_creatives,
    meta_media,
    meta_changes,
    meta_bulk,
    meta_metrics,
    meta_webhooks,
    meta_reports,
    meta_restatements,
    saved_reports,
    meta_alerts,
    meta_audiences,
    jobs,
    board,
    board_talk,
    board_targets,
    sharing,
    shared_page,
    mcp_tokens,
    mcp_tools,
    approvals,
    oauth,
    stopping,
    audit,
    automations,
    n8n_webhooks,
)


class Api(FastAPI):
    """With the fast lane in front of everything, the middleware included."""

    def build_middleware_stack(self) -> ASGIApp:
        return fast_lane.FastLane(super().build_middleware_stack(), self.state.barred)


def create_api() -> FastAPI:
    """The API without a lifespan: whoever serves it enters `lifespan()`."""
    barred = rate_limits.Barred()
    api = Api(
        title="Vibe Kanban API",
        version="1",
        summary="Meta ads: connections, campaigns, metrics, and access for programs.",
        docs_url=None,
        redoc_url=None,
        openapi_url=reference.OPENAPI,
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
        },  # nobody listens; looking for who does costs
        middleware=[
            Middleware(middleware.Traced),
            Middleware(middleware.Limited, barred=barred),
            Middleware(middleware.SameOrigin),
            Middleware(middleware.Sized),
        ],
    )
    api.state.barred = barred
    errors.install(api)
    for subject in SUBJECTS:
        api.include_router(subject.router)
    reference.install(api)
    return api


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    """What a serving process holds: database pools, the listener of live changes, Redis for its loop."""
    async with AsyncExitStack() as stack:
        stack.callback(_leave_metrics)
        stack.push_async_callback(broker.close)
        await stack.enter_async_context(pools.opened())
        stack.push_async_callback(audit_reads.written)
        await stack.enter_async_context(stream.HUB.listening())
        stack.enter_context(stream.ended_by_signals())
        yield


def _leave_metrics() -> None:
    """Take this process's gauges (its open streams) out of the sum over processes."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(os.getpid())


def standalone() -> FastAPI:
    """The API as an application of its own."""
    logging.configure()
    api = create_api()

    @asynccontextmanager
    async def life(_api: FastAPI) -> AsyncIterator[None]:
        async with lifespan():
            yield

    api.router.lifespan_context = life
    return api
