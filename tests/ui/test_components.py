"""The look keeps its promises: readable in both modes, honest about money, usable without a mouse or a screen."""

from __future__ import annotations

import re
from typing import Any

import pytest
import reflex as rx

from vibekanban.core.i18n import LOCALES
from vibekanban.ui import theme
from vibekanban.ui.components import asking, fields, figures, lists, plotly_chart, signs, telling


class Looked(rx.State):
    """A page's variables, as a component sees them."""

    preset: str = "30"
    day: str = "2026-11-24"
    chosen: list[str] = []


def drawn(component: rx.Component) -> str:
    return str(component.render())


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


def test_a_rising_series_rises_on_the_screen() -> None:
    assert figures.spark_path([1, 2, 3]) == "M0.0 30.0L48.0 16.0L96.0 2.0"


def test_a_gap_in_a_series_is_a_gap_in_its_line() -> None:
    assert figures.spark_path([1, None, 3]).count("M") == 2


def test_a_flat_series_runs_through_the_middle() -> None:
    assert figures.spark_path([5, 5]) == "M0.0 16.0L96.0 16.0"


@pytest.mark.parametrize("values", [[], [1], [None, None], [None, 4]])
def test_a_series_of_less_than_two_numbers_draws_nothing(values: list[float | None]) -> None:
    assert figures.spark_path(values) == ""


def test_a_tile_is_coloured_by_what_the_change_means_and_not_by_its_sign() -> None:
    assert "delta num bad" in drawn(figures.kpi("Coste por compra", "11,90 €", delta="+4,0", tone="bad"))


def test_a_question_names_the_money_at_stake_and_offers_the_way_out_first() -> None:
    asked = drawn(
        asking.confirm(
            "es", "ask", "Pausar la entrega", "Deja de entregarse.", act="Pausar", on_confirm=rx.console_log("paused"),
            stake="120.00 USD", stake_label="Presupuesto diario", danger=True,
        )
    )  # fmt: skip
    assert "120.00 USD" in asked
    assert "alertdialog" in asked
    assert asked.index('"Cancelar"') < asked.index('"Pausar"')


def test_a_heading_says_how_the_table_is_sorted() -> None:
    heading = drawn(
        lists.sort_head("Gasto", here=Looked.preset == "30", down=True, on_click=rx.console_log("sorted"))
    )
    assert '"aria-sort"' in heading
    assert "descending" in heading
    assert "none" in heading


def test_a_menu_lies_above_the_page_and_its_button_has_a_name() -> None:
    shown = drawn(lists.menu("m1", "Acciones de Brand", rx.el.button("Pausar")))
    assert 'popoverTarget:"m1"' in shown
    assert 'popover:"auto"' in shown
    assert "Acciones de Brand" in shown


@pytest.mark.parametrize("locale", LOCALES)
def test_every_part_speaks_both_languages(locale: str) -> None:
    def nothing(*_args: Any) -> rx.event.EventSpec:
        return rx.console_log("nothing")

    told = drawn(
        rx.fragment(
            fields.password_input(locale, "password"),
            fields.date_range(
                locale, preset=Looked.preset, since=Looked.day, until=Looked.day,
                on_preset=nothing, on_between=rx.console_log("between"),
            ),
            lists.pager(locale, told="1–5", back=nothing(), on=nothing(), first=True, last=False),
            lists.column_chooser(locale, "columns", [("roas", "ROAS")], chosen=Looked.chosen, on_toggle=nothing),
            telling.live_badge(locale),
            telling.error_panel(locale, "…", on_retry=nothing(), request_id="0193a1f2"),
        )
    )  # fmt: skip
    assert ("Anterior" in told) is (locale == "es")
    assert ("Previous" in told) is (locale == "en")
    assert "kit." not in told


def test_a_failure_is_read_out_at_once_and_news_when_there_is_time() -> None:
    assert '"alert"' in drawn(telling.banner("Meta no responde", kind="bad"))
    assert '"status"' in drawn(telling.banner("La conexión caduca pronto", kind="warn"))


def test_every_sign_is_a_path_and_silent() -> None:
    for name, outline in signs.PATHS.items():
        assert re.fullmatch(r"[MmLlHhVvCcSsAaZz0-9 .,-]+", outline), name
        assert '"aria-hidden":"true"' in drawn(signs.sign(name))


def test_a_figure_takes_its_colours_from_the_mode_and_its_separators_from_the_language() -> None:
    dark = plotly_chart.layout("dark", "es")
    assert dark["font"]["color"] == theme.tokens("dark")["ink-2"]
    assert dark["separators"] == ",."
    assert plotly_chart.layout("light", "en")["separators"] == ".,"


def test_waiting_rows_are_not_read_out() -> None:
    assert drawn(lists.waiting_rows(3, 2)).count('"aria-hidden":"true"') == 2
