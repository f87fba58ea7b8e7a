"""What the HTTP Request node makes of an answer: items, or a failure in n8n's words."""

from __future__ import annotations

import json
from typing import Any

import httpx

from vibekanban.sandbox.n8n.problems import NodeFailed

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
    503: "Service unavailable - try again later or consider setting this node to retry automatically"
    " (in the node settings)",
    504: "Gateway timed out - perhaps try again later?",
}
OTHER = {
    4: "Your request is invalid or could not be processed by the service",
    5: "The service failed to process your request",
}
# where an answer tells what went wrong, in the order in which n8n looks
TELLING = (
    "cause", "error", "message", "Message", "msg", "messages", "description", "reason", "detail", "details", "errors",
    "errorMessage", "errorMessages", "error_message", "errorDescription", "error_description", "title", "text", "type",
)  # fmt: skip


def read(answer: httpx.Response, options: dict[str, Any]) -> Any:
    """The body, or all of the answer, by the node's options; NodeFailed for a refusal."""
    wanted = options.get("responseFormat", "autodetect")
    body: Any = answer.text
    if wanted == "json" or (wanted == "autodetect" and "json" in answer.headers.get("content-type", "")):
        try:
            body = json.loads(answer.content) if answer.content else {}
        except ValueError:
            raise NodeFailed("Invalid JSON in response body") from None
    if not answer.is_success and not options.get("neverError"):
        raise refusal(answer.status_code, answer.text, body)
    if isinstance(body, str):
        body = {options.get("outputPropertyName") or "data": body} if body else {}
    if options.get("fullResponse"):
        return {
            "body": body, "headers": dict(answer.headers), "statusCode": answer.status_code,
            "statusMessage": answer.reason_phrase,
        }  # fmt: skip
    return {} if body is None else body


def refusal(status: int, text: str, body: Any) -> NodeFailed:
    plain = f"{status} - {json.dumps(text, ensure_ascii=False)}"
    code = "ERR_BAD_REQUEST" if status < 500 else "ERR_BAD_RESPONSE"
    return NodeFailed(
        STATUS.get(status) or OTHER.get(status // 100, plain),
        _told(body) or plain,
        name="NodeApiError",
        as_item={"message": plain, "name": "AxiosError", "code": code, "status": status},
        httpCode=str(status),
    )


def unreachable(error: httpx.HTTPError) -> NodeFailed:
    """Nobody answered, or not in time."""
    late = isinstance(error, httpx.TimeoutException)
    code = "ECONNABORTED" if late else "ECONNREFUSED"
    said = (
        "The connection was aborted, perhaps the server is offline"
        if late
        else "The service refused the connection - perhaps it is offline"
    )
    found = str(error) or type(error).__name__
    as_item = {"message": found, "name": "AxiosError", "code": code}
    return NodeFailed(said, found, name="NodeApiError", as_item=as_item)


def _told(body: Any) -> str | None:
    """What an answer says itself about its failure."""
    if not isinstance(body, dict):
        return str(body) if isinstance(body, str) and body else None
    for key in TELLING:
        value = body.get(key)
        if not value or isinstance(value, bool):
            continue
        if isinstance(value, (str, int, float)):
            return str(value)
        if isinstance(value, list):
            parts = (str(one) if isinstance(one, (str, int)) else _told(one) for one in value)
            return " | ".join(part for part in parts if part) or None
        if found := _told(value):
            return found
    return None
