"""Who need not be kept any more goes, with everything people typed; the ledger proves itself on."""

import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlmodel import col, select

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.retention_store import SqlRetention
from ccm_flow.adapters.db.tables import (
    CarePlanRow,
    CarePlanShareRow,
    ConditionRow,
    EnrollmentRow,
    HappeningAnswerRow,
    HappeningRow,
    NoteRow,
    PatientEditRow,
    PatientRow,
    RiskRationaleRow,
)
from ccm_flow.app.act import act
from ccm_flow.app.care import Click, Work
from ccm_flow.app.care_plans import ShareWay, ShareWith
from ccm_flow.app.retention import (
    Removal,
    RemovalSignatureError,
    StillKeptError,
    check_may_remove,
    due,
    remove,
)
from ccm_flow.app.statuses import EnrollmentStatus, PatientField
from ccm_flow.core.audit import Flaw, check_export
from ccm_flow.core.events import CyclePaused, PatientWithdrew
from ccm_flow.core.happening import HappeningKind
from ccm_flow.core.ids import ClickId, EnrollmentId, HappeningId, PatientId
from ccm_flow.core.patient_facts import RiskTier
from tests.db.test_audit import BEGUN, Place
from tests.support.set_up import CLINIC, MONTH, person

SECRET = "Delacroix"  # noqa: S105 - a made-up name
YEARS = 10
ANN = person("ann")
LATER = BEGUN + timedelta(days=366 * 11)


class Left:
    """A patient who left, with something typed about them wherever something can be typed."""

    def __init__(self, place: Place, patient: PatientId, enrollment: EnrollmentId) -> None:
        self.place = place
        self.patient = patient
        self.enrollment = enrollment
        self.store = SqlRetention(place.engine)

    @property
    def engine(self) -> Engine:
        return self.place.engine

    def removal(self, **changes: object) -> Removal:
        values = {
            "id": uuid.uuid4().hex,
            "clinic": CLINIC,
            "patient": self.patient,
            "because": "Ten years are over.",
            "on_request": False,
            "signed_name": "Ann Lee",
            "by": ANN,
            "at": LATER,
        }
        return Removal(**{**values, **changes})  # type: ignore[arg-type]

    def everything(self) -> str:
        """Give all that the database holds, table by table."""
        with self.engine.connect() as connection:
            names = [
                str(name) for (name,) in connection.execute(text(_TABLES[self.engine.dialect.name]))
            ]
            rows = {
                name: connection.execute(text(f'SELECT * FROM "{name}"')).all()  # noqa: S608
                for name in names
            }
        return str(rows)


_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
}

_TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
}


@pytest.fixture
async def left(engine: Engine) -> Left:
    place = Place(engine)
    await place.begin()
    with reading(engine) as session:
        row = session.exec(select(EnrollmentRow).order_by(col(EnrollmentRow.id))).first()
        assert row is not None
        enrollment, patient = row.id, row.patient_id
        cycle = f"monthly:{enrollment}:{MONTH}"
    typed = f"{SECRET} asked for it."
    for number, event in enumerate((CyclePaused(ANN, typed), PatientWithdrew(ANN, typed))):
        click = Click(ClickId(f"c{number}"), cycle, ANN, event, None, Work(note=typed, sign=True))  # type: ignore[arg-type]
        await act(place.desk, click)
    with writing(engine) as session:
        _type_everywhere(session, patient, enrollment, typed)
    return Left(place, patient, enrollment)


def _type_everywhere(session, patient, enrollment, typed):  # type: ignore[no-untyped-def]
    one = session.get_one(PatientRow, patient)
    one.family_name, one.given_name, one.mrn = SECRET, SECRET, SECRET
    one.phone, one.address, one.source_id = SECRET, {"line": SECRET}, SECRET
    one.birth_date = date(1935, 12, 15)
    row = session.get_one(EnrollmentRow, enrollment)
    row.status, row.ended_at, row.ended_because = EnrollmentStatus.WITHDRAWN, BEGUN, typed
    session.add_all(
        [
            ConditionRow(
                id="c1",
                patient_id=patient,
                code_system="x",
                code="1",
                display=typed,
                clinical_status="active",
                source_id=SECRET,
            ),
            NoteRow(
                id="n1",
                clinic_id=CLINIC,
                enrollment_id=enrollment,
                author_id=ANN,
                kind="monthly_contact",
                text=typed,
                fields={"changes": typed},
                written_at=BEGUN,
                signed_at=BEGUN,
                signed_by=ANN,
                month=MONTH,
            ),
            CarePlanRow(
                id="p1",
                enrollment_id=enrollment,
                version=1,
                elements={"problems": typed},
                written_at=BEGUN,
                written_by=ANN,
            ),
            HappeningRow(
                id=HappeningId("h1"),
                clinic_id=CLINIC,
                patient_id=patient,
                enrollment_id=enrollment,
                kind=HappeningKind.WITHDRAWAL,
                at=BEGUN,
                told_by=ANN,
                detail=typed,
                received_at=BEGUN,
            ),
            PatientEditRow(
                patient_id=patient, field=PatientField.PHONE, value=SECRET, by=ANN, at=BEGUN
            ),
            RiskRationaleRow(
                id="r1", patient_id=patient, text=typed, tier=RiskTier.HIGH, by=ANN, at=BEGUN
            ),
        ]
    )
    session.flush()
    session.add(
        NoteRow(
            id="n2",
            clinic_id=CLINIC,
            enrollment_id=enrollment,
            author_id=ANN,
            kind="monthly_contact",
            text=typed,
            written_at=BEGUN,
            month=MONTH,
            amends="n1",
            because=typed,
        )
    )
    session.add(
        HappeningAnswerRow(
            happening_id=HappeningId("h1"), settled_at=BEGUN, said=[typed], taken=True
        )
    )
    session.add(
        CarePlanShareRow(
            id="s1",
            care_plan_id="p1",
            to_whom=ShareWith.PATIENT,
            how=next(iter(ShareWay)),
            by=ANN,
            at=BEGUN,
        )
    )


