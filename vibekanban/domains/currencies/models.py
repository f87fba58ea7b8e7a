"""The table of exchange rates."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Numeric
from sqlmodel import Field, SQLModel

from vibekanban.core.columns import moment


class ExchangeRate(SQLModel, table=True):
    """How much of a currency one euro was on a day, as the source published it."""

    __tablename__ = "exchange_rates"  # pyright: ignore[reportAssignmentType]

    day: date = Field(primary_key=True)
    currency: str = Field(max_length=3, primary_key=True)
    per_euro: Decimal = Field(sa_type=Numeric(20, 8), nullable=False)  # pyright: ignore[reportArgumentType, reportCallIssue]
    read_at: datetime = moment()
