"""The address at which Meta tells us what changed; signed, and believed only then."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import PlainTextResponse

from vibekanban.api.errors import responses
from vibekanban.core import db
from vibekanban.core.errors import Forbidden, Malformed
from vibekanban.domains.meta import notices

router = APIRouter(prefix=notices.ROUTE, tags=["Webhooks"])


@router.get("", response_class=PlainTextResponse, responses=responses(Forbidden))
def challenged(
    mode: Annotated[str, Query(alias="hub.mode", max_length=40)] = "",
    challenge: Annotated[str, Query(alias="hub.challenge", max_length=200)] = "",
    token: Annotated[str, Query(alias="hub.verify_token", max_length=200)] = "",
) -> str:
    """Meta looks whether the address is ours."""
    return notices.challenged(mode, challenge, token)


@router.post("", responses=responses(Forbidden, Malformed))
async def told(request: Request) -> Response:
    """Something changed: kept, answered at once, and followed by a job."""
    body = notices.read(await request.body(), request.headers.get("x-hub-signature-256", ""))
    await db.run(notices.keep, body)
    return Response(status_code=200)
