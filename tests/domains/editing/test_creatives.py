"""Creatives against the sandbox."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.domains.editing.shop import Shop
from tests.domains.meta.meta_sandbox import fault
from tests.factories.accounts import a_user
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.editing import creatives, edits
from vibekanban.domains.editing.edits import Edit
from vibekanban.domains.meta.cursors import BadCursor
from vibekanban.domains.meta.models import ActorKind, ChangeOutcome, Creative, Level
from workers import meta_changes

LINK = creatives.link_story("100", "https://example.com", message="Hola", call_to_action="SHOP_NOW")


def a_creative(shop: Shop, **values: Any) -> Creative:
    content = {"name": "Foto", "object_story_spec": LINK, **values}
    made = creatives.create(shop.user.id, shop.account.id, content, shop.actor)
    assert made is not None
    return made


def test_an_accounts_creatives_are_listed_page_by_page(shop: Shop) -> None:
    made = a_creative(shop)
    seen, cursor = [], ""
    while cursor is not None:
        page = creatives.creatives_of(shop.user.id, shop.account.id, limit=50, cursor=cursor or None)
        seen += [one.id for one in page.items]
        cursor = page.next_cursor
    assert len(seen) == len(set(seen)) == 12 * 3 * 3 + 1
    assert made.id in seen


def test_a_cursor_that_is_none_is_refused(shop: Shop) -> None:
    with pytest.raises(BadCursor):
        creatives.creatives_of(shop.user.id, shop.account.id, cursor="nonsense")


def test_a_creative_is_made_and_shows_its_content(shop: Shop) -> None:
    made = a_creative(shop)
    assert (made.name, made.link_url) == ("Foto", "https://example.com")
    assert made.content["object_story_spec"]["link_data"]["message"] == "Hola"
    (change,) = shop.changes()
    assert (change.level, change.action, change.object_id) == (Level.CREATIVE, "create", made.id)
    assert change.outcome is ChangeOutcome.APPLIED


def test_a_dry_run_makes_nothing(shop: Shop) -> None:
    content = {"name": "Foto", "object_story_spec": LINK}
    assert creatives.create(shop.user.id, shop.account.id, content, shop.actor, dry_run=True) is None
    assert (shop.writes(), shop.changes()) == ([], [])


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"object_story_spec": None}, "objectStorySpec"),
        ({"object_story_id": "1_2"}, "objectStorySpec"),
        ({"object_story_spec": {"link_data": {}}}, "objectStorySpec"),
    ],
)
def test_what_a_creative_may_not_be(shop: Shop, content: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as error:
        a_creative(shop, **content)
    assert error.value.fields.keys() == {field}
    assert shop.writes() == []


def test_a_creative_whose_answer_was_lost_is_found_by_its_label(shop: Shop) -> None:
    fault(shop.sandbox, "reset_after_write", path="/adcreatives", method="POST")
    a_creative(shop)
    assert len(shop.writes()) == 1


def test_a_deleted_creative_is_gone(shop: Shop) -> None:
    made = a_creative(shop)
    creatives.delete(shop.user.id, made.id, shop.actor)
    assert shop.at_meta(made.meta_id, "status")["status"] == "DELETED"
    with pytest.raises(NotFound):
        creatives.creative(shop.user.id, made.id)


def test_a_deletion_whose_end_nobody_saw_is_settled(shop: Shop) -> None:
    made = a_creative(shop)
    creatives.delete(shop.user.id, made.id, shop.actor)
    (change,) = [one for one in shop.changes() if one.action == "delete"]
    change.outcome = ChangeOutcome.PENDING
    shop.session.flush()
    meta_changes.resolve_change(str(change.id))
    assert shop.change(change.id).outcome is ChangeOutcome.APPLIED


def test_an_ad_changes_to_another_creative_by_our_id(shop: Shop) -> None:
    made = a_creative(shop)
    done = shop.edit(Level.AD, shop.ad(), {"creative_id": str(made.id)})
    assert shop.ad().creative_id == made.meta_id
    assert done.after.effective_status == "PENDING_REVIEW"


@pytest.mark.parametrize("reference", [str(UUID(int=7)), "abc", ""])
def test_a_creative_that_is_not_there_is_a_field_error(shop: Shop, reference: str) -> None:
    with pytest.raises(Invalid) as error:
        shop.edit(Level.AD, shop.ad(), {"creative_id": reference})
    assert error.value.fields == {"creativeId": "editing.rule.creative_missing"}


def test_creatives_are_not_edited_nor_undone(shop: Shop) -> None:
    a_creative(shop)
    (change,) = shop.changes()
    with pytest.raises(NotFound):
        edits.apply(shop.user.id, Edit.undoing(change), shop.actor)


def test_another_persons_creatives_are_not_there(shop: Shop) -> None:
    made, stranger = a_creative(shop), a_user(shop.session)
    with pytest.raises(NotFound):
        creatives.creatives_of(stranger.id, shop.account.id)
    with pytest.raises(NotFound):
        creatives.creative(stranger.id, made.id)
    with pytest.raises(NotFound):
        creatives.create(stranger.id, shop.account.id, {}, shop.actor)
    with pytest.raises(NotFound):
        creatives.delete(stranger.id, made.id, shop.actor)
    assert ActorKind.USER in {change.actor_kind for change in shop.changes()}
    assert len(shop.writes()) == 1
