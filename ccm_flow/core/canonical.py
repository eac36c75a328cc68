"""One way to write plain data as text, so that equal content has equal bytes and one hash."""

import hashlib
import json
from typing import Any

Plain = dict[str, Any]
"""Named values as JSON has them."""


def canonical(content: Any) -> str:
    """
    Write plain data as JSON: names in order, no spaces, every letter as itself.

    Raises:
        TypeError: something in it is not plain data.
    """
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def fingerprint(content: Any) -> str:
    """Give the SHA-256 of plain data, in hexadecimal."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def chain(before: str, content: Any) -> str:
    """
    Give a record's hash in a chain: over the hash of the record before it and its own content.

    So nothing can be taken out of the middle, put in or changed without every later hash changing.
    The first record follows the empty text.
    """
    return hashlib.sha256(f"{before}\n{canonical(content)}".encode()).hexdigest()
