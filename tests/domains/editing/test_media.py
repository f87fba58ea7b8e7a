"""Pictures and videos on their way to Meta, and pages and previews on theirs back."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.conftest import Sandbox
from tests.domains.editing.shop import Shop
from tests.domains.meta.meta_sandbox import fault
from vibekanban.clients.meta import errors as meta_errors
from vibekanban.core.columns import new_id
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.editing import creatives, media
from vibekanban.domains.meta.models import ChangeOutcome

PNG = (
    b"\x89PNG\r\n\x1a\n"
    + (13).to_bytes(4)
    + b"IHDR"
    + (1200).to_bytes(4)
    + (628).to_bytes(4)
    + b"\x08\x02\0\0\0"
)
MP4 = (24).to_bytes(4) + b"ftypmp42" + b"\0" * 12
LINK = "https://tienda.example/rebajas"


def sent(shop: Shop, content: bytes, name: str = "foto.png") -> media.Media:
    return media.upload(shop.user.id, shop.account.id, name, io.BytesIO(content))


def made(shop: Shop, story: dict[str, Any]) -> Any:
    content = {"name": "Rebajas", "object_story_spec": story}
    return creatives.create(shop.user.id, shop.account.id, content, shop.actor)


def test_a_picture_becomes_a_creative_that_shows_it(shop: Shop) -> None:
    picture = sent(shop, PNG)
    assert (picture.kind, picture.width, picture.height) == ("image", 1200, 628)
    [page] = media.pages_of(shop.user.id, shop.account.id)
    story = creatives.link_story(page.id, LINK, message="Hola", headline="Rebajas", image_hash=picture.hash)
    creative = made(shop, story)
    assert (creative.title, creative.body, creative.link_url) == ("Rebajas", "Hola", LINK)
    assert creative.thumbnail_url == picture.url


def test_a_video_can_be_used_once_meta_has_processed_it(shop: Shop, sandbox: Sandbox) -> None:
    video = sent(shop, MP4, "clip.mp4")
    assert not media.video(shop.user.id, shop.account.id, video.video_id).ready
    sandbox.admin.post("/_sandbox/clock", json={"by": 5}).raise_for_status()
    ready = media.video(shop.user.id, shop.account.id, video.video_id)
    assert ready.ready
    creative = made(shop, creatives.video_story("100", LINK, video.video_id, ready.url, headline="Rebajas"))
    assert (creative.object_type, creative.link_url) == ("VIDEO", LINK)


def test_why_meta_takes_no_video_is_said_in_the_readers_language(shop: Shop, sandbox: Sandbox) -> None:
    video = sent(shop, MP4, "clip.mp4")
    with pytest.raises(Invalid) as early:
        made(shop, creatives.video_story("100", LINK, video.video_id, "https://tienda.example/portada.png"))
    assert early.value.fields == {"objectStorySpec": "editing.rule.video_waits"}
    assert shop.changes()[-1].outcome is ChangeOutcome.FAILED
    sandbox.admin.post("/_sandbox/clock", json={"by": 5}).raise_for_status()
    with pytest.raises(Invalid) as bare:
        made(shop, creatives.video_story("100", LINK, video.video_id, ""))
    assert bare.value.fields == {"objectStorySpec": "editing.rule.video_thumbnail"}


@pytest.mark.parametrize("numbers", [{"code": 389}, {"code": 100, "subcode": 389}])
def test_a_video_that_meta_can_not_read_is_said_in_the_readers_language(
    shop: Shop, numbers: dict[str, int]
) -> None:
    fault(shop.sandbox, "error", path="/advideos", method="POST", **numbers)
    with pytest.raises(Invalid) as error:
        sent(shop, MP4, "clip.mp4")
    assert error.value.fields == {"file": "editing.rule.file_unreachable"}


def test_a_file_is_what_its_content_says(shop: Shop) -> None:
    with pytest.raises(Invalid) as error:
        sent(shop, b"<html>not a picture</html>", "foto.png")
    assert error.value.fields == {"file": "editing.rule.file_type"}
    assert shop.writes() == []


def test_a_broken_picture_is_refused_in_metas_words(shop: Shop) -> None:
    with pytest.raises(meta_errors.Refused):
        sent(shop, b"\xff\xd8\xff" + b"0" * 20, "foto.jpg")


def test_a_preview_is_a_frame_of_metas(shop: Shop) -> None:
    creative = {"object_story_spec": creatives.link_story("100", LINK, message="Hola")}
    address = media.preview(shop.user.id, shop.account.id, creative)
    assert address.startswith(shop.sandbox.url)


def test_media_of_other_peoples_accounts_are_none(shop: Shop) -> None:
    with pytest.raises(NotFound):
        media.upload(shop.user.id, new_id(), "foto.png", io.BytesIO(PNG))


def test_creatives_are_found_by_a_part_of_their_name(shop: Shop) -> None:
    made(shop, creatives.link_story("100", LINK))
    found = creatives.creatives_of(shop.user.id, shop.account.id, q="rebaj")
    assert [one.name for one in found.items] == ["Rebajas"]
