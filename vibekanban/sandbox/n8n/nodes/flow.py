"""Nodes that lead items on, hold them back or end the run."""

from __future__ import annotations

import json

from vibekanban.sandbox.n8n.problems import NodeFailed
from vibekanban.sandbox.n8n.steps import Outputs, Step


async def pass_on(step: Step) -> Outputs:
    return [step.items]


async def fail(step: Step) -> Outputs:
    """End the run with a message, or with the message in an object."""
    if step.raw("errorType", "errorMessage") == "errorMessage":
        raise NodeFailed(str(await step.param("errorMessage")))
    told = await step.param("errorObject", default="{}")
    found = json.loads(told) if isinstance(told, str) else told
    message = found.get("message") or found.get("description") or found.get("error") if found else None
    raise NodeFailed(str(message or f"Error: {json.dumps(found)}"))
