"""The access log, one page at a time."""

from collections.abc import Collection, Sequence

from sqlalchemy import Engine
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import (
    AccessLogRow,
    EnrollmentRow,
    PatientRow,
    PersonRow,
    StaffRoleRow,
)
from ccm_flow.adapters.db.views_names import patient_name
from ccm_flow.adapters.db.views_places import place_names
from ccm_flow.app.access_log import KINDS, LogLine, LogWanted, line_text, without_names
from ccm_flow.app.people import PlaceNames
from ccm_flow.core.ids import ClinicId, PatientId

PAGE = 100
"""Lines on one page."""


def access_log(
    engine: Engine, wanted: LogWanted, *, start: int, patients_at: Collection[ClinicId]
) -> list[tuple[LogLine, str]]:
    """
    Give lines, newest first, each with its sentence; one more than a page when others follow.

    Patients are named at the clinics `patients_at` alone: who runs the accounts may see that
    somebody looked at a patient, but not at whom.
    """
    query = _narrowed(select(AccessLogRow), wanted)
    ordered = query.order_by(col(AccessLogRow.at).desc(), col(AccessLogRow.id).desc())
    with reading(engine) as session:
        rows = session.exec(ordered.offset(start).limit(PAGE + 1)).all()
        return _lines(session, rows, wanted.places, patients_at, place_names(engine))


def _narrowed(
    query: SelectOfScalar[AccessLogRow], wanted: LogWanted
) -> SelectOfScalar[AccessLogRow]:
    at, what = col(AccessLogRow.at), col(AccessLogRow.what)
    if not wanted.everywhere:
        here = select(StaffRoleRow.person_id).where(col(StaffRoleRow.clinic_id).in_(wanted.clinics))
        own = col(AccessLogRow.clinic_id).is_(None) & col(AccessLogRow.person_id).in_(here)
        query = query.where(or_(col(AccessLogRow.clinic_id).in_(wanted.clinics), own))
    if wanted.kind is not None:
        query = query.where(what.in_([event.value for event in KINDS[wanted.kind]]))
    if wanted.person is not None:
        query = query.where(col(AccessLogRow.person_id) == wanted.person)
    if wanted.patient is not None:
        query = query.where(col(AccessLogRow.patient_id) == wanted.patient)
    if wanted.since is not None:
        query = query.where(at >= wanted.since)
    if wanted.until is not None:
        query = query.where(at < wanted.until)
    return query


def _lines(
    session: Session,
    rows: Sequence[AccessLogRow],
    places: frozenset[str] | None,
    patients_at: Collection[ClinicId],
    named: PlaceNames,
) -> list[tuple[LogLine, str]]:
    people = {row.person_id for row in rows} | {row.detail.get("by") for row in rows}
    query = select(PersonRow.id, PersonRow.name).where(col(PersonRow.id).in_(people - {None}))
    names = {str(person): name for person, name in session.exec(query)}
    patients = _patients(session, rows, patients_at)
    found = []
    for row in rows:
        detail = without_names(row.detail, places)
        name, enrollment = patients.get(row.patient_id or PatientId(""), ("", None))
        line = LogLine(
            at=row.at,
            what=row.what,
            person=row.person_id,
            person_name=names.get(row.person_id or "", row.person_id or "somebody unknown"),
            clinic=row.clinic_id,
            patient=row.patient_id,
            patient_name=name,
            enrollment=enrollment,
            detail=detail,
        )
        where = {"where": named.said(str(detail["where"]))} if "where" in detail else {}
        found.append((line, line_text(row.what, {**detail, **where}, names)))
    return found


def _patients(
    session: Session, rows: Sequence[AccessLogRow], patients_at: Collection[ClinicId]
) -> dict[PatientId, tuple[str, str | None]]:
    ids = {row.patient_id for row in rows if row.patient_id and row.clinic_id in patients_at}
    query = (
        select(PatientRow, EnrollmentRow.id)
        .outerjoin(EnrollmentRow, col(EnrollmentRow.patient_id) == col(PatientRow.id))
        .where(col(PatientRow.id).in_(ids), col(PatientRow.clinic_id).in_(patients_at))
    )
    return {row.id: (patient_name(row), enrollment) for row, enrollment in session.exec(query)}
