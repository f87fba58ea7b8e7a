"""Routes of sharing: links for reading, people who look at one's accounts, invitations to look at others'."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field, SecretStr

from vibekanban.api.deps import CurrentUser, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Instant, Page, Wire, example
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn
from vibekanban.core.shapes import Moment
from vibekanban.domains.board import views
from vibekanban.domains.board.filters import Filters
from vibekanban.domains.reporting import behind_links
from vibekanban.domains.sharing import links, members
from vibekanban.domains.sharing.errors import InvitationOver, NeedsVerifiedEmail, TooManyShares
from vibekanban.domains.sharing.models import ShareKind, ShareLink

router = APIRouter(prefix="/api/sharing", tags=["Sharing"])
ACCOUNT = "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001"


class LinkIn(Wire):
    """What a link shows; `filters` are those of `GET /api/board` and narrow a board, as a saved view does."""

    name: str = Field(max_length=400)
    kind: ShareKind = ShareKind.BOARD
    account_ids: list[UUID] = Field(default_factory=list, max_length=500)
    filters: dict[str, Any] = Field(default_factory=dict)
    view_id: UUID | None = Field(None, description="A saved view in place of `filters`")
    report_id: UUID | None = Field(
        None, description="The saved report of a link to one; it names the account"
    )
    password: SecretStr = Field(SecretStr(""), max_length=400, description="Empty: none is asked for")
    expires_at: Instant | None = None

    model_config = example(
        {
            "name": "Para el cliente",
            "kind": "board",
            "accountIds": [ACCOUNT],
            "filters": {"sort": "spend"},
            "viewId": None,
            "reportId": None,
            "password": "",
            "expiresAt": "2027-01-31T00:00:00Z",
        }
    )


class LinkOut(Wire):
    """A link without its token, which is shown only when it is made."""

    id: UUID
    name: str
    kind: ShareKind
    account_ids: list[UUID]
    filters: dict[str, Any]
    hint: str
    has_password: bool
    expires_at: Moment | None
    seen_at: Moment | None
    views: int
    created_at: Moment


class IssuedLinkOut(Wire):
    """The address is in this answer and nowhere else; `secret` is the same for forms."""

    secret: str
    link: LinkOut


class InviteIn(Wire):
    """`mayExport` is whether they may take the numbers away as files."""

    email: str = Field(max_length=254)
    account_ids: list[UUID] = Field(max_length=500)
    may_export: bool = True

    model_config = example({"email": "cliente@example.com", "accountIds": [ACCOUNT], "mayExport": True})


class InvitationOut(Wire):
    id: UUID
    email: str
    account_ids: list[UUID]
    may_export: bool
    expires_at: Moment
    created_at: Moment


class MemberOut(Wire):
    """Somebody who looks at some of your accounts."""

    id: UUID
    name: str
    email: str
    account_ids: list[UUID]
    may_export: bool


class MemberIn(Wire):
    may_export: bool

    model_config = example({"mayExport": False})


class AskedOut(Wire):
    """An invitation to look at somebody's accounts."""

    id: UUID
    owner_name: str
    account_names: list[str]
    expires_at: Moment


class SharedAccountOut(Wire):
    """Somebody else's account that you may look at."""

    id: UUID
    name: str
    currency: str
    owner_name: str
    may_export: bool


class AnswerIn(Wire):
    accept: bool

    model_config = example({"accept": True})


def _out(link: ShareLink) -> LinkOut:
    given = link.model_dump(exclude={"user_id", "token_hash", "password_hash", "revoked_at"})
    return LinkOut(**given, has_password=link.password_hash is not None)


@router.get("/links", responses=responses(NotSignedIn))
def link_list(session: SessionDep, user: CurrentUser) -> Page[LinkOut]:
    """Your links that were not ended, newest first."""
    return Page(items=[_out(link) for link in links.links(session, user.id)])


@router.post("/links", status_code=201, responses=responses(NotSignedIn, NotFound, Invalid, TooManyShares))
def make_link(body: LinkIn, session: SessionDep, user: CurrentUser) -> IssuedLinkOut:
    """Make a link to some of your accounts, or to a saved report; its address is shown this once."""
    given = {
        "name": body.name,
        "password": body.password.get_secret_value(),
        "expires_at": body.expires_at,
    }
    if body.kind is ShareKind.REPORT:
        issued = behind_links.make(session, user.id, body.report_id, **given)
    else:
        filters = views.view(session, user.id, body.view_id).filters if body.view_id else body.filters
        kept = Filters.parse(filters).kept()
        issued = links.make(
            session, user.id, kind=body.kind, account_ids=body.account_ids, filters=kept, **given
        )
    return IssuedLinkOut(secret=issued.address, link=_out(issued.link))


