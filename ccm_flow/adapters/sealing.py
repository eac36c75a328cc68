"""Secrets that have to be read again, encrypted with the set-up's own key."""

import base64
import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ccm_flow.core.errors import CcmError

_NONCE_BYTES: Final = 12
_PURPOSE: Final = b"ccm-flow/connection-secret"


class SealedWithOtherKeyError(CcmError):
    """A secret was sealed with a key that is not here."""

    exit_code = 3
    hint = "Start with the key file this set-up was made with, or make the connection anew."

    def __init__(self) -> None:
        super().__init__("A connection's secret cannot be read with this set-up's key.")


class Sealer:
    """AES-256-GCM under the keys that also protect what Temporal keeps; the first one seals."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._ciphers = [AESGCM(key) for key in keys]

    def seal(self, secret: str) -> str:
        """Encrypt a secret."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[0].encrypt(nonce, secret.encode(), _PURPOSE)
        return base64.b64encode(nonce + sealed).decode()

    def unseal(self, sealed: str) -> str:
        """
        Give a secret back.

        Raises:
            SealedWithOtherKeyError: it was sealed with another key.
        """
        data = base64.b64decode(sealed)
        for cipher in self._ciphers:
            with suppress(InvalidTag):
                return cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], _PURPOSE).decode()
        raise SealedWithOtherKeyError
