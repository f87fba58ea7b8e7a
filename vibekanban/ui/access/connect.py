"""Connect: ready snippets for Claude, Cursor, VS Code, n8n and curl, with this server's address in them."""

from __future__ import annotations

import json

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.core.settings import settings
from vibekanban.ui.base import path
from vibekanban.ui.components.parts import anchor, button, card, copyable
from vibekanban.ui.layout import shell

TOKEN = "vkm_…"  # noqa: S105 - where the reader puts theirs
TOOL = "list_campaigns"


def page(locale: str) -> rx.Component:
    address = f"{settings().api_origin}/mcp"
    bearer = f"Authorization: Bearer {TOKEN}"
    remote = {"type": "http", "url": address, "headers": {"Authorization": f"Bearer {TOKEN}"}}
    return shell(
        locale,
        "connect",
        say(locale, "ui.nav.connect"),
        card(
            say(locale, "ui.connect.first"),
            rx.el.ol(
                rx.el.li(say(locale, "ui.connect.step.token")),
                rx.el.li(say(locale, "ui.connect.step.paste", token=TOKEN)),
                rx.el.li(say(locale, "ui.connect.step.try")),
                class_name="stack tight",
            ),
            rx.el.p(say(locale, "ui.tokens.address"), class_name="strong small", style={"marginTop": "14px"}),
            copyable(address, say(locale, "ui.copy")),
            aside=anchor(say(locale, "ui.tokens.new"), path(locale, "/app/tokens"), kind="go", symbol="key"),
        ),
        _snippet(
            locale,
            "claude",
            f'claude mcp add --transport http vibe-kanban {address} --header "{bearer}"',
        ),
        _snippet(
            locale,
            "cursor",
            _json({"mcpServers": {"vibe-kanban": {"url": address, "headers": remote["headers"]}}}),
        ),
        _snippet(locale, "vscode", _json({"servers": {"vibe-kanban": remote}})),
        _snippet(
            locale,
            "n8n",
            _json(
                {
                    "nodes": [
                        {
                            "name": "Vibe Kanban",
                            "type": "@n8n/n8n-nodes-langchain.mcpClient",
                            "typeVersion": 1.1,
                            "position": [0, 0],
                            "parameters": {
                                "serverTransport": "httpStreamable",
                                "endpointUrl": address,
                                "authentication": "bearerAuth",
                                "tool": {"__rl": True, "mode": "id", "value": TOOL},
                                "inputMode": "json",
                                "jsonInput": '={{ { "limit": 25 } }}',
                                "options": {"timeout": 20000},
                            },
                        }
                    ],
                    "connections": {},
                }
            ),
        ),
        _snippet(
            locale,
            "curl",
            f"curl -s {settings().api_origin}/api/mcp/tools/{TOOL} \\\n"
            f"  -H '{bearer}' -H 'Content-Type: application/json' \\\n"
            '  -d \'{"arguments": {"limit": 25}}\'',
        ),
    )


def _json(document: dict[str, object]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)


def _snippet(locale: str, name: str, text: str) -> rx.Component:
    place = f"snippet-{name}"
    return card(
        say(locale, f"ui.connect.{name}"),
        rx.el.pre(
            rx.el.code(text, id=place),
            class_name="code",
            tab_index=0,
            custom_attrs={"aria-label": say(locale, f"ui.connect.{name}")},
        ),
        subtitle=say(locale, f"ui.connect.{name}.text"),
        aside=button(say(locale, "ui.copy"), kind="small", custom_attrs={"data-copy": f"#{place}"}),
    )
