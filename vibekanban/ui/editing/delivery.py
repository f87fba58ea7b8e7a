"""Why an object delivers, or does not: its issues, its review and its learning phase, for lists."""

from __future__ import annotations

from vibekanban.core.i18n import catalogue, known, say
from vibekanban.domains.meta.models import Ad, AdSet
from vibekanban.domains.meta.objects import Thing


def why(one: Thing, locale: str) -> list[str]:
    """Issues and a review in Meta's words, the learning in ours."""
    told = [str(issue.get("error_summary") or issue.get("error_message") or "") for issue in one.issues]
    if isinstance(one, Ad):
        reviewed = [reasons for reasons in one.review.values() if isinstance(reasons, dict)]
        told += [
            say(locale, "ui.parts.review", reason=str(reason)) for by in reviewed for reason in by.values()
        ]
    elif isinstance(one, AdSet):
        key = f"editing.learning.{one.learning.get('status')}"
        told.append(catalogue(known(locale)).get(key, ""))
    return [text for text in dict.fromkeys(told) if text]
