"""Probes: is the process up, can it work, what does it count."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["Operations"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process is up."""
    return {"status": "ok"}
