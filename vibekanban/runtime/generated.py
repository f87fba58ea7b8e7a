"""Secrets that the embedded default generates for itself, in `secrets.env` of the data folder."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from dotenv import dotenv_values

from vibekanban.core.settings import ROOT, Environment, Settings, load, settings


def secrets_file() -> Path:
    """Where the settings look for generated secrets."""
    return Path(os.environ.get("DATA_DIR") or ROOT / ".data") / "secrets.env"


def _password() -> str:
    return secrets.token_urlsafe(24)


def _wanted(current: Settings) -> dict[str, Callable[[], str]]:
    """How each secret of a part that runs embedded, or on the sandbox, is made."""
    wanted: dict[str, Callable[[], str]] = {
        "JWT_SECRET": lambda: secrets.token_urlsafe(48),
        "ENCRYPTION_KEY": lambda: secrets.token_hex(32),
        "METRICS_TOKEN": _password,
    }
    if current.embedded_postgres:
        wanted["EMBEDDED_POSTGRES_PASSWORD"] = _password
    if current.embedded_redis:
        wanted["EMBEDDED_REDIS_PASSWORD"] = _password
    if not current.meta_graph_url:
        wanted["META_APP_ID"] = lambda: str(10**15 + secrets.randbelow(9 * 10**15))
        wanted["META_APP_SECRET"] = lambda: secrets.token_hex(16)
    if not current.sendgrid_api_url:
        wanted["SENDGRID_API_KEY"] = lambda: f"SG.{secrets.token_urlsafe(16)}.{secrets.token_urlsafe(32)}"
    if not current.n8n_api_url:
        wanted["N8N_API_KEY"] = _password
        wanted["N8N_OWNER_PASSWORD"] = _password
    if not current.stripe_api_base:
        wanted["STRIPE_SECRET_KEY"] = lambda: f"sk_test_{secrets.token_hex(24)}"
        wanted["STRIPE_WEBHOOK_SECRET"] = lambda: f"whsec_{secrets.token_hex(24)}"
    return wanted


def ensure() -> list[str]:
    """Generate what is missing and keep what is there; the names of what was generated.

    Production gets nothing: there a missing secret must stop the start.
    """
    current = load()
    if current.app_env is Environment.PRODUCTION:
        return []
    path = secrets_file()
    kept = {name: value for name, value in dotenv_values(path).items() if value} if path.exists() else {}
    made = {
        name: make()
        for name, make in _wanted(current).items()
        if name not in kept and not getattr(current, name.lower())
    }
    if made:
        _write(path, {**kept, **made})
    elif path.exists():
        path.chmod(0o600)
    settings.cache_clear()
    return list(made)


def _write(path: Path, values: dict[str, str]) -> None:
    """Replace the file in one step; at no moment others can read it or a crash leaves half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    with contextlib.suppress(FileNotFoundError):
        fresh.unlink()
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("# Generated for the embedded default. Keep it: the data in this folder needs it.\n")
        file.writelines(f"{name}={value}\n" for name, value in values.items())
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
