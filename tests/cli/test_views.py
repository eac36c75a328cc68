"""What people look at says what happened, in a fixed number of queries."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.engine import open_database
from ccm_flow.adapters.db.enrollment_store import enroll
from ccm_flow.adapters.db.migrate import upgrade
from ccm_flow.adapters.db.projection import write_transition
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.tables import EnrollmentRow, PatientRow
from ccm_flow.adapters.db.views import (
    AmbiguousError,
    NoSuchStepError,
    find_patient,
    find_step,
    month_report,
    patient_month,
    queue,
)
from ccm_flow.adapters.db.views_names import short_ids
from ccm_flow.app.clinic_hours import ClinicHours
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.app.view_text import clinic_time, timeline_text, why_text
from ccm_flow.app.views import MonthState, WhyKind
from ccm_flow.app.views_patient import Timing
from ccm_flow.core.engine import MonthPlan, advance, open_cycle, wakes
from ccm_flow.core.events import AttemptMade, CycleOpened, CyclePaused, Event, StepCompleted
from ccm_flow.core.events import TimePassed as Passed
from ccm_flow.core.ids import (
    ClinicId,
    EnrollmentId,
    OutcomeId,
    PatientId,
    PersonId,
    RoleId,
    StepKey,
    cycle_id,
)
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStart
from ccm_flow.core.transition import transition
from ccm_flow.language import check_text

ELM = ClinicId("elm")
MONTH = Month(2026, 12)
ZONE = ZoneInfo("America/New_York")
PLAYBOOK = Path(__file__).parents[2] / "playbooks" / "ccm_monthly.yaml"
ROLES = ("coordinator", "nurse", "practitioner", "biller", "program_lead")
BEFORE = datetime(2026, 11, 20, 15, tzinfo=UTC)
Happening = tuple[datetime, Event]


def at(day: int, hour: int = 15, month: int = 12) -> datetime:
    return datetime(2026 + (month == 1), month, day, hour, tzinfo=UTC)


class Clinic:
    """A clinic whose months are played by the engine and written as the worker writes them."""

    def __init__(self, folder: Path) -> None:
        self.engine: Engine = open_database(f"sqlite:///{folder / 'ccm.db'}")
        upgrade(self.engine)
        store = SqlClinicStore(self.engine)
        staff = [{"id": f"{role[:4]}x", "name": role.title(), "roles": [role]} for role in ROLES]
        file = {"clinic": "elm", "name": "Elm", "time_zone": ZONE.key, "program_owner": "progx"}
        store.apply(ClinicFile.model_validate({**file, "staff": staff}), BEFORE)
        text = PLAYBOOK.read_text()
        plan = check_text(text, PLAYBOOK.name).plan
        assert plan is not None
        self.plan = plan
        store.publish(ELM, plan, text, Month(2026, 11), BEFORE)

    def patients(self, *ids: str) -> list[EnrollmentId]:
        with Session(self.engine) as session:
            session.add_all(
                PatientRow(
                    id=PatientId(id_),
                    clinic_id=ELM,
                    mrn=f"MRN-{id_}",
                    family_name=f"Family{id_}",
                    given_name="Given",
                    source="test",
                    source_id=id_,
                    content_hash="",
                    created_at=BEFORE,
                    updated_at=BEFORE,
                )
                for id_ in ids
            )
            session.commit()
        new = enroll(self.engine, ELM, map(PatientId, ids), "CCM", BEFORE)
        with Session(self.engine) as session:
            for one in new:
                session.get_one(EnrollmentRow, one.enrollment).status = EnrollmentStatus.ACTIVE
            session.commit()
        return [one.enrollment for one in new]

    def play(self, enrollment: EnrollmentId, until: datetime, *happenings: Happening) -> None:
        """Play a month until an instant, with what people do at their times."""
        calendar = month_calendar(ClinicHours(ZONE.key), MONTH, PlaybookKind.MONTHLY)
        start = CycleStart(
            cycle=cycle_id(enrollment, "monthly", str(MONTH)),
            clinic=ELM,
            enrollment=enrollment,
            month=MONTH,
            opens_at=calendar.start_of(MONTH.first_day),
            team={RoleId(role): PersonId(f"elm.{role[:4]}x") for role in ROLES},
            facts={"consent": True, "care_plan": True, "conditions": 3, "coverage": True},
            calendar=calendar,
            plan=self.plan,
        )
        layout = MonthPlan.of(start)
        state = open_cycle(start)
        ahead: list[Happening] = [(start.opens_at, CycleOpened()), *happenings]
        while state.ending is None:
            due = min((wake.at for wake in wakes(layout, state).values()), default=None)
            if ahead and (due is None or ahead[0][0] <= due):
                now, happened = ahead.pop(0)
            else:
                assert due is not None
                now, happened = due, Passed()
            if now > until:
                return
            result = advance(layout, state, happened, now)
            state = result.state
            write_transition(self.engine, transition(start, layout, happened, result, now))


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic(tmp_path)


COORDINATOR = (PersonId("elm.coorx"), RoleId("coordinator"))
PREPARED = StepCompleted(StepKey("prepare"), OutcomeId("prepared"), *COORDINATOR)
NO_ANSWER = AttemptMade(StepKey("outreach"), OutcomeId("no_answer"), *COORDINATOR)


@contextmanager
def counting(engine: Engine) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_the_number_of_queries_does_not_grow_with_the_clinic(clinic: Clinic) -> None:
    now = at(10)

    def looks(first: EnrollmentId) -> list[Callable[[], object]]:
        return [
            lambda: queue(clinic.engine, ELM, now=now),
            lambda: month_report(clinic.engine, ELM, MONTH, PlaybookKind.MONTHLY, now=now),
            lambda: patient_month(clinic.engine, first, now=now),
        ]

    def counts(first: EnrollmentId) -> list[int]:
        found = []
        for look in looks(first):
            look()  # what never changes, such as a published plan, is read once
            with counting(clinic.engine) as seen:
                look()
            found.append(len([one for one in seen if one.startswith("SELECT")]))
        return found

    few = clinic.patients("a", "b")
    for enrollment in few:
        clinic.play(enrollment, now, (at(1), PREPARED), (at(2), NO_ANSWER))
    small = counts(few[0])
    for enrollment in clinic.patients(*"cdefghijkl"):
        clinic.play(enrollment, now, (at(1), PREPARED), (at(2), NO_ANSWER), (at(4), NO_ANSWER))
    assert counts(few[0]) == small
    assert max(small) <= 22


def test_overdue_comes_first_then_the_deadline_and_paused_last(clinic: Clinic) -> None:
    late, waiting, paused = clinic.patients("late", "waiting", "paused")
    now = at(4, 23)
    clinic.play(late, now)
    clinic.play(waiting, now, (at(1), PREPARED), (at(4), NO_ANSWER))
    clinic.play(paused, now, (at(2), CyclePaused(COORDINATOR[0], "Admitted")))
    rows = queue(clinic.engine, ELM, now=now).steps
    assert rows[0].enrollment == late
    assert rows[-1].enrollment == paused
    dues = [row.due_at for row in rows[:-1] if row.due_at is not None]
    assert dues == sorted(dues)
    reasons = {row.enrollment: {why.kind for why in row.why} for row in rows if row.key != "x"}
    assert WhyKind.OVERDUE in reasons[late]
    assert reasons[paused] == {WhyKind.PAUSED}
    attempt = next(row for row in rows if row.key == "outreach" and row.enrollment == waiting)
    assert why_text(attempt.why[0], attempt, ZONE) == "attempt 2 of 4 planned for Dec 8 09:00"


def test_a_queue_can_be_one_persons_or_one_roles(clinic: Clinic) -> None:
    (only,) = clinic.patients("a")
    clinic.play(only, at(2), (at(1), PREPARED))
    nurse = queue(clinic.engine, ELM, now=at(2), role=RoleId("nurse")).steps
    assert {row.key for row in nurse} == {"medication_review"}
    assert queue(clinic.engine, ELM, now=at(2), owner=PersonId("elm.nursx")).steps == nurse


def test_a_month_in_which_nobody_acts_is_told_with_owners_and_deadlines(clinic: Clinic) -> None:
    (only,) = clinic.patients("a")
    clinic.play(only, at(10, month=1))
    view = patient_month(clinic.engine, "MRN-a", now=at(10, month=1))
    assert view.cycle is not None
    assert (view.cycle.disposition, view.minutes) == ("not_ready", 0)
    prepare = view.steps[0]
    assert (prepare.key, prepare.timing, prepare.escalated) == ("prepare", Timing.MISSED, True)
    told = [f"{clinic_time(one.at, ZONE)} {timeline_text(one, ZONE)}" for one in view.timeline]
    assert told[:5] == [
        "Dec 1 00:00 The cycle opened",
        "Dec 1 00:00 Review the chart and plan the month: opened for Coordinator "
        "(care coordinator) (due Dec 3 17:00)",
        "Dec 3 17:00 Deadline passed: Coordinator (care coordinator) was reminded of: "
        "Review the chart and plan the month (due Dec 3 17:00)",
        "Dec 4 17:00 Deadline passed: Program_Lead (program lead) was told about: "
        "Review the chart and plan the month, owned by Coordinator (due Dec 3 17:00)",
        "Dec 7 17:00 Review the chart and plan the month: handed from Coordinator to Nurse "
        "(nurse): the deadline passed (due Dec 3 17:00)",
    ]
    assert told[-1].startswith("Jan 6 17:00 The cycle ended: not ready")
    assert [message.to_name for message in view.messages][:2] == ["Coordinator", "Program_Lead"]


def test_the_report_counts_late_escalated_and_missed_and_loses_nobody(clinic: Clinic) -> None:
    idle, busy, unopened = clinic.patients("idle", "busy", "unopened")
    clinic.play(idle, at(10, month=1))
    clinic.play(busy, at(10), (at(4, 16), PREPARED))
    report = month_report(clinic.engine, ELM, MONTH, PlaybookKind.MONTHLY, now=at(10))
    rows = {row.enrollment: row for row in report.rows}
    assert rows[idle].state is MonthState.NOT_READY
    assert rows[idle].steps.missed > 0
    assert rows[idle].steps.escalated > 0
    assert "0 of 20 minutes" in [blocker.detail for blocker in rows[idle].blockers]
    assert rows[busy].state is MonthState.RUNNING
    assert (rows[busy].steps.done, rows[busy].steps.late) == (1, 1)
    assert rows[unopened].state is MonthState.NOT_OPENED
    assert report.by_state == {"not_opened": 1, "not_ready": 1, "running": 1}
    assert report.totals.patients == 3


def test_a_step_is_found_by_its_handle_and_by_its_whole_name(clinic: Clinic) -> None:
    (only,) = clinic.patients("a")
    clinic.play(only, at(2), (at(1), PREPARED))
    handle = next(row.handle for row in queue(clinic.engine, ELM, now=at(2)).steps)
    found = find_step(clinic.engine, handle)
    assert find_step(clinic.engine, f"{found.cycle}/{found.key}") == found
    assert find_step(clinic.engine, f"{handle}@2026-12") == found
    for text in (f"{handle}@2027-01", "zz.outreach", "%.outreach", "outreach", ""):
        with pytest.raises(NoSuchStepError):
            find_step(clinic.engine, text)


def test_a_name_that_fits_several_lists_them_all(clinic: Clinic) -> None:
    enrollments = clinic.patients(
        *(f"p{n}" for n in range(17))
    )  # two of 17 begin with the same digit
    for enrollment in enrollments:
        clinic.play(enrollment, at(1))
    firsts = [enrollment[0] for enrollment in enrollments]
    start = next(first for first in firsts if firsts.count(first) > 1)
    with pytest.raises(AmbiguousError) as caught:
        find_step(clinic.engine, f"{start}.prepare")
    for enrollment in [one for one in enrollments if one[0] == start][:8]:
        assert enrollment[:4] in str(caught.value)
    with pytest.raises(AmbiguousError):
        find_patient(clinic.engine, start)


def test_handles_grow_only_as_far_as_they_must() -> None:
    ids = [EnrollmentId(text) for text in ("aaaa11", "aaaa12", "aaaab0", "ffff00")]
    assert list(short_ids(ids).values()) == ["aaaa11", "aaaa12", "aaaab", "ffff"]
    assert len(set(short_ids(ids).values())) == len(ids)


def test_times_are_written_in_the_clinics_zone_on_both_sides_of_a_clock_change() -> None:
    before = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert clinic_time(before, ZONE) == "Nov 1 01:30"
    assert clinic_time(before + timedelta(hours=1), ZONE) == "Nov 1 01:30"
    assert clinic_time(before + timedelta(hours=2), ZONE) == "Nov 1 02:30"
    assert clinic_time(None, ZONE) == "-"
