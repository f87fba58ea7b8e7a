"""Jobs that send e-mails."""

from __future__ import annotations

from uuid import UUID

from vibekanban.clients import sendgrid
from vibekanban.core import db, logging
from vibekanban.domains.accounts import recovery
from vibekanban.domains.notifications import deliveries, inbox, letters, outbox

log = logging.logger(__name__)


def send_email(email_id: str) -> None:
    """Send one e-mail of the outbox; safe to repeat. Raises MailUnavailable to be tried again."""
    with db.transaction() as session:
        claimed = outbox.claim(session, UUID(email_id))
    if claimed is None or (claimed.doubtful and _settled(claimed)):
        return
    letter = letters.write(claimed.kind, claimed.locale, claimed.params)
    try:
        sendgrid.send(
            to=claimed.to,
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            reference=str(claimed.email_id),
            headers=letter.headers,
            attachments=letter.attachments,
        )
    except (sendgrid.MailRefused, sendgrid.MailUnavailable) as error:
        final = isinstance(error, sendgrid.MailRefused)
        log.warning("email.not_sent", email=email_id, kind=claimed.kind, reason=str(error), final=final)
        with db.transaction() as session:
            outbox.not_sent(session, claimed.email_id, str(error), final=final)
        if not final:
            raise
        return
    except sendgrid.MailUnanswered as error:
        log.warning("email.unanswered", email=email_id, kind=claimed.kind, reason=str(error))
        with db.transaction() as session:
            outbox.unheard(session, claimed.email_id, str(error))
        return
    with db.transaction() as session:
        outbox.sent(session, claimed.email_id)


def _settled(claimed: outbox.Claimed) -> bool:
    """Whether an e-mail in doubt needs no sending: the mail service has it, or nobody can say and once is enough.

    While the service can not be asked it stays in doubt.
    """
    try:
        taken = sendgrid.taken(str(claimed.email_id))
    except sendgrid.MailUnavailable as error:
        log.warning("email.in_doubt", email=str(claimed.email_id), reason=str(error))
        return True
    with db.transaction() as session:
        if taken:
            outbox.sent(session, claimed.email_id)
        elif taken is None and claimed.once:
            outbox.lost_track(session, claimed.email_id)
            log.warning("email.lost_track", email=str(claimed.email_id), kind=claimed.kind)
        else:
            return False
    return True


def send_reset_link(sealed: str) -> None:
    """Look up the address somebody gave for a new password, and queue the link if it is anybody's."""
    with db.transaction() as session:
        recovery.send_link(session, sealed, mail=outbox.post)


def sweep_emails() -> None:
    """Order again the e-mails whose job was lost."""
    with db.transaction() as session:
        outbox.sweep(session)


def forget_old() -> None:
    """Delete settled e-mails and deliveries, and old notifications."""
    with db.transaction() as session:
        outbox.forget_old(session)
        deliveries.forget_old(session)
        inbox.forget_old(session)
