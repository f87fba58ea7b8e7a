"""Every setting of the product, typed, in one place; read from the environment and `.env`."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]


class Environment(StrEnum):
    """Where the process runs; production refuses anything that is only good for a laptop."""

    DEVELOPMENT = "development"
    STAGING = "staging"
    PRODUCTION = "production"


def _seconds(text: str) -> int:
    match = re.fullmatch(r"(\d+)\s*([smhd]?)", text.strip())
    if match is None:
        raise ValueError("use a number with s, m, h or d, for example 7d")
    return int(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]]


class Settings(BaseSettings):
    """The environment of one process.

    Empty `DATABASE_URL` and `REDIS_URL` mean the embedded servers under `DATA_DIR`; empty URLs of
    outside services mean the sandbox. `problems()` lists what production may not run with.
    """

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    app_env: Environment = Field(Environment.DEVELOPMENT, description="development, staging or production")
    data_dir: Path = Field(ROOT / ".data", description="Embedded servers, generated secrets, uploads")
    host: str = Field("127.0.0.1", description="Address the web process listens on")
    port: int = Field(8000, description="Port of pages, events, API, MCP, webhooks and metrics")
    api_port: int = Field(8001, description="Port of the API-only process (`python -m vibekanban api`)")
    web_processes: int = Field(1, ge=1, description="Web server processes behind the one port")
    worker_processes: int = Field(2, ge=1, description="RQ worker processes started by `make run`")
    frontend_url: str = Field("", description="Public origin of the pages; default http://localhost:PORT")
    next_public_api_url: str = Field("", description="Public origin of the API; default FRONTEND_URL")
    next_public_socket_url: str = Field(
        "", description="Public origin of the websocket; default NEXT_PUBLIC_API_URL"
    )
    trusted_proxy_hops: int = Field(0, ge=0, description="Reverse proxies in front that set X-Forwarded-For")
    demo_data: bool = Field(True, description="Create the demo users at start (never in production)")

    database_url: str = Field("", description="PostgreSQL; empty: the embedded server")
    timescaledb_url: str = Field("", description="Metrics store; empty: the same database")
    database_replica_url: str = Field("", description="Read replica for summaries; empty: the primary")
    redis_url: str = Field("", description="Redis-protocol server; empty: the embedded Valkey")
    embedded_postgres_port: int = Field(15432, description="Port of the embedded PostgreSQL (loopback)")
    embedded_redis_port: int = Field(16379, description="Port of the embedded Valkey (loopback)")
    embedded_postgres_password: str = Field(
        "", repr=False, description="Password of the embedded PostgreSQL; generated"
    )
    embedded_redis_password: str = Field(
        "", repr=False, description="Password of the embedded Valkey; generated"
    )
    sandbox_port: int = Field(8010, description="Port of the sandbox of outside services (loopback)")
    sandbox_seed: int = Field(7, description="Seed of the sandbox's data")

    meta_graph_url: str = Field("", description="Meta's Graph API; empty: the sandbox")
    meta_dialog_url: str = Field("", description="Meta's sign-in dialog origin; empty: the sandbox")
    meta_graph_version: str = Field("v26.0", description="Graph version sent with every call")
    meta_app_id: str = Field("", description="Meta app id")
    meta_app_secret: str = Field("", repr=False, description="Meta app secret")
    meta_redirect_uri: str = Field(
        "", description="OAuth return; default FRONTEND_URL/api/auth/meta/callback"
    )
    meta_connect_timeout: float = Field(5, gt=0, description="Seconds to reach Meta")
    meta_read_timeout: float = Field(60, gt=0, description="Seconds to wait for Meta's answer")

    n8n_api_url: str = Field("", description="Public API of n8n, with /api/v1; empty: the sandbox")
    n8n_api_key: str = Field("", repr=False, description="n8n API key")
    n8n_owner_email: str = Field("", description="Address of n8n's owner; empty: the sandbox's")
    n8n_owner_password: str = Field(
        "", repr=False, description="Password of n8n's owner; empty: the sandbox's, generated"
    )
    n8n_platform_url: str = Field(
        "", description="Origin at which n8n reaches the API and MCP; default NEXT_PUBLIC_API_URL"
    )

    stripe_api_base: str = Field("", description="Stripe's API origin; empty: the sandbox")
    stripe_secret_key: str = Field("", repr=False, description="Stripe secret key")
    stripe_webhook_secret: str = Field("", repr=False, description="Signing secret of Stripe's webhooks")
    stripe_connect_client_id: str = Field("", description="Stripe Connect client id")

    jwt_secret: str = Field("", repr=False, description="Signs the API's tokens (HS256), 32 bytes or more")
    jwt_expires_in: str = Field("7d", description="Life of an API token, for example 7d or 12h")
    encryption_key: str = Field("", repr=False, description="AES-256 key for secrets at rest, 64 hex digits")
    encryption_keys_old: Annotated[list[str], NoDecode] = Field(
        default_factory=list, repr=False, description="Earlier keys, comma separated; they only decrypt"
    )
    session_days: int = Field(30, ge=1, description="Life of an unused browser session in days")
    audit_retention_days: int = Field(
        400, ge=0, description="Days that calls of MCP tokens are kept in the audit; 0: for ever"
    )

    sendgrid_api_url: str = Field("", description="SendGrid's API origin; empty: the sandbox's mailbox")
    sendgrid_api_key: str = Field("", repr=False, description="SendGrid API key")
    from_email: str = Field("noreply@vibekanban.com", description="Sender of e-mails")
    slack_webhook_base: str = Field(
        "https://hooks.slack.com", description="Origin of Slack's incoming webhooks; no other is called"
    )
    webhook_private_hosts: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Host names on private networks that notification webhooks may call, comma separated",
    )

    exchange_rates_url: str = Field(
        "",
        description="Daily exchange rates in the ECB's form; empty: the ECB in production, else the sandbox",
    )

    rate_limit_requests: int = Field(100, ge=1, description="API requests per window per user or address")
    rate_limit_window: int = Field(900, ge=1, description="The window in seconds")
    sign_in_limit_requests: int = Field(10, ge=1, description="Sign-in attempts per window per address")
    sign_in_limit_window: int = Field(300, ge=1, description="The sign-in window in seconds")
    mcp_rate_limit_per_minute: int = Field(600, ge=1, description="Calls per minute per MCP token")
    kept_answers_mb: int = Field(
        32, ge=0, description="Memory of each web process for answers that still hold, in MB; 0: keep none"
    )
    metrics_token: str = Field("", repr=False, description="Bearer token of /metrics; empty: loopback only")

    sentry_dsn: str = Field("", description="Sentry; empty: off")
    logrocket_app_id: str = Field("", description="LogRocket; empty: off")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    log_json: bool | None = Field(None, description="JSON log lines; default: everywhere but development")
    service_name: str = Field("vibekanban", description="Name of this process in logs and traces")

    enable_marketplace: bool = Field(True, description="Show the marketplace")
    enable_copy_strategy: bool = Field(True, description="Show Copy Strategy")

    @field_validator("encryption_keys_old", "webhook_private_hosts", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return (
            [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        )

    @field_validator("jwt_expires_in")
    @classmethod
    def _duration(cls, value: str) -> str:
        _seconds(value)
        return value

    @field_validator("encryption_key")
    @classmethod
    def _key(cls, value: str) -> str:
        if value and not re.fullmatch(r"[0-9a-fA-F]{64}", value):
            raise ValueError("must be 64 hexadecimal digits (32 bytes)")
        return value

    @field_validator("database_url", "timescaledb_url", "database_replica_url")
    @classmethod
    def _psycopg(cls, value: str) -> str:
        """Name the driver that is installed, whatever scheme the hosting offers."""
        return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql+psycopg://", value)

    # -- what the settings add up to -------------------------------------------------------------

    @property
    def embedded_postgres(self) -> bool:
        return not self.database_url

    @property
    def embedded_redis(self) -> bool:
        return not self.redis_url

    @property
    def main_database(self) -> str:
        """SQLAlchemy URL of the main database."""
        if self.database_url:
            return self.database_url
        secret = self.embedded_postgres_password
        return f"postgresql+psycopg://vibekanban:{secret}@127.0.0.1:{self.embedded_postgres_port}/vibekanban"

    @property
    def metrics_database(self) -> str:
        """SQLAlchemy URL of the metrics store, which may be the main database."""
        return self.timescaledb_url or self.main_database

    @property
    def metrics_apart(self) -> bool:
        return bool(self.timescaledb_url) and self.timescaledb_url != self.main_database

    @property
    def redis(self) -> str:
        """URL of the Redis-protocol server."""
        if self.redis_url:
            return self.redis_url
        return f"redis://:{self.embedded_redis_password}@127.0.0.1:{self.embedded_redis_port}/0"

    @property
    def origin(self) -> str:
        """Public origin of the pages, without a trailing slash."""
        return (self.frontend_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def api_origin(self) -> str:
        return (self.next_public_api_url or self.origin).rstrip("/")

    @property
    def socket_origin(self) -> str:
        return (self.next_public_socket_url or self.api_origin).rstrip("/")

    @property
    def sandbox_origin(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    @property
    def uses_sandbox(self) -> bool:
        return not self.meta_graph_url or self.meta_graph_url.startswith(self.sandbox_origin)

    @property
    def graph(self) -> str:
        """Origin of Meta's Graph API."""
        return (self.meta_graph_url or self.sandbox_origin).rstrip("/")

    @property
    def dialog(self) -> str:
        """Origin of Meta's sign-in dialog (the browser goes there)."""
        return (self.meta_dialog_url or self.sandbox_origin).rstrip("/")

    @property
    def meta_callback(self) -> str:
        return self.meta_redirect_uri or f"{self.origin}/api/auth/meta/callback"

    @property
    def mail_api(self) -> str:
        """Origin of the SendGrid API."""
        return (self.sendgrid_api_url or self.sandbox_origin).rstrip("/")

    @property
    def n8n_api(self) -> str:
        """Address of n8n's public API, with /api/v1."""
        return (self.n8n_api_url or f"{self.sandbox_origin}/n8n/api/v1").rstrip("/")

    @property
    def n8n_platform(self) -> str:
        """Origin at which n8n reaches us; the sandbox's runs on this machine."""
        ours = self.api_origin if self.n8n_api_url else f"http://127.0.0.1:{self.port}"
        return (self.n8n_platform_url or ours).rstrip("/")

    @property
    def n8n_owner(self) -> str:
        """Address of n8n's owner."""
        return self.n8n_owner_email or "owner@sandbox.vibekanban.com"

    @property
    def is_production(self) -> bool:
        return self.app_env is Environment.PRODUCTION

    @property
    def exchange_rates(self) -> str:
        """Where the day's exchange rates are published."""
        own = "https://www.ecb.europa.eu" if self.is_production else self.sandbox_origin
        return self.exchange_rates_url or f"{own}/stats/eurofxref/eurofxref-daily.xml"

    @property
    def slack_bases(self) -> tuple[str, ...]:
        """Origins whose incoming webhooks are accepted: Slack's, and outside production the sandbox's."""
        base = self.slack_webhook_base.rstrip("/")
        return (base,) if self.is_production else (base, self.sandbox_origin)

    @property
    def webhook_sandbox(self) -> str:
        """Where the sandbox receives webhooks; empty in production, which calls no loopback."""
        return "" if self.is_production else self.sandbox_origin

    @property
    def jwt_lifetime(self) -> timedelta:
        return timedelta(seconds=_seconds(self.jwt_expires_in))

    @property
    def secure_cookies(self) -> bool:
        return self.origin.startswith("https://")

    @property
    def has_demo(self) -> bool:
        """Demo passwords are public, so demo users exist on development machines only, not even in staging."""
        return self.demo_data and self.app_env is Environment.DEVELOPMENT

    @property
    def json_logs(self) -> bool:
        return self.app_env is not Environment.DEVELOPMENT if self.log_json is None else self.log_json

    def problems(self) -> list[str]:
        """What forbids production to start, one sentence each; empty when all is well."""
        if not self.is_production:
            return []
        found = [
            f"{name} is missing"
            for name, value in {
                "DATABASE_URL": self.database_url,
                "REDIS_URL": self.redis_url,
                "FRONTEND_URL": self.frontend_url,
                "META_APP_ID": self.meta_app_id,
                "META_APP_SECRET": self.meta_app_secret,
                "META_GRAPH_URL": self.meta_graph_url,
                "META_DIALOG_URL": self.meta_dialog_url,
                "JWT_SECRET": self.jwt_secret,
                "ENCRYPTION_KEY": self.encryption_key,
                "SENDGRID_API_URL": self.sendgrid_api_url,
                "SENDGRID_API_KEY": self.sendgrid_api_key,
            }.items()
            if not value
        ]
        if self.enable_marketplace or self.enable_copy_strategy:
            found += [
                f"{name} is missing"
                for name, value in {
                    "STRIPE_API_BASE": self.stripe_api_base,
                    "STRIPE_SECRET_KEY": self.stripe_secret_key,
                    "STRIPE_WEBHOOK_SECRET": self.stripe_webhook_secret,
                }.items()
                if not value
            ]
        if self.enable_copy_strategy:
            found += [
                f"{name} is missing"
                for name, value in {
                    "N8N_API_URL": self.n8n_api_url,
                    "N8N_API_KEY": self.n8n_api_key,
                    "N8N_OWNER_EMAIL": self.n8n_owner_email,
                    "N8N_OWNER_PASSWORD": self.n8n_owner_password,
                }.items()
                if not value
            ]
        for name, value in {
            "JWT_SECRET": self.jwt_secret,
            "META_APP_SECRET": self.meta_app_secret,
            "ENCRYPTION_KEY": self.encryption_key,
        }.items():
            if value and (value in EXAMPLE_SECRETS or len(set(value)) < 8):
                found.append(f"{name} is an example value: generate one of your own")
        if self.jwt_secret and len(self.jwt_secret) < 32:
            found.append("JWT_SECRET is shorter than 32 characters")
        for name, url in {
            "META_GRAPH_URL": self.meta_graph_url,
            "META_DIALOG_URL": self.meta_dialog_url,
            "STRIPE_API_BASE": self.stripe_api_base,
            "SENDGRID_API_URL": self.sendgrid_api_url,
            "SLACK_WEBHOOK_BASE": self.slack_webhook_base,
            "EXCHANGE_RATES_URL": self.exchange_rates_url,
            "FRONTEND_URL": self.frontend_url,
        }.items():
            if not url:
                continue
            parts = urlsplit(url)
            if parts.hostname in {"localhost", "127.0.0.1", "::1"}:
                found.append(
                    f"{name} points at this machine ({url}): that is the sandbox, not the real service"
                )
            elif parts.scheme != "https":
                found.append(f"{name} must use https")
        return found


EXAMPLE_SECRETS = frozenset({"your_jwt_secret", "your_app_secret", "your_encryption_key"})


def load() -> Settings:
    """Read the settings afresh: environment first, then `.env`, then the generated secrets.

    Generated secrets belong to the embedded default, so production never reads them.
    """
    first = {**dotenv_values(ROOT / ".env"), **os.environ}
    files: tuple[Path, ...] = (ROOT / ".env",)
    if first.get("APP_ENV") != Environment.PRODUCTION:
        files = (Path(first.get("DATA_DIR") or ROOT / ".data") / "secrets.env", *files)
    return Settings(_env_file=files)  # pyright: ignore[reportCallIssue]


@lru_cache
def settings() -> Settings:
    """The settings of this process."""
    return load()
