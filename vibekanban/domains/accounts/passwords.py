"""What we accept as a password and as an e-mail address."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

from vibekanban.core.errors import Invalid

SHORTEST = 10
LONGEST = 200

# the most used ones that are long enough to pass; the sign-in lock covers the rest
_MOST_USED = """
    1234567890 12345678910 123456789a 123456789q 0123456789 0987654321 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc
    qwertyuiop qwerty123456 qwerty12345 qwertyuiop123 asdfghjkl1 asdfghjklñ zxcvbnm123 password10 password12
    password123 password1234 password12345 passw0rd123 contraseña contrasena contraseña1 contrasena1
    contraseña123 contrasena123 micontraseña iloveyou12 iloveyou123 tequiero123 teamomucho teamo12345
    administrador administrator admin12345 admin123456 welcome123 bienvenido bienvenido1 bienvenida1
    vibekanban vibekanban1 vibekanban123 barcelona1 barcelona10 realmadrid realmadrid1 abcd123456
    abcdefghij abc1234567 letmein123 football123 princess123 superman123 sunshine123
"""
COMMON = frozenset(_MOST_USED.split())


def address(text: str) -> str:
    """The e-mail address as we store it: checked without asking DNS, lower-case."""
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise Invalid({"email": "accounts.field.email"}) from error


def check(password: str, *, email: str, field: str = "password") -> None:
    """Refuse a password that is too short, the person's own address, or among the first ever tried."""
    folded = password.casefold()
    if len(password) < SHORTEST:
        raise Invalid({field: "accounts.field.password_short"})
    if len(password) > LONGEST:
        raise Invalid({field: "accounts.field.password_long"})
    if folded == email.casefold():
        raise Invalid({field: "accounts.field.password_is_email"})
    if folded in COMMON or len(set(folded)) < 4:
        raise Invalid({field: "accounts.field.password_common"})
