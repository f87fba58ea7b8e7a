"""A forgotten password: the link, and the new password it buys."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Session

from vibekanban.core import db, queue, security, vault
from vibekanban.core.columns import now
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.accounts import links, passwords, queries, sessions, signin
from vibekanban.domains.accounts.errors import BadCredentials
from vibekanban.domains.accounts.models import Purpose, User

CONTEXT = "password-reset"


def ask(session: Session, email: str) -> None:
    """Order the link for an address.

    The same work whether or not anybody has the address: looking it up is left to the job, so that
    neither the answer nor its time tells.
    """
    sealed = vault.encrypt(passwords.address(email), context=CONTEXT)
    queue.enqueue(session, queue.Job.SEND_RESET_LINK, sealed)


def send_link(session: Session, sealed: str, *, mail: links.Mail) -> bool:
    """Send the link, if the address is somebody's; says whether it was."""
    user = queries.user_by_email(session, vault.decrypt(sealed, context=CONTEXT))
    if user is None or not user.is_active:
        return False
    token = links.make(session, user.id, Purpose.RESET_PASSWORD)
    mail(
        session,
        user,
        "reset_password",
        dedupe_key=f"reset_password:{security.token_hash(token).hex()}",
        href=f"/reset-password?token={token}",
        name=user.name,
    )
    return True


def reset(session: Session, token: str, password: str) -> User:
    """Set the password the link allows, and end every session of the person.

    The link reached their mailbox, so it also proves the address and lifts the lock.
    """
    user = links.use(session, token, Purpose.RESET_PASSWORD)
    set_password(session, user, password)
    user.is_verified = True
    user.failed_sign_ins, user.locked_until = 0, None
    sessions.end_all(session, user.id)
    return user


def change(user_id: UUID, current: str, password: str, *, keeping: UUID) -> None:
    """Set another password after the current one was given again; ends every session but `keeping`.

    Takes no session, for the reasons given in `signin`.
    """
    try:
        signin.confirm(user_id, current)
    except BadCredentials as error:
        raise Invalid({"currentPassword": "accounts.field.password_wrong"}) from error
    with db.transaction() as session:
        user = queries.user_for_update(session, user_id)
        if user is None:
            raise NotFound()
        set_password(session, user, password)
        sessions.end_all(session, user.id, but=keeping)


def set_password(session: Session, user: User, password: str, *, field: str = "password") -> None:
    """Check and store a password."""
    passwords.check(password, email=user.email, field=field)
    user.password_hash = security.hash_password(password)
    user.updated_at = now()
    session.add(user)
