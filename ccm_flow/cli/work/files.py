"""Writing documents that hold patients' data."""

import os
from pathlib import Path

from ccm_flow.core.errors import CcmError


class CannotWriteError(CcmError):
    """A file or folder cannot be written."""

    exit_code = 2
    hint = "Name a folder that you may write to."

    def __init__(self, path: Path, reason: str | None) -> None:
        super().__init__(f"{path} cannot be written: {reason or 'unknown reason'}.")


def write_file(path: Path, content: bytes) -> None:
    """
    Write a file that only its owner may read; whole, or not at all.

    Raises:
        CannotWriteError: it cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
        part.replace(path)
    except OSError as error:
        raise CannotWriteError(path, error.strerror) from error
