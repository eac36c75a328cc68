"""A page makes as many queries for fifty patients as for five."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, event
from sqlmodel import col, select, update
from starlette.testclient import TestClient

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.tables import (
    CarePlanRow,
    CarePlanShareRow,
    ConsentRow,
    CycleRow,
    EligibilityReviewRow,
    EnrollmentRow,
    NoteRow,
    StepRow,
    TimeEntryRow,
)
from ccm_flow.app.care_plans import ShareWay, ShareWith
from ccm_flow.app.close_month import Closing, close_month
from ccm_flow.app.statuses import ConsentKind, ConsentMode, TimeSource
from ccm_flow.bootstrap import hand_off
from ccm_flow.core.activities import Activity
from ccm_flow.core.ids import EnrollmentId, PersonId
from ccm_flow.core.state import CycleStatus, StepStatus
from tests.support.web_patients import ELM, MONTH, add_patients
from tests.web.conftest import Site

FEW, MANY = 5, 50
PLACE = f"/clinics/{ELM}/months/{MONTH}"
MOST = 60
"""Queries of the page that makes the most."""


@contextmanager
def counting(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements that are sent to the database, apart from what begins and ends."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT")):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


class Clinic:
    """A clinic whose patients have something in every table that pages read."""

    def __init__(self, site: Site, many: int) -> None:
        self.site = site
        self.engine = site.parts.base.engine
        self.patients = add_patients(self.engine, site.clock.now(), many)
        site.clock.pass_by(timedelta(days=3))
        with writing(self.engine) as session:
            for enrollment in self.patients:
                session.add_all(self._record(enrollment))
                session.flush()
                session.add(
                    CarePlanShareRow(
                        id=f"{enrollment}-share",
                        care_plan_id=f"{enrollment}-plan",
                        to_whom=ShareWith.PATIENT,
                        how=ShareWay.COPY,
                        by=PersonId("elm.maria"),
                        at=site.clock.now(),
                    )
                )
            ids = session.exec(select(EnrollmentRow.patient_id)).all()
            session.add_all(
                EligibilityReviewRow(
                    id=f"{patient}-review",
                    clinic_id=ELM,
                    patient_id=patient,
                    month=MONTH,
                    judged_on=date(2026, 12, 1),
                    eligible=True,
                    written_at=site.clock.now(),
                )
                for patient in ids
            )
        self.lead = site.signed_in("elm.lee")

    def _record(self, enrollment: EnrollmentId) -> list[object]:
        now, maria = self.site.clock.now(), PersonId("elm.maria")
        cycle = f"monthly:{enrollment}:{MONTH}"
        return [
            ConsentRow(
                id=f"{enrollment}-consent",
                enrollment_id=enrollment,
                kind=ConsentKind.ACCEPTED,
                mode=ConsentMode.VERBAL,
                content_version="1",
                taken_by=maria,
                taken_at=now - timedelta(days=60),
                effective_from=date(2026, 10, 1),
            ),
            CarePlanRow(
                id=f"{enrollment}-plan",
                enrollment_id=enrollment,
                version=1,
                written_at=now,
                written_by=maria,
            ),
            TimeEntryRow(
                id=f"{enrollment}-time",
                clinic_id=ELM,
                enrollment_id=enrollment,
                cycle_id=cycle,
                step_key="outreach",
                person_id=maria,
                activity=Activity.CALL,
                started_at=now - timedelta(days=2),
                seconds=600,
                month=MONTH,
                source=TimeSource.MANUAL,
                entered_at=now,
                program="CCM",
                entered_by=maria,
            ),
            NoteRow(
                id=f"{enrollment}-note",
                clinic_id=ELM,
                enrollment_id=enrollment,
                cycle_id=cycle,
                step_key="outreach",
                author_id=maria,
                kind="outreach",
                text="Doing well.",
                written_at=now,
                month=MONTH,
            ),
        ]

    def step(self) -> str:
        """Give the address of the first patient's open step."""
        query = select(StepRow.cycle_id, StepRow.key).where(StepRow.status == StepStatus.OPEN)
        with reading(self.engine) as session:
            cycle, key = session.exec(query.order_by(col(StepRow.cycle_id))).first() or ("", "")
        return f"/steps/{cycle}/{key}"

    def close(self) -> None:
        """End every month as ready and close the clinic's."""
        with writing(self.engine) as session:
            session.exec(update(CycleRow).values(status=CycleStatus.ENDED, disposition="ready"))
        hand, now = hand_off(self.site.parts.base, ELM), self.site.clock.now()
        closing = Closing(ELM, MONTH, PersonId("elm.lee"), MONTH.next.first_day, "for a test")
        close_month(hand.store, hand.rules, closing, now)


def count(clinic: Clinic, browser: TestClient, path: str) -> int:
    """Count the statements of a page that was shown before."""
    browser.get(path)
    with counting(clinic.engine) as seen:
        answer = browser.get(path)
    assert answer.status_code == 200, path
    return len(seen)


def counts(clinic: Clinic) -> dict[str, int]:
    """Count the statements of every page."""
    pages = {
        "my work": "/work",
        "everybody's work": "/work?whose=all",
        "step": clinic.step(),
        "board": PLACE,
        "readiness": f"{PLACE}/readiness",
        "leaks": f"{PLACE}/leaks",
        "over the months": f"{PLACE}/drift",
        "billing": f"{PLACE}/billing",
        "scorecard": f"{PLACE}/scorecard",
        "evidence": f"{PLACE}/scorecard/entries",
        "clinics": "/vendor",
        "review": f"/clinics/{ELM}/review",
        "patients": "/patients",
        "patient": f"/patients/{clinic.patients[0]}",
        "candidates": "/candidates?verdict=all",
    }
    found = {name: count(clinic, clinic.lead, path) for name, path in pages.items()}
    clinic.close()
    return found | {"closed month": count(clinic, clinic.lead, f"{PLACE}/billing")}


@pytest.fixture
def of_many(make_site: Callable[..., Site]) -> Callable[[int], dict[str, int]]:
    """Count the queries of every page of a clinic with so many patients."""

    def counted(many: int) -> dict[str, int]:
        site = make_site()
        try:
            return counts(Clinic(site, many))
        finally:
            site.parts.base.engine.dispose()

    return counted


def test_no_page_makes_more_queries_for_a_larger_clinic(
    of_many: Callable[[int], dict[str, int]],
) -> None:
    few, many = of_many(FEW), of_many(MANY)
    assert many == few
    assert max(few.values()) <= MOST, few
