"""Migrations: applying them, and whether they are applied."""

from __future__ import annotations

from dataclasses import dataclass

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from alembic import command
from vibekanban.core import db
from vibekanban.core.settings import ROOT


@dataclass(frozen=True)
class Chain:
    """One line of migrations: its section in alembic.ini, and the table that remembers how far it got."""

    section: str
    table: str

    def engine(self) -> Engine:
        return db.metrics_engine() if self.section == "metrics" else db.engine()

    def config(self) -> Config:
        return Config(str(ROOT / "alembic.ini"), ini_section=self.section)

    def is_current(self) -> bool:
        """Whether the database is at the newest migration of this code."""
        wanted = set(ScriptDirectory.from_config(self.config()).get_heads())
        with self.engine().connect() as connection:
            # a chain without migrations counts too: its empty table says that somebody has looked
            if not inspect(connection).has_table(self.table):
                return False
            context = MigrationContext.configure(connection, opts={"version_table": self.table})
            return set(context.get_current_heads()) == wanted


CHAINS = (Chain("alembic", "alembic_version"), Chain("metrics", "alembic_version_metrics"))


def migrate() -> None:
    """Bring every database to the newest migration; safe to run from several processes at once."""
    for chain in CHAINS:
        if not chain.is_current():
            command.upgrade(chain.config(), "head")
