"""Reflex's own configuration; everything in it comes from the product's settings."""

import reflex as rx
from reflex.plugins import SitemapPlugin, TailwindV4Plugin

from vibekanban.core.settings import settings

COLOURS = (
    "bg",
    "surface",
    "surface-2",
    "line",
    "ink",
    "ink-2",
    "ink-3",
    "brand",
    "brand-ink",
    "brand-soft",
    "good",
    "good-soft",
    "bad",
    "bad-soft",
    "warn",
    "warn-soft",
    "info",
    "info-soft",
)

config = rx.Config(
    app_name="vibekanban",
    api_url=settings().socket_origin,
    deploy_url=settings().origin,
    redis_url=settings().redis,
    cors_allowed_origins=sorted({settings().origin, settings().api_origin}),
    trusted_proxy_hops=settings().trusted_proxy_hops,
    telemetry_enabled=False,
    show_built_with_reflex=False,
    default_color_mode="system",
    frontend_compression_formats=["brotli", "gzip"],
    plugins=[
        TailwindV4Plugin(
            {
                "darkMode": "class",
                "theme": {"extend": {"colors": {name: f"var(--{name})" for name in COLOURS}}},
            }
        ),
        SitemapPlugin(),
    ],
)
