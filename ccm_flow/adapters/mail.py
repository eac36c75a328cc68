"""E-mail over SMTP, always encrypted unless the server is on this machine."""

import ipaddress
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from ccm_flow.app.mail import Letter, MailError
from ccm_flow.core.errors import CcmError

_SECONDS: Final = 20
_PORTS: Final = {"smtp": 587, "smtps": 465}


class MailSettingsError(CcmError):
    """E-mail is set up wrongly."""

    exit_code = 2
    hint = (
        "Set CCM_SMTP_URL to smtp://user:password@host:587 (or smtps://...:465), CCM_SMTP_FROM to "
        "the sender's address and CCM_PUBLIC_URL to where people reach CCM Flow."
    )


@dataclass(frozen=True)
class MailSettings:
    """Which server takes e-mail, and who it is from."""

    host: str
    port: int
    sender: str
    encrypted: bool
    """TLS from the first byte; otherwise STARTTLS, except on this machine."""
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "MailSettings | None":
        """
        Read CCM_SMTP_URL and CCM_SMTP_FROM; None when no e-mail is sent.

        Raises:
            MailSettingsError: one is missing, or the URL is not one.
        """
        url = environ.get("CCM_SMTP_URL", "")
        if not url:
            return None
        parsed, port = _parse(url)
        sender = environ.get("CCM_SMTP_FROM", "")
        if "@" not in sender:
            raise MailSettingsError("CCM_SMTP_FROM has to be an e-mail address.")
        return cls(
            host=parsed.hostname or "",
            port=port or _PORTS[parsed.scheme],
            sender=sender,
            encrypted=parsed.scheme == "smtps",
            user=unquote(parsed.username or ""),
            password=unquote(parsed.password or ""),
        )


def _parse(url: str) -> tuple[SplitResult, int | None]:
    try:
        parsed = urlsplit(url)
        port = parsed.port
    except ValueError:
        raise MailSettingsError("CCM_SMTP_URL cannot be read.") from None
    if parsed.scheme not in _PORTS or not parsed.hostname:
        raise MailSettingsError("CCM_SMTP_URL has to begin with smtp:// or smtps://.")
    return parsed, port


class SmtpPost:
    """Implements `ccm_flow.app.mail.Post`."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    def send(self, letter: Letter) -> None:
        """Send a letter, over an encrypted connection."""
        message = EmailMessage()
        message["From"], message["To"] = self._settings.sender, letter.to
        message["Subject"] = letter.subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self._settings.sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        try:
            with self._connected() as server:
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            # The server's words may hold the address; what kind of refusal it was is enough.
            raise MailError(
                f"The e-mail was not sent ({type(error).__name__}).", "Check the mail server."
            ) from None

    def _connected(self) -> smtplib.SMTP:
        settings, tls = self._settings, ssl.create_default_context()
        if settings.encrypted:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, timeout=_SECONDS, context=tls
            )
        else:
            server = smtplib.SMTP(settings.host, settings.port, timeout=_SECONDS)
            if not _is_here(settings.host):
                server.starttls(context=tls)
        if settings.user:
            server.login(settings.user, settings.password)
        return server


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
