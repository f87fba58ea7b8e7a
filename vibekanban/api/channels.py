"""Routes of one's notification channels and of what was delivered to them."""

from __future__ import annotations

from datetime import time
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field, SecretStr

from vibekanban.api import wire
from vibekanban.api.deps import CurrentUser, LocaleDep, SeenDep, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Cursor, Limit, Page, Wire, example
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn
from vibekanban.core.shapes import Moment
from vibekanban.domains.notifications import deliveries, notices, own_channels, preferences, queries, sending
from vibekanban.domains.notifications.errors import ChannelOff, NoSigningSecret, TooManyChannels
from vibekanban.domains.notifications.kinds import Subject
from vibekanban.domains.notifications.models import Channel, ChannelKind, Delivery, DeliveryStatus

router = APIRouter(prefix="/api/notifications", tags=["Notifications"])

ID = "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5d"


class ChannelOut(Wire):
    """A channel without its address, of which only the host is shown."""

    id: UUID
    kind: ChannelKind
    label: str
    host: str
    is_active: bool
    last_ok_at: Moment | None
    last_error: str
    last_error_at: Moment | None
    created_at: Moment

    @classmethod
    def of(cls, channel: Channel, locale: str) -> ChannelOut:
        return cls(
            id=channel.id,
            kind=channel.kind,
            label=channel.label,
            host=channel.hint,
            is_active=channel.is_active,
            last_ok_at=channel.last_ok_at,
            last_error=notices.reason(locale, channel.last_error),
            last_error_at=channel.last_error_at,
            created_at=channel.created_at,
        )


class AddedOut(Wire):
    """`secret` verifies a webhook's signatures (Standard Webhooks); it is in this answer and nowhere else."""

    channel: ChannelOut
    secret: str | None


class DeliveryOut(Wire):
    """What became of a notice on its way to a channel."""

    id: UUID
    channel_id: UUID
    kind: str
    title: str
    status: DeliveryStatus
    attempts: int
    last_error: str
    due_at: Moment
    sent_at: Moment | None
    created_at: Moment

    @classmethod
    def of(cls, found: Delivery, locale: str) -> DeliveryOut:
        return cls(
            id=found.id,
            channel_id=found.channel_id,
            kind=found.kind,
            title=notices.write(found.kind, locale, found.params, found.href).title,
            status=found.status,
            attempts=found.attempts,
            last_error=notices.reason(locale, found.last_error),
            due_at=found.due_at,
            sent_at=found.sent_at,
            created_at=found.created_at,
        )


class NewChannel(Wire):
    kind: ChannelKind
    label: str = Field(max_length=400)
    url: SecretStr = Field(max_length=2000, description="Slack's incoming webhook, or your https address")

    model_config = example({"kind": "webhook", "label": "n8n", "url": "https://flows.example.com/webhook/1"})


class ChangedChannel(Wire):
    """What is absent stays as it is."""

    label: str | None = Field(None, max_length=400)
    url: SecretStr | None = Field(None, max_length=2000)
    is_active: bool | None = None

    model_config = example({"isActive": False})


Clock = Annotated[
    str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Of the day, without a timezone")
]


class QuietHours(Wire):
    """In your timezone; past midnight when it ends before it begins."""

    since: Clock
    until: Clock

    model_config = example({"since": "22:00", "until": "08:00"})


class PreferencesOut(Wire):
    """Where notices go by what they are about: `email` and ids of channels, beside the inbox."""

    routes: dict[Subject, list[str]]
    quiet_hours: QuietHours | None

    @classmethod
    def of(cls, found: preferences.Preferences) -> PreferencesOut:
        return cls(
            routes={subject: list(chosen) for subject, chosen in found.routes.items()},
            quiet_hours=_hours(found.quiet) if found.quiet else None,
        )


class NewPreferences(Wire):
    """What is absent stays as it is; `quietHours: null` ends them."""

    routes: dict[Subject, Annotated[list[str], Field(max_length=50)]] = Field(default_factory=dict)
    quiet_hours: QuietHours | None = None

    model_config = example(
        {"routes": {"alerts": ["email", ID]}, "quietHours": {"since": "22:00", "until": "08:00"}}
    )


def _hours(quiet: preferences.Quiet) -> QuietHours:
    return QuietHours(since=quiet.since.isoformat("minutes"), until=quiet.until.isoformat("minutes"))


def _quiet(hours: QuietHours) -> preferences.Quiet:
    return preferences.Quiet(time.fromisoformat(hours.since), time.fromisoformat(hours.until))


