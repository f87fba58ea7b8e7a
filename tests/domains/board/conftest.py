"""An account for the board to show."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from tests.factories.accounts import a_user
from tests.factories.meta import a_connection, an_account
from vibekanban.domains.meta.models import MetaAccount


@pytest.fixture
def account(session: Session) -> MetaAccount:
    return an_account(session, a_connection(session, a_user(session)))
