"""Passwords by Argon2id and one-time codes by TOTP (RFC 6238)."""

from datetime import datetime
from functools import cache
from typing import Final

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

CODE_SECONDS: Final = 30
_DRIFT: Final = 1
"""Steps before and after the present one that count too: telephones' clocks differ."""


class Argon2Secrets:
    """Implements `ccm_flow.app.accounts.Secrets`."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()

    def hash_password(self, password: str) -> str:
        """Hash a password with a salt of its own."""
        return self._hasher.hash(password)

    def verify_password(self, password_hash: str | None, password: str) -> bool:
        """Check a password; without a hash it takes as long and is wrong."""
        try:
            return self._hasher.verify(password_hash or self._nobodys(), password) and bool(
                password_hash
            )
        except (VerificationError, InvalidHashError):
            return False

    def code_step(self, secret: str, code: str, now: datetime) -> int | None:
        """Find the time step near now whose code it is."""
        totp = pyotp.TOTP(secret, interval=CODE_SECONDS)
        present = int(now.timestamp()) // CODE_SECONDS
        given = code.replace(" ", "")
        for step in range(present - _DRIFT, present + _DRIFT + 1):
            if pyotp.utils.strings_equal(totp.at(step * CODE_SECONDS), given):
                return step
        return None

    @cache  # noqa: B019 - one per process, as long as the process
    def _nobodys(self) -> str:
        return self._hasher.hash("nobody's password")


def new_totp_secret() -> str:
    """Make a secret for one-time codes."""
    return pyotp.random_base32()


def totp_address(secret: str, username: str) -> str:
    """Give the address that authenticator programs read, e.g. from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name="CCM Flow")
