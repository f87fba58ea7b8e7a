"""The look keeps its promises: readable in both modes, in the reader's numbers."""

from __future__ import annotations

import pytest

from vibekanban.ui import theme
from vibekanban.ui.components import parts, plotly_chart

# What is written on what: each pair is held to WCAG AA in both modes.
TEXT_ON = (
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("bg", "surface", "surface-2")),
    *((tone, ground) for tone in ("good", "bad", "warn", "info", "brand") for ground in ("surface", f"{tone}-soft")),
    ("brand-ink", "brand"),
    ("surface", "bad"),
)  # fmt: skip


def contrast(first: str, second: str) -> float:
    """WCAG contrast of two `#rrggbb` colours, from 1 to 21."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour.lstrip("#")[at : at + 2], 16) / 255 for at in (0, 2, 4))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_ON)
def test_text_is_readable_on_what_it_lies_on(mode: theme.Mode, ink: str, ground: str) -> None:
    colour = theme.tokens(mode)
    assert contrast(colour[ink], colour[ground]) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("series", theme.SERIES)
def test_a_line_of_a_chart_can_be_told_from_its_ground(mode: theme.Mode, series: str) -> None:
    colour = theme.tokens(mode)
    assert contrast(colour[series], colour["surface"]) >= 3


def test_both_modes_colour_the_same_things() -> None:
    light, dark = theme.tokens("light"), theme.tokens("dark")
    assert light.keys() - dark.keys() == {"radius"}
    assert dark.keys() <= light.keys()


def test_black_on_white_has_the_greatest_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_a_figure_takes_its_colours_from_the_mode_and_its_separators_from_the_language() -> None:
    dark = plotly_chart.layout("dark", "es")
    assert dark["font"]["color"] == theme.tokens("dark")["ink-2"]
    assert dark["separators"] == ",."
    assert plotly_chart.layout("light", "en")["separators"] == ".,"


def test_a_table_that_folds_keeps_the_letters_of_its_labels() -> None:
    """They are written by the stylesheet, which knows nothing of JSON's escapes."""
    told = str(parts.table("Cosas", [parts.head("Nombre"), parts.head("Último envío")]))
    assert r'["--label-2"] : "\"\u00daltimo env\u00edo\""' in told  # the script's escapes, not the text's
