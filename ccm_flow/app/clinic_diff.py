"""What applying a clinic's file would change, line by line, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ccm_flow.app.clinic_setup import AlertSideFile, ClinicFile, StaffFile
from ccm_flow.core.ids import ClinicId, OrganizationId, PersonId


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is otherwise afterwards."""

    what: str
    before: str | None
    """None for something new."""
    after: str | None
    """None for something that goes."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """One thing about a vendor's person that is otherwise afterwards at other clinics too."""

    person: PersonId
    what: str
    before: str | None
    after: str | None
    clinics: tuple[ClinicId, ...]
    """The other clinics at which the person works."""


@dataclass(frozen=True, slots=True)
class Rename:
    """An organization that a file calls otherwise than the other clinics it belongs to do."""

    field: str
    """Of the file: `vendor` or `organization`."""
    organization: OrganizationId
    before: str
    clinics: tuple[ClinicId, ...]
    """The other clinics that name it."""


def differences(before: ClinicFile | None, after: ClinicFile) -> tuple[Difference, ...]:
    """List what differs between a clinic as it is kept and its file."""
    old = {} if before is None else dict(_facts(before))
    new = dict(_facts(after))
    names = [*new, *(name for name in old if name not in new)]
    return tuple(
        Difference(name, old.get(name), new.get(name))
        for name in names
        if old.get(name) != new.get(name)
    )


def _facts(file: ClinicFile) -> Iterator[tuple[str, str]]:
    """Give everything a file says, each under a name that people understand."""
    yield "name", file.name
    yield from _said("phone", file.phone)
    yield "time zone", file.time_zone
    yield "hours", f"{file.opens:%H:%M} to {file.closes:%H:%M}"
    yield "working days", " ".join(file.working_days)
    yield "organization", file.organization.name if file.organization else file.name
    yield from _said("vendor", file.vendor.name if file.vendor else None)
    yield "verbal consent", file.verbal_consent.value
    yield "patients are seen", file.billing.facility.value
    yield from _said("payment locality", file.billing.locality)
    yield from _said("place of service", file.billing.place_of_service)
    yield from _said("paused", "yes" if file.paused else None)
    limit = file.timer_limit_minutes
    yield from _said("timer limit", f"{limit} minutes" if limit else None)
    yield from _said("logo text", file.branding.logo_text)
    yield from _said("colour", file.branding.colour)
    yield from _said("number for calls", file.outreach.calls)
    yield from _said("number for texts", file.outreach.texts)
    for window in file.documentation:
        name = f"documentation {' '.join(window.days)}"
        whose = f" for {', '.join(window.roles)}" if window.roles else ""
        yield name, f"{window.start:%H:%M} to {window.end:%H:%M}{whose}"
    yield from _mapped("roster column", file.roster.columns)
    yield from _said("dates in the roster", file.roster.dates)
    yield from _mapped("alerts to the clinic:", alert_side(file.alerts.clinic))
    if file.vendor is not None:
        yield from _mapped("alerts to the vendor:", alert_side(file.alerts.vendor))
    yield from _said("playbooks", ", ".join(file.playbooks) or None)
    yield "program owner", file.person(file.program_owner)
    for person in file.staff:
        yield f"staff {file.person_of(person)}", _person(person)
    for closure in sorted(file.closures, key=lambda one: one.day):
        yield f"closed on {closure.day}", closure.reason


def _said(name: str, value: str | None) -> Iterator[tuple[str, str]]:
    if value is not None:
        yield name, value


def _mapped(name: str, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key, value in sorted(values.items()):
        yield f"{name} {key}", value


def alert_side(side: AlertSideFile) -> Mapping[str, str]:
    """Say what a file says of how one organization takes alerts; empty where it says nothing."""
    said = {
        "acknowledged within, urgent": side.acknowledge.urgent,
        "acknowledged within, routine": side.acknowledge.routine,
        "answered within, urgent": side.reply.urgent,
        "answered within, routine": side.reply.routine,
        "closed, urgent": side.closed.urgent,
        "closed, routine": side.closed.routine if side.closed.routine != "opening" else None,
        "on call": ", ".join(
            one if isinstance(one, str) else f"{one.name} ({one.phone})" for one in side.on_call
        ),
        "next": ", ".join(side.then) if side.then != ("program_lead",) else None,
        "hours": f"{side.hours.start:%H:%M} to {side.hours.end:%H:%M}" if side.hours else None,
        "days": " ".join(side.days) if side.days else None,
        "time zone": side.time_zone,
    }
    return {name: text for name, text in said.items() if text}


def _person(person: StaffFile) -> str:
    said = [person.name, ", ".join(sorted(person.roles))]
    if person.credential is not None:
        said.append(person.credential.value)
    if person.npi is not None:
        said.append(f"NPI {person.npi}")
    if person.email is not None:
        said.append(person.email)
    if person.languages:
        said.append(f"speaks {', '.join(person.languages)}")
    if person.licensed_in:
        said.append(f"licensed in {', '.join(person.licensed_in)}")
    if person.capacity is not None:
        said.append(f"at most {person.capacity} steps")
    if person.works is not None:
        said.append(f"works {person.works.start:%H:%M} to {person.works.end:%H:%M}")
    return "; ".join(said)
