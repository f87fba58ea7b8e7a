"""Tools of creatives: what an account has, and making one."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from vibekanban.core import db
from vibekanban.core.shapes import Moment, Shape
from vibekanban.domains.editing import creatives
from vibekanban.domains.editing.comparing import Difference
from vibekanban.domains.meta.models import Creative, Level
from vibekanban.domains.tools import making, reach, settable, writing
from vibekanban.domains.tools.making import Job, Product
from vibekanban.domains.tools.shapes import Optional, Paging, Reference, table
from vibekanban.domains.tools.tool import Context, Done, InvalidArguments
from vibekanban.domains.tools.writing import Writing

Link = Annotated[str, Field(max_length=2000)]
LINKED = ("message", "headline", "description", "image_hash", "call_to_action", "instagram_user_id")


class CreativeRow(Shape):
    """What an ad can show; its content never changes."""

    id: UUID
    meta_id: str
    account_id: UUID
    name: str
    status: str
    object_type: str
    title: str
    body: str
    link_url: str
    call_to_action_type: str
    image_url: str
    synced_at: Moment


class ListCreatives(Paging):
    account_id: Reference


class CreateCreative(Writing):
    """Either the parts of a usual link ad, or one of the specs as Meta writes them."""

    account_id: Reference
    name: Annotated[str, Field(min_length=1, max_length=creatives.NAME)]
    page_id: Reference | Optional = None
    link: Link | Optional = None
    message: settable.Text = ""
    headline: settable.Text = ""
    description: settable.Text = ""
    image_hash: Annotated[str, Field(max_length=64)] = ""
    call_to_action: Annotated[str, Field(max_length=60)] = ""
    instagram_user_id: Annotated[str, Field(max_length=32)] = ""
    object_story_spec: settable.Document | Optional = None
    asset_feed_spec: settable.Document | Optional = None
    object_story_id: Annotated[str, Field(max_length=100)] | Optional = None
    url_tags: Annotated[str, Field(max_length=1000)] | Optional = None
    degrees_of_freedom_spec: settable.Document | Optional = None

    def content(self) -> dict[str, Any]:
        """The creative as the use case takes it; InvalidArguments when a link ad is half given."""
        names = ("name", *creatives.STORIES, *creatives.MORE)
        found = {name: value for name in names if (value := getattr(self, name))}
        if self.link or self.page_id:
            missing = [name for name in ("link", "page_id") if not getattr(self, name)]
            if missing:
                raise InvalidArguments(
                    {{"page_id": "pageId"}.get(one, one): "mcp.fields.missing" for one in missing}
                )
            story = {name: getattr(self, name) for name in LINKED}
            found["object_story_spec"] = creatives.link_story(str(self.page_id), str(self.link), **story)
            found.pop("instagram_user_id", None)
        return found


def list_creatives(context: Context, asked: ListCreatives) -> Done:
    with db.transaction() as session:
        account = reach.account(session, context.caller, asked.account_id)
    found = creatives.creatives_of(context.caller.user_id, account.id, limit=asked.limit, cursor=asked.cursor)
    rows = [CreativeRow.model_validate(one, from_attributes=True) for one in found.items]
    return Done(table(rows, found.next_cursor), account_id=account.id)


def create(context: Context, asked: CreateCreative) -> Done:
    caller = context.caller
    with db.transaction() as session:
        account = reach.account(session, caller, asked.account_id)
    content, actor = asked.content(), writing.acting(context)
    shown = tuple(Difference(name, None, value) for name, value in content.items())
    job: Job[Creative | None] = Job(
        tool="create_creative",
        words="create",
        level=Level.CREATIVE,
        account=account,
        name=asked.name,
        starts=False,
        preview=lambda: creatives.create(caller.user_id, account.id, content, actor, dry_run=True),
        act=lambda: creatives.create(caller.user_id, account.id, content, actor),
        budgets=lambda _: {},
        product=lambda made: Product(made, shown),
    )
    return making.made(context, asked, job)
