"""Nodes that lead items on, hold them back or end the run."""

from __future__ import annotations

import json

from vibekanban.sandbox.n8n.problems import NodeFailed
from vibekanban.sandbox.n8n.steps import Outputs, Step
from vibekanban.sandbox.n8n.values import as_text, compact


async def pass_on(step: Step) -> Outputs:
    return [step.items]


async def fail(step: Step) -> Outputs:
    """End the run with a message, or with the message in an object."""
    if step.raw("errorType", "errorMessage") == "errorMessage":
        raise NodeFailed(str(await step.param("errorMessage")))
    told = as_text(await step.param("errorObject", default="{}"))
    try:
        found = json.loads(told)
    except ValueError:
        raise NodeFailed(f'"{told}" is not valid JSON') from None
    message = found.get("message") or found.get("description") or found.get("error") if found else None
    raise NodeFailed(str(message or f"Error: {compact(found)}"))
