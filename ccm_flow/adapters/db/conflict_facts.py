"""Billed services that exclude a program, held against the dated rules."""

from collections import defaultdict
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.engine import rules_home
from ccm_flow.adapters.db.own_practitioners import own_practitioners, who_billed
from ccm_flow.adapters.db.service_store import in_force
from ccm_flow.adapters.db.tables import EnrollmentRow, ServiceRow
from ccm_flow.adapters.rule_files import BrokenRulesError, load_shelf
from ccm_flow.core.billing.concurrency import conflicts
from ccm_flow.core.billing.model import Code, ProgramId, Service
from ccm_flow.core.billing.shelf import NoRulesError, RuleShelf
from ccm_flow.core.ids import EnrollmentId, PersonId
from ccm_flow.core.month import Month

_AROUND: Final = timedelta(days=92)
"""A service that covers the days after a discharge may reach into a month from outside."""
_NOBODY: Final = PersonId("")
"""Whoever bills here is nobody that a claim from elsewhere names."""


def count_conflicts(
    session: Session, scope: ColumnElement[bool], month: Month
) -> dict[EnrollmentId, int]:
    """
    Count the services that keep every code of an enrollment's program from being billed.

    `scope` chooses enrollments; those with no service around the month are left out. A month
    without rules has none; evaluating it says that there are no rules.
    """
    first, last = month.first_day - _AROUND, month.last_day + _AROUND
    rows = session.exec(
        select(EnrollmentRow, ServiceRow)
        .join(ServiceRow, col(ServiceRow.patient_id) == col(EnrollmentRow.patient_id))
        .where(scope, *in_force(), col(ServiceRow.starts_on).between(first, last))
        .order_by(col(ServiceRow.starts_on), col(ServiceRow.code), col(ServiceRow.id))
    ).all()
    if not rows:
        return {}
    try:
        book = _shelf(session).book(month)
    except NoRulesError:
        return {}
    own = {clinic: own_practitioners(session, clinic) for clinic in {e.clinic_id for e, _ in rows}}
    around: dict[EnrollmentId, list[Service]] = defaultdict(list)
    for row, service in rows:
        by = who_billed(own[row.clinic_id], service.practitioner)
        around[row.id].append(Service(Code(service.code), service.starts_on, by))
    return {
        row.id: len(
            conflicts(
                book,
                ProgramId(row.program),
                row.practitioner_id or _NOBODY,
                around[row.id],
                month,
            )
        )
        for row in {row.id: row for row, _ in rows}.values()
    }


def _shelf(session: Session) -> RuleShelf:
    """Give the set-up's rules; shipped ones while its own have errors, so that months go on."""
    try:
        return load_shelf(rules_home(session))
    except BrokenRulesError:
        return load_shelf()
