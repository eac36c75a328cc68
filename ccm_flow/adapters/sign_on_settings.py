"""The settings of single sign-on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ccm_flow.core.errors import CcmError


class SignOnSettingsError(CcmError):
    """Single sign-on is set up wrongly."""

    exit_code = 2
    hint = (
        "Set CCM_OIDC_ISSUER, CCM_OIDC_CLIENT_ID, CCM_OIDC_CLIENT_SECRET_FILE and CCM_PUBLIC_URL, "
        "or none of the first three."
    )


@dataclass(frozen=True)
class SignOnSettings:
    """An OpenID Connect provider, and what it knows this application as."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    secret_file: Path
    redirect_to: str
    """Where the provider sends people back to."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "SignOnSettings | None":
        """
        Read the settings; None where single sign-on is not used.

        Raises:
            SignOnSettingsError: one is missing, or not what it should be.
        """
        issuer = environ.get("CCM_OIDC_ISSUER", "").rstrip("/")
        if not issuer:
            return None
        named = ("CCM_OIDC_CLIENT_ID", "CCM_OIDC_CLIENT_SECRET_FILE", "CCM_PUBLIC_URL")
        missing = [name for name in named if not environ.get(name)]
        if missing:
            raise SignOnSettingsError(f"Single sign-on also needs {' and '.join(missing)}.")
        here = urlsplit(issuer)
        if here.scheme != "https" and here.hostname not in {"127.0.0.1", "localhost", "::1"}:
            raise SignOnSettingsError("CCM_OIDC_ISSUER has to begin with https://.")
        file = Path(environ["CCM_OIDC_CLIENT_SECRET_FILE"])
        try:
            secret = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise SignOnSettingsError("CCM_OIDC_CLIENT_SECRET_FILE cannot be read.") from None
        if not secret:
            raise SignOnSettingsError("The file of CCM_OIDC_CLIENT_SECRET_FILE is empty.")
        public = environ["CCM_PUBLIC_URL"].rstrip("/")
        return cls(
            issuer=issuer,
            client_id=environ["CCM_OIDC_CLIENT_ID"],
            client_secret=secret,
            secret_file=file,
            redirect_to=f"{public}/sign-in/single/back",
        )
