"""The look keeps its promises: readable in both modes, in the reader's numbers."""

from __future__ import annotations

import pytest

from vibekanban.ui import theme
from vibekanban.ui.components import parts, plotly_chart


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), theme.TEXT_ON)
def test_text_is_readable_on_what_it_lies_on(mode: theme.Mode, ink: str, ground: str) -> None:
    colour = theme.tokens(mode)
    assert theme.contrast(colour[ink], colour[ground]) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("series", theme.SERIES)
def test_a_line_of_a_chart_can_be_told_from_its_ground(mode: theme.Mode, series: str) -> None:
    colour = theme.tokens(mode)
    assert theme.contrast(colour[series], colour["surface"]) >= 3


def test_both_modes_colour_the_same_things() -> None:
    light, dark = theme.tokens("light"), theme.tokens("dark")
    assert light.keys() - dark.keys() == {"radius"}
    assert dark.keys() <= light.keys()


def test_black_on_white_has_the_greatest_contrast() -> None:
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21)


def test_a_figure_takes_its_colours_from_the_mode_and_its_separators_from_the_language() -> None:
    dark = plotly_chart.layout("dark", "es")
    assert dark["font"]["color"] == theme.tokens("dark")["ink-2"]
    assert dark["separators"] == ",."
    assert plotly_chart.layout("light", "en")["separators"] == ".,"


def test_a_table_that_folds_keeps_the_letters_of_its_labels() -> None:
    """They are written by the stylesheet, which knows nothing of JSON's escapes."""
    told = str(parts.table("Cosas", [parts.head("Nombre"), parts.head("Último envío")]))
    assert r'["--label-2"] : "\"\u00daltimo env\u00edo\""' in told  # the script's escapes, not the text's
