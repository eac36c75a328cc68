"""Alerts between a clinic and its vendor on the command line."""

from typing import Any

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.alert_store import SqlAlerts
from ccm_flow.adapters.db.views_alerts import alert, alerts, starting_with
from ccm_flow.app.alerts import (
    KINDS,
    AlertQuery,
    AlertView,
    NoSuchAlertError,
    event_text,
    stands_text,
)
from ccm_flow.app.view_text import clinic_time
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.acting import RefusedError
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, choose_person, open_set_up
from ccm_flow.cli.work.tables import LATE, Listing
from ccm_flow.core.ids import ClinicId

_SHORT = 8
_MOST = 500


def list_(clinic_id: str | None, *, every: bool, late: bool, as_json: bool) -> None:
    """List a clinic's alerts."""
    base = open_set_up()
    clinic, now = choose_clinic(base, clinic_id), base.clock.now()
    wanted = AlertQuery((clinic.clinic,), waiting=not every, late=late, limit=_MOST)
    found = alerts(base.engine, wanted)
    if as_json:
        emit([_data(one, stands_text(one, now)) for one in found[:_MOST]])
        return
    if not found:
        said = "as asked for" if late else "" if every else "that nobody has taken"
        say(f"There are no alerts {said}".rstrip() + ".")
        return
    table = Listing("Alert", "What", "Patient", "To", "Since", "Stands", keep=["Alert", "Stands"])
    zone = clinic_zone(clinic.hours.time_zone)
    for one in found[:_MOST]:
        what = f"{KINDS[one.alert.kind]}: {one.title}"
        table.add(
            one.alert.id[:_SHORT],
            f"{what} (urgent)" if one.alert.urgency == "urgent" else what,
            one.patient_name,
            one.name(one.alert.to_organization),
            clinic_time(one.alert.raised_at, zone),
            _stands(one, stands_text(one, now)),
            style=LATE if one.is_late(now) else "",
        )
    table.print()
    if len(found) > _MOST:
        say(f"Only the newest {_MOST} are shown.")


def _stands(one: AlertView, text: str) -> str:
    stands = one.stands
    if stands.acknowledged is not None:
        return f"{text}, {one.name(stands.acknowledged.person)}"
    if not stands.is_waiting:
        return text
    return f"{text}, call {stands.phone}" if stands.phone else f"{text}, {one.name(stands.holder)}"


def show(clinic_id: str | None, typed: str, *, as_json: bool) -> None:
    """Print one alert with all that happened."""
    base = open_set_up()
    clinic, now = choose_clinic(base, clinic_id), base.clock.now()
    one = alert(base.engine, _id(base, clinic.clinic, typed), (clinic.clinic,))
    if as_json:
        emit(_data(one, stands_text(one, now)) | {"events": one.events, "other_systems": one.hooks})
        return
    zone = clinic_zone(one.time_zone)
    say(f"{KINDS[one.alert.kind]}: {one.title}, {one.patient_name}, {one.alert.urgency}")
    sides = one.name(one.alert.from_organization), one.name(one.alert.to_organization)
    say(f"{sides[0]} tells {sides[1]}. It stands: {_stands(one, stands_text(one, now))}.")
    if one.question:
        say(f"The question: {one.question}")
    if one.alert.reply_due_at is not None:
        late = ", late" if one.reply_is_late(now) else ""
        say(f"Answer by {clinic_time(one.alert.reply_due_at, zone)}{late}.")
    say()
    table = Listing("When", "What", "To be taken by", keep=["When"])
    for event in one.events:
        until = clinic_time(event.until, zone) if event.until else ""
        table.add(clinic_time(event.at, zone), event_text(one, event), until)
    table.print()
    for hook in one.hooks:
        say(f"{clinic_time(hook.at, zone)}  {hook.event} to {hook.url}: {hook.state} {hook.answer}")


def take(clinic_id: str | None, typed: str, by: str, spoke_with: str, *, as_json: bool) -> None:
    """Keep that somebody takes it."""
    base = open_set_up()
    clinic, now = choose_clinic(base, clinic_id), base.clock.now()
    person = choose_person(base, clinic.clinic, by)
    id_ = _id(base, clinic.clinic, typed)
    event = SqlAlerts(base.engine).acknowledge(id_, person.person, now, spoke_with=spoke_with)
    if as_json:
        emit({"alert": id_, "taken_by": event.person, "at": event.at, "because": event.because})
        return
    one = alert(base.engine, id_, (clinic.clinic,))
    at = clinic_time(event.at, clinic_zone(clinic.hours.time_zone))
    say(f"{one.name(event.person)} takes it, {at}.")


def _id(base: Base, clinic: ClinicId, typed: str) -> str:
    """Give the alert whose id begins as it was typed."""
    found = starting_with(base.engine, clinic, typed.strip().lower()) if typed.strip() else []
    if not found:
        raise NoSuchAlertError(typed)
    if len(found) > 1:
        raise RefusedError(f"Several alerts begin with '{typed}'.", "Type more of the id.")
    return found[0]


def _data(one: AlertView, stands: str) -> dict[str, Any]:
    return {
        "alert": one.alert,
        "stands": stands,
        "title": one.title,
        "patient": one.patient_name,
        "holder": one.stands.holder,
        "call": one.stands.phone or None,
        "take_by": one.stands.until if one.stands.is_waiting else None,
        "taken": one.stands.acknowledged,
        "ended": one.stands.ended,
        "passed_on": one.stands.was_passed_on,
    }
