"""Mail addresses: what RFC 5321 and RFC 6531 allow, in the form that SMTP carries."""

from __future__ import annotations

from email.headerregistry import Address
from email.utils import parseaddr

from email_validator import EmailNotValidError, validate_email

from digest.clean import line

LONGEST_NAME = 78  # characters of a name in a header


def address(text: str) -> str:
    """The address as SMTP carries it: the domain in IDNA, where the name before the @ is ASCII.

    A name outside ASCII (RFC 6531) is kept in UTF-8 and needs a server with SMTPUTF8. Raises
    ValueError, saying what is wrong, for what the RFCs do not allow; quoted names and addresses
    in brackets are not served. The DNS is not asked.
    """
    stripped = text.strip(" ")
    if not stripped.isprintable():
        raise ValueError(f"{text!r} has a control character")
    local, _, domain = stripped.rpartition("@")
    if (
        local and domain == "localhost"
    ):  # a relay's own machine, which a validator for the web refuses
        stripped = f"{local}@localhost.example"
    try:
        found = validate_email(
            stripped, check_deliverability=False, test_environment=True, strict=True
        )
    except EmailNotValidError as error:
        raise ValueError(f"{text!r}: {line(str(error), 200)}") from error
    carried = found.ascii_email or found.normalized
    return f"{local}@localhost" if domain == "localhost" else carried


def needs_utf8(checked: str) -> bool:
    """Whether only a server with SMTPUTF8 can take this address."""
    return not checked.isascii()


def mailbox(text: str) -> Address:
    """A sender as settings write it, "Bulletin <veille@example.org>". Raises ValueError."""
    name, spec = parseaddr(text)
    return Address(header(name, LONGEST_NAME), addr_spec=address(spec))


def header(text: str, limit: int) -> str:
    """One line that cannot pass for an encoded word, in which a reader's client would see more."""
    return line(text, limit).replace("=?", "= ?")
