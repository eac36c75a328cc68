"""What people of the clinic put right about a patient, laid over what was imported."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from ccm_flow.app.records import PatientRecord
from ccm_flow.app.statuses import PatientField
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import PersonId
from ccm_flow.core.words import Channel

ADDRESS_PARTS: Final = ("line", "city", "state", "postal_code")
EditValue = str | Mapping[str, str] | None
"""A text, an address by its parts, or None to let the imported value hold again."""


class BadEditError(CcmError):
    """A value cannot be what a patient's field holds."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class PatientEdit:
    """One field put right by a person."""

    field: PatientField
    value: EditValue
    by: PersonId
    at: datetime


def lay_over(record: PatientRecord, edits: Iterable[PatientEdit]) -> PatientRecord:
    """Give a record with edits applied, in the order in which they were made: the latest wins."""
    latest = {edit.field: edit.value for edit in edits}
    values: dict[str, Any] = {
        field.value: value for field, value in latest.items() if value is not None
    }
    return replace(record, **values)


def check_edit(field: PatientField, value: EditValue) -> EditValue:
    """
    Give a value as it is kept, without blanks around it.

    Raises:
        BadEditError: it is empty, or no channel, no language tag or no address.
    """
    if value is None:
        return None
    if field is PatientField.ADDRESS:
        return _address(value)
    text = value.strip() if isinstance(value, str) else ""
    if not text or not text.isprintable():
        msg = f"The {field.value.replace('_', ' ')} is empty."
        raise BadEditError(msg, "Give a text, or --forget to go back to what was imported.")
    if field is PatientField.PREFERRED_CHANNEL and text not in set(Channel):
        msg = f"'{text}' is not a channel."
        raise BadEditError(msg, f"Choose one of: {', '.join(Channel)}.")
    if field is PatientField.LANGUAGE and not text.replace("-", "").isalnum():
        msg = f"'{text}' is not a language tag."
        raise BadEditError(msg, "Write it as en, es or pt-BR.")
    return text


def _address(value: EditValue) -> Mapping[str, str]:
    parts = value if isinstance(value, Mapping) else {}
    kept = {name: parts[name].strip() for name in ADDRESS_PARTS if parts.get(name, "").strip()}
    if not kept or parts.keys() - set(ADDRESS_PARTS):
        msg = "The address cannot be read."
        raise BadEditError(msg, "Write it as 'street; city; state; ZIP'.")
    return kept
