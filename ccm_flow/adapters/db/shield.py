"""
Encryption of single fields in the database: what identifies a patient, where a set-up wants it.

A sealed field is `sealed:1:KEY:DATA` with AES-256-GCM under a key derived from the set-up's own;
the column's name is bound in, so that no value can be moved to another column. Reading takes
sealed and plain values alike: a database can be sealed, and opened again, while people work.

A field that has to be found by its whole value is sealed with a nonce that is a keyed hash (HMAC)
of the value. Equal values are then equal in the database too, under one key, and a database's
index and its unique constraints go on working; nobody without the key learns which value it is.
"""

import base64
import hmac
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.engine import Dialect

from ccm_flow.adapters.keys import Key
from ccm_flow.core.errors import CcmError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MARK: Final = "sealed:1:"
_PLAIN: Final = "sealed:0:"
"""Stands before a plain value that itself begins as a sealed one would."""
_BEGINS: Final = "sealed:"
_NONCE_BYTES: Final = 12


class SealedFieldError(CcmError):
    """A patient's data were sealed with a key that is not here."""

    exit_code = 3
    hint = "Start with the key file this set-up was made with (CCM_KEY_FILE)."

    def __init__(self) -> None:
        super().__init__("Patients' data cannot be read with this set-up's keys.")


@dataclass(frozen=True, slots=True)
class _Pair:
    """What one key of the file is used for here; each use has a key of its own."""

    name: str
    cipher: "AESGCM"
    finder: bytes


def _pair(key: Key) -> _Pair:
    from cryptography.hazmat.primitives.ciphers.aead import (  # noqa: PLC0415 - loads slowly
        AESGCM,
    )

    name, secret = key
    cipher = hmac.digest(secret, b"ccm-flow/field", sha256)
    return _Pair(name, AESGCM(cipher), hmac.digest(secret, b"ccm-flow/field-finder", sha256))


class Shield:
    """Seals and opens fields under the set-up's keys, the newest first; read when first needed."""

    def __init__(self, keys: Callable[[], Sequence[Key]], *, seals: bool) -> None:
        self._keys = keys
        self._known: tuple[_Pair, ...] = ()
        self.seals = seals
        """Whether new values are sealed; sealed ones are read in any case."""

    def seal(self, text: str, column: str, *, findable: bool = False) -> str:
        """Seal a value under the newest key."""
        return _sealed(self._pairs()[0], text, column, findable=findable)

    def newest(self) -> str:
        """Give how everything begins that is sealed under the key in use."""
        return f"{MARK}{self._pairs()[0].name}:"

    def forms(self, text: str, column: str) -> list[str]:
        """Give all forms in which a findable value may stand in the database."""
        try:
            pairs = self._pairs()
        except SealedFieldError:  # without keys only plain values can be found
            pairs = ()
        sealed = [_sealed(pair, text, column, findable=True) for pair in pairs]
        return [plain_form(text), *sealed]

    def open(self, stored: str, column: str) -> str:
        """
        Give a value back, sealed or plain.

        Raises:
            SealedFieldError: it was sealed with another key, or for another column.
        """
        if not stored.startswith(MARK):
            return stored.removeprefix(_PLAIN)
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - loads slowly

        name, _, data = stored.removeprefix(MARK).partition(":")
        whole = base64.b64decode(data)
        with suppress(InvalidTag):
            opened = self._pair(name).cipher.decrypt(
                whole[:_NONCE_BYTES], whole[_NONCE_BYTES:], column.encode()
            )
            return opened.decode()
        raise SealedFieldError

    def _pairs(self) -> tuple[_Pair, ...]:
        if not self._known:
            self._known = tuple(_pair(key) for key in self._keys())
        return self._known

    def _pair(self, name: str) -> _Pair:
        for again in (False, True):  # somebody may have rotated the keys since they were read
            if again:
                self._known = ()
            found = next((pair for pair in self._pairs() if pair.name == name), None)
            if found is not None:
                return found
        raise SealedFieldError


def plain_form(text: str) -> str:
    """Give how a plain value is kept."""
    return _PLAIN + text if text.startswith(_BEGINS) else text


def _sealed(pair: _Pair, text: str, column: str, *, findable: bool) -> str:
    plain, where = text.encode(), column.encode()
    nonce = (
        hmac.digest(pair.finder, where + b"\0" + plain, sha256)[:_NONCE_BYTES]
        if findable
        else os.urandom(_NONCE_BYTES)
    )
    data = base64.b64encode(nonce + pair.cipher.encrypt(nonce, plain, where)).decode()
    return f"{MARK}{pair.name}:{data}"


_shields: WeakKeyDictionary[Dialect, Shield] = WeakKeyDictionary()


def shielded_by(engine: Engine, shield: Shield) -> Engine:
    """Have a database's sealed fields read, and new ones sealed where that is wanted."""
    _shields[engine.dialect] = shield
    return engine


def shield_of(dialect: Dialect) -> Shield:
    """Give what seals and opens a database's fields; without keys it opens plain ones alone."""
    return _shields.get(dialect) or _KEYLESS


def _no_keys() -> Sequence[Key]:
    raise SealedFieldError


_KEYLESS: Final = Shield(_no_keys, seals=False)