def test_nothing_that_tells_who_it_was_stays_and_the_ledger_still_proves_itself(left: Left) -> None:
    assert SECRET in left.everything()
    before = left.store.preview(left.patient)
    assert SECRET in left.everything()
    done = remove(left.store, left.removal())
    assert done == before
    assert done["ledger_event"] >= 2
    assert SECRET not in left.everything()
    assert "1935-12-15" not in left.everything()
    assert left.place.audit().findings == ()
    exported = check_export(list(left.place.record.export(CLINIC)))
    assert exported.findings == ()


def test_an_export_from_before_still_proves_what_is_left(left: Left) -> None:
    earlier = check_export(list(left.place.record.export(CLINIC)))
    remove(left.store, left.removal())
    _, found = left.place.record.check_chain(CLINIC, earlier.head)
    assert found == []


_STEPS = (
    "UPDATE ledger_event SET actor = 'x' WHERE id = (SELECT min(event_id) FROM ledger_redaction)",
    "INSERT INTO ledger_redaction (event_id, removal_id) "
    "SELECT (SELECT min(event_id) FROM ledger_link), id FROM patient_removal",
)


@pytest.mark.parametrize("statement", _STEPS)
def test_nothing_passes_as_removed_that_was_not(left: Left, statement: str) -> None:
    remove(left.store, left.removal())
    exported = list(left.place.record.export(CLINIC))
    with left.engine.begin() as connection:
        if left.engine.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER ledger_event_no_update"))
        else:
            connection.execute(text("ALTER TABLE ledger_event DISABLE TRIGGER ALL"))
        connection.execute(text(statement))
    assert {one.flaw for one in left.place.audit().findings} == {Flaw.CHANGED}
    forged = list(left.place.record.export(CLINIC))
    assert forged != exported
    assert {one.flaw for one in check_export(forged).findings} == {Flaw.CHANGED}


def test_tables_refuse_changes_again_afterwards(left: Left) -> None:
    def refusals() -> list[str]:
        with left.engine.connect() as connection:
            query = text(_TRIGGERS[left.engine.dialect.name])
            return sorted(connection.execute(query).scalars())

    before = refusals()
    remove(left.store, left.removal())
    assert refusals() == before
    for statement in (
        "UPDATE ledger_event SET actor = 'x'",
        "DELETE FROM patient_removal",
        "DELETE FROM ledger_redaction",
    ):
        with pytest.raises(Exception, match="append-only"), writing(left.engine) as session:
            session.connection().execute(text(statement))


def test_the_others_stay_as_they_were(left: Left) -> None:
    with reading(left.engine) as session:
        others = select(PatientRow).where(col(PatientRow.id) != left.patient)
        before = [row.model_dump() for row in session.exec(others.order_by(col(PatientRow.id)))]
    remove(left.store, left.removal())
    with reading(left.engine) as session:
        after = [row.model_dump() for row in session.exec(others.order_by(col(PatientRow.id)))]
    assert after == before
    assert len(before) == 2


def test_only_whose_time_is_over_is_listed(left: Left) -> None:
    def listed(now: datetime) -> list[PatientId]:
        return [one.patient for one in due(left.store, CLINIC, now.date(), YEARS)]

    assert listed(BEGUN + timedelta(days=365 * 9)) == []
    assert listed(LATER) == [left.patient]  # the two who are in the program stay
    remove(left.store, left.removal())
    assert listed(LATER) == []


@pytest.mark.parametrize(
    ("now", "on_request", "said"),
    [(BEGUN, False, "are kept until"), (BEGUN, True, None), (LATER, False, None)],
)
def test_before_its_time_only_a_request_removes(
    left: Left, now: datetime, on_request: bool, said: str | None
) -> None:
    def check() -> None:
        check_may_remove(
            left.store, CLINIC, left.patient, now.date(), years=YEARS, on_request=on_request
        )

    if said is None:
        check()
    else:
        with pytest.raises(StillKeptError, match=said):
            check()


def test_a_patient_in_care_and_one_who_is_gone_are_not_removed(left: Left) -> None:
    other = next(one.patient for one in left.store.keepings(CLINIC) if one.is_in_program)
    today = LATER.date()
    with pytest.raises(StillKeptError, match="in the program"):
        check_may_remove(left.store, CLINIC, other, today, years=YEARS, on_request=True)
    remove(left.store, left.removal())
    with pytest.raises(StillKeptError, match="removed already"):
        check_may_remove(left.store, CLINIC, left.patient, today, years=YEARS, on_request=True)


@pytest.mark.parametrize("change", [{"signed_name": " "}, {"because": "old"}])
def test_without_a_signature_or_a_reason_nothing_is_removed(
    left: Left, change: dict[str, str]
) -> None:
    with pytest.raises(RemovalSignatureError):
        remove(left.store, replace(left.removal(), **change))
    assert SECRET in left.everything()
