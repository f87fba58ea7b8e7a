"""Becoming a user: registration, the link that proves the address, and administrators."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from vibekanban.core import i18n, security
from vibekanban.core.columns import now
from vibekanban.core.errors import Invalid
from vibekanban.domains.accounts import links, passwords, queries, sessions
from vibekanban.domains.accounts.errors import AlreadyVerified, EmailTaken, RoleNotGrantable
from vibekanban.domains.accounts.models import Purpose, Role, User

OPEN_ROLES = frozenset({Role.TRAFICER, Role.EMPRESARIO})


def register(
    session: Session,
    *,
    email: str,
    name: str,
    password: str,
    role: Role = Role.TRAFICER,
    locale: str = i18n.DEFAULT,
    mail: links.Mail,
) -> User:
    """A new user, and the e-mail with which they prove their address."""
    if role not in OPEN_ROLES:
        raise RoleNotGrantable()
    user = _create(session, email=email, name=name, password=password, role=role, locale=locale)
    send_verification(session, user, mail=mail)
    return user


def create_admin(session: Session, *, email: str, name: str, password: str) -> User:
    """An administrator, from the command line only; a known address is promoted and given the password."""
    known = queries.user_by_email(session, passwords.address(email))
    if known is None:
        user = _create(
            session, email=email, name=name, password=password, role=Role.ADMIN, locale=i18n.DEFAULT
        )
    else:
        passwords.check(password, email=known.email)
        user = known
        user.name, user.role, user.is_active = display_name(name), Role.ADMIN, True
        user.password_hash = security.hash_password(password)
        user.updated_at = now()
        sessions.end_all(session, user.id)
    user.is_verified = True
    session.add(user)
    session.flush()
    return user


def send_verification(session: Session, user: User, *, mail: links.Mail) -> None:
    """Send the link that proves the address; links sent before stop working."""
    if user.is_verified:
        raise AlreadyVerified()
    token = links.make(session, user.id, Purpose.VERIFY_EMAIL)
    mail(
        session,
        user,
        "verify_email",
        dedupe_key=f"verify_email:{security.token_hash(token).hex()}",
        href=f"/verify-email?token={token}",
        name=user.name,
    )


def verify(session: Session, token: str) -> User:
    """The address is theirs."""
    user = links.use(session, token, Purpose.VERIFY_EMAIL)
    user.is_verified = True
    user.updated_at = now()
    return user


def _create(session: Session, *, email: str, name: str, password: str, role: Role, locale: str) -> User:
    address = passwords.address(email)
    passwords.check(password, email=address)
    user = User(
        email=address,
        name=display_name(name),
        password_hash=security.hash_password(password),
        role=role,
        locale=i18n.known(locale),
    )
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError as error:
        raise EmailTaken() from error
    return user


def display_name(text: str) -> str:
    """The name with its spaces tidied; 1 to 120 characters."""
    name = " ".join(text.split())
    if not name or len(name) > 120:
        raise Invalid({"name": "accounts.field.name"})
    return name
