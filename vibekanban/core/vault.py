"""Secrets at rest: AES-256-GCM with a key id, so that keys can rotate."""

from __future__ import annotations

import base64
import hashlib
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vibekanban.core.settings import settings


class Undecryptable(Exception):
    """The key is gone, or the ciphertext or its context was changed. An operator's concern, not a user's."""


def key_id(key_hex: str) -> str:
    return hashlib.sha256(bytes.fromhex(key_hex)).hexdigest()[:8]


@lru_cache
def _keys() -> dict[str, AESGCM]:
    known = [settings().encryption_key, *settings().encryption_keys_old]
    return {key_id(key): AESGCM(bytes.fromhex(key)) for key in known if key}


def current_key_id() -> str:
    return key_id(settings().encryption_key)


def encrypt(plain: str, *, context: str) -> str:
    """`v1.<key id>.<base64 of nonce and ciphertext>`; the context (table and row) is authenticated too."""
    name = current_key_id()
    nonce = os.urandom(12)
    sealed = _keys()[name].encrypt(nonce, plain.encode(), context.encode())
    return f"v1.{name}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(sealed: str, *, context: str) -> str:
    """The plain text; raises Undecryptable."""
    try:
        version, name, payload = sealed.split(".", 2)
        raw = base64.urlsafe_b64decode(payload)
        if version != "v1":
            raise Undecryptable("unknown format")
        return _keys()[name].decrypt(raw[:12], raw[12:], context.encode()).decode()
    except (ValueError, KeyError, InvalidTag) as error:
        raise Undecryptable("no key opens this secret") from error


def outdated(sealed: str) -> bool:
    """True when an earlier key sealed it."""
    return sealed.split(".", 2)[1] != current_key_id()
