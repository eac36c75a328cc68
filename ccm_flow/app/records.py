"""
A patient as a record system gives them, and what became of an import.

Readers of every kind (FHIR bundles, bulk NDJSON, CSV) turn their input into these values; nothing
past this point knows which kind it was.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

from ccm_flow.core.eligibility import CoverageKind

CMS_CHRONIC_FLAG: Final = "urn:ccm-flow:cms-chronic-flag"
"""
The code system of the chronic condition flags in a CMS beneficiary summary.

Its codes are the flags' column names: SP_ALZHDMTA, SP_CHF, SP_CHRNKIDN, SP_CNCR, SP_COPD,
SP_DEPRESSN, SP_DIABETES, SP_ISCHMCHT, SP_OSTEOPRS, SP_RA_OA, SP_STRKETIA and BENE_ESRD_IND.
"""
_KIND: Final = re.compile(r" \((disorder|finding|situation|procedure)\)$")
LISTS: Final = ("conditions", "coverages", "encounters", "medications", "services")
"""The fields of a `PatientRecord` that hold rows."""
FIELDS: Final = (
    "mrn",
    "family_name",
    "given_name",
    "birth_date",
    "sex",
    "phone",
    "language",
    "address",
    "deceased_at",
)
"""Its other fields, beside the two that find the patient again."""
DIED_AT_UNKNOWN_TIME = datetime(1900, 1, 1, tzinfo=UTC)
"""Stands for a death whose date the source does not give: before any service."""


@dataclass(frozen=True, slots=True)
class ConditionRecord:
    """A diagnosis or finding."""

    source_id: str
    code_system: str
    """A URI such as `http://snomed.info/sct`; empty when the source names none."""
    code: str
    display: str
    clinical_status: str
    """FHIR's words (`active`, `resolved`, ...); `unknown` when the source does not say."""
    onset_on: date | None = None
    recorded_at: datetime | None = None
    abated_on: date | None = None


@dataclass(frozen=True, slots=True)
class CoverageRecord:
    """Insurance over a period; an unknown start or end leaves that side open."""

    source_id: str
    payer: str
    kind: CoverageKind
    member_id: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class EncounterRecord:
    """A visit or a stay."""

    source_id: str
    kind: str
    """`ambulatory`, `emergency`, `inpatient`, `home`, `virtual`, `hospice`, `snf` or `other`."""
    status: str
    display: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MedicationRecord:
    """A prescription or a medicine that the patient says they take."""

    source_id: str
    code: str
    display: str
    status: str
    authored_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """A service that somebody billed for the patient; other rules exclude or need it."""

    source_id: str
    code: str
    """HCPCS or CPT, e.g. `99490`, `G0181`."""
    starts_on: date
    ends_on: date
    """The last day; the first one again for a service of a day."""
    practitioner: str = ""
    """Who billed it, as the source names them; empty when it does not say."""


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """One patient with everything that the program uses; all datetimes are aware."""

    source: str
    """The kind of source, e.g. `fhir`; with `source_id` it finds the patient again."""
    source_id: str
    mrn: str
    family_name: str
    given_name: str
    birth_date: date | None = None
    sex: str = ""
    phone: str = ""
    language: str = ""
    preferred_channel: str = ""
    """How the patient likes to be reached; only people of the clinic say it."""
    contact_hours: str = ""
    """When the patient likes to be reached, in words; only people of the clinic say it."""
    address: Mapping[str, str] = field(default_factory=dict)
    """`line`, `city`, `state`, `postal_code`; text, so that leading zeros stay."""
    deceased_at: datetime | None = None
    conditions: tuple[ConditionRecord, ...] = ()
    coverages: tuple[CoverageRecord, ...] = ()
    encounters: tuple[EncounterRecord, ...] = ()
    medications: tuple[MedicationRecord, ...] = ()
    services: tuple[ServiceRecord, ...] = ()
    partial: frozenset[str] = frozenset()
    """
    Names of fields above that this source says nothing about, or not all: a field that is empty
    here keeps its value, and a list keeps the rows that are not in it.
    """

    def content_hash(self) -> str:
        """Sum up the content; the order in which the source lists things does not matter."""
        own = ("source", "source_id", *FIELDS)
        content: list[object] = [[name, _plain(getattr(self, name))] for name in own]
        for name in LISTS:
            rows: Sequence[Any] = getattr(self, name)
            names = tuple(type(rows[0]).__dataclass_fields__) if rows else ()
            content.append(sorted(repr([_plain(getattr(row, n)) for n in names]) for row in rows))
        return hashlib.sha256(repr(content).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """Something in the source that could not be used: where, what, and what to do."""

    file: str
    entry: str
    """Which entry or line; empty when it is the whole file."""
    what: str
    fix: str
    skipped: bool = False
    """Whether a whole file or patient was left out because of it."""

    def __str__(self) -> str:
        where = f"{self.file}, {self.entry}" if self.entry else self.file
        return f"{where}: {self.what} {self.fix}"


@dataclass(frozen=True, slots=True)
class SourceSummary:
    """What a reader says in the end about what it read."""

    files: Mapping[str, int]
    """How many files were taken for which kind of export, e.g. `fhir`."""
    unused: Mapping[str, int]
    """Kinds of resources, or tables, that nothing is read from: how many there were."""


def _plain(value: Any) -> object:
    """Write a value so that equal values read the same, e.g. an instant in any time zone."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return sorted(value.items())
    return str(value) if isinstance(value, str) else value


def plain_display(text: str) -> str:
    """Leave out the kind that the names of SNOMED's terms end with, e.g. `(disorder)`."""
    return _KIND.sub("", text)
