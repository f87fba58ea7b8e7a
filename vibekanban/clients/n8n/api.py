"""What we ask of n8n: workflows and their publishing, executions, credentials, tenants."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlsplit

import httpx

from vibekanban.clients.n8n.documents import writable
from vibekanban.clients.n8n.errors import Denied, InConflict, Missing, N8nError, Refused, Unavailable
from vibekanban.clients.n8n.shapes import Execution, Owner, Tenant, Workflow, execution_of, workflow_of
from vibekanban.clients.n8n.wire import TIMEOUT, Wire

SETTLING = 10.0  # seconds in which an unpublishing or a fresh webhook must have come through
PAUSE = 0.1


class N8n:
    """One n8n server. `base` is the public API's address, with /api/v1."""

    def __init__(
        self, base: str, key: str, *, owner: Owner | None = None, timeout: httpx.Timeout = TIMEOUT
    ) -> None:
        self.base = base.rstrip("/")
        self.origin = self.base.removesuffix("/api/v1")
        self._wire = Wire(self.base, key, timeout=timeout)
        self._owner = owner
        self._timeout = timeout

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wire.close()

    # -- workflows

    def create_workflow(self, document: dict[str, Any], *, project_id: str | None = None) -> Workflow:
        """Create an unpublished workflow; UnknownOutcome when n8n may or may not have it."""
        body = writable(document) | ({"projectId": project_id} if project_id else {})
        return workflow_of(self._wire.call("POST", "/workflows", body=body))

    def workflow(self, workflow_id: str) -> Workflow:
        return workflow_of(self._wire.call("GET", f"/workflows/{_part(workflow_id)}"))

    def workflows(
        self, *, project_id: str | None = None, name: str | None = None, active: bool | None = None
    ) -> Iterator[Workflow]:
        query = {"projectId": project_id, "name": name, "active": active, "excludePinnedData": True}
        return (workflow_of(one) for one in self._wire.pages("/workflows", **query))

    def replace_workflow(
        self, workflow_id: str, document: dict[str, Any], *, publish_if_active: bool = True
    ) -> Workflow:
        """Write the whole document; a published workflow runs the new one at once unless told otherwise."""
        return workflow_of(
            self._wire.call(
                "PUT",
                f"/workflows/{_part(workflow_id)}",
                body=writable(document),
                publishIfActive=None if publish_if_active else False,
            )
        )

    def publish(self, workflow_id: str, *, version: str | None = None) -> Workflow:
        """Let the draft, or an older version, run; its webhook answers some tenths of a second later."""
        body = {"versionId": version} if version else {}
        path = f"/workflows/{_part(workflow_id)}/publish"
        return workflow_of(self._wire.call("POST", path, body=body, repeatable=True))

    def unpublish(self, workflow_id: str) -> Workflow:
        """Stop it; one more call of its webhook may be served meanwhile."""
        path = f"/workflows/{_part(workflow_id)}/unpublish"
        return workflow_of(self._wire.call("POST", path, body={}, repeatable=True))

    def archive(self, workflow_id: str) -> None:
        """Stop it and keep its history; archiving twice does nothing."""
        try:
            self._wire.call("POST", f"/workflows/{_part(workflow_id)}/archive", body={}, repeatable=True)
        except Refused:
            if not self.workflow(workflow_id).archived:
                raise

    def delete_workflow(self, workflow_id: str) -> None:
        """Stop and delete it with its executions; nothing happens when it is gone already."""
        try:
            if self.workflow(workflow_id).published:
                self.unpublish(workflow_id)
            _until_settled(lambda: self._wire.call("DELETE", f"/workflows/{_part(workflow_id)}"), InConflict)
        except Missing:
            return

    def run(self, path: str, payload: Any, *, headers: dict[str, str] | None = None) -> Any:
        """Call a production webhook and give back what the workflow answers.

        A webhook that was published a moment ago is not there yet: it is asked again for some seconds.
        Raises Missing when it stays away, Refused when the run failed.
        """
        return _until_settled(lambda: self._run_once(path, payload, headers or {}), Missing)

    def _run_once(self, path: str, payload: Any, headers: dict[str, str]) -> Any:
        url = f"{self.origin}/webhook/{quote(path)}"
        try:
            answer = httpx.post(url, json=payload, headers=headers, timeout=self._timeout)
        except httpx.HTTPError as error:
            raise Unavailable() from error
        if answer.status_code == 404:
            raise Missing()
        if answer.status_code == 403:
            raise Denied()
        try:
            data = answer.json() if answer.content else None
        except ValueError:
            data = {"message": answer.text[:200]}
        if not answer.is_success:
            raise Refused(str(data.get("message", "")) if isinstance(data, dict) else "")
        return data

    # -- executions

    def executions(
        self,
        *,
        workflow_id: str | None = None,
        project_id: str | None = None,
        status: str | None = None,
        started_after: datetime | None = None,
        data: bool = False,
    ) -> Iterator[Execution]:
        """Runs, newest first."""
        query = {
            "workflowId": workflow_id,
            "projectId": project_id,
            "status": status,
            "startedAfter": started_after.isoformat().replace("+00:00", "Z") if started_after else None,
            "includeData": data or None,
        }
        return (execution_of(one) for one in self._wire.pages("/executions", **query))

    def execution(self, execution_id: str, *, data: bool = True) -> Execution:
        path = f"/executions/{_part(execution_id)}"
        return execution_of(self._wire.call("GET", path, includeData=data or None))

    def retry(self, execution_id: str) -> Execution:
        """Run a failed one again and wait for it; InConflict when it had not failed."""
        path = f"/executions/{_part(execution_id)}/retry"
        return execution_of(self._wire.call("POST", path, body={"loadWorkflow": True}))

    def stop(self, execution_id: str) -> None:
        """End a running one; InConflict when it does not run."""
        self._wire.call("POST", f"/executions/{_part(execution_id)}/stop", body={}, repeatable=True)

    # -- credentials

    def create_bearer(
        self,
        *,
        name: str,
        token: str,
        domains: Sequence[str],
        project_id: str | None = None,
        credential_id: str | None = None,
    ) -> str:
        """Keep a Bearer token that n8n sends to these hosts only; the id of the credential.

        With an id of one's own (16 characters) a second try is InConflict instead of a second credential.
        """
        data = {
            "token": token,
            "allowedHttpRequestDomains": "domains",
            "allowedDomains": ",".join(domains),
        }
        return self._create_credential("httpBearerAuth", name, data, project_id, credential_id)

    def create_header(
        self,
        *,
        name: str,
        header: str,
        value: str,
        project_id: str | None = None,
        credential_id: str | None = None,
    ) -> str:
        """Keep a header that a webhook asks its callers for; n8n sends it nowhere."""
        data = {"name": header, "value": value, "allowedHttpRequestDomains": "none"}
        return self._create_credential("httpHeaderAuth", name, data, project_id, credential_id)

    def _create_credential(
        self, kind: str, name: str, data: dict[str, str], project_id: str | None, credential_id: str | None
    ) -> str:
        body: dict[str, Any] = {"name": name, "type": kind, "data": data}
        if project_id:
            body["projectId"] = project_id
        if credential_id:
            body["id"] = credential_id
        made = self._wire.call("POST", "/credentials", body=body, repeatable=credential_id is not None)
        return str(made["id"])

    def rotate_bearer(self, credential_id: str, token: str) -> None:
        """Put another token in it; workflows send it from their next run on."""
        body = {"isPartialData": True, "data": {"token": token}}
        self._wire.call("PATCH", f"/credentials/{_part(credential_id)}", body=body)

    def delete_credential(self, credential_id: str) -> None:
        """Forget it; nothing happens when it is gone already."""
        try:
            self._wire.call("DELETE", f"/credentials/{_part(credential_id)}")
        except Missing:
            return

    def credentials(self) -> Iterator[dict[str, Any]]:
        """Ids, names and types; n8n never gives the data back."""
        return self._wire.pages("/credentials")

    # -- tenants

    def create_tenant(self, email: str) -> Tenant:
        """The pending user with this address and their personal project; found again when they exist."""
        made = self._wire.call(
            "POST", "/users", body=[{"email": email, "role": "global:member"}], repeatable=True
        )
        users = {one["user"]["email"]: one["user"].get("id") for one in made if "user" in one}
        user_id = users.get(email) or next(
            (one["id"] for one in self._wire.pages("/users") if one["email"] == email), None
        )
        if not user_id:
            raise Refused("; ".join(str(one.get("error", "")) for one in made)[:500])
        return Tenant(str(user_id), self._project_of(str(user_id)))

    def tenant_id(self, email: str) -> str | None:
        """Their user's id; None when there is nobody of this address."""
        try:
            return str(self._wire.call("GET", f"/users/{_part(email)}")["id"])
        except Missing:
            return None

    def delete_tenant(self, user_id: str) -> None:
        """Remove a tenant with their workflows and credentials; InConflict while one is published."""
        try:
            self._wire.call("DELETE", f"/users/{_part(user_id)}")
        except Missing:
            return

    def _project_of(self, user_id: str) -> str:
        if self._owner is None:
            raise Denied()
        with httpx.Client(base_url=self.origin, timeout=self._timeout) as http:
            try:
                signed_in = http.post(
                    "/rest/login",
                    json={"emailOrLdapLoginId": self._owner.email, "password": self._owner.password},
                )
                if signed_in.status_code in {400, 401, 403}:
                    raise Denied()
                projects = http.get("/rest/projects").raise_for_status().json()["data"]
            except (httpx.HTTPError, ValueError, KeyError) as error:
                raise Unavailable() from error
        for project in projects:
            if project["type"] == "personal" and project.get("creatorId") == user_id:
                return str(project["id"])
        raise Missing()


def host_of(url: str) -> str:
    """What a credential's list of hosts names for this address; n8n ignores the port."""
    return urlsplit(url).hostname or ""


T = TypeVar("T")


def _until_settled(act: Callable[[], T], waiting: type[N8nError]) -> T:
    """Try again while n8n is still publishing or unpublishing: it answers before it has done it."""
    deadline = time.monotonic() + SETTLING
    while True:
        try:
            return act()
        except waiting:
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE)


def _part(value: str) -> str:
    return quote(value, safe="")
