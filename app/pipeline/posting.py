"""What goes out by SMTP: a ledger's messages; and single letters, which have none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from app.progress import Advance
from digest.addresses import address, mailbox
from digest.send import Ledger, Summary
from digest.send import send as speak_smtp
from digest.sign import Signer
from digest.smtp import Line, LostError, Outgoing, ServerError
from vigie.errors import MailingError
from vigie.model import Delivery, DeliveryState
from vigie.settings import Secrets, Settings


def deliver(
    settings: Settings,
    ledger: Ledger,
    compose: Callable[[Delivery], Outgoing | None],
    stage: AbstractContextManager[Advance],
    moment: Callable[[], datetime],
) -> Summary:
    """Send the ledger's rows that are due, each once, telling the stage of each."""
    with stage as advance:
        return speak_smtp(
            ledger,
            compose,
            settings.mail,
            Secrets.from_environment().mail_password,
            progress=lambda _delivery, _state: advance(1),
            now=moment,
        )


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
