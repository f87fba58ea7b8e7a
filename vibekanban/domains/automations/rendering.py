"""The workflow of one automation: its template with everything filled in."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from vibekanban.core.settings import settings
from vibekanban.domains.automations import templates
from vibekanban.domains.automations.models import Automation

ROUTE = "/api/webhooks/n8n"
HEADER = "X-Vibe-Kanban-Key"  # what the path that runs it at once asks for


def workflow_name(automation_id: UUID) -> str:
    """What a later try finds it by; people see it in n8n only."""
    return f"VK {automation_id}"


def tenant_address(user_id: UUID) -> str:
    """By which n8n knows the user who holds what is one person's; no mail reaches it."""
    return f"{user_id}@tenants.vibekanban.com"


def credential_name(automation: Automation) -> str:
    return f"VK {automation.id} token"


def run_credential_name(automation: Automation) -> str:
    return f"VK {automation.id} run"


def run_path(automation: Automation) -> str:
    """Where n8n lets this revision be run at once.

    Each listens at a path of its own: n8n answers a change before its webhooks follow it, and until they do a path
    that stays the same would run what was there before.
    """
    return f"{automation.run_path}-{automation.revision}"


def document(automation: Automation) -> dict[str, Any]:
    """What n8n is to run, without any secret."""
    origin = settings().n8n_platform
    read_by_nodes = {
        **automation.params,
        "automation_id": str(automation.id),
        "account_ids": [str(one) for one in automation.account_ids],
        "mcp_url": f"{origin}/mcp",
        "api_url": f"{origin}/api",
        "report_url": f"{origin}{ROUTE}/{automation.id}",
    }
    return templates.template(automation.template).rendered(
        {
            **automation.params,
            "workflow_name": workflow_name(automation.id),
            "params_json": json.dumps(read_by_nodes),
            "run_path": run_path(automation),
            "credential_id": automation.credential_id,
            "credential_name": credential_name(automation),
            "run_credential_id": automation.run_credential_id,
            "run_credential_name": run_credential_name(automation),
            "timezone": automation.timezone,
            "minute": automation.id.int % 60,  # so that not all of them come at once
        }
    )
