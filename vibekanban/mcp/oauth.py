"""OAuth for interactive clients, by the official SDK: registration, PKCE, codes, refreshes, revocation, metadata.

The SDK's routes live under /oauth, since /register is a page; a person says yes or no on /app/authorize.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    AuthorizationParams,
    AuthorizeError,
    OAuthAuthorizationServerProvider,
    RefreshToken,
    RegistrationError,
    TokenError,
)
from mcp.server.auth.routes import create_auth_routes, create_protected_resource_routes
from mcp.server.auth.settings import ClientRegistrationOptions, RevocationOptions
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken
from pydantic import AnyHttpUrl, AnyUrl
from starlette.routing import BaseRoute, Mount, Route

from vibekanban.core import db
from vibekanban.core.settings import settings
from vibekanban.domains.access import oauth
from vibekanban.domains.access.errors import TooManyTokens
from vibekanban.domains.access.models import Scope
from vibekanban.domains.access.oauth import Paid
from vibekanban.mcp.revoking import SecretMayBeMissing

PREFIX = "/oauth"
REVOKE = "/revoke"
WELL_KNOWN = "/.well-known/oauth-authorization-server"
SCOPES = [scope.value for scope in Scope]
HARMFUL = frozenset({"javascript", "data", "file", "vbscript", "about", "blob", "ftp", "ws", "wss"})
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
LONGEST_DOCUMENT = 16_384  # characters of what a client says of itself, which is kept
LONGEST_CHALLENGE = 200
LONGEST = 2000  # characters of what a question carries along


def issuer() -> str:
    return f"{settings().api_origin}{PREFIX}"


def resource_metadata() -> str:
    """Where a client that was refused finds who gives tokens."""
    return f"{settings().api_origin}/.well-known/oauth-protected-resource/mcp"


class Provider(OAuthAuthorizationServerProvider[AuthorizationCode, RefreshToken, AccessToken]):
    """What the SDK asks of us; every method is one transaction off the event loop."""

    async def get_client(self, client_id: str) -> OAuthClientInformationFull | None:
        if "\x00" in client_id:
            return None
        found = await db.run(oauth.document, client_id)
        return OAuthClientInformationFull.model_validate_json(found) if found else None

    async def register_client(self, client_info: OAuthClientInformationFull) -> None:
        for uri in client_info.redirect_uris or []:
            parts = urlsplit(str(uri))
            plain = parts.scheme == "http" and parts.hostname not in LOOPBACK
            if (
                parts.scheme.lower() in HARMFUL or plain or "#" in str(uri)
            ):  # a code would follow the fragment
                raise RegistrationError(
                    "invalid_redirect_uri",
                    "redirect_uris must be https, loopback or an app's own, without a fragment",
                )
        document = client_info.model_dump_json()
        if len(document) > LONGEST_DOCUMENT:
            raise RegistrationError(
                "invalid_client_metadata", f"the description is longer than {LONGEST_DOCUMENT} characters"
            )
        await db.run(
            oauth.register,
            client_info.client_id or "",
            (client_info.client_name or "").replace("\x00", "").strip(),
            document,
        )

    async def authorize(self, client: OAuthClientInformationFull, params: AuthorizationParams) -> str:
        if params.resource and urlsplit(params.resource).path.rstrip("/") not in {"", "/mcp"}:
            raise AuthorizeError("invalid_target", "only /mcp is served")
        carried = (str(params.redirect_uri), params.state or "", params.resource or "")
        if any(len(text) > LONGEST or "\x00" in text for text in (*carried, params.code_challenge)):
            raise AuthorizeError("invalid_request", f"at most {LONGEST} characters each, none of them NUL")
        if len(params.code_challenge) > LONGEST_CHALLENGE:
            raise AuthorizeError("invalid_request", "code_challenge is no SHA-256 in base64url")
        asked = await db.run(
            oauth.ask,
            client.client_id or "",
            redirect_uri=str(params.redirect_uri),
            redirect_given=params.redirect_uri_provided_explicitly,
            code_challenge=params.code_challenge,
            state=params.state,
            scopes=params.scopes or SCOPES,
            resource=params.resource,
        )
        return f"{settings().origin}/app/authorize?request={asked}"

    async def load_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: str
    ) -> AuthorizationCode | None:
        found = await db.run(oauth.coded, client.client_id or "", authorization_code)
        if found is None:
            return None
        return AuthorizationCode(
            code=authorization_code,
            scopes=found.granted,
            expires_at=found.expires_at.timestamp(),
            client_id=found.client_id,
            code_challenge=found.code_challenge,
            redirect_uri=AnyUrl(found.redirect_uri),
            redirect_uri_provided_explicitly=found.redirect_given,
            resource=found.resource,
            subject=str(found.user_id),
        )

    async def exchange_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: AuthorizationCode
    ) -> OAuthToken:
        try:
            paid = await db.run(oauth.pay, client.client_id or "", authorization_code.code)
        except TooManyTokens as error:
            raise TokenError("invalid_grant", error.sentence("en")) from None
        return _answer(paid)

    async def load_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: str
    ) -> RefreshToken | None:
        found = await db.run(oauth.refreshable, client.client_id or "", refresh_token)
        if found is None:
            return None
        return RefreshToken(token=refresh_token, client_id=client.client_id or "", scopes=found.scopes)

    async def exchange_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: RefreshToken, scopes: list[str]
    ) -> OAuthToken:
        if set(scopes) != set(refresh_token.scopes):
            raise TokenError("invalid_scope", "a refresh keeps the scopes that were granted")
        return _answer(await db.run(oauth.renew, client.client_id or "", refresh_token.token))

    async def load_access_token(self, token: str) -> AccessToken | None:
        """Asked when a client gives a token back; calls of /mcp are let in by `door.py`."""
        client_id = await db.run(oauth.holder, token)
        return AccessToken(token=token, client_id=client_id, scopes=[]) if client_id else None

    async def revoke_token(self, token: AccessToken | RefreshToken) -> None:
        await db.run(oauth.end, token.client_id, token.token)


def _answer(paid: Paid | None) -> OAuthToken:
    if paid is None:
        raise TokenError("invalid_grant", "used, expired, or not yours")
    return OAuthToken(
        access_token=paid.secret,
        token_type="Bearer",  # noqa: S106 - the kind of token
        expires_in=paid.seconds,
        scope=" ".join(paid.scopes),
        refresh_token=paid.refresh,
    )


def routes() -> list[BaseRoute]:
    """Metadata where clients look for it, and the SDK's endpoints under /oauth."""
    made = create_auth_routes(
        Provider(),
        AnyHttpUrl(issuer()),
        client_registration_options=ClientRegistrationOptions(
            enabled=True, valid_scopes=SCOPES, default_scopes=SCOPES
        ),
        revocation_options=RevocationOptions(enabled=True),
    )
    metadata = next(route for route in made if route.path == WELL_KNOWN)
    return [
        *create_protected_resource_routes(
            resource_url=AnyHttpUrl(f"{settings().api_origin}/mcp"),
            authorization_servers=[AnyHttpUrl(issuer())],
            scopes_supported=SCOPES,
            resource_name="Vibe Kanban",
        ),
        *(
            Route(path, endpoint=metadata.endpoint, methods=["GET", "OPTIONS"])
            for path in (WELL_KNOWN, f"{WELL_KNOWN}{PREFIX}", f"{PREFIX}{WELL_KNOWN}")
        ),
        Mount(PREFIX, routes=[_mended(route) for route in made if route.path != WELL_KNOWN]),
    ]


def _mended(route: Route) -> Route:
    if route.path != REVOKE:
        return route
    return Route(REVOKE, endpoint=SecretMayBeMissing(route.endpoint), methods=["POST", "OPTIONS"])
