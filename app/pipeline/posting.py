"""Letters that are no issue: to confirm, to tell, to ask. One connection, no ledger."""

from __future__ import annotations

from collections.abc import Sequence

from digest.addresses import address, mailbox
from digest.sign import Signer
from digest.smtp import Line, LostError, Outgoing, ServerError
from vigie.errors import MailingError
from vigie.model import DeliveryState
from vigie.settings import Secrets, Settings


def post(settings: Settings, letters: Sequence[tuple[str, bytes]]) -> list[str]:
    """Send each (address, message); gives what the server said of each that it took.

    Raises MailingError at the first that it does not take, naming the address.
    """
    mail = settings.mail
    sign = Signer(mail)
    line = Line(mail, Secrets.from_environment().mail_password)
    sender = mail.return_path or mailbox(mail.sender).addr_spec
    said = []
    try:
        for to, message in letters:
            line.open()
            state, detail = line.deliver(address(to), Outgoing(sign(message), sender))
            if state is not DeliveryState.SENT:
                raise MailingError(f"{to}: {detail}")
            said.append(detail)
    except (ServerError, LostError, ValueError) as error:
        raise MailingError(str(error)) from error
    finally:
        line.close()
    return said
