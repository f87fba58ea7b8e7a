"""What may go wrong with sharing."""

from __future__ import annotations

from vibekanban.core.errors import Conflict, Forbidden


class WrongSharePassword(Forbidden):
    code = "share_password"


class InvitationOver(Conflict):
    """It was answered already, or came too late."""

    code = "invitation_over"


class NeedsVerifiedEmail(Forbidden):
    """An invitation is for an address: whoever answers has to have proved that it is theirs."""

    code = "invitation_needs_verified_email"


class ExportForbidden(Forbidden):
    """The owner lets this person look and not take files away."""

    code = "export_forbidden"


class TooManyShares(Conflict):
    code = "too_many_shares"
