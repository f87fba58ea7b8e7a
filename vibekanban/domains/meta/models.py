"""Tables of connections to Meta, the structure of ad accounts, changes and syncs.

Metric facts are not here: they live in the metrics store (see `metrics_store.py`).
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from vibekanban.core.columns import big, choice, document, key, moment, texts


class ConnectionMode(StrEnum):
    OAUTH = "oauth"
    SYSTEM_USER = "system_user"


class ConnectionStatus(StrEnum):
    """NEEDS_REAUTH: the person must sign in at Meta again. NEEDS_USER_ACTION: Meta asks them something."""

    ACTIVE = "active"
    NEEDS_REAUTH = "needs_reauth"
    NEEDS_USER_ACTION = "needs_user_action"
    REVOKED = "revoked"


class Permission(StrEnum):
    """READ asks for ads_read; MANAGE for ads_management too."""

    READ = "read"
    MANAGE = "manage"


class Level(StrEnum):
    """Levels of Meta's hierarchy, named as Meta's insights name them."""

    ACCOUNT = "account"
    CAMPAIGN = "campaign"
    AD_SET = "adset"
    AD = "ad"
    CREATIVE = "creative"  # nothing is measured there; it is only made, and changes say so


MEASURED = (Level.ACCOUNT, Level.CAMPAIGN, Level.AD_SET, Level.AD)


class MetaConnection(SQLModel, table=True):
    """A person's sign-in at Meta (or a system user's token); the token is sealed with the row's id."""

    __tablename__ = "meta_connections"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("user_id", "meta_user_id"),)

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    mode: ConnectionMode = choice(ConnectionMode)
    permission: Permission = choice(Permission)
    meta_user_id: str = Field(max_length=32)
    meta_user_name: str = Field(default="", max_length=200)
    scopes: list[str] = texts()
    sealed_token: str
    status: ConnectionStatus = choice(ConnectionStatus, ConnectionStatus.ACTIVE, index=True)
    expires_at: datetime | None = moment(optional=True)
    data_access_expires_at: datetime | None = moment(optional=True)
    checked_at: datetime | None = moment(optional=True)
    warned_days: int | None = Field(default=None, description="Last expiry warning sent: 14, 7, 3 or 1")
    created_at: datetime = moment()
    updated_at: datetime = moment()


class MetaOauthState(SQLModel, table=True):
    """The `state` of a sign-in under way: good once, for ten minutes."""

    __tablename__ = "meta_oauth_states"  # pyright: ignore[reportAssignmentType]

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    state_hash: bytes = Field(sa_type=LargeBinary, unique=True)
    permission: Permission = choice(Permission)
    return_locale: str = Field(default="es", max_length=2)
    expires_at: datetime = moment(default_now=False)
    created_at: datetime = moment()


class MetaDeletion(SQLModel, table=True):
    """A person asked Meta that we delete their data; whoever has the code may read how far it is."""

    __tablename__ = "meta_deletions"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("meta_deletions_open", "id", postgresql_where=text("finished_at IS NULL")),)

    id: UUID = key()
    code: str = Field(max_length=40, unique=True)
    remaining: list[str] = texts()
    requested_at: datetime = moment()
    finished_at: datetime | None = moment(optional=True)


class MetaAccount(SQLModel, table=True):
    """An ad account as one of our users sees it; `meta_account_id` is without `act_`."""

    __tablename__ = "meta_accounts"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("user_id", "meta_account_id"),)

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    connection_id: UUID = Field(foreign_key="meta_connections.id", ondelete="CASCADE", index=True)
    meta_account_id: str = Field(max_length=32)
    name: str = Field(max_length=200)
    currency: str = Field(max_length=3)
    timezone: str = Field(max_length=64)
    account_status: int = Field(default=1, description="Meta's: 1 active, 2 disabled, 3 unsettled …")
    conversion_event: str | None = Field(
        default=None, max_length=120, description="Declared action type; empty: first purchase type present"
    )
    missing_scopes: list[str] = texts()
    unreachable_at: datetime | None = moment(optional=True)
    structure_synced_at: datetime | None = moment(optional=True)
    today_synced_at: datetime | None = moment(optional=True)
    trailing_synced_at: datetime | None = moment(optional=True)
    history_since: date | None = Field(default=None, description="First day we hold metrics for")
    agents_stopped_at: datetime | None = moment(optional=True)
    activities_read_until: datetime | None = moment(optional=True)
    created_at: datetime = moment()
    updated_at: datetime = moment()


TROUBLED = "effective_status IN ('DISAPPROVED', 'WITH_ISSUES', 'PENDING_BILLING_INFO')"


