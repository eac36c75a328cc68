"""The time log of a packet: every entry of the month, counted or not, and why not."""

from sqlmodel import Session, col

from ccm_flow.adapters.db.packet_people import PeopleOfRecord
from ccm_flow.adapters.db.tables import EnrollmentRow, TimeEntryRow
from ccm_flow.adapters.db.time_counting import judge_minutes
from ccm_flow.app.packet import PacketTime
from ccm_flow.core.activities import ACTIVITIES
from ccm_flow.core.credentials import CREDENTIAL_TITLES
from ccm_flow.core.minutes import why_not_text
from ccm_flow.core.month import Month
from ccm_flow.core.time_entries import Entry


def time_of(
    session: Session, row: EnrollmentRow, month: Month, people: PeopleOfRecord
) -> tuple[tuple[PacketTime, ...], int]:
    """Give the month's time entries, the earliest first, and the seconds that count."""
    judged = judge_minutes(session, month, col(EnrollmentRow.id) == row.id).get(row.id)
    if judged is None:
        return (), 0
    why_not = {entry.id: why_not_text(entry, why) for entry, why in judged.counted.not_counted}
    lines = tuple(
        _line(kept, entry, why_not.get(entry.id), people)
        for kept, entry in zip(judged.rows, judged.entries, strict=True)
    )
    return lines, judged.counted.clinical_seconds + judged.counted.practitioner_seconds


def _line(
    kept: TimeEntryRow, entry: Entry, why_not: str | None, people: PeopleOfRecord
) -> PacketTime:
    return PacketTime(
        id=entry.id,
        started_at=entry.started_at,
        ended_at=entry.ended_at,
        seconds=entry.seconds,
        person=people.name(entry.person),
        credential=CREDENTIAL_TITLES[entry.credential] if entry.credential else "",
        activity=ACTIVITIES[entry.activity].title,
        source=kept.source.value,
        entered_at=entry.entered_at,
        lag_seconds=int(entry.lag.total_seconds()),
        counted=why_not is None,
        why_not=why_not,
        corrects=entry.corrects,
        reason=kept.reason,
    )
