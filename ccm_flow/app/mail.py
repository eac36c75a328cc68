"""The port through which people get e-mail. No e-mail ever tells anything about a patient."""

from dataclasses import dataclass
from typing import Protocol

from ccm_flow.core.errors import CcmError


class MailError(CcmError):
    """The mail server did not take a message."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail."""

    to: str
    subject: str
    text: str


class Post(Protocol):
    """Sends e-mail."""

    def send(self, letter: Letter) -> None:
        """Hand a letter to the mail server; raises `MailError`."""
        ...


def invitation_letter(to: str, link: str) -> Letter:
    """Write the e-mail that an invited person gets."""
    return Letter(
        to,
        "Your account for CCM Flow",
        "You are invited to CCM Flow.\n\n"
        f"Choose a password here: {link}\n\n"
        "The link works once, and for three days. If you do not expect it, ignore this e-mail.\n",
    )