class Synced(SQLModel):
    """What every object of an account has in common; budgets are in Meta's minor units."""

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    account_id: UUID = Field(foreign_key="meta_accounts.id", ondelete="CASCADE")
    meta_id: str = Field(max_length=32)
    name: str = Field(max_length=400)
    status: str = Field(max_length=40)
    effective_status: str = Field(max_length=40)
    issues: list[dict[str, Any]] = document(list)
    created_time: datetime | None = moment(optional=True)
    updated_time: datetime | None = moment(optional=True)
    missing_at: datetime | None = moment(optional=True)
    synced_at: datetime = moment()


class Campaign(Synced, table=True):
    """A campaign, with today's additive counts kept beside it for the list."""

    __tablename__ = "campaigns"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("account_id", "meta_id"),
        Index("campaigns_by_user", "user_id", "id"),
        Index("campaigns_in_trouble", "account_id", postgresql_where=text(TROUBLED)),
    )

    id: UUID = key()
    objective: str = Field(default="", max_length=60)
    buying_type: str = Field(default="AUCTION", max_length=30)
    bid_strategy: str = Field(default="", max_length=60)
    special_ad_categories: list[str] = texts()
    daily_budget: int | None = big(optional=True)
    lifetime_budget: int | None = big(optional=True)
    start_time: datetime | None = moment(optional=True)
    stop_time: datetime | None = moment(optional=True)
    spend_cap: int | None = big(optional=True)
    special_ad_category_country: list[str] = texts()
    is_adset_budget_sharing_enabled: bool | None = None
    today: date | None = Field(default=None, description="The account's day of the counts below")
    today_spend_micros: int = big(0)
    today_impressions: int = big(0)
    today_clicks: int = big(0)
    today_conversions_micros: int = big(0)
    today_revenue_micros: int = big(0)


class AdSet(Synced, table=True):
    __tablename__ = "ad_sets"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("account_id", "meta_id"),
        Index("ad_sets_by_user", "user_id", "id"),
        Index("ad_sets_in_trouble", "account_id", postgresql_where=text(TROUBLED)),
        Index("ad_sets_by_campaign", "campaign_id"),
    )

    id: UUID = key()
    campaign_id: UUID = Field(foreign_key="campaigns.id", ondelete="CASCADE")
    optimization_goal: str = Field(default="", max_length=60)
    billing_event: str = Field(default="", max_length=40)
    bid_strategy: str = Field(default="", max_length=60)
    bid_amount: int | None = big(optional=True)
    daily_budget: int | None = big(optional=True)
    lifetime_budget: int | None = big(optional=True)
    targeting: dict[str, Any] = document(dict)
    start_time: datetime | None = moment(optional=True)
    end_time: datetime | None = moment(optional=True)
    bid_constraints: dict[str, Any] = document(dict)
    promoted_object: dict[str, Any] = document(dict)
    destination_type: str = Field(default="", max_length=60)
    learning: dict[str, Any] = document(dict)


class Ad(Synced, table=True):
    __tablename__ = "ads"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("account_id", "meta_id"),
        Index("ads_by_user", "user_id", "id"),
        Index("ads_in_trouble", "account_id", postgresql_where=text(TROUBLED)),
        Index("ads_by_ad_set", "ad_set_id"),
        Index("ads_by_campaign", "campaign_id"),
    )

    id: UUID = key()
    campaign_id: UUID = Field(foreign_key="campaigns.id", ondelete="CASCADE")
    ad_set_id: UUID = Field(foreign_key="ad_sets.id", ondelete="CASCADE")
    creative_id: str = Field(default="", max_length=32)
    review: dict[str, Any] = document(dict)


class Creative(SQLModel, table=True):
    """What an ad shows; its content can not change. Kept as it is seen, for choosing one and for showing it."""

    __tablename__ = "creatives"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("account_id", "meta_id"),
        Index("creatives_by_user", "user_id", "id"),
    )

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    account_id: UUID = Field(foreign_key="meta_accounts.id", ondelete="CASCADE")
    meta_id: str = Field(max_length=32)
    name: str = Field(default="", max_length=400)
    status: str = Field(default="", max_length=40)
    object_type: str = Field(default="", max_length=40)
    title: str = ""
    body: str = ""
    link_url: str = ""
    call_to_action_type: str = Field(default="", max_length=60)
    image_url: str = ""
    thumbnail_url: str = ""
    content: dict[str, Any] = document(dict)
    synced_at: datetime = moment()


class MetaNotice(SQLModel, table=True):
    """Something Meta told us of an ad account, kept once however often it is sent."""

    __tablename__ = "meta_notices"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("meta_notices_waiting", "meta_account_id", "id", postgresql_where=text("done_at IS NULL")),
    )

    id: UUID = key()
    digest: bytes = Field(sa_type=LargeBinary, unique=True)
    meta_account_id: str = Field(max_length=32)
    field: str = Field(max_length=60)
    value: dict[str, Any] = document(dict)
    received_at: datetime = moment()
    done_at: datetime | None = moment(optional=True)


