"""What all billing commands share: the store, the rules, who may decide, which month."""

from ccm_flow.adapters.db.views import (
    NoSuchPatientError,
    StaffMember,
    find_cycles,
    find_patient,
)
from ccm_flow.adapters.db.views_find import CycleRef
from ccm_flow.adapters.db.views_month import NoSuchMonthError
from ccm_flow.app.billing import MonthOf
from ccm_flow.app.care import ClinicView
from ccm_flow.app.hand_off import HandOff
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.acting import RefusedError
from ccm_flow.cli.work.context import NoSuchPersonError, choose_person
from ccm_flow.core.ids import ClinicId, RoleId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind

BILLER = RoleId("biller")


def choose_decider(base: Base, clinic: ClinicView, by: str) -> StaffMember:
    """
    Give who decides about a clinic's bill: its biller, or the program owner.

    Raises:
        NoSuchPersonError: nobody at the clinic is called that.
        RefusedError: they are neither.
    """
    person = choose_person(base, clinic.clinic, by)
    if BILLER not in person.roles and person.person != clinic.program_owner:
        held = ", ".join(sorted(person.roles)).replace("_", " ")
        raise RefusedError(
            f"{person.name} is {held}; this takes the biller or the program owner.",
            "Ask one of them.",
        )
    return person


def find_month(
    base: Base, who: str, month: Month | None, *, clinic: str | None = None, by: str | None = None
) -> CycleRef:
    """
    Give the monthly cycle of the patient that was named: of a month, or the newest.

    To somebody of another clinic the patient does not exist.

    Raises:
        NoSuchPatientError, AmbiguousError: nobody, or several, are called that.
        NoSuchMonthError: the patient has no such month.
    """
    ref = find_patient(base.engine, who)
    if clinic is not None and ref.clinic != clinic:
        raise NoSuchPatientError(who)
    if by is not None:
        _deny_strangers(base, ref.clinic, by, who)
    if ref.enrollment is None:
        raise NoSuchMonthError(str(month or "this patient"), [])
    cycles = [
        one for one in find_cycles(base.engine, ref.enrollment) if one.kind is PlaybookKind.MONTHLY
    ]
    chosen = next((one for one in cycles if month in (None, one.month)), None)
    if chosen is None:
        raise NoSuchMonthError(str(month or "this patient"), [str(one.month) for one in cycles])
    return chosen


def _deny_strangers(base: Base, clinic: ClinicId, by: str, who: str) -> None:
    """Treat a patient as not there when the person belongs to another clinic alone."""
    try:
        choose_person(base, clinic, by)
    except NoSuchPersonError:
        raise NoSuchPatientError(who) from None


def month_of(hand: HandOff, ref: CycleRef, base: Base) -> MonthOf:
    """Give what closing knows of one patient's month."""
    months = hand.store.months(ref.clinic, ref.month, base.clock.now())
    return next(one for one in months if one.cycle == ref.cycle)
