"""Users over the public API, and the sign-in and projects of the internal one."""

from __future__ import annotations

import re
import secrets
from typing import Any

from vibekanban.sandbox.n8n.calls import Call
from vibekanban.sandbox.n8n.credentials import project_name
from vibekanban.sandbox.n8n.problems import Problem
from vibekanban.sandbox.n8n.shelf import Entry, Shelf
from vibekanban.sandbox.n8n.workflows import may_go

ROLES = ("global:admin", "global:member")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
IDENTIFIER = re.compile(r"[0-9a-f-]{36}")


class People:
    """Handlers of /users, /rest/login and /rest/projects."""

    def __init__(self, shelf: Shelf, password: str) -> None:
        self._shelf = shelf
        self._password = password
        self._sessions: set[str] = set()

    def invite(self, call: Call) -> list[Entry]:
        """Pending users who never sign in, each with a personal project; the same again when they are there."""
        if not isinstance(call.body, list):
            raise Problem(400, "request/body must be array")
        for number, one in enumerate(call.body):
            if not ADDRESS.fullmatch(str(one.get("email", ""))):
                raise Problem(400, f'request/body/{number}/email must match format "email"')
            if one.get("role", "global:member") not in ROLES:
                raise Problem(400, f"Role {one['role']} does not exist")
        made = []
        for one in call.body:
            email, role = one["email"].lower(), one.get("role", "global:member")
            user = self._shelf.user(email) or self._shelf.add_user(email, role)
            invited = {
                "id": user["id"], "email": user["email"], "emailSent": False, "role": user["role"],
                "inviteAcceptUrl": f"{call.origin}/signup?token={secrets.token_urlsafe(24)}",
            }  # fmt: skip
            made.append({"user": invited, "error": ""})
        return made

    def listing(self, call: Call) -> Entry:
        _ = self._shelf.owner  # the server has one from the start
        with_role = call.flag("includeRole")
        return call.page([_shown(user, with_role=bool(with_role)) for user in self._shelf.users()])

    def read(self, call: Call, key: str) -> Entry:
        return _shown(self._found(key), with_role=bool(call.flag("includeRole")))

    def delete(self, _call: Call, key: str) -> None:
        """The user with the workflows and credentials of their project; by id only, as n8n breaks at an address here."""
        user = self._found(key)
        if key != user["id"]:
            raise Problem(500, "Internal Server Error")
        for workflow in self._shelf.workflows(user["project"]):
            may_go(workflow)
        self._shelf.drop_user(user)

    def _found(self, key: str) -> Entry:
        if not IDENTIFIER.fullmatch(key) and not ADDRESS.fullmatch(key):
            raise Problem(400, 'request/params/id must match format "identifier"')
        user = self._shelf.user(key)
        if user is None:
            raise Problem(404, f"Could not find user with id: {key}")
        return user

    # -- the internal API, which a cookie opens

    def sign_in(self, body: Any) -> tuple[Entry, str]:
        """The owner as they are shown to themself, and what their cookie holds."""
        name = body.get("emailOrLdapLoginId") if isinstance(body, dict) else None
        if not isinstance(name, str):
            raise Problem(400, "Required")
        owner = self._shelf.owner
        if name.lower() != owner["email"] or not secrets.compare_digest(
            str(body.get("password", "")), self._password
        ):
            raise Problem(401, "Wrong username or password. Do you have caps lock on?")
        session = secrets.token_urlsafe(32)
        self._sessions.add(session)
        return {"data": _shown(owner, with_role=True)}, session

    def projects(self, session: str | None) -> Entry:
        if session not in self._sessions:
            raise Problem(401, "Unauthorized")
        _ = self._shelf.owner
        return {
            "data": [
                {
                    "id": user["project"], "name": project_name(user), "type": "personal", "icon": None,
                    "description": None, "customTelemetryTags": [], "creatorId": user["id"],
                    "createdAt": user["createdAt"], "updatedAt": user["updatedAt"],
                }
                for user in self._shelf.users()
            ]
        }  # fmt: skip


def _shown(user: Entry, *, with_role: bool) -> Entry:
    hidden = {"project"} if with_role else {"project", "role"}
    return {key: value for key, value in user.items() if key not in hidden}
