"""The file of the set-up's keys: one a line, the newest first; older ones only read."""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ccm_flow.core.errors import CcmError

KEY_BYTES: Final = 32
Key = tuple[str, bytes]
"""A key's name, which travels with what it encrypts, and the key."""


class BadKeyFileError(CcmError):
    """The file of keys cannot be used."""

    exit_code = 2
    hint = "Put the set-up's own file back; without its keys the months cannot be read."

    def __init__(self, path: Path, number: int) -> None:
        super().__init__(f"{path}, line {number}: this is no key.")


def read_keys(path: Path) -> tuple[Key, ...]:
    """
    Give the keys, the newest first; a file that is missing is made, for its owner alone.

    Raises:
        BadKeyFileError: a line is no key, or there is none.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "w") as file:
            file.write(_text([_new_key()]))
    lines = [line.strip() for line in path.read_text().splitlines() if line.strip()]
    keys = [_key(path, number, line) for number, line in enumerate(lines, start=1)]
    if not keys:
        raise BadKeyFileError(path, 1)
    return tuple(keys)


def rotate(path: Path) -> Key:
    """
    Put a new key first: what is written from now on is under it. The others stay for reading.

    The file is replaced as a whole, so that nobody meets half of it.

    Raises:
        BadKeyFileError: a line is no key.
    """
    new = _new_key()
    keys = [new, *read_keys(path)]
    part = path.with_name(f".{path.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(_text(keys))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    return new


def _new_key() -> Key:
    return secrets.token_hex(4), secrets.token_bytes(KEY_BYTES)


def _text(keys: Sequence[Key]) -> str:
    return "".join(f"{name}:{key.hex()}\n" for name, key in keys)


def _key(path: Path, number: int, line: str) -> Key:
    name, _, written = line.partition(":")
    try:
        key = bytes.fromhex(written)
    except ValueError:
        key = b""
    if not name or len(key) != KEY_BYTES:
        raise BadKeyFileError(path, number)
    return name, key
