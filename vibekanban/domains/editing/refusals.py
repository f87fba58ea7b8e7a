"""Meta's refusals in our words, where we have them."""

from __future__ import annotations

from collections.abc import Mapping

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.core.errors import AppError, Invalid
from vibekanban.domains.editing import pace

# what Meta says of pictures and videos, by subcode or by code: the field it is about, and the sentence
MEDIA: Mapping[int, tuple[str, str]] = {
    1885252: ("objectStorySpec", "editing.rule.video_waits"),
    1443226: ("objectStorySpec", "editing.rule.video_thumbnail"),
    389: ("file", "editing.rule.file_unreachable"),
}


def ours(error: meta_errors.Refused) -> AppError | None:
    """The failure that says the same in the reader's language; None where only Meta's words tell."""
    for number in (error.subcode, error.meta_code):
        if number is not None and number in MEDIA:
            field, sentence = MEDIA[number]
            return Invalid({field: sentence})
    return pace.refusal(error)
