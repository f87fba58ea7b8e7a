"""Routes of connections to Meta: connecting, the accounts they show, disconnecting, Meta's own callbacks."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import Field, SecretStr

from vibekanban.api import wire
from vibekanban.api.deps import CurrentUser, LocaleDep, SeenDep, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.idempotency import Idempotent
from vibekanban.api.middleware import cookie
from vibekanban.api.wire import Cursor, Limit, Page, Wire, example
from vibekanban.core import db
from vibekanban.core.errors import Invalid, Malformed, NotFound, NotSignedIn, OutsideFailed
from vibekanban.core.shapes import Moment
from vibekanban.domains.accounts import hot
from vibekanban.domains.meta import accounts, connections, deletions, leaving, oauth
from vibekanban.domains.meta.errors import ConnectionNeedsSignIn, ForeignToken, ScopesMissing
from vibekanban.domains.meta.models import ConnectionMode, ConnectionStatus, Permission

router = APIRouter(tags=["Meta Ads"], route_class=Idempotent)


class ConnectIn(Wire):
    mode: ConnectionMode = ConnectionMode.OAUTH
    access_token: SecretStr | None = Field(default=None, max_length=1000)
    permissions: Permission = Permission.MANAGE

    model_config = example({"mode": "oauth", "permissions": "manage"})


class AccountOut(Wire):
    """An ad account; `status` is its connection's, `missingScopes` what Meta refuses it.

    `unreachableSince` is when Meta ceased to list it for the connection; it is not read until Meta does again.
    """

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
    unreachable_since: Moment | None
    conversion_event: str | None

    model_config = example(
        {
            "id": "019a1f2e-7c11-7d3a-9b52-3f6c1e0a8d77",
            "metaAccountId": "701000000001",
            "name": "Casa Verde",
            "currency": "EUR",
            "timezone": "Europe/Madrid",
            "status": "active",
            "accountStatus": 1,
            "expiresAt": "2027-01-23T09:00:00.000Z",
            "lastSyncedAt": "2026-11-24T09:00:00.000Z",
            "permissions": "manage",
            "missingScopes": [],
            "unreachableSince": None,
            "conversionEvent": None,
        }
    )

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
            unreachable_since=account.unreachable_at,
            conversion_event=account.conversion_event,
        )


class ConnectOut(Wire):
    """`authorizeUrl` is where the person gives consent; a pasted token connects at once and shows `accounts`."""

    authorize_url: str | None = None
    connection_id: UUID | None = None
    accounts: list[AccountOut] | None = None

    model_config = example(
        {
            "authorizeUrl": "https://www.facebook.com/v26.0/dialog/oauth?client_id=…",
            "connectionId": None,
            "accounts": None,
        }
    )


@router.post(
    "/api/meta/auth/connect",
    responses=responses(
        NotSignedIn, Invalid, ForeignToken, ScopesMissing, ConnectionNeedsSignIn, OutsideFailed
    ),
)
def connect(body: ConnectIn, seen: SeenDep, locale: LocaleDep) -> ConnectOut:
    """Start a sign-in at Meta, or connect a system user's token that is pasted."""
    if body.mode is ConnectionMode.OAUTH:
        with db.transaction() as session:
            return ConnectOut(
                authorize_url=oauth.begin(session, seen.user_id, body.permissions, locale=locale)
            )
    token = body.access_token.get_secret_value().strip() if body.access_token else ""
    if not token:
        raise Invalid({"accessToken": "field.missing"})
    connection_id = oauth.paste(seen.user_id, token, body.permissions)
    with db.transaction() as session:
        found = accounts.connected(session, seen.user_id, connection_id=connection_id, limit=1000)
    return ConnectOut(connection_id=connection_id, accounts=[AccountOut.of(row) for row in found])


async def _perhaps_seen(request: Request) -> hot.Seen | None:
    """Who came back; somebody whose session ended meanwhile gets a page, not an error."""
    return await hot.authenticate(bearer=request.headers.get("authorization"), cookie=cookie(request.headers))


@router.get("/api/auth/meta/callback", status_code=303, response_class=RedirectResponse)
def callback(
    seen: Annotated[hot.Seen | None, Depends(_perhaps_seen)],
    locale: LocaleDep,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=2000)] = "",
    error: Annotated[str, Query(max_length=100)] = "",
) -> RedirectResponse:
    """Meta sends the browser back here; it goes on to the accounts page with `?connected=1` or `?error=<code>`."""
    if seen is None:
        return _accounts_page(locale, f"error={NotSignedIn.code}")
    ended = oauth.finish(seen.user_id, oauth.Returned(state=state, code=code, error=error))
    return _accounts_page(
        ended.locale or seen.locale, f"error={ended.error_code}" if ended.error_code else "connected=1"
    )


def _accounts_page(locale: str, query: str) -> RedirectResponse:
    tree = "/en" if locale == "en" else ""
    return RedirectResponse(f"{tree}{connections.ACCOUNTS_PAGE}?{query}", 303)


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
    leaving.deauthorized(session, signed_request)


@router.post("/api/meta/data-deletion", responses=responses(Malformed), include_in_schema=False)
def data_deletion(
    session: SessionDep, signed_request: Annotated[str, Form(max_length=4000)] = ""
) -> DeletionOut:
    """A person asked Meta that we delete their data; the address says how far it is."""
    deletion = deletions.erase(session, signed_request)
    return DeletionOut(url=deletions.address(deletion), confirmation_code=deletion.code)
