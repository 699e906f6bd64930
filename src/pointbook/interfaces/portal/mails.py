"""The mails of the portal: a code to sign in, a code to confirm. Raises MailFailed."""

from __future__ import annotations

from django.core.mail import send_mail
from django.template.loader import render_to_string

from pointbook.engine.values.errors import PointbookError
from pointbook.members.signin import LIFE


class MailFailed(PointbookError):
    """The mail with the code could not be handed over."""

    status = 503


def send_code(*, address: str, code: str, program: str) -> None:
    """Mail a code; the text is the same for members and for those who are not yet.

    :raises MailFailed: when it could not be sent.
    """
    _send("code", address=address, code=code, program=program)


def send_confirmation(*, address: str, code: str, program: str) -> None:
    """Mail the one-time code by which a member confirms that they want a reward.

    :raises MailFailed: when it could not be sent.
    """
    _send("confirmation", address=address, code=code, program=program)


def _send(template: str, *, address: str, code: str, program: str) -> None:
    name = " ".join(program.split())  # a header is one line
    text = render_to_string(
        f"portal/mails/{template}.txt",
        {"code": code, "program": name, "minutes": int(LIFE.total_seconds()) // 60},
    )
    try:
        send_mail(f"{code} is your code for {name}", text, None, [address])
    except OSError as error:
        raise MailFailed(
            "The mail with your code could not be sent.",
            field="email",
            mend="Try again in a few minutes.",
        ) from error
