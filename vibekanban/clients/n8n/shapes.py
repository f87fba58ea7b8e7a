"""What n8n's answers are read into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Workflow:
    """A workflow in n8n; `active_version` is what runs, None while nothing is published."""

    id: str
    name: str
    version: str
    active_version: str | None
    archived: bool
    document: dict[str, Any]

    @property
    def published(self) -> bool:
        return self.active_version is not None


@dataclass(frozen=True)
class Execution:
    """One run; `status` is n8n's: success, error, canceled, crashed, new, running, waiting, unknown."""

    id: str
    workflow_id: str
    status: str
    mode: str
    started_at: datetime | None
    stopped_at: datetime | None
    error: str
    data: dict[str, Any] | None

    @property
    def failed(self) -> bool:
        return self.status in {"error", "crashed"}


@dataclass(frozen=True)
class Tenant:
    """A user of n8n who never signs in, and the personal project that holds what is theirs."""

    user_id: str
    project_id: str


@dataclass(frozen=True)
class Owner:
    """The owner's sign-in: only n8n's internal API tells which project belongs to a user."""

    email: str
    password: str


def workflow_of(data: dict[str, Any]) -> Workflow:
    return Workflow(
        id=str(data["id"]),
        name=str(data["name"]),
        version=str(data.get("versionId", "")),
        active_version=data.get("activeVersionId"),
        archived=bool(data.get("isArchived")),
        document=data,
    )


def execution_of(data: dict[str, Any]) -> Execution:
    result = (data.get("data") or {}).get("resultData") or {}
    error = result.get("error") or {}
    return Execution(
        id=str(data["id"]),
        workflow_id=str(data.get("workflowId", "")),
        status=str(data.get("status", "unknown")),
        mode=str(data.get("mode", "")),
        started_at=_moment(data.get("startedAt")),
        stopped_at=_moment(data.get("stoppedAt")),
        error=": ".join(part for part in (error.get("message"), error.get("description")) if part)[:500],
        data=result.get("runData"),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None
