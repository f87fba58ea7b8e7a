"""The HTTP Request node."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import httpx

from vibekanban.sandbox.n8n.problems import NodeFailed
from vibekanban.sandbox.n8n.steps import Item, Outputs, Step, paired

TIMEOUT = 300.0
REDIRECTS = 21
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
                given.append(paired({"error": {"message": error.message, **error.more}}, number))
                continue
            given += [paired(one, number) for one in (answer if isinstance(answer, list) else [answer])]
    return [given]


async def _call(step: Step, client: httpx.AsyncClient, number: int) -> Any:
    method = str(await step.param("method", number, "GET"))
    url = await step.param("url", number, "")
    if not isinstance(url, str):
        raise NodeFailed(
            f"URL parameter must be a string, got {'undefined' if url is None else type(url).__name__}"
        )
    if urlsplit(url).scheme not in ("http", "https"):
        raise NodeFailed(f'Invalid URL: {url}. URL must start with "http" or "https".')
    headers = {
        "accept": "application/json,text/html,application/xhtml+xml,application/xml,text/*;q=0.9, image/*;q=0.8, */*;q=0.7"
    }
    headers |= await _pairs(step, "Headers", "headerParameters", "jsonHeaders", number)
    headers |= _authorization(step, url)
    query = await _pairs(step, "Query", "queryParameters", "jsonQuery", number)
    content = await _body(step, number)
    timeout = float(await step.param("options.timeout", number, TIMEOUT * 1000)) / 1000
    try:
        answer = await client.request(
            method, url, headers=headers, params=query or None, timeout=timeout, **content
        )
    except httpx.TimeoutException:
        raise NodeFailed(
            "The connection was aborted, perhaps the server is offline", name="NodeApiError"
        ) from None
    except httpx.HTTPError as error:
        raise NodeFailed(
            "The service refused the connection - perhaps it is offline", str(error), name="NodeApiError"
        ) from None
    return await _read(step, number, answer)


def _authorization(step: Step, url: str) -> dict[str, str]:
    if step.raw("authentication", "none") != "genericCredentialType":
        return {}
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
        found = await step.param(as_json, number, "{}")
        return _object(found, f"{what} Parameters") if isinstance(found, str) else found
    parameters = await step.param(f"{listed}.parameters", number, [])
    return {one["name"]: _plain(one.get("value", "")) for one in parameters if one.get("name")}


async def _body(step: Step, number: int) -> dict[str, Any]:
    if not await step.param("sendBody", number, False):
        return {}
    kind = step.raw("contentType", "json")
    if kind == "raw":
        found = {"content-type": str(await step.param("rawContentType", number, ""))}
        return {"content": str(await step.param("body", number, "")), "headers": found}
    if step.raw("specifyBody", "keypair") == "json" and kind == "json":
        told = await step.param("jsonBody", number, "{}")
        return {"json": _object(told, "JSON parameter") if isinstance(told, str) else told}
    parameters = await step.param("bodyParameters.parameters", number, [])
    fields = {one["name"]: one.get("value") for one in parameters if one.get("name")}
    return {"json": fields} if kind == "json" else {"data": {k: _plain(v) for k, v in fields.items()}}


def _object(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise NodeFailed(f"{what} needs to be valid JSON") from None


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


STATUS = {
    400: "Bad request - please check your parameters",
    401: "Authorization failed - please check your credentials",
    402: "Payment required - perhaps check your payment details?",
    403: "Forbidden - perhaps check your credentials?",
    404: "The resource you are requesting could not be found",
    405: "Method not allowed - please check you are using the right HTTP method",
    429: "The service is receiving too many requests from you",
    500: "The service was not able to process your request",
    502: "Bad gateway - the service failed to handle your request",
    503: "Service unavailable - try again later or consider setting this node to retry automatically (in the node settings)",
    504: "Gateway timed out - perhaps try again later?",
}


async def _read(step: Step, number: int, answer: httpx.Response) -> Any:
    options = await step.param("options.response.response", number, {})
    kind = answer.headers.get("content-type", "")
    body: Any = answer.text
    if "json" in kind or options.get("responseFormat") == "json":
        try:
            body = json.loads(answer.content) if answer.content else {}
        except ValueError:
            raise NodeFailed("Invalid JSON in response body") from None
    if not answer.is_success and not options.get("neverError"):
        message = STATUS.get(answer.status_code) or f"Request failed with status code {answer.status_code}"
        raise NodeFailed(message, _told(body), name="NodeApiError", httpCode=str(answer.status_code))
    if not isinstance(body, (dict, list)):
        body = {"data": body}
    if options.get("fullResponse"):
        return {
            "body": body, "headers": dict(answer.headers), "statusCode": answer.status_code,
            "statusMessage": answer.reason_phrase,
        }  # fmt: skip
    return body


def _told(body: Any) -> str | None:
    """What an answer says itself about its failure."""
    if isinstance(body, dict):
        for key in ("error", "message", "detail", "description"):
            if isinstance(body.get(key), str):
                return body[key]
            if isinstance(body.get(key), dict):
                return _told(body[key])
        return None
    return str(body)[:500] or None
