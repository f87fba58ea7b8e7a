"""What people call the things that fields hold as mere numbers: languages and creatives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from vibekanban.core import db
from vibekanban.domains.editing.models import LanguageName
from vibekanban.domains.meta.models import Creative


@dataclass(frozen=True)
class Names:
    """Names by number; what is in neither has none that we know."""

    languages: Mapping[str, str] = field(default_factory=dict)
    creatives: Mapping[str, Creative] = field(default_factory=dict)


def remember(languages: Mapping[str, str]) -> None:
    """Keep what Meta calls languages."""
    if not languages:
        return
    statement = insert(LanguageName)
    rows = [{"key": key[:20], "name": name[:100]} for key, name in languages.items()]
    with db.transaction() as session:
        session.execute(
            statement.on_conflict_do_update(index_elements=["key"], set_={"name": statement.excluded.name}),
            rows,
        )


def names(session: Session, account_ids: Sequence[UUID], shown: Iterable[Mapping[str, Any]]) -> Names:
    """The names of what sides of changes, or values of forms, mention."""
    sides = list(shown)
    languages = {str(one) for side in sides for one in _languages(side)}
    creatives = {str(side["creativeId"]) for side in sides if side.get("creativeId")}
    known = (
        session.exec(select(LanguageName).where(col(LanguageName.key).in_(languages))) if languages else ()
    )
    found = (
        session.exec(
            select(Creative).where(
                col(Creative.account_id).in_(account_ids), col(Creative.meta_id).in_(creatives)
            )
        )
        if creatives
        else ()
    )
    return Names({one.key: one.name for one in known}, {one.meta_id: one for one in found})


def _languages(side: Mapping[str, Any]) -> Iterator[Any]:
    targeting = side.get("targeting")
    chosen = targeting.get("locales") if isinstance(targeting, Mapping) else None
    yield from chosen if isinstance(chosen, list) else ()
