"""A page that shows newcomers what runs in the sandbox's n8n."""

from __future__ import annotations

from datetime import datetime
from html import escape

from starlette.requests import Request
from starlette.responses import Response

from vibekanban.sandbox import pages
from vibekanban.sandbox.n8n.known import SCHEDULE, WEBHOOK
from vibekanban.sandbox.n8n.publishing import path_of
from vibekanban.sandbox.n8n.shelf import Entry, Shelf

LAST = 5
WORDS = {
    "es": {
        "title": "n8n de pruebas", "none": "Todavía no hay flujos.", "no_runs": "Todavía no se ha ejecutado.",
        "about": "Los flujos que el producto crea mientras no hay un n8n real, con sus últimas ejecuciones. Aquí solo "
        "se mira.",
        "on": "Publicado", "off": "Sin publicar", "archived": "Archivado", "schedule": "por horario",
        "success": "Bien", "error": "Falló", "canceled": "Cancelada", "running": "En marcha", "at": "en el nodo",
    },
    "en": {
        "title": "Sandbox n8n", "none": "No workflows yet.", "no_runs": "It has not run yet.",
        "about": "The workflows that the product makes while no real n8n is set up, with their last runs. For "
        "looking only.",
        "on": "Published", "off": "Not published", "archived": "Archived", "schedule": "on a schedule",
        "success": "Fine", "error": "Failed", "canceled": "Canceled", "running": "Running", "at": "at node",
    },
}  # fmt: skip


def page(shelf: Shelf, request: Request) -> Response:
    locale = pages.locale_of(request)
    words = WORDS[locale]
    found = "".join(_article(shelf, one, words) for one in reversed(shelf.workflows()))
    return pages.page(locale, words["title"], words["about"], found or f"<p>{words['none']}</p>")


def _article(shelf: Shelf, workflow: Entry, words: dict[str, str]) -> str:
    state = "archived" if workflow["isArchived"] else "on" if workflow["activeVersionId"] else "off"
    wakes = [f"{escape(words['schedule'])}" for node in workflow["nodes"] if node["type"] == SCHEDULE]
    wakes += [
        f"<code>{escape(str(node['parameters'].get('httpMethod', 'GET')))} /n8n/webhook/{escape(path_of(node))}</code>"
        for node in workflow["nodes"]
        if node["type"] == WEBHOOK
    ]
    runs = shelf.runs(lambda _: True, workflow["id"], most=LAST)
    lines = "".join(f"<li>{_line(run, words)}</li>" for run in runs)
    last = f"<ul>{lines}</ul>" if lines else f"<p>{words['no_runs']}</p>"
    return (
        f"<article><header><h2>{escape(workflow['name'])}</h2>"
        f"<p>{' · '.join([words[state], *wakes])}</p></header>{last}</article>"
    )


def _line(run: Entry, words: dict[str, str]) -> str:
    when = pages.moment(datetime.fromisoformat(run["startedAt"]).timestamp())
    said = f"{when} · <b>{words.get(run['status'], escape(run['status']))}</b> · {escape(run['mode'])}"
    result = (run["data"] or {}).get("resultData", {})
    if error := result.get("error"):
        place = escape(str(result.get("lastNodeExecuted")))
        said += f"<br>{escape(str(error.get('message')))} ({words['at']} {place})"
    return said
