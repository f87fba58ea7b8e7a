"""Routes of connections to Meta: connecting, the accounts they show, disconnecting, Meta's own callbacks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse
from pydantic import Field, SecretStr

from vibekanban.api import wire
from vibekanban.api.deps import CurrentUser, LocaleDep, SessionDep, SignedInDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Cursor, Limit, Moment, Page, Wire, example
from vibekanban.core import columns
from vibekanban.core.errors import AppError, Invalid, Malformed, NotFound, NotSignedIn, OutsideFailed
from vibekanban.core.settings import settings
from vibekanban.domains.meta import accounts, connections, oauth
from vibekanban.domains.meta.errors import ForeignToken, ScopesMissing
from vibekanban.domains.meta.models import ConnectionMode, ConnectionStatus, Permission

router = APIRouter(tags=["Meta Ads"])


class ConnectIn(Wire):
    mode: ConnectionMode = ConnectionMode.OAUTH
    access_token: SecretStr | None = Field(default=None, max_length=1000)
    permissions: Permission = Permission.MANAGE

    model_config = example({"mode": "oauth", "permissions": "manage"})


class ConnectOut(Wire):
    """`authorizeUrl` is where the person gives consent; null when a pasted token connected at once."""

    authorize_url: str | None = None
    connection_id: UUID | None = None

    model_config = example(
        {"authorizeUrl": "https://www.facebook.com/v26.0/dialog/oauth?client_id=…", "connectionId": None}
    )


class AccountOut(Wire):
    id: UUID
    meta_account_id: str
    name: str
    currency: str
    timezone: str
    status: ConnectionStatus
    account_status: int
    expires_at: Moment | None
    last_synced_at: Moment | None
    permissions: Permission
    missing_scopes: list[str]
    conversion_event: str | None

    @classmethod
    def of(cls, found: accounts.Connected) -> AccountOut:
        account, connection = found.account, found.connection
        return cls(
            id=account.id,
            meta_account_id=account.meta_account_id,
            name=account.name,
            currency=account.currency,
            timezone=account.timezone,
            status=connection.status,
            account_status=account.account_status,
            expires_at=connection.expires_at,
            last_synced_at=found.last_synced_at,
            permissions=connection.permission,
            missing_scopes=account.missing_scopes,
            conversion_event=account.conversion_event,
        )


@router.post(
    "/api/meta/auth/connect",
    responses=responses(NotSignedIn, Invalid, ForeignToken, ScopesMissing, OutsideFailed),
)
def connect(body: ConnectIn, signed_in: SignedInDep, session: SessionDep, locale: LocaleDep) -> ConnectOut:
    """Start a sign-in at Meta, or connect a system user's token that is pasted."""
    user_id = signed_in.user.id
    if body.mode is ConnectionMode.OAUTH:
        return ConnectOut(authorize_url=oauth.begin(session, user_id, body.permissions, locale=locale))
    token = body.access_token.get_secret_value().strip() if body.access_token else ""
    if not token:
        raise Invalid({"accessToken": "field.missing"})
    return ConnectOut(connection_id=oauth.paste(user_id, token, body.permissions))


@router.get("/api/auth/meta/callback", status_code=303, response_class=RedirectResponse)
def callback(
    signed_in: SignedInDep,
    locale: LocaleDep,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=2000)] = "",
    error: Annotated[str, Query(max_length=100)] = "",
) -> RedirectResponse:
    """Meta sends the browser back here; it goes on to the accounts page."""
    page = f"{'/en' if (signed_in.user.locale or locale) == 'en' else ''}{connections.ACCOUNTS_PAGE}"
    try:
        oauth.complete(signed_in.user.id, oauth.Returned(state=state, code=code, error=error))
    except AppError as refused:
        return RedirectResponse(f"{page}?error={refused.code}", 303)
    return RedirectResponse(f"{page}?connected=1", 303)


@router.get("/api/meta/auth/accounts", responses=responses(NotSignedIn, wire.BadCursor))
def account_list(
    session: SessionDep, user: CurrentUser, limit: Limit = 25, cursor: Cursor = None
) -> Page[AccountOut]:
    """Your ad accounts, with the state of their connection."""
    found = accounts.connected(session, user.id, after=wire.after(cursor), limit=limit + 1)
    return Page(
        items=[AccountOut.of(row) for row in found[:limit]],
        next_cursor=wire.cursor_of(found[limit - 1].account.id) if len(found) > limit else None,
    )


@router.delete(
    "/api/meta/auth/disconnect/{account_id}", status_code=204, responses=responses(NotSignedIn, NotFound)
)
def disconnect(account_id: UUID, session: SessionDep, user: CurrentUser) -> None:
    """Take an account out: its jobs stop, its data goes, and the last one revokes our access at Meta."""
    connections.disconnect(session, user.id, account_id)


# -- what Meta calls


class DeletionOut(Wire):
    """Meta shows both to the person who asked."""

    url: str
    confirmation_code: str

    model_config = Wire.model_config | {"alias_generator": None}


@router.post(
    "/api/meta/deauthorize", status_code=204, responses=responses(Malformed), include_in_schema=False
)
def deauthorize(session: SessionDep, signed_request: Annotated[str, Form(max_length=4000)] = "") -> None:
    """A person removed our app at Meta."""
    connections.deauthorized(session, _signed(signed_request))


@router.post("/api/meta/data-deletion", responses=responses(Malformed), include_in_schema=False)
def data_deletion(
    session: SessionDep, signed_request: Annotated[str, Form(max_length=4000)] = ""
) -> DeletionOut:
    """A person asked Meta that we delete their data."""
    connections.erase(session, _signed(signed_request))
    return DeletionOut(url=settings().origin, confirmation_code=str(columns.new_id()))


def _signed(text: str) -> str:
    """The Meta user id of a signed request; Malformed when it is not signed with our app secret."""
    signature, _, payload = text.partition(".")
    try:
        given = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
        data: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        user_id = str(data["user_id"])
    except (ValueError, KeyError, TypeError):
        raise Malformed() from None
    secret = settings().meta_app_secret.encode()
    if not hmac.compare_digest(given, hmac.new(secret, payload.encode(), hashlib.sha256).digest()):
        raise Malformed()
    return user_id
