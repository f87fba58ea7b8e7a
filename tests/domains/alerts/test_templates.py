"""The drafts that people start from."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from tests.factories.accounts import a_user
from tests.factories.alerts import an_alert
from tests.factories.meta import a_connection, an_account
from vibekanban.core import i18n
from vibekanban.domains.alerts.templates import TEMPLATES


@pytest.mark.parametrize("key", TEMPLATES)
def test_a_template_is_an_alert_as_it_stands_and_has_a_name(session: Session, key: str) -> None:
    account = an_account(session, a_connection(session, a_user(session)))
    assert an_alert(session, account, **TEMPLATES[key]).clauses
    assert all(f"alerts.template.{key}" in i18n.catalogue(locale) for locale in i18n.LOCALES)
