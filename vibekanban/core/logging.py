"""Structured logs, and the scrubber that keeps secrets out of them."""

from __future__ import annotations

import logging
import re
import sys
from contextvars import ContextVar
from typing import Any

import sentry_sdk
import structlog

from vibekanban.core.settings import settings

request_id: ContextVar[str] = ContextVar("request_id", default="")
_SECRET = re.compile(
    r"(?i)((?:access_token|appsecret_proof|client_secret|input_token|fb_exchange_token|password|api_key|code)"
    r"(?:=|%3D|\"?'?\s*:\s*\"?'?))[^&\s\"',}]+"
)
_BEARER = re.compile(r"(?i)(bearer\s+|basic\s+)[A-Za-z0-9._~+/=-]{8,}")
_TOKEN = re.compile(
    r"\b(vk[a-z]_[A-Za-z0-9_-]{8})[A-Za-z0-9_-]+|\bEAA[A-Za-z0-9]{12,}|\bwhsec_[A-Za-z0-9+/=]+|(?<=/services/)T[\w/]+"
)
_URL_PASSWORD = re.compile(r"(://[^:/\s@]*:)[^@/\s]+@")


def scrub(text: str) -> str:
    """The text without tokens, proofs, passwords or bearer headers."""
    text = _SECRET.sub(r"\1***", text)
    text = _BEARER.sub(r"\1***", text)
    text = _TOKEN.sub(lambda match: f"{match[1]}***" if match[1] else "***", text)
    return _URL_PASSWORD.sub(r"\1***@", text)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, dict):
        return {name: _clean(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(item) for item in value]
    return value


def _scrubbed(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    return {name: _clean(value) for name, value in event.items()}


def _traced(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """With the request on whose way it was said."""
    if here := request_id.get():
        event.setdefault("request_id", here)
    return event


def configure() -> None:
    """Route structlog and the standard library through one scrubbed renderer on stderr."""
    chosen = settings()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _traced,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _scrubbed,
    ]
    structlog.configure(
        processors=[*shared[:4], *shared[5:], structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if chosen.json_logs
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(chosen.log_level)
    for noisy in ("httpx", "httpcore", "urllib3", "alembic.runtime.plugins"):
        logging.getLogger(noisy).setLevel("WARNING")
    structlog.contextvars.bind_contextvars(env=chosen.app_env.value, service=chosen.service_name)
    if chosen.sentry_dsn:
        sentry_sdk.init(
            dsn=chosen.sentry_dsn,
            environment=chosen.app_env.value,
            send_default_pii=False,
            before_send=lambda event, _hint: _clean(event),
        )


def logger(name: str) -> structlog.stdlib.BoundLogger:
    return structlog.get_logger(name)
