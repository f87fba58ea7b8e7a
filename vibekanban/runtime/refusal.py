"""The one way in which the runtime says no."""

from __future__ import annotations


class Refusal(Exception):
    """A start that cannot go on; the sentence tells the person at the terminal what to change."""

    def __init__(self, sentence: str, *, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code
