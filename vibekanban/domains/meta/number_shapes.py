"""The numbers of a stretch of time as programs and the API read them."""

from __future__ import annotations

from vibekanban.core.shapes import Shape


class Numbers(Shape):
    """Money is decimal text, `ctr` is in percent; a ratio without a divisor is null."""

    spend: str
    impressions: int
    clicks: int
    link_clicks: int
    conversions: float
    revenue: str
    ctr: float | None
    cpc: str | None
    cpm: str | None
    cpa: str | None
    roas: float | None
