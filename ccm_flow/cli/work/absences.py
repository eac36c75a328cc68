"""Absence, leaving, and a clinic's staff at a glance."""

from dataclasses import dataclass
from datetime import timedelta

from ccm_flow.adapters.db.staffing_store import SqlStaffing
from ccm_flow.app.care import ClinicView
from ccm_flow.app.staffing import (
    AbsenceView,
    Staffing,
    check_absence,
    look_ahead,
    with_absence,
    with_leaving,
)
from ccm_flow.app.view_text import words
from ccm_flow.cli.work.acting import RefusedError
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, choose_person, open_set_up, short
from ccm_flow.cli.work.moves_text import (
    day_before,
    moves_data,
    parse_day,
    settle_now,
    show_moves,
    show_settled,
    today_at,
)
from ccm_flow.cli.work.tables import Listing
from ccm_flow.core.assignment import Absence, Candidate


@dataclass(frozen=True)
class Told:
    """What somebody says of an absence, as they typed it."""

    person: str
    from_day: str | None
    until: str | None
    cover: str | None
    because: str


def add(clinic_id: str | None, told: Told, by: str, *, preview: bool, as_json: bool) -> None:
    """Keep that somebody is away; steps move now, or on the first day."""
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    person = choose_person(base, clinic.clinic, told.person)
    teller = choose_person(base, clinic.clinic, by).person
    cover = choose_person(base, clinic.clinic, told.cover).person if told.cover else None
    today, now = today_at(base, clinic), base.clock.now()
    first = parse_day(told.from_day, today)
    until = parse_day(told.until, first) if told.until else None
    absence = Absence(first, until, cover)
    staffing = SqlStaffing(base.engine).staffing(clinic.clinic, now)
    check_absence(staffing, person.person, absence)
    ahead = look_ahead(with_absence(staffing, person.person, absence), max(first, today))
    if not preview:
        because = f"{person.name} is away"

        def keep(record: SqlStaffing) -> None:
            record.keep_absence(person.person, absence, told.because, teller, now)

        if first <= today:
            done = settle_now(base, clinic, today, teller, because=because, keep=keep)
            ahead = done.preview
        else:
            keep(SqlStaffing(base.engine))
    if as_json:
        emit({"person": person.person, "from": first, "until": until} | moves_data(ahead))
        return
    until_text = f"until {until}" if until else "until somebody says when it ends"
    say(f"{person.name} is away from {first} {until_text}.")
    show_moves(base, clinic, ahead, staffing)
    if preview:
        say("Nothing was changed.")
    elif first > today:
        say(f"Kept. The steps that are open on {first} move then.")


def list_(clinic_id: str | None, *, as_json: bool) -> None:
    """List who is away or will be."""
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    today = today_at(base, clinic)
    found = [
        one
        for one in SqlStaffing(base.engine).absences(clinic.clinic)
        if one.until_day is None or one.until_day >= today
    ]
    if as_json:
        emit(found)
        return
    if not found:
        say("Nobody is away, and nobody will be as far as is known.")
        return
    listing = Listing("Absence", "Who", "From", "Until", "Covered by", "Why", keep=["Absence"])
    for one in found:
        until = str(one.until_day) if one.until_day else "open"
        cover = one.cover_name or "the pool"
        listing.add(one.id, one.name, str(one.from_day), until, cover, one.because)
    listing.print()


def end(clinic_id: str | None, id_: str, on: str | None, by: str, *, as_json: bool) -> None:
    """Let an absence end on a day; what is lent comes back when it is over."""
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    teller = choose_person(base, clinic.clinic, by).person
    today, now = today_at(base, clinic), base.clock.now()
    last = parse_day(on, day_before(today))
    ended: list[AbsenceView] = []

    def keep(record: SqlStaffing) -> None:
        ended.append(record.end_absence(id_, last, teller, now))

    staffing = SqlStaffing(base.engine).staffing(clinic.clinic, now)
    done = settle_now(base, clinic, today, teller, because="somebody is back", keep=keep)
    if as_json:
        emit({"absence": ended[0], **moves_data(done.preview)})
        return
    one = ended[0]
    if last < one.from_day:
        say(f"{one.name} was never away; the absence is taken back.")
    else:
        say(f"{one.name} is away until {last}.")
    show_moves(base, clinic, done.preview, staffing)
    show_settled(done)


