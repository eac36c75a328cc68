"""The lines that a practice-management system takes: one for each code of an approved month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from ccm_flow.core.billing.model import Place

PLACE_OF_SERVICE: Mapping[Place, str] = MappingProxyType(
    {Place.OFFICE: "11", Place.FACILITY: "22", Place.RHC: "72", Place.FQHC: "50"}
)
"""CMS place-of-service codes of where the patient is usually seen (medicare-rules, claim)."""
MOST_DIAGNOSES: Final = 12
"""A claim has room for so many."""
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One code of one patient; field names are the columns."""

    clinic: str
    mrn: str
    name: str
    birth_date: str | None
    """As `1952-11-20`."""
    member_id: str | None
    date_of_service: date
    code: str
    units: int
    rendering_npi: str | None
    place_of_service: str
    diagnoses: tuple[str, ...]
    """ICD-10-CM, as far as the record gives them."""
    amount_expected: Decimal | None
    packet_sha256: str
    changed_since_approval: bool


def safe_cell(value: object) -> str:
    """
    Write a value for a table file that a spreadsheet may open.

    A text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return safe_cell(" ".join(value[:MOST_DIAGNOSES]))
    text = str(value)
    return f"'{text}" if text.startswith(_BEGINS_FORMULA) else text
