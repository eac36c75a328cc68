"""Billed services that exclude a program, held against the dated rules."""

from datetime import timedelta
from typing import Final

from sqlmodel import Session

from ccm_flow.adapters.db.engine import rules_home
from ccm_flow.adapters.db.own_practitioners import own_practitioners, who_billed
from ccm_flow.adapters.db.service_store import services_in_force
from ccm_flow.adapters.db.tables import EnrollmentRow
from ccm_flow.adapters.rule_files import BrokenRulesError, load_shelf
from ccm_flow.core.billing.concurrency import conflicts
from ccm_flow.core.billing.model import Code, ProgramId, Service
from ccm_flow.core.billing.shelf import NoRulesError, RuleShelf
from ccm_flow.core.ids import PersonId
from ccm_flow.core.month import Month

_AROUND: Final = timedelta(days=92)
"""A service that covers the days after a discharge may reach into a month from outside."""
_NOBODY: Final = PersonId("")
"""Whoever bills here is nobody that a claim from elsewhere names."""


def count_conflicts(session: Session, enrollment: EnrollmentRow, month: Month) -> int:
    """
    Count the services that keep every code of an enrollment's program from being billed.

    A month without rules has none; evaluating it says that there are no rules.
    """
    first, last = month.first_day - _AROUND, month.last_day + _AROUND
    own = own_practitioners(session, enrollment.clinic_id)
    around = [
        Service(Code(row.code), row.starts_on, who_billed(own, row.practitioner))
        for row in services_in_force(session, enrollment.patient_id)
        if first <= row.starts_on <= last
    ]
    if not around:
        return 0
    try:
        book = _shelf(session).book(month)
    except NoRulesError:
        return 0
    practitioner = enrollment.practitioner_id or _NOBODY
    return len(conflicts(book, ProgramId(enrollment.program), practitioner, around, month))


def _shelf(session: Session) -> RuleShelf:
    """Give the set-up's rules; shipped ones while its own have errors, so that months go on."""
    try:
        return load_shelf(rules_home(session))
    except BrokenRulesError:
        return load_shelf()
