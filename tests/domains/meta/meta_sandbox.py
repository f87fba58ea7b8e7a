"""People of the sandbox as the tests of connections need them: their tokens, their consent, their calls."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from rq import Queue
from rq.job import Job as Ticket

from tests.conftest import Sandbox
from vibekanban.core import broker
from vibekanban.core.queue import SERIALIZER, Job, Lane

ALL = ("ads_read", "ads_management", "business_management")


def minted(sandbox: Sandbox, person: str = "lucia", **values: Any) -> str:
    """A token; `days`, `kind` and `scopes` as the sandbox takes them."""
    answer = sandbox.admin.post("/_sandbox/tokens", json={"person": person, **values})
    return answer.raise_for_status().json()["token"]


def kill(sandbox: Sandbox, token: str, subcode: int = 463) -> None:
    """Make a token dead for a reason; 0 revives it."""
    body = {"token": token, "subcode": subcode}
    sandbox.admin.post("/_sandbox/tokens/kill", json=body).raise_for_status()


def calls(sandbox: Sandbox) -> list[dict[str, Any]]:
    """The calls that named a token, or failed."""
    return sandbox.admin.get("/_sandbox/calls").json()


def forget_calls(sandbox: Sandbox) -> None:
    sandbox.admin.delete("/_sandbox/calls").raise_for_status()


def fault(sandbox: Sandbox, kind: str, **values: Any) -> None:
    sandbox.admin.post("/_sandbox/faults", json={"kind": kind, **values}).raise_for_status()


def consent(
    authorize_url: str, *, person: str = "lucia", scopes: tuple[str, ...] = ALL, answer: str = "yes"
) -> dict[str, str]:
    """Fill in the dialog an address opens; what the browser is sent back with."""
    httpx.get(authorize_url).raise_for_status()
    return _values(came_back(authorize_url, person=person, scopes=scopes, answer=answer))


def came_back(authorize_url: str, *, person: str, scopes: tuple[str, ...], answer: str) -> str:
    asked = _values(authorize_url)
    sent = {name: asked[name] for name in ("client_id", "redirect_uri", "state")}
    wanted = [scope for scope in asked["scope"].split(",") if scope in scopes]
    address = authorize_url.partition("?")[0]
    back = httpx.post(address, data={**sent, "person": person, "scope": wanted, "answer": answer})
    return back.headers["location"]


def _values(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def queued(job: Job) -> list[tuple[Any, ...]]:
    """The arguments of every order of a job that waits for a worker."""
    found = []
    for lane in Lane:
        queue = Queue(lane.value, connection=broker.connection(), serializer=SERIALIZER)
        for job_id in queue.get_job_ids():
            ticket = Ticket.fetch(job_id, connection=broker.connection(), serializer=SERIALIZER)
            if ticket.func_name == job.value:
                found.append(tuple(ticket.args))
    return found
