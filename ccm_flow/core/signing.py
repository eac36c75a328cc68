"""What a signature stands for: a fingerprint of everything that was signed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Signature:
    """What somebody put their name to, as they typed it."""

    name: str
    words: str
    at: datetime


def fingerprint(content: Mapping[str, object]) -> str:
    """
    Give the SHA-256, in hexadecimal, of a content's canonical JSON.

    Canonical means: keys in order, no spaces, instants and days in ISO 8601. The order in which
    fields were typed does not matter; any other change gives another fingerprint.
    """
    text = json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_iso
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _iso(value: object) -> str:
    if isinstance(value, date):  # a datetime too
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be signed")