@router.get("/preferences", responses=responses(NotSignedIn))
def preferences_now(session: SessionDep, user: CurrentUser) -> PreferencesOut:
    """Where notices go by default, and your quiet hours."""
    return PreferencesOut.of(preferences.preferences(session, user.id))


@router.patch("/preferences", responses=responses(NotSignedIn, Invalid))
def prefer(body: NewPreferences, session: SessionDep, user: CurrentUser) -> PreferencesOut:
    """Choose channels by subject, and the hours in which only urgent notices leave the inbox."""
    for subject, chosen in body.routes.items():
        preferences.choose(session, user.id, subject, chosen)
    if "quiet_hours" in body.model_fields_set:
        hours = body.quiet_hours
        preferences.keep_quiet(session, user.id, _quiet(hours) if hours else None)
    return PreferencesOut.of(preferences.preferences(session, user.id))


@router.get("/channels", responses=responses(NotSignedIn))
def channel_list(session: SessionDep, user: CurrentUser, locale: LocaleDep) -> Page[ChannelOut]:
    """Your channels, oldest first; there are few, so they come on one page."""
    return Page(items=[ChannelOut.of(one, locale) for one in own_channels.channels(session, user.id)])


@router.post("/channels", status_code=201, responses=responses(NotSignedIn, Invalid, TooManyChannels))
def add(body: NewChannel, session: SessionDep, user: CurrentUser, locale: LocaleDep) -> AddedOut:
    """Add a channel; a webhook's signing secret is shown this once."""
    added = own_channels.add(
        session, user.id, kind=body.kind, label=body.label, url=body.url.get_secret_value()
    )
    return AddedOut(channel=ChannelOut.of(added.channel, locale), secret=added.secret)


@router.patch("/channels/{channel_id}", responses=responses(NotSignedIn, NotFound, Invalid))
def change(
    channel_id: UUID, body: ChangedChannel, session: SessionDep, user: CurrentUser, locale: LocaleDep
) -> ChannelOut:
    """Give a channel another name or address, or switch it on or off."""
    changed = own_channels.change(
        session,
        user.id,
        channel_id,
        label=body.label,
        url=body.url.get_secret_value() if body.url else None,
        is_active=body.is_active,
    )
    return ChannelOut.of(changed, locale)


@router.delete("/channels/{channel_id}", status_code=204, responses=responses(NotSignedIn, NotFound))
def remove(channel_id: UUID, session: SessionDep, user: CurrentUser) -> None:
    """Remove a channel with its deliveries."""
    own_channels.remove(session, user.id, channel_id)


@router.post("/channels/{channel_id}/test", responses=responses(NotSignedIn, NotFound))
def test(channel_id: UUID, seen: SeenDep, locale: LocaleDep) -> DeliveryOut:
    """Send a test, also to a channel that is off; the answer says what happened."""
    return DeliveryOut.of(sending.test(seen.user_id, channel_id), locale)


@router.post(
    "/channels/{channel_id}/rotate-secret", responses=responses(NotSignedIn, NotFound, NoSigningSecret)
)
def rotate_secret(channel_id: UUID, session: SessionDep, user: CurrentUser, locale: LocaleDep) -> AddedOut:
    """A new signing secret, shown this once; for a day messages bear both signatures."""
    rotated = own_channels.rotate_secret(session, user.id, channel_id)
    return AddedOut(channel=ChannelOut.of(rotated.channel, locale), secret=rotated.secret)


@router.get("/deliveries", responses=responses(NotSignedIn, wire.BadCursor))
def delivery_log(
    session: SessionDep,
    user: CurrentUser,
    locale: LocaleDep,
    channel_id: Annotated[
        UUID | None, Query(alias="channelId", description="Only those of this channel")
    ] = None,
    limit: Limit = 25,
    cursor: Cursor = None,
) -> Page[DeliveryOut]:
    """What was and will be delivered to your channels, newest first; kept for a month."""
    found = queries.delivery_log(
        session, user.id, channel_id=channel_id, below=wire.after(cursor), limit=limit + 1
    )
    return Page(
        items=[DeliveryOut.of(one, locale) for one in found[:limit]],
        next_cursor=wire.cursor_of(found[limit - 1].id) if len(found) > limit else None,
    )


@router.post(
    "/deliveries/{delivery_id}/resend",
    status_code=202,
    responses=responses(NotSignedIn, NotFound, ChannelOff),
)
def resend(delivery_id: UUID, session: SessionDep, user: CurrentUser, locale: LocaleDep) -> DeliveryOut:
    """Order a delivery once more; the receiver sees the same `webhook-id`."""
    return DeliveryOut.of(deliveries.again(session, user.id, delivery_id), locale)
