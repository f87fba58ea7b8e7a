"""The product's colours as Python sees them, read from assets/tokens.css so that they are written once."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Literal

Mode = Literal["light", "dark"]
SHEET = Path(__file__).resolve().parents[2] / "assets" / "tokens.css"
SERIES = ("series-1", "series-2", "series-3", "series-4")


@lru_cache
def tokens(mode: Mode) -> dict[str, str]:
    """Every token of a mode by its name without the dashes."""
    selector = r"\.dark" if mode == "dark" else r":root"
    block = re.search(selector + r"\s*\{(.*?)\}", SHEET.read_text(encoding="utf-8"), re.DOTALL)
    if block is None:
        raise ValueError(f"{SHEET.name} has no block for the {mode} mode")
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", block[1]))
