"""One patient's month: who has what until when, what happened, and the work behind it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.cycle_plans import cycle_plans
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.patient_edit_store import edits_of
from ccm_flow.adapters.db.tables import (
    AttemptRow,
    CareTeamMemberRow,
    CycleRow,
    EnrollmentRow,
    MessageRow,
    PatientRow,
)
from ccm_flow.adapters.db.time_counting import count_minutes
from ccm_flow.adapters.db.views_find import NoSuchPatientError, PatientRef, find_patient
from ccm_flow.adapters.db.views_happenings import happenings_of, suggestions_of
from ccm_flow.adapters.db.views_month import NoSuchMonthError
from ccm_flow.adapters.db.views_names import (
    People,
    Plans,
    PlanWords,
    clinic_row,
    handles_of,
    patient_name,
)
from ccm_flow.adapters.db.views_rows import CycleRows, read_rows
from ccm_flow.adapters.db.views_steps import blockers_of, step_view
from ccm_flow.adapters.db.views_timeline import Storyteller, message_text
from ccm_flow.app.patient_edits import PatientEdit
from ccm_flow.app.statuses import PatientField
from ccm_flow.app.views_patient import (
    CycleLine,
    CycleSummary,
    Effort,
    EnrollmentHeader,
    MessageView,
    PatientHeader,
    PatientView,
    StepView,
    TeamMember,
    TimelineEntry,
)
from ccm_flow.core.ids import cycle_suffix
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind, ReadinessPlan
from ccm_flow.core.state import CycleStatus
from ccm_flow.core.words import Requirement


def patient_month(
    engine: Engine,
    who: str,
    month: Month | None = None,
    *,
    now: datetime,
    kind: PlaybookKind | None = None,
) -> PatientView:
    """
    Give a patient's month; without a month the one now running, otherwise the newest.

    `who` is as `find_patient` takes it. Of a month's cycles it is the monthly one when there are
    both and no `kind` is named.

    Raises:
        NoSuchPatientError, AmbiguousError: nobody, or several, are called that.
        NoSuchMonthError: the patient has no cycle in that month.
    """
    ref = find_patient(engine, who)
    with reading(engine) as session:
        cycles = _cycles(session, ref)
        chosen = _chosen(cycles, month, kind)
        if chosen is None and (month is not None or kind is not None):
            raise NoSuchMonthError(str(month or kind), [str(cycle.month) for cycle in cycles])
        return _view(session, ref, cycles, chosen, now)


def _cycles(session: Session, ref: PatientRef) -> Sequence[CycleRow]:
    query = (
        select(CycleRow)
        .where(CycleRow.enrollment_id == ref.enrollment)
        .order_by(
            col(CycleRow.month).desc(), col(CycleRow.kind).desc(), col(CycleRow.number).desc()
        )
    )
    return session.exec(query).all()


def _chosen(
    cycles: Sequence[CycleRow], month: Month | None, kind: PlaybookKind | None
) -> CycleRow | None:
    fitting = [
        cycle for cycle in cycles if month in (None, cycle.month) and kind in (None, cycle.kind)
    ]
    running = [cycle for cycle in fitting if cycle.status is not CycleStatus.ENDED]
    # Around the turn of a month two are running: the newer one is where work goes on.
    return next(iter(running or fitting), None)


def _view(
    session: Session,
    ref: PatientRef,
    cycles: Sequence[CycleRow],
    cycle: CycleRow | None,
    now: datetime,
) -> PatientView:
    place = clinic_row(session, ref.clinic)
    patient = session.get(PatientRow, ref.patient)
    if patient is None:
        raise NoSuchPatientError(ref.patient)
    rows = read_rows(session, cycle) if cycle else CycleRows([], [], [], [], [], (0, 0))
    team = _team_rows(session, ref)
    people = People(session, {*rows.people(), *(member.person_id for member in team)})
    plans = Plans(session, {cycle.playbook_sha256} if cycle else set())
    words = plans.words(cycle.playbook_sha256) if cycle else None
    enrollment = _enrollment(session, ref, team, people, words)
    handle = _handle(enrollment, cycles, cycle)
    return PatientView(
        clinic=ref.clinic,
        clinic_name=place.name,
        time_zone=place.time_zone,
        as_of=now,
        patient=_patient(patient, edits_of(session, ref.patient)),
        enrollment=enrollment,
        cycle=_summary(cycle, words) if cycle and words else None,
        cycles=tuple(_line(one) for one in cycles),
        steps=_steps(rows, handle, people, words, now=now) if words else (),
        timeline=_timeline(session, cycle, people, rows) if cycle else (),
        minutes=_minutes(session, cycle, rows),
        effort=tuple(Effort(what, int(seconds), count) for what, seconds, count in rows.efforts),
        notes=rows.notes[0],
        unsigned_notes=rows.notes[0] - rows.notes[1],
        messages=tuple(_message(row, people, words) for row in rows.messages if words),
        happenings=happenings_of(session, ref.patient),
        suggestions=suggestions_of(session, ref.clinic, now=now, patient=ref.patient),
    )


def _timeline(
    session: Session, cycle: CycleRow, people: People, rows: CycleRows
) -> tuple[TimelineEntry, ...]:
    plans = cycle_plans(session, [cycle])[cycle.id]
    return Storyteller(people, plans).tell(rows.ledger)


def _minutes(session: Session, cycle: CycleRow | None, rows: CycleRows) -> int:
    """Give what counts in a month; for the way into the program, all the work on it."""
    if cycle is None or cycle.kind is PlaybookKind.ENROLLMENT:
        return sum(int(seconds) for _, seconds, _ in rows.efforts) // 60
    judged = count_minutes(session, cycle.month, col(EnrollmentRow.id) == cycle.enrollment_id)
    return judged[cycle.enrollment_id].counted.minutes if judged else 0


def _handle(
    enrollment: EnrollmentHeader | None, cycles: Sequence[CycleRow], shown: CycleRow | None
) -> str:
    """Say what stands around a step's key to name it: the cycle only where two are running."""
    running = [cycle for cycle in cycles if cycle.status is not CycleStatus.ENDED]
    suffix = cycle_suffix(shown.id) if shown is not None and len(running) > 1 else ""
    return (enrollment.handle if enrollment else "") + ".{key}" + suffix


