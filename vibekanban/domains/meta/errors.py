"""What may go wrong with connections and accounts, beyond what Meta itself answers."""

from __future__ import annotations

from vibekanban.core.errors import Conflict, Invalid


class ConnectionNeedsSignIn(Conflict):
    """The token is dead; nobody calls Meta with it again until the person has signed in there."""

    code = "connection_needs_sign_in"


class AccountUnreachable(Conflict):
    """Meta does not list the account for its connection any more; calls that fail cost the app its tier."""

    code = "account_unreachable"


class SyncOfThePlatform(Conflict):
    """The clock asked for it, so that alerts and pages have fresh numbers; nobody calls that off."""

    code = "sync_of_the_platform"


class StateExpired(Invalid):
    """The return from Meta's dialog does not belong to a sign-in we started, or came too late."""

    code = "oauth_state_expired"


class ConsentDenied(Invalid):
    code = "oauth_denied"


class ScopesMissing(Invalid):
    """The person unticked what the connection cannot do without."""

    code = "oauth_scopes_missing"


class ForeignToken(Invalid):
    """The token was issued to another app, or is no token."""

    code = "meta_foreign_token"
