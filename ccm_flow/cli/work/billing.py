"""Closing, approving and reopening a clinic's month."""

from collections.abc import Sequence

from ccm_flow.adapters.db.views import find_patient
from ccm_flow.app.billing import LineView
from ccm_flow.app.close_month import (
    Closing,
    approve_lines,
    close_month,
    reopen_month,
)
from ccm_flow.bootstrap import hand_off
from ccm_flow.cli.work.billing_context import choose_decider
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, open_set_up, zone_of
from ccm_flow.cli.work.words import BadWordError
from ccm_flow.core.month import Month


def close(
    text: str, clinic_id: str | None, by: str, *, anyway: bool, because: str | None, as_json: bool
) -> None:
    """Close a month."""
    month = Month.parse(text)
    if anyway and not (because or "").strip():
        raise BadWordError("Closing anyway takes a reason.", "Say --because TEXT.")
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    person = choose_decider(base, clinic, by)
    hand, now = hand_off(base, clinic.clinic), base.clock.now()
    today = now.astimezone(zone_of(clinic)).date()
    closing = Closing(clinic.clinic, month, person.person, today, because if anyway else None)
    closed = close_month(hand.store, hand.rules, closing, now)
    if as_json:
        emit(closed)
        return
    say(f"{month} at {clinic.name} is closed: {_lines(closed.made)} made.")
    if closed.kept:
        say(f"{_lines(closed.kept)} of an earlier closing stay as they are.")
    if closed.not_ready:
        say(f"Not ready, so without a line: {closed.not_ready} of the patients.")
    for sentence in closed.unsettled:
        say(f"  not settled: {sentence}")
    say(f"Look at them with `ccm lines --month {month}`, then `ccm approve --month {month}`.")


def _lines(count: int) -> str:
    return f"{count} line" if count == 1 else f"{count} lines"


def approve(
    text: str, clinic_id: str | None, by: str, patient: str | None, *, as_json: bool
) -> None:
    """Approve lines."""
    month = Month.parse(text)
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    person = choose_decider(base, clinic, by)
    only = find_patient(base.engine, patient).enrollment if patient else None
    approval = approve_lines(
        hand_off(base, clinic.clinic).store,
        clinic.clinic,
        month,
        by=person.person,
        now=base.clock.now(),
        only=only,
    )
    if as_json:
        emit(
            {
                "month": month,
                "approved": [view.handle for view in approval.approved],
                "held": [
                    {"patient": view.handle, "because": _held_because(view)}
                    for view in approval.held
                ],
                "already": approval.already,
            }
        )
        return
    say(f"{_lines(len(approval.approved))} of {month} approved by {person.name}.")
    if approval.already:
        say(f"{_lines(approval.already)} had been decided on before.")
    _show_held(approval.held)


def _show_held(held: Sequence[LineView]) -> None:
    for view in held:
        say(f"  held back: {view.handle} {view.patient_name}: {'; '.join(_held_because(view))}")


def _held_because(view: LineView) -> list[str]:
    return list(view.changed) or ["the month gives no code"]


def reopen(text: str, clinic_id: str | None, by: str, because: str, *, as_json: bool) -> None:
    """Open a month again."""
    month = Month.parse(text)
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    person = choose_decider(base, clinic, by)
    store = hand_off(base, clinic.clinic).store
    reopen_month(
        store,
        clinic.clinic,
        month,
        by=person.person,
        because=because,
        now=base.clock.now(),
    )
    if as_json:
        emit({"clinic": clinic.clinic, "month": month, "by": person.person, "because": because})
        return
    say(f"{month} at {clinic.name} is open again. Lines stay as they are until it is closed.")
