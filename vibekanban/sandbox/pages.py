"""The look of the pages that show what reached the sandbox."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse

from vibekanban.core import i18n

STYLE = """
:root{color-scheme:light dark;--ink:#16181d;--soft:#59606d;--line:#e3e6eb;--paper:#fff;--ground:#f5f6f8;--link:#1257d6}
@media(prefers-color-scheme:dark){:root{--ink:#eceef2;--soft:#a0a7b4;--line:#2c313a;--paper:#1a1d23;--ground:#111318;--link:#7fb0ff}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
nav{display:flex;gap:1rem;margin:0 0 1.5rem;font-size:.875rem}
main{max-width:46rem;margin:0 auto;padding:2.5rem 1.25rem}h1{font-size:1.6rem;margin:0 0 .25rem}
p.about{color:var(--soft);margin:0 0 1.5rem}form{display:flex;gap:.5rem;align-items:end;margin:0 0 1.5rem;flex-wrap:wrap}
label{display:grid;gap:.25rem;color:var(--soft);font-size:.875rem}
input{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--line);border-radius:.5rem;padding:.45rem .7rem}
button{font:inherit;font-weight:600;border:0;border-radius:.5rem;padding:.5rem 1rem;background:var(--link);color:var(--paper)}
article{background:var(--paper);border:1px solid var(--line);border-radius:.75rem;padding:1.1rem 1.25rem;margin:0 0 1rem}
article h2{font-size:1.05rem;margin:0}article header p{margin:.1rem 0 .8rem;color:var(--soft);font-size:.875rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit;margin:0}a{color:var(--link)}
"""


def locale_of(request: Request) -> i18n.Locale:
    return i18n.accepted(request.query_params.get("locale") or request.headers.get("accept-language"))


def page(locale: str, title: str, about: str, body: str) -> HTMLResponse:
    """A finished page; `body` is markup whose texts are escaped already."""
    ways = "".join(f'<a href="{where}">{name}</a>' for where, name in _NAMES[locale])
    return HTMLResponse(
        f'<!doctype html><html lang="{locale}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{STYLE}</style></head><body><main><nav>{ways}</nav><h1>{title}</h1>"
        f'<p class="about">{about}</p>{body}</main></body></html>'
    )


def moment(at: float) -> str:
    when = datetime.fromtimestamp(at, UTC)
    return f'<time datetime="{when.isoformat()}">{when:%Y-%m-%d %H:%M:%S} UTC</time>'


_NAMES = {
    "es": (("/mailbox", "Correos"), ("/arrivals", "Slack y webhooks"), ("/n8n/", "n8n")),
    "en": (("/mailbox", "E-mails"), ("/arrivals", "Slack and webhooks"), ("/n8n/", "n8n")),
}
