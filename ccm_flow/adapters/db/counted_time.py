"""The month's countable time as billing wants it."""

from zoneinfo import ZoneInfo

from ccm_flow.adapters.db.time_counting import CountedMonth
from ccm_flow.core.billing.model import ProgramId, TimeFact, Worker
from ccm_flow.core.credentials import Credential, StaffKind, staff_kind


def time_facts(one: CountedMonth | None, zone: ZoneInfo) -> tuple[TimeFact, ...]:
    """List the entries of a month that count, the earliest first."""
    return tuple(
        TimeFact(
            id=entry.id,
            started_at=entry.started_at.astimezone(zone),
            seconds=entry.seconds,
            worker=_worker(entry.credential),
            program=ProgramId(entry.program),
        )
        for entry in (one.counting if one is not None else ())
    )


def _worker(credential: Credential | None) -> Worker:
    """Say whose minutes they are; an entry that counts has a credential."""
    if credential is not None and staff_kind(credential) is StaffKind.PRACTITIONER:
        return Worker.PRACTITIONER
    return Worker.CLINICAL_STAFF
