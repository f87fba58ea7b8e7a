"""Audiences in words, as the preview and the change log tell them."""

from __future__ import annotations

from typing import Any

from vibekanban.domains.editing.naming import Names
from vibekanban.ui.editing import audience_words, wording

NAMES = Names(languages={"23": "Español"})
BEFORE: dict[str, Any] = {"geo_locations": {"countries": ["ES"]}, "age_min": 18, "age_max": 65}
AFTER: dict[str, Any] = {
    "geo_locations": {"regions": [{"key": "3872", "name": "Madrid", "country": "ES"}]},
    "age_min": 18,
    "age_max": 65,
    "flexible_spec": [{"interests": [{"id": "1", "name": "Yoga"}, {"id": "2", "name": "Running"}]}],
    "locales": [23],
    "excluded_custom_audiences": [{"id": "7", "name": "Clientes"}],
}


def test_only_the_parts_that_differ_are_told_by_their_names() -> None:
    assert list(audience_words.changed(BEFORE, AFTER, "es", NAMES)) == [
        ("Lugares", "España", "Madrid (región)"),
        ("Idiomas", "—", "Español"),
        ("Intereses y comportamientos", "—", "Yoga, Running"),
        ("Públicos excluidos", "—", "Clientes"),
    ]


def test_the_log_has_a_line_a_part() -> None:
    lines = wording.lines({"targeting": BEFORE}, {"targeting": AFTER}, "EUR", "en", NAMES)
    assert lines[0] == "Audience · Places: Spain → Madrid (region)"
    assert len(lines) == 4


def test_a_long_list_ends_with_how_many_more_there_are() -> None:
    many = {"custom_audiences": [{"id": str(n), "name": f"P{n}"} for n in range(15)]}
    assert audience_words.parts(many, "es", NAMES)["Públicos personalizados"].endswith("P11 y 3 más")


def test_what_meta_alone_knows_is_told_as_it_writes_it() -> None:
    told = audience_words.parts({"geo_locations": {"custom_locations": [{"latitude": 1}]}}, "es", NAMES)
    assert told == {"Puntos en el mapa": '[{"latitude": 1}]'}


def test_a_creative_that_was_never_seen_has_its_number() -> None:
    assert wording.lines({}, {"creativeId": "12"}, "EUR", "es") == ["Creatividad: — → Creatividad 12"]
