"""Ids of rows made of what brings them about: the same click or form twice is one row."""

import uuid


def once(kind: str, told_in: str | None) -> str:
    """Give the id of the row of a kind that a telling brings about; a new one without it."""
    if told_in is None:
        return uuid.uuid4().hex
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{kind}/{told_in}").hex
