"""Monthly targets: what an account or a campaign is meant to spend, and where the month will end at this rate."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, func, select

from vibekanban.core import columns, db, events
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.board.models import PacingTarget
from vibekanban.domains.meta import accounts, metrics, money, objects
from vibekanban.domains.meta.models import Campaign, Level, MetaAccount

MOST = Decimal(10) ** 12
EARLY = timedelta(hours=12)  # a rate of less than that says nothing
OVER, UNDER = Decimal("1.1"), Decimal("0.9")
# one row a target: the sum of its days, whichever level it is on
_SPENT = """
SELECT u.place, coalesce(sum(f.spend_micros), 0)::bigint AS spent
FROM unnest(CAST(:accounts AS uuid[]), CAST(:levels AS text[]), CAST(:objects AS text[]),
    CAST(:since AS date[]), CAST(:until AS date[])) WITH ORDINALITY
    AS u(account_id, level, object_id, since, until, place)
LEFT JOIN metric_facts f ON f.account_id = u.account_id AND f.level = u.level AND f.breakdown = ''
    AND f.object_id = u.object_id AND f.day BETWEEN u.since AND u.until
GROUP BY u.place ORDER BY u.place
"""


@dataclass(frozen=True)
class Standing:
    """A target of the month that its account is in, what was spent of it, and where that leads; major units."""

    target: PacingTarget
    account: MetaAccount
    campaign: Campaign | None
    spent: Decimal
    projected: Decimal | None

    @property
    def amount(self) -> Decimal:
        return money.spend(self.target.amount_micros)

    @property
    def name(self) -> str:
        return self.campaign.name if self.campaign else self.account.name

    @property
    def verdict(self) -> str:
        """`over`, `under` or `even`: the end of the month at this rate against the target; empty: too early."""
        if self.projected is None:
            return ""
        return (
            "over"
            if self.projected > self.amount * OVER
            else "under"
            if self.projected < self.amount * UNDER
            else "even"
        )


def aim(
    session: Session,
    owner: UUID,
    *,
    account_id: UUID,
    amount: Decimal,
    campaign_id: UUID | None = None,
    month: date | None = None,
) -> PacingTarget:
    """Set the target of a month, this one unless named; there is one an account and one a campaign."""
    account = accounts.account(session, owner, account_id)
    if campaign_id is not None:
        objects.found(session, owner, Level.CAMPAIGN, campaign_id, account_ids=[account_id])
    if not amount.is_finite() or not 0 < amount < MOST:
        raise Invalid({"amount": "board.field.amount"})
    values = {
        "id": columns.new_id(),
        "user_id": owner,
        "account_id": account_id,
        "campaign_id": campaign_id,
        "month": (month or metrics.local_today(account)).replace(day=1),
        "amount_micros": int(amount * money.MICROS),
        "currency": account.currency,
        "created_at": columns.now(),
        "updated_at": columns.now(),
    }
    statement = insert(PacingTarget).values(**values)
    kept = session.execute(
        statement.on_conflict_do_update(
            index_elements=["account_id", "campaign_id", "month"],
            set_={name: statement.excluded[name] for name in ("amount_micros", "currency", "updated_at")},
        ).returning(col(PacingTarget.id))
    ).scalar_one()
    events.publish(session, owner, events.Topic.BOARD, account_id=account_id)
    return session.exec(
        select(PacingTarget).where(PacingTarget.id == kept).execution_options(populate_existing=True)
    ).one()


def targets(session: Session, owner: UUID, month: date | None = None) -> list[PacingTarget]:
    """One's own, newest month first; of one month when asked."""
    query = select(PacingTarget).where(PacingTarget.user_id == owner)
    if month is not None:
        query = query.where(PacingTarget.month == month.replace(day=1))
    return list(
        session.exec(query.order_by(col(PacingTarget.month).desc(), col(PacingTarget.id)).limit(1000))
    )


def forget(session: Session, owner: UUID, target_id: UUID) -> None:
    found = session.exec(
        select(PacingTarget).where(PacingTarget.id == target_id, PacingTarget.user_id == owner)
    ).first()
    if found is None:
        raise NotFound()
    session.delete(found)
    session.flush()
    events.publish(session, owner, events.Topic.BOARD, account_id=found.account_id)


def standings(session: Session, owner: UUID, *, account_id: UUID | None = None) -> list[Standing]:
    """How the targets of the months under way stand, accounts first; reads the metrics store apart."""
    query = (
        select(PacingTarget, MetaAccount, Campaign)
        .join(MetaAccount, col(MetaAccount.id) == PacingTarget.account_id)
        .outerjoin(Campaign, col(Campaign.id) == PacingTarget.campaign_id)
        .where(
            PacingTarget.user_id == owner,
            MetaAccount.user_id == owner,
            PacingTarget.month
            == func.date_trunc("month", func.timezone(col(MetaAccount.timezone), func.now())),
        )
        .order_by(
            col(PacingTarget.campaign_id).is_not(None),
            func.lower(MetaAccount.name),
            func.lower(Campaign.name),
        )
    )
    if account_id is not None:
        query = query.where(PacingTarget.account_id == account_id)
    found = session.exec(query).all()
    spent = _spent([(target, account, campaign) for target, account, campaign in found])
    return [
        Standing(target, account, campaign, amount, _projected(account, amount))
        for (target, account, campaign), amount in zip(found, spent, strict=True)
    ]


def _spent(found: Sequence[tuple[PacingTarget, MetaAccount, Campaign | None]]) -> list[Decimal]:
    """What each was spent on since its month began."""
    if not found:
        return []
    values = {
        "accounts": [account.id for _, account, _ in found],
        "levels": [(Level.CAMPAIGN if campaign else Level.ACCOUNT).value for _, _, campaign in found],
        "objects": [
            campaign.meta_id if campaign else account.meta_account_id for _, account, campaign in found
        ],
        "since": [target.month for target, _, _ in found],
        "until": [metrics.local_today(account) for _, account, _ in found],
    }
    with db.metrics_transaction() as store:
        return [money.spend(row.spent) for row in store.execute(text(_SPENT), values)]


def _projected(account: MetaAccount, spent: Decimal) -> Decimal | None:
    """The whole month at the rate of its time so far; None before that says anything."""
    if account.today_synced_at is None:
        return None
    local = account.today_synced_at.astimezone(ZoneInfo(account.timezone))
    start = datetime(local.year, local.month, 1, tzinfo=local.tzinfo)
    if start.date() != metrics.local_today(account).replace(day=1) or local - start < EARLY:
        return None
    whole = timedelta(days=monthrange(local.year, local.month)[1])
    return spent * Decimal(whole / (local - start))
