"""Somebody's own channels under a new encryption key."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator

import pytest
from sqlmodel import Session

from tests.factories.accounts import a_user
from tests.factories.notifications import a_channel
from vibekanban.core import settings, vault
from vibekanban.domains.notifications import deliveries, own_channels

Change = Callable[[], None]


@pytest.fixture
def change_key(monkeypatch: pytest.MonkeyPatch) -> Iterator[Change]:
    """Another present key; the one before only opens."""

    def change() -> None:
        monkeypatch.setenv("ENCRYPTION_KEYS_OLD", settings.settings().encryption_key)
        monkeypatch.setenv("ENCRYPTION_KEY", secrets.token_hex(32))
        settings.settings.cache_clear()
        vault._keys.cache_clear()

    yield change
    monkeypatch.undo()
    settings.settings.cache_clear()
    vault._keys.cache_clear()


def test_a_new_key_seals_every_secret_of_a_channel(session: Session, change_key: Change) -> None:
    channel = a_channel(session, a_user(session))
    own_channels.rotate_secret(session, channel.user_id, channel.id)
    before = deliveries.opened(channel)
    change_key()
    assert own_channels.reencrypt(session) == 1
    assert not any(
        vault.outdated(one)
        for one in (channel.sealed_target, channel.sealed_secret, channel.sealed_old_secret)
    )
    assert deliveries.opened(channel) == before
    assert own_channels.reencrypt(session) == 0


def test_a_channel_without_a_signing_secret_is_sealed_once(session: Session, change_key: Change) -> None:
    channel = a_channel(session, a_user(session))
    channel.sealed_secret = ""
    session.flush()
    change_key()
    assert own_channels.reencrypt(session) == 1
    assert own_channels.reencrypt(session) == 0
