"""What n8n can answer instead of data.

N8nError (an OutsideFailed: 502 unless said otherwise)
├── Refused          the document or an argument is wrong; `reason` is n8n's own sentence
├── Denied           our key is wrong or may not do this: an operator's concern
├── Missing          absent in n8n
├── InConflict       published, still being unpublished, a webhook path taken, not running
├── Unavailable      no answer, no JSON, busy, or too late
└── UnknownOutcome   a write that cannot be repeated blindly and whose answer never came
"""

from __future__ import annotations

from typing import Any

from vibekanban.core.errors import OutsideFailed


class N8nError(OutsideFailed):
    code = "n8n_failed"

    def __init__(self, **params: Any) -> None:
        super().__init__(service="n8n", **params)


class Refused(N8nError):
    code = "n8n_refused"
    status = 422

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason


class Denied(N8nError):
    code = "n8n_denied"


class Missing(N8nError):
    code = "n8n_missing"
    status = 404


class InConflict(N8nError):
    code = "n8n_conflict"
    status = 409

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason


class Unavailable(N8nError):
    code = "n8n_unavailable"
    status = 503


class UnknownOutcome(N8nError):
    code = "n8n_unknown_outcome"
    status = 504
