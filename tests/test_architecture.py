"""The rules of the house that no single module can keep by itself."""

from __future__ import annotations

import ast
import importlib
import re
import string
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from vibekanban.core import errors, i18n
from vibekanban.core.queue import Job

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = sorted([*(ROOT / "vibekanban").rglob("*.py"), *(ROOT / "workers").rglob("*.py")])
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def test_both_languages_have_the_same_keys() -> None:
    assert i18n.catalogue("es").keys() == i18n.catalogue("en").keys()


def test_a_text_has_the_same_placeholders_in_both_languages() -> None:
    def placeholders(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    spanish, english = i18n.catalogue("es"), i18n.catalogue("en")
    different = [key for key in spanish if placeholders(spanish[key]) != placeholders(english[key])]
    assert different == []


def test_a_key_is_defined_in_one_file_only() -> None:
    seen: dict[str, str] = {}
    twice = []
    for file in sorted((i18n.FOLDER / "es").glob("*.json")):
        for key in re.findall(r'^\s*"([^"]+)":', file.read_text(encoding="utf-8"), re.MULTILINE):
            if key in seen:
                twice.append(f"{key} in {seen[key]} and {file.name}")
            seen[key] = file.name
    assert twice == []


def test_every_error_code_has_a_sentence() -> None:
    for file in (ROOT / "vibekanban").rglob("errors.py"):
        importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
    waiting, codes = [errors.AppError], set()
    while waiting:
        kind = waiting.pop()
        codes.add(kind.code)
        waiting.extend(kind.__subclasses__())
    missing = sorted(code for code in codes if f"errors.{code}" not in i18n.catalogue("es"))
    assert missing == []


@pytest.mark.parametrize("job", list(Job))
def test_every_job_resolves_to_a_function(job: Job) -> None:
    module, _, name = job.value.rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))


def test_only_the_database_module_commits() -> None:
    committing = [
        str(file.relative_to(ROOT))
        for file in PRODUCT
        if re.search(r"\b(session|db)\.commit\(", file.read_text(encoding="utf-8"))
        and "sandbox" not in file.parts
        and file.name != "db.py"
    ]
    assert committing == []


def test_every_table_is_known_to_the_migrations() -> None:
    tables = importlib.import_module("vibekanban.domains.tables")
    named = ast.dump(ast.parse(Path(tables.__file__ or "").read_text(encoding="utf-8")))
    for file in (ROOT / "vibekanban" / "domains").glob("*/models.py"):
        assert f"vibekanban.domains.{file.parent.name}" in named
    assert SQLModel.metadata.tables


def test_no_module_outgrows_its_folder() -> None:
    long = {
        str(file.relative_to(ROOT)): lines
        for file in [*PRODUCT, *TESTS]
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_every_module_says_what_belongs_in_it() -> None:
    silent = [
        str(file.relative_to(ROOT))
        for file in PRODUCT
        if (source := file.read_text(encoding="utf-8")).strip()
        and ast.get_docstring(ast.parse(source)) is None
    ]
    assert silent == []


def test_the_migrations_folder_does_not_shadow_the_library() -> None:
    assert not (ROOT / "alembic" / "__init__.py").exists()


def test_every_event_of_the_pages_carries_a_rule() -> None:
    importlib.import_module("vibekanban.ui.pages")
    guard = importlib.import_module("vibekanban.ui.guard")
    unguarded = sorted(
        name
        for name, rule in guard.rules().items()
        if rule is None and ".vibekanban___" in name and "setvar" not in name
    )
    assert unguarded == []


def test_every_page_can_be_built_in_every_language() -> None:
    pages = importlib.import_module("vibekanban.ui.pages")
    for page in pages.PAGES:
        for locale in i18n.LOCALES:
            page.build(locale)
