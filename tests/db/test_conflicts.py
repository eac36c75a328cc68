"""The fact of conflicts: billed services that exclude the program, on both databases."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.facts import gather_facts
from ccm_flow.adapters.db.service_store import add_service, services_in_force, take_back
from ccm_flow.adapters.db.tables import EnrollmentRow
from ccm_flow.app.records import ServiceRecord
from ccm_flow.app.statuses import ServiceOrigin
from ccm_flow.core.month import Month
from tests.support.set_up import set_up_clinic

NOW = datetime(2026, 3, 25, 15, tzinfo=UTC)
MARCH = Month(2026, 3)


@pytest.fixture
def enrolled(engine: Engine) -> str:
    set_up_clinic(engine)
    with writing(engine) as session:
        return session.exec(select(EnrollmentRow)).all()[0].id


def bill(session: Session, enrollment: str, code: str, on: date) -> None:
    row = session.get_one(EnrollmentRow, enrollment)
    record = ServiceRecord("", code, on, on, "Dr. Chen")
    add_service(session, row.patient_id, record, origin=ServiceOrigin.IMPORT, at=NOW)
    session.flush()


def take_all_back(session: Session, enrollment: str) -> None:
    row = session.get_one(EnrollmentRow, enrollment)
    services = services_in_force(session, row.patient_id)
    take_back(session, services, origin=ServiceOrigin.IMPORT, at=NOW)
    session.flush()


def count(session: Session, enrollment: str, month: Month = MARCH) -> object:
    row = session.get_one(EnrollmentRow, enrollment)
    return gather_facts(session, row.id, month, NOW)["conflicts"]


CASES = [
    ("99490", date(2026, 3, 2), 1),
    ("G0557", date(2026, 3, 2), 1),
    ("90960", date(2026, 3, 31), 1),
    ("99495", date(2026, 3, 2), 0),
    ("99426", date(2026, 3, 2), 0),
    ("99213", date(2026, 3, 2), 0),
    ("99490", date(2026, 2, 28), 0),
]


def test_each_service_is_judged_by_the_rules_of_its_month(engine: Engine, enrolled: str) -> None:
    with writing(engine) as session:
        for code, on, number in CASES:
            bill(session, enrolled, code, on)
            assert count(session, enrolled) == number, (code, on)
            take_all_back(session, enrolled)
            assert count(session, enrolled) == 0


def test_a_month_without_rules_has_no_conflicts(engine: Engine, enrolled: str) -> None:
    with writing(engine) as session:
        bill(session, enrolled, "99490", date(2037, 3, 2))
        assert count(session, enrolled, Month(2037, 3)) == 0
