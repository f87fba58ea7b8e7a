"""Shops of the sandbox."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlmodel import Session

from tests.conftest import Sandbox
from tests.domains.editing.shop import Shop, a_shop


@pytest.fixture
def shop(session: Session, sandbox: Sandbox) -> Shop:
    """Lucía's shop: euros, the campaigns hold the budgets."""
    return a_shop(session, sandbox)


@pytest.fixture
def shop_of(session: Session, sandbox: Sandbox) -> Callable[..., Shop]:
    """Another person's shop: `shop_of("dificil", "JPY")`."""
    return lambda person, currency="": a_shop(session, sandbox, person, currency)
