"""What people state about a patient's billing."""

from ccm_flow.adapters.db.billing_statements import add_statement, statements_of
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.own_practitioners import PRACTITIONER
from ccm_flow.adapters.db.views import StaffMember, find_patient
from ccm_flow.adapters.db.views_names import People
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.acting import RefusedError
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_person, open_set_up, zone_of
from ccm_flow.cli.work.tables import Listing
from ccm_flow.cli.work.words import BadWordError
from ccm_flow.core.billing.stated import PRACTITIONERS_WORD, FactKind, read_statement
from ccm_flow.core.ids import ClinicId, EnrollmentId
from ccm_flow.core.month import Month


def billing_fact(
    patient: str, fact: str | None, month: str | None, by: str | None, *, as_json: bool
) -> None:
    """Show the statements about a patient; record one first when it is given."""
    base = open_set_up()
    ref = find_patient(base.engine, patient)
    if ref.enrollment is None:
        raise RefusedError("The patient is not enrolled.", "Begin with `ccm enroll`.")
    if fact is not None:
        _state(base, (ref.clinic, ref.enrollment), fact, month, by)
    _show(base, ref.clinic, ref.enrollment, as_json=as_json)


def _state(
    base: Base, who: tuple[ClinicId, EnrollmentId], fact: str, text: str | None, by: str | None
) -> None:
    if text is None or by is None:
        raise BadWordError(
            "The month or the person is not named.", "Say --month MONTH and --by PERSON."
        )
    (clinic, enrollment), month = who, Month.parse(text)
    said = read_statement(fact, month)
    person = _may_state(base, clinic, by, said[0])
    with writing(base.engine) as session:
        add_statement(session, enrollment, month, said, by=person.person, at=base.clock.now())


def _may_state(base: Base, clinic: ClinicId, by: str, kind: FactKind) -> StaffMember:
    person = choose_person(base, clinic, by)
    if kind in PRACTITIONERS_WORD and PRACTITIONER not in person.roles:
        raise RefusedError(
            f"{person.name} is no practitioner; only a practitioner can state this.",
            "Ask the patient's billing practitioner.",
        )
    return person


def _show(base: Base, clinic: ClinicId, enrollment: EnrollmentId, *, as_json: bool) -> None:
    with reading(base.engine) as session:
        rows = statements_of(session, enrollment)
        people = People(session, {row.by for row in rows})
        shown = [
            {
                "month": row.month,
                "fact": row.kind,
                "value": row.value,
                "by": row.by,
                "by_name": people.name(row.by),
                "at": row.at,
            }
            for row in rows
        ]
    if as_json:
        emit(shown)
        return
    if not shown:
        say("Nothing is stated about this patient's billing.")
        return
    zone = zone_of(base.record.clinic(clinic))
    listing = Listing("When", "Month", "Fact", "Value", "By", keep=["When", "Month", "Fact"])
    for row in rows:
        when = f"{row.at.astimezone(zone):%Y-%m-%d %H:%M}"
        listing.add(when, str(row.month), row.kind.value, row.value, people.name(row.by))
    listing.print()