@router.delete("/links/{link_id}", status_code=204, responses=responses(NotSignedIn, NotFound))
def end_link(link_id: UUID, session: SessionDep, user: CurrentUser) -> Response:
    """End a link: whoever opens it sees nothing."""
    links.end(session, user.id, link_id)
    return Response(status_code=204)


@router.get("/members", responses=responses(NotSignedIn))
def member_list(session: SessionDep, user: CurrentUser) -> Page[MemberOut]:
    """Who looks at your accounts."""
    found = members.members(session, user.id)
    return Page(
        items=[
            MemberOut(
                id=one.id,
                name=one.name,
                email=one.email,
                account_ids=[account.id for account in one.accounts],
                may_export=one.may_export,
            )
            for one in found
        ]
    )


@router.patch("/members/{member_id}", status_code=204, responses=responses(NotSignedIn, NotFound))
def change_member(member_id: UUID, body: MemberIn, session: SessionDep, user: CurrentUser) -> Response:
    """Let somebody who looks at your accounts take files away, or not."""
    members.let_export(session, user.id, member_id, may=body.may_export)
    return Response(status_code=204)


@router.delete("/members/{member_id}", status_code=204, responses=responses(NotSignedIn, NotFound))
def remove_member(
    member_id: UUID,
    session: SessionDep,
    user: CurrentUser,
    accountId: UUID | None = None,  # noqa: N803 - the contract's name
) -> Response:
    """Somebody looks no longer at your accounts, or at one of them."""
    members.remove(session, user.id, member_id, account_id=accountId)
    return Response(status_code=204)


@router.get("/invitations", responses=responses(NotSignedIn))
def invitation_list(session: SessionDep, user: CurrentUser) -> Page[InvitationOut]:
    """Your invitations that nobody has answered."""
    return Page(
        items=[
            InvitationOut.model_validate(_invitation(one)) for one in members.invitations(session, user.id)
        ]
    )


@router.post(
    "/invitations", status_code=201, responses=responses(NotSignedIn, NotFound, Invalid, TooManyShares)
)
def invite(body: InviteIn, session: SessionDep, user: CurrentUser) -> InvitationOut:
    """Invite an address to look at some of your accounts."""
    made = members.invite(
        session, user.id, email=body.email, account_ids=body.account_ids, may_export=body.may_export
    )
    return InvitationOut.model_validate(_invitation(made))


@router.delete(
    "/invitations/{invitation_id}",
    status_code=204,
    responses=responses(NotSignedIn, NotFound, InvitationOver),
)
def take_back(invitation_id: UUID, session: SessionDep, user: CurrentUser) -> Response:
    """Take back an invitation that was not answered."""
    members.take_back(session, user.id, invitation_id)
    return Response(status_code=204)


@router.get("/received", responses=responses(NotSignedIn))
def asked_list(session: SessionDep, user: CurrentUser) -> Page[AskedOut]:
    """Open invitations to your own address."""
    return Page(
        items=[
            AskedOut(
                id=one.invitation.id,
                owner_name=one.owner_name,
                account_names=one.account_names,
                expires_at=one.invitation.expires_at,
            )
            for one in members.asked(session, user.id)
        ]
    )


@router.post(
    "/invitations/{invitation_id}/answer",
    status_code=204,
    responses=responses(NotSignedIn, NotFound, InvitationOver, NeedsVerifiedEmail),
)
def answer(invitation_id: UUID, body: AnswerIn, session: SessionDep, user: CurrentUser) -> Response:
    """Accept or decline an invitation to your address."""
    members.answer(session, user.id, invitation_id, accept=body.accept)
    return Response(status_code=204)


@router.get("/accounts", responses=responses(NotSignedIn))
def shared_accounts(session: SessionDep, user: CurrentUser) -> Page[SharedAccountOut]:
    """Other people's accounts that you may look at."""
    return Page(
        items=[
            SharedAccountOut(
                id=one.account.id,
                name=one.account.name,
                currency=one.account.currency,
                owner_name=one.owner_name,
                may_export=one.may_export,
            )
            for one in members.shared_with(session, user.id)
        ]
    )


@router.delete("/accounts/{account_id}", status_code=204, responses=responses(NotSignedIn, NotFound))
def leave(account_id: UUID, session: SessionDep, user: CurrentUser) -> Response:
    """Look no longer at somebody else's account."""
    members.leave(session, user.id, account_id)
    return Response(status_code=204)


def _invitation(made: Any) -> dict[str, Any]:
    return made.model_dump(include={"id", "email", "account_ids", "may_export", "expires_at", "created_at"})