class ObjectTrouble(SQLModel, table=True):
    """A stretch of time in which an object was rejected, had issues, or was worn out; open while it lasts."""

    __tablename__ = "object_troubles"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("object_troubles_by_account", "account_id", "campaign_id"),
        Index(
            "object_troubles_open", "object_id", "status", unique=True, postgresql_where=text("until IS NULL")
        ),
    )

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    account_id: UUID = Field(foreign_key="meta_accounts.id", ondelete="CASCADE")
    level: str = Field(max_length=10)
    object_id: UUID
    campaign_id: UUID | None = None
    ad_set_id: UUID | None = None
    status: str = Field(max_length=40)
    since: datetime = moment()
    until: datetime | None = moment(optional=True)


class ActorKind(StrEnum):
    USER = "user"
    TOKEN = "token"  # noqa: S105 - an MCP token acted
    RULE = "rule"
    OUTSIDE = "outside"


class ChangeOutcome(StrEnum):
    """A change is written PENDING before Meta is called, so that a crash leaves a trace to resolve."""

    PENDING = "pending"
    APPLIED = "applied"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Change(SQLModel, table=True):
    """One change of an object at Meta: who, what, before, after. Append-only but for its outcome."""

    __tablename__ = "changes"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("changes_by_user", "user_id", "id"),
        Index("changes_by_object", "object_id", "id"),
        Index("changes_by_batch", "batch_id", postgresql_where=text("batch_id IS NOT NULL")),
        Index(
            "changes_reverting",
            "reverts_id",
            unique=True,
            postgresql_where=text("reverts_id IS NOT NULL AND outcome <> 'failed'"),
        ),
        Index(
            "changes_outside",
            "account_id",
            "outside_key",
            unique=True,
            postgresql_where=text("outside_key IS NOT NULL"),
        ),
    )

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    account_id: UUID = Field(foreign_key="meta_accounts.id", ondelete="CASCADE")
    level: Level = choice(Level)
    object_id: UUID
    object_name: str = Field(default="", max_length=400)
    action: str = Field(max_length=40)
    actor_kind: ActorKind = choice(ActorKind)
    actor_id: UUID | None = None
    actor_name: str = Field(default="", max_length=200)
    batch_id: UUID | None = Field(default=None, description="Shared by the changes that were ordered as one")
    reverts_id: UUID | None = Field(default=None, description="The change that this one undid")
    outside_key: str | None = Field(
        default=None, max_length=64, description="What tells an entry of Meta's own log from the others"
    )
    before: dict[str, Any] = document(dict)
    after: dict[str, Any] = document(dict)
    outcome: ChangeOutcome = choice(ChangeOutcome, ChangeOutcome.PENDING)
    error_code: str | None = Field(default=None, max_length=60)
    created_at: datetime = moment()
    settled_at: datetime | None = moment(optional=True)


class SyncKind(StrEnum):
    """ACCOUNT: structure and the first 30 days. TODAY, TRAILING (28 days) and HISTORY: metrics.

    BREAKDOWN: a level cut by a breakdown, because somebody looks at it.
    """

    ACCOUNT = "account"
    TODAY = "today"
    TRAILING = "trailing"
    HISTORY = "history"
    BREAKDOWN = "breakdown"


class SyncStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Sync(SQLModel, table=True):
    """One run of a sync, with its progress; also the answer of GET /api/jobs/:jobId."""

    __tablename__ = "syncs"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("syncs_by_account", "account_id", "id"), Index("syncs_by_user", "user_id", "id"))

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    account_id: UUID = Field(foreign_key="meta_accounts.id", ondelete="CASCADE")
    kind: SyncKind = choice(SyncKind)
    status: SyncStatus = choice(SyncStatus, SyncStatus.QUEUED, index=True)
    step: str = Field(default="", max_length=40, description="Key of the step under way: syncs.step.<step>")
    progress: int = Field(default=0, description="Percent, 0 to 100")
    cursor: dict[str, Any] = document(dict)
    error_code: str | None = Field(default=None, max_length=60)
    since: date | None = None
    until: date | None = None
    level: Level = choice(Level, Level.ACCOUNT)
    breakdown: str = Field(default="", max_length=60, description="With `level`, of a BREAKDOWN only")
    created_at: datetime = moment()
    started_at: datetime | None = moment(optional=True)
    hop: int = Field(
        default=0, description="Grows with every piece of work; a late twin sees that it is late"
    )
    due_at: datetime = moment()
    tries: int = 0
    finished_at: datetime | None = moment(optional=True)