def leave(
    clinic_id: str | None,
    who: str,
    from_day: str | None,
    by: str,
    *,
    preview: bool,
    as_json: bool,
) -> None:
    """Let somebody leave from a day on; steps and patients move now, or on that day."""
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    person = choose_person(base, clinic.clinic, who)
    teller = choose_person(base, clinic.clinic, by).person
    today = today_at(base, clinic)
    first = parse_day(from_day, today)
    last = first - timedelta(days=1)
    if clinic.program_owner == person.person:
        raise RefusedError(
            f"{person.name} is the clinic's program owner.",
            "Name another program owner in the clinic's file and apply it first.",
        )
    staffing = SqlStaffing(base.engine).staffing(clinic.clinic, base.clock.now())
    ahead = look_ahead(with_leaving(staffing, person.person, last), max(first, today))
    if not preview:

        def keep(record: SqlStaffing) -> None:
            record.keep_leaving(clinic.clinic, person.person, last)

        if first <= today:
            because = f"{person.name} has left"
            done = settle_now(base, clinic, today, teller, because=because, keep=keep)
            ahead = done.preview
        else:
            keep(SqlStaffing(base.engine))
    if as_json:
        emit({"person": person.person, "last_day": last} | moves_data(ahead))
        return
    say(f"{person.name}'s last day at {clinic.name} is {last}.")
    show_moves(base, clinic, ahead, staffing)
    if preview:
        say("Nothing was changed.")
    elif first > today:
        say(f"Kept. What is open on {first} moves then.")


def staff(clinic_id: str | None, *, as_json: bool) -> None:
    """List a clinic's staff."""
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    staffing = SqlStaffing(base.engine).staffing(clinic.clinic, base.clock.now())
    if as_json:
        emit([_data(one, staffing) for one in staffing.pool.people if one.roles])
        return
    listing = Listing(
        "Who", "Name", "Works for", "Roles", "Open", "Patients", "Notes", keep=["Who"]
    )
    for one in [one for one in staffing.pool.people if one.roles]:
        listing.add(*_row(one, staffing, clinic))
    listing.print()


def _row(one: Candidate, staffing: Staffing, clinic: ClinicView) -> tuple[str, ...]:
    orgs = ", ".join(_organizations(one, staffing))
    load = str(one.load) if one.limit is None else f"{one.load} of {one.limit}"
    patients = str(staffing.patients.get(one.person, 0))
    roles = ", ".join(words(role) for role in one.roles)
    return short(one.person, clinic.clinic), one.name, orgs, roles, load, patients, _notes(one)


def _notes(one: Candidate) -> str:
    said = []
    if one.languages:
        said.append(f"speaks {', '.join(one.languages)}")
    if one.licensed_in:
        said.append(f"licensed in {', '.join(one.licensed_in)}")
    for away in one.absences:
        until = f" until {away.until_day}" if away.until_day else ""
        said.append(f"away from {away.from_day}{until}")
    if one.until_day is not None:
        said.append(f"leaves after {one.until_day}")
    return "; ".join(said)


def _organizations(one: Candidate, staffing: Staffing) -> list[str]:
    ids = dict.fromkeys(member.organization for member in one.memberships)
    return [staffing.pool.organizations.get(id_, id_) for id_ in ids]


def _data(one: Candidate, staffing: Staffing) -> dict[str, object]:
    return {
        "person": one.person,
        "name": one.name,
        "roles": one.roles,
        "organizations": one.memberships,
        "languages": one.languages,
        "licensed_in": one.licensed_in,
        "open_steps": one.load,
        "capacity": one.limit,
        "patients": staffing.patients.get(one.person, 0),
        "absences": one.absences,
        "last_day": one.until_day,
    }
