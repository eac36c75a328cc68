"""Deaths that an import brought to light, told like any other happening."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from ccm_flow.app.happen import tell
from ccm_flow.app.happenings import Happening, HappeningRecord
from ccm_flow.app.records import DIED_AT_UNKNOWN_TIME
from ccm_flow.core.happening import HappeningKind
from ccm_flow.core.ids import SYSTEM, ClinicId, HappeningId, PatientId


@dataclass(frozen=True, slots=True)
class NewDeath:
    """A death that was told now."""

    told: Happening
    date_known: bool


def tell_imported_deaths(
    record: HappeningRecord, clinic: ClinicId, source: str, now: datetime
) -> list[NewDeath]:
    """
    Tell the deaths that the record system knows of patients who are still in a program.

    Call it after every import. It looks at what is kept, not at what has just changed, so an
    import that broke off is made up for by the next. A death that was told already is not told
    again, nor one that a person has taken back, unless the record system gives another date.
    """
    found = []
    for patient, at in record.unreported_deaths(clinic):
        id_ = _id(patient, at)
        if record.was_told(id_):
            continue
        known = at != DIED_AT_UNKNOWN_TIME
        death = Happening(
            id=id_,
            clinic=clinic,
            patient=patient,
            kind=HappeningKind.DEATH,
            at=min(at, now) if known else now,
            told_by=SYSTEM,
            source=source,
            detail="" if known else "The record system gives no date.",
        )
        found.append(NewDeath(tell(record, death, now), known))
    return found


def _id(patient: PatientId, at: datetime) -> HappeningId:
    """Name the telling by what it says, so that it is told once."""
    return HappeningId(uuid.uuid5(uuid.NAMESPACE_OID, f"death/{patient}/{at.isoformat()}").hex)
