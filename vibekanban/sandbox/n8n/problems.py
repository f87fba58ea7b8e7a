"""What n8n answers instead of data, and what goes wrong inside a run."""

from __future__ import annotations

from typing import Any


class Problem(Exception):
    """An answer with a status and n8n's sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class NodeFailed(Exception):
    """A node failed; with these words the run shows it."""

    def __init__(
        self,
        message: str,
        description: str | None = None,
        *,
        name: str = "NodeOperationError",
        as_item: dict[str, Any] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.description = description
        self.name = name
        self.as_item = as_item or {"message": message}  # what goes on where the node may
        self.more = more  # further fields of the error, such as an answer's status


def not_found() -> Problem:
    return Problem(404, "Not Found")
