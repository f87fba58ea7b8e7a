"""The settings, `.env.example` and the README's table say the same."""

from __future__ import annotations

import re
from pathlib import Path

from vibekanban.core.settings import ROOT, Settings


def _default(name: str) -> str:
    value = Settings.model_fields[name].get_default(call_default_factory=True)
    if value is None or value == [] or isinstance(value, Path):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


EXPECTED = {
    name.upper(): (_default(name), field.description) for name, field in Settings.model_fields.items()
}


def test_the_example_names_every_setting_with_its_default_and_description() -> None:
    example = (ROOT / ".env.example").read_text()
    found = re.findall(r"^# (.+)\n([A-Z][A-Z0-9_]*)=(.*)$", example, re.MULTILINE)
    assert {name: (default, said) for said, name, default in found} == EXPECTED


def test_the_readme_names_every_setting_with_its_default_and_description() -> None:
    readme = (ROOT / "README.md").read_text()
    found = re.findall(r"^\| `([A-Z][A-Z0-9_]*)` \| (?:`(.*?)`)? ?\| (.+) \|$", readme, re.MULTILINE)
    said = {name: (default, text) for name, default, text in found}
    assert said.pop("DATA_DIR")[0] == ".data"
    assert said == {name: value for name, value in EXPECTED.items() if name != "DATA_DIR"}
