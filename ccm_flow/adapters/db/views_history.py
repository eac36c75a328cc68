"""Everything that happened to a patient, the newest first, a page at a time; and who looked."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.cycle_plans import cycle_plans
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import AccessLogRow, CycleRow, LedgerEventRow, NoteRow
from ccm_flow.adapters.db.views_find import PatientRef
from ccm_flow.adapters.db.views_names import People, Plans
from ccm_flow.adapters.db.views_timeline import Storyteller, people_in
from ccm_flow.app.accounts import AccessEvent
from ccm_flow.app.views_patients import HistoryLine, LookLine
from ccm_flow.core.ids import CycleId, patient_stream, record_stream
from ccm_flow.core.plan import PlaybookKind

LINES: Final = 100
"""Lines of one page."""
LOOKS: Final = 200


def patient_history(
    engine: Engine, ref: PatientRef, before: int | None = None
) -> tuple[tuple[HistoryLine, ...], int | None]:
    """
    Tell what happened in all months and to the record; gives where the page before it begins.

    A line of the ledger that says what another one says again is left out.
    """
    with reading(engine) as session:
        cycles = {
            row.id: row
            for row in session.exec(
                select(CycleRow).where(CycleRow.enrollment_id == ref.enrollment)
            ).all()
        }
        rows = _page(session, ref, cycles, before)
        people = People(session, people_in(rows) | {row.detail.get("to", "") for row in _own(rows)})
        plans = Plans(session, {row.playbook_sha256 for row in cycles.values()})
        versions = cycle_plans(session, cycles.values())
        tellers = {id_: Storyteller(people, versions[id_]) for id_ in cycles}
        actors = {(row.cycle_id, row.sequence): row.actor for row in rows if row.actor}
        notes = _note_titles(session, rows, cycles, plans)
        lines = []
        for row in rows:
            cycle = cycles.get(row.cycle_id)
            text: str | None
            if cycle is None:
                text, about = _record_text(row, people, notes), "record"
            else:
                told = tellers[cycle.id].tell([row])
                text = told[0].text if told else None
                about = _about(cycle)
            if text is not None and row.id is not None:
                who = people.name(actors.get((row.cycle_id, row.sequence)))
                lines.append(HistoryLine(row.id, row.at, who, text, about))
        earlier = rows[-1].id if len(rows) == LINES else None
        return tuple(lines), earlier


def _about(cycle: CycleRow) -> str:
    month = cycle.month.first_day.strftime("%B %Y")
    match cycle.kind:
        case PlaybookKind.MONTHLY:
            return month
        case PlaybookKind.ENROLLMENT:
            return f"way in, {month}"
        case _:
            return f"{cycle.kind.value}, {month}"


def _note_titles(
    session: Session,
    rows: Sequence[LedgerEventRow],
    cycles: Mapping[CycleId, CycleRow],
    plans: Plans,
) -> dict[str, str]:
    """Name each note by the title of its step; by its kind where it has none."""
    ids = [row.detail.get("id", "") for row in rows if row.kind in _ABOUT_NOTES]
    found = {}
    for note in session.exec(select(NoteRow).where(col(NoteRow.id).in_(ids))).all():
        cycle = cycles.get(note.cycle_id) if note.cycle_id else None
        step = plans.words(cycle.playbook_sha256).step(note.step_key) if cycle else None
        found[note.id] = step.title if step else note.kind.replace("_", " ")
    return found


def _own(rows: Sequence[LedgerEventRow]) -> list[LedgerEventRow]:
    return [row for row in rows if isinstance(row.detail.get("to"), str)]


def _page(
    session: Session, ref: PatientRef, cycles: Mapping[CycleId, CycleRow], before: int | None
) -> Sequence[LedgerEventRow]:
    streams = [*cycles, patient_stream(ref.patient)]
    if ref.enrollment is not None:
        streams.append(record_stream(ref.enrollment))
    query = select(LedgerEventRow).where(col(LedgerEventRow.cycle_id).in_(streams))
    if before is not None:
        query = query.where(col(LedgerEventRow.id) < before)
    return session.exec(query.order_by(col(LedgerEventRow.id).desc()).limit(LINES)).all()


_ABOUT_NOTES: Final = ("note_signed", "note_cosigned", "note_amended")
_TEXTS: Final[Mapping[str, str]] = {
    "alert_mailing": "An e-mail about an alert is on its way",
    "alert_mailed": "The mail server took the e-mail about an alert",
    "alert_unacknowledged": "Nobody took an alert in time",
    "alert_answered": "An alert was answered",
    "alert_settled": "An alert is over: its step is",
    "note_signed": "Signed a note",
    "note_cosigned": "Co-signed a note",
    "note_amended": "Added to a signed note",
    "care_plan_written": "Wrote a version of the care plan",
    "care_plan_shared": "Gave the care plan to the patient or caregiver",
    "care_plan_approved": "Approved the care plan",
    "consent_given": "Took the patient's consent",
    "risk_rationale_recorded": "Stated why the patient is at risk",
}


def _record_text(row: LedgerEventRow, people: People, notes: Mapping[str, str]) -> str:
    detail = row.detail
    if row.kind in _ABOUT_NOTES:
        return f"{_TEXTS[row.kind]}: {notes.get(detail['id'], 'gone')}"
    told: Mapping[str, Callable[[], str]] = {
        "practitioner_changed": lambda: (
            f"{people.name(detail['to'])} bills from now on: {detail['because']}"
        ),
        "team_changed": lambda: _team_text(detail, people),
        "consent_revoked": lambda: (
            f"The patient takes consent back; it ends on {detail['last_day']}: {detail['because']}"
        ),
        "revocation_took_effect": lambda: f"The consent ended on {detail['last_day']}",
        "enrollment_ended": lambda: f"The program ended: {_because(detail)}",
        "enrollment_brought_back": lambda: f"The end was taken back: {_because(detail)}",
        "alert_raised": lambda: (
            f"An alert to the other organization: {detail['about'].replace('_', ' ')}"
        ),
        "alert_given": lambda: f"An alert goes to {people.name(detail['to'])}: {detail['because']}",
        "alert_called_for": lambda: f"An alert waits for a call: {detail['because']}",
        "alert_shown": lambda: f"An alert was shown to {people.name(detail['to'])}",
        "alert_mail_refused": lambda: f"An e-mail about an alert failed: {detail['because']}",
        "alert_acknowledged": lambda: f"{people.name(detail['to'])} takes an alert",
        "patient_edited": lambda: f"Put right: {detail['fields'].replace('_', ' ')}",
    }
    if row.kind in told:
        return told[row.kind]()
    return _TEXTS.get(row.kind, row.kind.replace("_", " ").capitalize())


def _team_text(detail: Mapping[str, str], people: People) -> str:
    role = detail["role"].replace("_", " ")
    who = people.name(detail["to"]) if detail.get("to") else "Nobody"
    return f"{who} is the patient's {role} now: {detail['because']}"


def _because(detail: Mapping[str, str]) -> str:
    said = detail["kind"].replace("_", " ")
    return f"{said}, {detail['because']}" if detail.get("because") else said


def patient_looks(engine: Engine, ref: PatientRef) -> tuple[LookLine, ...]:
    """List who looked at a patient, the newest first; at most the last two hundred."""
    query = (
        select(AccessLogRow)
        .where(
            AccessLogRow.patient_id == ref.patient,
            AccessLogRow.clinic_id == ref.clinic,
            AccessLogRow.what == AccessEvent.PATIENT_SEEN.value,
        )
        .order_by(col(AccessLogRow.at).desc(), col(AccessLogRow.id))
        .limit(LOOKS)
    )
    with reading(engine) as session:
        rows = session.exec(query).all()
        people = People(session, {row.person_id for row in rows if row.person_id})
        return tuple(
            LookLine(row.at, people.name(row.person_id) if row.person_id else "somebody")
            for row in rows
        )
