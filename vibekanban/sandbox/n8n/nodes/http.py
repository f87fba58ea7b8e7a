"""The HTTP Request node."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx

from vibekanban.sandbox.n8n.nodes.answers import read, unreachable
from vibekanban.sandbox.n8n.problems import NodeFailed
from vibekanban.sandbox.n8n.steps import Item, Outputs, Step, paired
from vibekanban.sandbox.n8n.values import type_name

TIMEOUT = 300.0
REDIRECTS = 21
UNKNOWN = ("pagination", "batching", "proxy")
ACCEPT = (
    "application/json,text/html,application/xhtml+xml,application/xml,text/*;q=0.9, image/*;q=0.8, */*;q=0.7"
)
ACCEPT = (
    "application/json,text/html,application/xhtml+xml,application/xml,text/*;q=0.9, image/*;q=0.8, */*;q=0.7"
)


async def request(step: Step) -> Outputs:
    """One call an item, one item an answer; an answer that is a list gives an item for each entry."""
    given: list[Item] = []
    async with httpx.AsyncClient(follow_redirects=True, max_redirects=REDIRECTS, trust_env=False) as client:
        for number in range(len(step.items)):
            try:
                answer = await _call(step, client, number)
            except NodeFailed as error:
                if not step.goes_on:
                    raise
                given.append(paired({"error": error.as_item}, number))
                continue
            given += [paired(one, number) for one in (answer if isinstance(answer, list) else [answer])]
    return [given]


async def _call(step: Step, client: httpx.AsyncClient, number: int) -> Any:
    method = str(await step.param("method", number, "GET"))
    url = await step.param("url", number, "")
    if not isinstance(url, str):
        named = "undefined" if url is None else type_name(url)
        raise NodeFailed(f"URL parameter must be a string, got {named}")
    if urlsplit(url).scheme not in ("http", "https"):
        raise NodeFailed(f'Invalid URL: {url}. URL must start with "http" or "https".')
    for option in UNKNOWN:
        if step.raw(f"options.{option}") is not None:
            raise NodeFailed(f"The sandbox does not know the option {option} of a request")
    headers = {"accept": ACCEPT, "user-agent": "n8n"}
    headers |= await _pairs(step, "Headers", "headerParameters", "jsonHeaders", number)
    headers |= _authorization(step, url)
    query = await _pairs(step, "Query", "queryParameters", "jsonQuery", number)
    if query:
        url += ("&" if "?" in url else "?") + urlencode(query, quote_via=quote)
    content, kind = await _body(step, number)
    headers |= kind
    timeout = float(await step.param("options.timeout", number, TIMEOUT * 1000)) / 1000
    try:
        answer = await client.request(method, url, headers=headers, timeout=timeout, **content)
    except httpx.HTTPError as error:
        raise unreachable(error) from None
    return read(answer, await step.param("options.response.response", number, {}))


def _authorization(step: Step, url: str) -> dict[str, str]:
    way = step.raw("authentication", "none")
    if way == "none":
        return {}
    if way != "genericCredentialType":
        raise NodeFailed(f"The sandbox does not know the authentication {way}")
    kind = step.raw("genericAuthType")
    data = step.credentials(kind)
    stay_home(data, url)
    return header_of(kind, data)


def header_of(kind: str, data: dict[str, Any]) -> dict[str, str]:
    """The header in which a credential travels."""
    if kind == "httpBearerAuth":
        return {"Authorization": f"Bearer {data.get('token', '')}"}
    return {str(data.get("name", "")): str(data.get("value", ""))}


def stay_home(data: dict[str, Any], url: str) -> None:
    """A credential goes to the hosts that it names and nowhere else."""
    rule, host = data.get("allowedHttpRequestDomains", "all"), urlsplit(url).hostname or ""
    named = [part.strip() for part in data.get("allowedDomains", "").split(",") if part.strip()]
    if rule == "none":
        raise NodeFailed(
            "This credential is configured to prevent use within an HTTP Request node",
            name="NodeOperationError",
        )
    if rule == "domains" and not any(_matches(host, one) for one in named):
        raise NodeFailed(
            f"Domain not allowed: This credential is restricted from accessing {url}."
            f" Only the following domains are allowed: {', '.join(named)}"
        )


def _matches(host: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return host.endswith(pattern[1:])
    return host == pattern


async def _pairs(step: Step, what: str, listed: str, as_json: str, number: int) -> dict[str, Any]:
    if not await step.param(f"send{what}", number, False):
        return {}
    if step.raw(f"specify{what}", "keypair") == "json":
        field = {"Query": "JSON Query Parameters", "Headers": "JSON Headers"}[what]
        return _object(await step.param(as_json, number, "{}"), field)
    parameters = await step.param(f"{listed}.parameters", number, [])
    return {one["name"]: _plain(one.get("value", "")) for one in parameters if one.get("name")}


async def _body(step: Step, number: int) -> tuple[dict[str, Any], dict[str, str]]:
    """What the client is to send, and the header that names its kind where the client does not."""
    if not await step.param("sendBody", number, False):
        return {}, {}
    kind = step.raw("contentType", "json")
    if kind == "raw":
        named = {"content-type": str(await step.param("rawContentType", number, ""))}
        return {"content": str(await step.param("body", number, ""))}, named
    if kind not in ("json", "form-urlencoded"):
        raise NodeFailed(f"The sandbox sends no body of {kind}")
    if step.raw("specifyBody", "keypair") == "json" and kind == "json":
        return {"json": _object(await step.param("jsonBody", number, "{}"), "JSON Body")}, {}
    parameters = await step.param("bodyParameters.parameters", number, [])
    fields = {one["name"]: one.get("value") for one in parameters if one.get("name")}
    if kind == "json":
        return {"json": fields}, {}
    text = urlencode({name: _plain(value) for name, value in fields.items()}, quote_via=quote)
    return {"content": text}, {"content-type": "application/x-www-form-urlencoded"}


def _object(given: Any, field: str) -> Any:
    """An object, or one in JSON."""
    if given is None:
        given = "undefined"
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except ValueError as error:
        told = '"undefined" is not valid JSON' if given == "undefined" else error
        raise NodeFailed(f'The value in the "{field}" field is not valid JSON: {told}') from None


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
