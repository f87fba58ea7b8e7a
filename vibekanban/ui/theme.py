"""The product's colours as Python sees them, read from assets/tokens.css so that they are written once."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Literal

Mode = Literal["light", "dark"]
SHEET = Path(__file__).resolve().parents[2] / "assets" / "tokens.css"
SERIES = ("series-1", "series-2", "series-3", "series-4")

# What is written on what. A test holds each pair to WCAG AA in both modes.
TEXT_ON = (
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("bg", "surface", "surface-2")),
    *((tone, ground) for tone in ("good", "bad", "warn", "info", "brand") for ground in ("surface", f"{tone}-soft")),
    ("brand-ink", "brand"),
    ("surface", "bad"),
)  # fmt: skip


@lru_cache
def tokens(mode: Mode) -> dict[str, str]:
    """Every token of a mode by its name without the dashes."""
    selector = r"\.dark" if mode == "dark" else r":root"
    block = re.search(selector + r"\s*\{(.*?)\}", SHEET.read_text(encoding="utf-8"), re.DOTALL)
    if block is None:
        raise ValueError(f"{SHEET.name} has no block for the {mode} mode")
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", block[1]))


def contrast(first: str, second: str) -> float:
    """WCAG contrast of two `#rrggbb` colours, from 1 to 21."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour.lstrip("#")[at : at + 2], 16) / 255 for at in (0, 2, 4))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
