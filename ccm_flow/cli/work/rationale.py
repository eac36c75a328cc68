"""Why a patient is at risk, and who bills for them."""

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.enrollment_changes import change_practitioner
from ccm_flow.adapters.db.rationales import add_rationale, rationales_of
from ccm_flow.adapters.db.views import StaffMember, find_patient
from ccm_flow.adapters.db.views_names import People
from ccm_flow.app.practitioners import check_may_bill, check_states_risk, checked_risk
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.acting import RefusedError
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_person, open_set_up, zone_of
from ccm_flow.cli.work.tables import Listing
from ccm_flow.cli.work.words import BadWordError, parse_word
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.patient_facts import RiskTier


def rationale(
    patient: str, because: str | None, tier: str, by: str | None, *, as_json: bool
) -> None:
    """Show the statements about a patient; record one first when it is given."""
    base = open_set_up()
    ref = find_patient(base.engine, patient)
    if because is not None:
        wanted = parse_word(RiskTier, "risk tier", tier)
        text = checked_risk(because)
        person = _practitioner(base, ref.clinic, by)
        with writing(base.engine) as session:
            now = base.clock.now()
            add_rationale(session, ref.patient, text, wanted, by=person.person, at=now)
    with reading(base.engine) as session:
        rows = rationales_of(session, ref.patient)
        people = People(session, {row.by for row in rows})
        shown = [
            {
                "tier": row.tier,
                "text": row.text,
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
        say("No practitioner has stated the risk yet.")
        return
    zone = zone_of(base.record.clinic(ref.clinic))
    listing = Listing("When", "Tier", "By", "Why", keep=["When", "Tier"])
    for row in rows:
        listing.add(
            f"{row.at.astimezone(zone):%Y-%m-%d %H:%M}",
            row.tier.value,
            people.name(row.by),
            row.text,
        )
    listing.print()


def _practitioner(base: Base, clinic: ClinicId, by: str | None) -> StaffMember:
    if by is None:
        raise BadWordError("Nobody is named who states it.", "Say --by PERSON.")
    person = choose_person(base, clinic, by)
    check_states_risk(person.name, person.roles)
    return person


def practitioner(patient: str, to: str, because: str, by: str, *, as_json: bool) -> None:
    """Let another practitioner bill for a patient."""
    base = open_set_up()
    ref = find_patient(base.engine, patient)
    if ref.enrollment is None:
        raise RefusedError("The patient is not enrolled.", "Begin with `ccm enroll`.")
    target = choose_person(base, ref.clinic, to)
    check_may_bill(target.name, target.roles)
    person = choose_person(base, ref.clinic, by)
    with writing(base.engine) as session:
        changed = change_practitioner(
            session,
            ref.enrollment,
            target.person,
            because,
            by=person.person,
            at=base.clock.now(),
        )
    if as_json:
        emit({"enrollment": ref.enrollment, "practitioner": target.person, "changed": changed})
    elif changed:
        say(f"{target.name} bills from now on. A new consent is needed from next month on.")
    else:
        say(f"{target.name} bills already; nothing was changed.")