def _steps(
    rows: CycleRows, handle: str, people: People, words: PlanWords, *, now: datetime
) -> tuple[StepView, ...]:
    tried: dict[str, list[AttemptRow]] = defaultdict(list)
    for attempt in rows.attempts:
        tried[attempt.step_key].append(attempt)
    return tuple(
        step_view(step, tried[step.key], handle.format(key=step.key), people, words, now=now)
        for step in rows.steps
    )


def _team_rows(session: Session, ref: PatientRef) -> Sequence[CareTeamMemberRow]:
    query = select(CareTeamMemberRow).where(CareTeamMemberRow.enrollment_id == ref.enrollment)
    return session.exec(query.order_by(col(CareTeamMemberRow.role))).all()


def _enrollment(
    session: Session,
    ref: PatientRef,
    team: Sequence[CareTeamMemberRow],
    people: People,
    words: PlanWords | None,
) -> EnrollmentHeader | None:
    row = session.get(EnrollmentRow, ref.enrollment) if ref.enrollment else None
    if row is None:
        return None
    return EnrollmentHeader(
        enrollment=row.id,
        handle=handles_of(session, [row.id])[row.id],
        program=row.program,
        status=row.status,
        created_at=row.created_at,
        activated_at=row.activated_at,
        ended_at=row.ended_at,
        ended_because=row.ended_because,
        team=tuple(
            TeamMember(
                member.role,
                words.role(member.role) if words else member.role.replace("_", " ").capitalize(),
                member.person_id,
                people.name(member.person_id),
            )
            for member in team
        ),
    )


def _patient(row: PatientRow, edits: Sequence[PatientEdit]) -> PatientHeader:
    latest = {edit.field: edit.value for edit in edits}
    said = {field: value for field, value in latest.items() if isinstance(value, str)}
    return PatientHeader(
        patient=row.id,
        mrn=row.mrn,
        name=patient_name(row),
        birth_date=row.birth_date,
        sex=row.sex,
        phone=said.get(PatientField.PHONE, row.phone),
        language=said.get(PatientField.LANGUAGE, row.language),
        deceased_at=row.deceased_at,
    )


def _line(row: CycleRow) -> CycleLine:
    return CycleLine(row.id, row.kind, row.month, row.status, row.disposition)


def _summary(row: CycleRow, words: PlanWords) -> CycleSummary:
    return CycleSummary(
        cycle=row.id,
        kind=row.kind,
        month=row.month,
        status=row.status,
        playbook=words.plan.playbook,
        version=words.plan.version,
        disposition=row.disposition,
        because=row.because,
        blockers=blockers_of(row.blockers),
        contacts=int(row.facts.get("contacts", 0)),
        opened_at=row.opened_at,
        closes_at=row.closes_at,
        ended_at=row.ended_at,
        minutes_wanted=_minutes_wanted(words.plan.readiness),
    )


def _minutes_wanted(readiness: ReadinessPlan | None) -> int | None:
    if readiness is None or Requirement.MINUTES not in readiness.requires:
        return None
    return readiness.minimum_minutes


def _message(row: MessageRow, people: People, words: PlanWords) -> MessageView:
    return MessageView(
        at=row.sent_at,
        to=row.to_person,
        to_name=people.name(row.to_person),
        role=row.to_role,
        code=row.text_code,
        text=message_text(row.text_code, words.title(row.step_key)),
        step=row.step_key,
    )
