"""
A patient as a record system gives them, and what became of an import.

Readers of every kind (FHIR bundles, bulk NDJSON, CSV) turn their input into these values; nothing
past this point knows which kind it was.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Final

from ccm_flow.core.eligibility import CoverageKind
from ccm_flow.core.ids import ClinicId

CMS_CHRONIC_FLAG: Final = "urn:ccm-flow:cms-chronic-flag"
"""
The code system of the chronic condition flags in a CMS beneficiary summary.

Its codes are the flags' column names: SP_ALZHDMTA, SP_CHF, SP_CHRNKIDN, SP_CNCR, SP_COPD,
SP_DEPRESSN, SP_DIABETES, SP_ISCHMCHT, SP_OSTEOPRS, SP_RA_OA, SP_STRKETIA and BENE_ESRD_IND.
"""
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
    address: Mapping[str, str] = field(default_factory=dict)
    """`line`, `city`, `state`, `postal_code`; text, so that leading zeros stay."""
    deceased_at: datetime | None = None
    conditions: tuple[ConditionRecord, ...] = ()
    coverages: tuple[CoverageRecord, ...] = ()
    encounters: tuple[EncounterRecord, ...] = ()
    medications: tuple[MedicationRecord, ...] = ()

    def content_hash(self) -> str:
        """Sum up the content; the order in which the source lists things does not matter."""
        content = asdict(self)
        for name in ("conditions", "coverages", "encounters", "medications"):
            content[name] = sorted(content[name], key=lambda row: json.dumps(row, default=str))
        text = json.dumps(content, sort_keys=True, default=_plain)
        return hashlib.sha256(text.encode()).hexdigest()


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
class ImportReport:
    """What an import did."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: tuple[ImportProblem, ...] = ()

    @property
    def read(self) -> int:
        """How many patients were understood."""
        return self.new + self.changed + self.unchanged

    @property
    def skipped(self) -> tuple[ImportProblem, ...]:
        """The files and patients that were left out, each with its reason."""
        return tuple(problem for problem in self.problems if problem.skipped)

    @property
    def counts(self) -> dict[str, int]:
        """Everything countable, by name."""
        return {
            "read": self.read,
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "skipped": len(self.skipped),
        }

    def with_problem(self, problem: ImportProblem) -> "ImportReport":
        """Add a problem."""
        return replace(self, problems=(*self.problems, problem))


@dataclass(frozen=True, slots=True)
class ImportRun:
    """One import, as it is kept."""

    clinic: ClinicId
    source: str
    started_at: datetime
    finished_at: datetime
    report: ImportReport


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
