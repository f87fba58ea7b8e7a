"""Failures as Meta words them: code, subcode, title, message, in one shape."""

from __future__ import annotations

import secrets
from typing import Any


class GraphError(Exception):
    """Answered as HTTP 400 unless said otherwise."""

    logged = False  # in the call log already

    def __init__(
        self,
        code: int,
        message: str,
        *,
        subcode: int | None = None,
        kind: str = "OAuthException",
        title: str | None = None,
        user_message: str | None = None,
        data: Any = None,
        transient: bool = False,
        status: int = 400,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers: dict[str, str] = {}  # the limits as they stood
        self.error: dict[str, Any] = {
            "message": message,
            "type": kind,
            "code": code,
            "fbtrace_id": "A" + secrets.token_urlsafe(15),
        }
        if subcode is not None:
            self.error["error_subcode"] = subcode
        if title is not None:
            self.error["error_user_title"] = title
        if user_message is not None:
            self.error["error_user_msg"] = user_message
        if data is not None:
            self.error["error_data"] = data
        self.error["is_transient"] = transient

    @property
    def body(self) -> dict[str, Any]:
        return {"error": self.error}


def invalid(
    message: str, *, field: str | None = None, subcode: int | None = None, title: str = ""
) -> GraphError:
    """Code 100, with the field it blames."""
    return GraphError(
        100,
        "Invalid parameter",
        subcode=subcode,
        title=title or "Invalid parameter",
        user_message=message,
        data={"blame_field_specs": [[field]]} if field else None,
    )


def missing(object_id: str) -> GraphError:
    return GraphError(
        100,
        f"Unsupported get request. Object with ID '{object_id}' does not exist, cannot be loaded due to"
        " missing permissions, or does not support this operation.",
        subcode=33,
        kind="GraphMethodException",
    )


def forbidden(scope: str) -> GraphError:
    return GraphError(200, f"(#200) Ad account owner has NOT grant {scope} permission")


DEAD = {
    458: "The user has not authorized application.",
    459: "You cannot access the app till you log in to www.facebook.com and follow the instructions given.",
    460: "The session has been invalidated because the user changed their password.",
    463: "Session has expired.",
    464: "Sessions for the user are not allowed because the user is not a confirmed user.",
    467: "The access token is invalid since the user hasn't engaged the app.",
    492: "Session does not match current stored session.",
}


def dead_token(subcode: int) -> GraphError:
    return GraphError(
        190, f"Error validating access token: {DEAD.get(subcode, 'invalid')}", subcode=subcode, status=401
    )
