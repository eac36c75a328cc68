"""
What the Temporal server keeps is compressed and encrypted.

A plan with its calendar is some kilobytes of JSON that compress well, and nothing about a
patient may stand in a history in clear.
"""

import os
import zlib
from collections.abc import Callable, Sequence
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
    PayloadCodec,
)

from ccm_flow.adapters.keys import Key
from ccm_flow.core.errors import CcmError

KeyRing = Callable[[], Sequence[Key]]
_ENCODING: Final = b"binary/ccm-aes-gcm"
_NONCE_BYTES: Final = 12
_WORTH_PACKING: Final = 3000
"""Bytes; smaller payloads are not worth the time. A cycle's start, with its plan, is larger."""
_PLAIN: Final = b"p"
_PACKED: Final = b"z"


class PayloadKeyError(CcmError):
    """A payload was written with a key that is not here."""

    exit_code = 3
    hint = (
        "Start with the key file this set-up was made with; without it its months are unreadable."
    )


class EncryptingCodec(PayloadCodec):
    """
    AES-256-GCM over zlib; the key's name travels in the metadata, so keys can be rotated.

    The first key encrypts. What was encrypted with one that is not known yet makes `look_again`
    be asked once more: the key was added after this program began.
    """

    def __init__(self, keys: Sequence[Key], look_again: KeyRing | None = None) -> None:
        self._ciphers = {name: AESGCM(key) for name, key in keys}
        self._current = keys[0][0]
        self._look_again = look_again

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Compress and encrypt."""
        return [self._seal(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt what this codec wrote; leave anything else as it is."""
        return [
            self._open(payload) if payload.metadata.get("encoding") == _ENCODING else payload
            for payload in payloads
        ]

    def _seal(self, payload: Payload) -> Payload:
        nonce = os.urandom(_NONCE_BYTES)
        plain = payload.SerializeToString()
        packed = (
            _PACKED + zlib.compress(plain, 6) if len(plain) > _WORTH_PACKING else _PLAIN + plain
        )
        sealed = self._ciphers[self._current].encrypt(nonce, packed, _ENCODING)
        return Payload(
            metadata={"encoding": _ENCODING, "key": self._current.encode()}, data=nonce + sealed
        )

    def _open(self, payload: Payload) -> Payload:
        cipher = self._cipher(payload.metadata["key"].decode())
        nonce, sealed = payload.data[:_NONCE_BYTES], payload.data[_NONCE_BYTES:]
        packed = cipher.decrypt(nonce, sealed, _ENCODING)
        return Payload.FromString(
            zlib.decompress(packed[1:]) if packed[:1] == _PACKED else packed[1:]
        )

    def _cipher(self, name: str) -> AESGCM:
        if name not in self._ciphers and self._look_again is not None:
            self._ciphers |= {known: AESGCM(key) for known, key in self._look_again()}
        found = self._ciphers.get(name)
        if found is None:
            raise PayloadKeyError("A stored month is encrypted with a key this set-up lacks.")
        return found


_JSON = PydanticJSONPlainPayloadConverter(max_cached_type_adapters=None)


class SharedPayloadConverter(CompositePayloadConverter):
    """
    Pydantic's converter with one cache of type adapters for the whole process.

    The SDK makes a converter for each workflow; building the adapters anew each time costs more
    than a whole step of the flow.
    """

    def __init__(self) -> None:
        super().__init__(
            *(
                _JSON if isinstance(converter, JSONPlainPayloadConverter) else converter
                for converter in DefaultPayloadConverter.default_encoding_payload_converters
            )
        )


def data_converter(keys: Sequence[Key], look_again: KeyRing | None = None) -> DataConverter:
    """Make the one converter that clients, workers and tests share; the first key encrypts."""
    return DataConverter(
        payload_converter_class=SharedPayloadConverter,
        payload_codec=EncryptingCodec(keys, look_again),
    )
