"""Timers, entries and corrections obey one set of rules, on both databases."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest
from sqlalchemy import Engine, text
from sqlmodel import col, select

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db import month_lock, time_writing
from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.engine import open_database, reading, writing
from ccm_flow.adapters.db.projection import write_transition
from ccm_flow.adapters.db.tables import (
    ConsentRow,
    EncounterRow,
    EnrollmentRow,
    PersonRow,
    TimeEntryRow,
)
from ccm_flow.adapters.db.time_counting import count_minutes, judge_minutes
from ccm_flow.adapters.db.time_report import Wanted, time_audit, time_report
from ccm_flow.adapters.db.time_store import SqlTimeStore
from ccm_flow.adapters.db.time_views import held_sentences
from ccm_flow.app.care import Click, Work
from ccm_flow.app.statuses import ConsentKind, ConsentMode, TimeSource
from ccm_flow.app.time import (
    About,
    Correction,
    NewEntry,
    add_entry,
    correct_entry,
    start_timer,
    stop_timer,
)
from ccm_flow.app.time_errors import (
    ClashError,
    MonthClosedError,
    NoSuchEntryError,
    NoTimerError,
    TimeRefusedError,
    TimerRunningError,
    TimerTooLongError,
)
from ccm_flow.app.views_time import EntryLine
from ccm_flow.core.activities import Activity
from ccm_flow.core.credentials import Credential
from ccm_flow.core.engine import MonthPlan, advance, open_cycle
from ccm_flow.core.events import AttemptMade, CycleOpened, CyclePaused, CycleResumed, StepCompleted
from ccm_flow.core.ids import (
    ClickId,
    EnrollmentId,
    OutcomeId,
    PersonId,
    RoleId,
    StepKey,
    cycle_id,
)
from ccm_flow.core.minutes import Counted, WhyNot
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStart, CycleState
from ccm_flow.core.time_entries import EntryFlag
from ccm_flow.core.transition import transition
from tests.support.set_up import CLINIC, MONTH, NOW, person, set_up_clinic

DAY = datetime(2037, 12, 7, 15, tzinfo=UTC)
"""A Monday, ten in the morning at the clinic."""
ROLES = {"coordinator": "ann", "nurse": "nat", "practitioner": "pat", "program_lead": "lee"}


@dataclass
class Desk:
    """Two patients with a consent, and what is done to their time."""

    engine: Engine
    store: SqlTimeStore
    patients: list[EnrollmentId]

    def add(
        self,
        at: datetime,
        minutes: float = 10,
        who: str = "ann",
        patient: int = 0,
        *,
        now: datetime | None = None,
        activity: Activity = Activity.REFILL,
        reason: str = "",
    ) -> tuple[EntryLine, ...]:
        """State that somebody worked."""
        seconds = round(minutes * 60)
        wanted = NewEntry(
            About(CLINIC, self.patients[patient]), person(who), activity, at, seconds, reason
        )
        return add_entry(self.store, wanted, now or at + timedelta(seconds=seconds))

    def minutes(self, month: Month = MONTH, patient: int = 0) -> tuple[object, object]:
        """Ask the facts."""
        facts = SqlCareRecord(self.engine).facts(self.patients[patient], month, DAY)
        return facts["minutes"], facts["practitioner_minutes"]

    def rows(self) -> int:
        """Count the entries that are kept."""
        with reading(self.engine) as session:
            return len(session.exec(select(TimeEntryRow.id)).all())


def consent(engine: Engine, enrollment: EnrollmentId, at: datetime = NOW, n: int = 0) -> None:
    with writing(engine) as session:
        session.add(
            ConsentRow(
                id=f"{enrollment}/{n}",
                enrollment_id=enrollment,
                kind=ConsentKind.ACCEPTED,
                mode=ConsentMode.VERBAL,
                content_version="1",
                taken_by=person("ann"),
                taken_at=at,
                effective_from=date(2037, 11, 1),
            )
        )


@pytest.fixture
def desk(engine: Engine) -> Desk:
    patients = set_up_clinic(engine, 2)
    for enrollment in patients:
        consent(engine, enrollment)
    return Desk(engine, SqlTimeStore(engine), patients)


# --- entries ---


@pytest.mark.parametrize(("seconds", "minutes"), [(1199, 19), (1200, 20)])
def test_a_second_short_of_twenty_minutes_is_nineteen(
    desk: Desk, seconds: int, minutes: int
) -> None:
    desk.add(DAY, 10)
    desk.add(DAY + timedelta(hours=1), (seconds - 600) / 60)
    assert desk.minutes() == (minutes, 0)


def test_a_practitioners_own_minutes_count_twice_over(desk: Desk) -> None:
    desk.add(DAY, 12, "ann")
    desk.add(DAY + timedelta(hours=1), 31, "pat")
    desk.add(DAY + timedelta(hours=2), 60, "bob")
    assert desk.minutes() == (43, 31)


OVERLAPS = [
    ("ann", 1, 0, True, "the same person, another patient"),
    ("nat", 0, 0, True, "another person, the same patient"),
    ("nat", 1, 0, False, "another person, another patient"),
    ("ann", 0, -10, False, "just before"),
    ("ann", 0, 10, False, "just after"),
    ("ann", 0, -9, True, "into it"),
    ("ann", 0, 9, True, "out of it"),
]


@pytest.mark.parametrize(("who", "patient", "shift", "clashes", "_what"), OVERLAPS)
def test_nobody_does_two_things_and_no_patient_is_in_two_hands(
    desk: Desk, who: str, patient: int, shift: int, clashes: bool, _what: str
) -> None:
    desk.add(DAY, 10, "ann", 0)
    at = DAY + timedelta(minutes=shift)
    if not clashes:
        desk.add(at, 10, who, patient)
        return
    with pytest.raises(ClashError) as caught:
        desk.add(at, 10, who, patient)
    said = str(caught.value)
    assert "Ann" in said
    assert "Refill, Dec 7 10:00 to 10:10:00" in said
    assert caught.value.clash.patient_handle
    assert desk.rows() == 1


def test_a_patient_elsewhere_is_not_named(desk: Desk, engine: Engine) -> None:
    desk.add(DAY, 10, "ann", 0)
    with reading(engine) as session:
        row = session.exec(select(TimeEntryRow)).one()
        clash = time_writing.clash_of(session, row, PersonId("oak.eve"))
    assert clash.patient_handle is None
    assert clash.person_name == "Ann"


def test_entries_of_one_program_do_not_count_in_another(desk: Desk) -> None:
    about = About(CLINIC, desk.patients[0])
    wanted = NewEntry(about, person("ann"), Activity.CALL, DAY, 600, program="TCM")
    (line,) = add_entry(desk.store, wanted, DAY + timedelta(hours=1))
    assert line.not_counted is WhyNot.OTHER_PROGRAM
    assert desk.minutes() == (0, 0)


def test_late_work_needs_a_reason_and_stays_marked(desk: Desk) -> None:
    later = DAY + timedelta(days=2)
    with pytest.raises(TimeRefusedError, match="needs a reason"):
        desk.add(DAY, now=later)
    (line,) = desk.add(DAY, now=later, reason="on paper first")
    assert line.late
    assert line.lag_seconds == int(timedelta(days=2).total_seconds()) - 600
    assert line.counts


# --- the turn of a month, and nights when clocks change ---


MONTH_END = datetime(2038, 1, 1, 5, tzinfo=UTC)
CUTS = [
    (-120, 3, [(MONTH, 120), (MONTH.next, 60)]),
    (-60, 1, [(MONTH, 60)]),
    (0, 1, [(MONTH.next, 60)]),
    (-1, 1, [(MONTH, 1), (MONTH.next, 59)]),
]


@pytest.mark.parametrize(("before", "minutes", "parts"), CUTS)
def test_work_across_the_clinics_midnight_counts_in_both_months(
    desk: Desk, before: int, minutes: int, parts: list[tuple[Month, int]]
) -> None:
    lines = desk.add(MONTH_END + timedelta(seconds=before), minutes)
    assert [(line.month, line.seconds) for line in lines] == parts
    assert all(line.counts for line in lines)


@pytest.mark.parametrize(
    ("start", "minutes"),
    [
        (datetime(2038, 3, 14, 6, 30, tzinfo=UTC), 60),  # 01:30 to 03:30, the hour between missing
        (datetime(2037, 11, 1, 5, 30, tzinfo=UTC), 60),  # 01:30 to 01:30, the hour comes twice
    ],
)
def test_a_night_when_clocks_change_has_its_real_length(
    engine: Engine, start: datetime, minutes: int
) -> None:
    (enrollment,) = set_up_clinic(engine)
    with writing(engine) as session:
        session.get_one(EnrollmentRow, enrollment).created_at = start - timedelta(days=1)
    consent(engine, enrollment, start - timedelta(days=1))
    desk = Desk(engine, SqlTimeStore(engine), [enrollment])
    (line,) = desk.add(start, minutes)
    assert line.ended_at - line.started_at == timedelta(minutes=minutes)
    assert line.seconds == 60 * minutes


# --- what does not count ---


def test_minutes_before_consent_do_not_count(engine: Engine) -> None:
    (enrollment,) = set_up_clinic(engine)
    consent(engine, enrollment, DAY)
    desk = Desk(engine, SqlTimeStore(engine), [enrollment])
    (before,) = desk.add(DAY - timedelta(minutes=10))
    (after,) = desk.add(DAY)
    assert before.not_counted is WhyNot.NO_CONSENT
    assert after.counts


def encounter(desk: Desk, kind: str, status: str, begins: datetime, ends: datetime | None) -> None:
    with writing(desk.engine) as session:
        patient = session.get_one(EnrollmentRow, desk.patients[0]).patient_id
        session.add(
            EncounterRow(
                id="e",
                patient_id=patient,
                kind=kind,
                starts_at=begins,
                ends_at=ends,
                status=status,
                display="",
                source_id="e",
            )
        )


HOUR = timedelta(hours=1)
ENCOUNTERS = [
    ("inpatient", "finished", (DAY - HOUR, DAY + HOUR), WhyNot.INPATIENT),
    ("snf", "in-progress", (DAY - 24 * HOUR, None), WhyNot.INPATIENT),
    ("inpatient", "finished", (DAY - 48 * HOUR, None), None),
    ("inpatient", "finished", (DAY - 48 * HOUR, DAY), None),
    ("ambulatory", "finished", (DAY, DAY + HOUR), WhyNot.PART_OF_VISIT),
    ("ambulatory", "cancelled", (DAY, DAY + HOUR), None),
    ("ambulatory", "finished", (DAY + HOUR, DAY + 2 * HOUR), None),
]


@pytest.mark.parametrize(("kind", "status", "when", "why"), ENCOUNTERS)
def test_stays_and_visits_take_their_minutes_out(
    desk: Desk, kind: str, status: str, when: tuple[datetime, datetime | None], why: WhyNot | None
) -> None:
    encounter(desk, kind, status, *when)
    (line,) = desk.add(DAY)
    assert line.not_counted is why


def test_minutes_follow_whatever_the_record_says_since_they_were_last_counted(desk: Desk) -> None:
    def counted() -> dict[EnrollmentId, Counted]:
        scope = col(EnrollmentRow.clinic_id) == CLINIC
        with reading(desk.engine) as session:
            found = count_minutes(session, MONTH, scope)
            afresh = judge_minutes(session, MONTH, scope)
        assert [one.entries for one in found.values()] == [one.entries for one in afresh.values()]
        assert {id_: one.counted for id_, one in found.items()} == {
            id_: one.counted for id_, one in afresh.items()
        }
        return {id_: one.counted for id_, one in found.items()}

    def credential(given: Credential | None) -> None:
        with writing(desk.engine) as session:
            session.get_one(PersonRow, person("bob")).credential = given

    first, other = desk.patients
    credential(None)
    desk.add(DAY, 10)
    (wrong,) = desk.add(DAY + HOUR, 10)
    desk.add(DAY + 2 * HOUR, 10, "bob", patient=1)
    assert counted()[first].minutes == 20
    assert counted()[first].minutes == 20
    correct_entry(
        desk.store,
        CLINIC,
        Correction(wrong.id, person("ann"), "short", seconds=300),
        DAY + 3 * HOUR,
    )
    assert counted()[first].minutes == 15
    encounter(desk, "inpatient", "finished", DAY - HOUR, DAY + HOUR)
    assert counted()[first].minutes == 5
    assert counted()[other].minutes == 0
    credential(Credential.RN)
    assert counted()[other].minutes == 10


# --- corrections ---


def test_a_correction_takes_the_place_and_both_stay(desk: Desk) -> None:
    (first,) = desk.add(DAY, 10)
    change = Correction(first.handle, person("lee"), "typed wrong", seconds=300)
    fixed = correct_entry(desk.store, CLINIC, change, DAY + HOUR)
    again = correct_entry(desk.store, CLINIC, replace(change, seconds=420), DAY + 2 * HOUR)
    assert (fixed.corrects, again.corrects) == (first.id, fixed.id)
    assert (again.person, again.entered_by) == (person("ann"), person("lee"))
    assert desk.minutes() == (7, 0)
    report = time_report(desk.engine, CLINIC, MONTH, Wanted(), now=DAY)
    (day,) = report.days
    assert [line.counts for line in day.entries] == [False, False, True]
    assert (day.seconds, day.counted_seconds) == (420, 420)


def test_an_entry_is_taken_out_with_zero_seconds(desk: Desk) -> None:
    (first,) = desk.add(DAY, 10)
    gone = correct_entry(
        desk.store, CLINIC, Correction(first.id, person("ann"), "wrong patient", seconds=0), DAY
    )
    assert not gone.counts
    assert desk.minutes() == (0, 0)
    desk.add(DAY, 10, patient=1)
    assert desk.minutes(patient=1) == (10, 0)


def test_a_correction_obeys_the_rules(desk: Desk) -> None:
    (first,) = desk.add(DAY, 10)
    desk.add(DAY + timedelta(minutes=10), 10)
    change = Correction(first.id, person("ann"), "longer", seconds=660)
    with pytest.raises(ClashError):
        correct_entry(desk.store, CLINIC, change, DAY + HOUR)
    with pytest.raises(TimeRefusedError, match="needs a reason"):
        correct_entry(desk.store, CLINIC, replace(change, reason=" ", seconds=60), DAY + HOUR)
    moved = replace(change, seconds=None, started_at=DAY - timedelta(days=14))
    with pytest.raises(TimeRefusedError, match="stays in the entry's month"):
        correct_entry(desk.store, CLINIC, moved, DAY + HOUR)
    with pytest.raises(NoSuchEntryError):
        correct_entry(desk.store, CLINIC, replace(change, entry="zz"), DAY + HOUR)
    assert desk.rows() == 2


def test_no_entry_can_be_edited_or_deleted(desk: Desk) -> None:
    desk.add(DAY)
    for change in ("UPDATE time_entry SET seconds = 1", "DELETE FROM time_entry"):
        with pytest.raises(Exception, match="append-only"), writing(desk.engine) as session:
            session.connection().execute(text(change))
    assert desk.minutes() == (10, 0)


# --- a closed month ---


def close(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (month_lock, time_writing):
        monkeypatch.setattr(module, "is_closed", lambda *_: True)


def test_an_approved_month_takes_no_more_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    start_timer(desk.store, About(CLINIC, desk.patients[0]), person("nat"), Activity.CALL, now=DAY)
    close(monkeypatch)
    assert desk.store.is_closed(desk.patients[0], MONTH)
    with pytest.raises(MonthClosedError, match="2037-12 was approved"):
        desk.add(DAY)
    (late,) = stop_timer(desk.store, person("nat"), now=DAY + HOUR)
    assert late.not_counted is WhyNot.MONTH_CLOSED


# --- timers ---


@contextmanager
def opened(url: str) -> Iterator[SqlTimeStore]:
    """Open the same database once more, as another process does."""
    engine = open_database(url)
    yield SqlTimeStore(engine)
    engine.dispose()


def test_a_timer_counts_from_its_start_whoever_reads_it(desk: Desk, database_url: str) -> None:
    about = About(CLINIC, desk.patients[0])
    start_timer(desk.store, about, person("ann"), Activity.RESULTS, now=DAY)
    with opened(database_url) as elsewhere:
        seen = elsewhere.running(person("ann"), DAY + timedelta(minutes=7))
        assert seen is not None
        assert seen.elapsed_seconds == 420
        (line,) = stop_timer(elsewhere, person("ann"), now=DAY + timedelta(minutes=9, seconds=59))
    assert (line.seconds, line.source) == (599, TimeSource.TIMER)
    with pytest.raises(NoTimerError):
        stop_timer(desk.store, person("ann"), now=DAY + HOUR)


def test_a_person_has_one_timer(desk: Desk) -> None:
    one, other = (About(CLINIC, patient) for patient in desk.patients)
    start_timer(desk.store, one, person("ann"), Activity.RESULTS, now=DAY)
    start_timer(desk.store, other, person("nat"), Activity.RESULTS, now=DAY)
    with pytest.raises(TimerRunningError, match=r"since Dec 7 10:00.*Results") as caught:
        start_timer(desk.store, other, person("ann"), Activity.CALL, now=DAY + HOUR)
    assert "--switch" in caught.value.hint
    timer, (stopped,) = start_timer(
        desk.store, other, person("ann"), Activity.CALL, now=DAY + HOUR, switch=True
    )
    assert stopped.seconds == 3600
    assert timer.activity is Activity.CALL


def test_two_starts_at_the_same_moment_leave_one_timer(desk: Desk, database_url: str) -> None:
    about = About(CLINIC, desk.patients[0])
    refused: list[Exception] = []

    def start() -> None:
        with opened(database_url) as store:
            try:
                start_timer(store, about, person("ann"), Activity.CALL, now=DAY)
            except TimerRunningError as error:
                refused.append(error)

    _at_once(start, 4)
    assert len(refused) == 3


def _at_once(work: Callable[[], None], times: int) -> None:
    threads = [Thread(target=work) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_same_time_entered_at_the_same_moment_is_kept_once(
    desk: Desk, database_url: str
) -> None:
    refused: list[Exception] = []

    def enter() -> None:
        with opened(database_url) as store:
            try:
                replace(desk, store=store).add(DAY)
            except ClashError as error:
                refused.append(error)

    _at_once(enter, 4)
    assert len(refused) == 3
    assert desk.minutes() == (10, 0)


def test_a_timer_left_running_asks_for_the_real_end(desk: Desk) -> None:
    about = About(CLINIC, desk.patients[0])
    start_timer(desk.store, about, person("ann"), Activity.CALL, now=DAY)
    late = DAY + timedelta(hours=2, seconds=1)
    with pytest.raises(TimerTooLongError, match="2:00:01") as caught:
        stop_timer(desk.store, person("ann"), now=late)
    assert "--until" in caught.value.hint
    for wrong in (DAY, late + HOUR, DAY - HOUR):
        with pytest.raises(TimeRefusedError):
            stop_timer(desk.store, person("ann"), now=late, until=wrong)
    (line,) = stop_timer(desk.store, person("ann"), now=late, until=DAY + timedelta(minutes=12))
    assert (line.seconds, line.flags) == (720, (EntryFlag.END_STATED,))
    assert line.counts


def test_a_timer_at_its_limit_is_believed(desk: Desk) -> None:
    about = About(CLINIC, desk.patients[0])
    start_timer(desk.store, about, person("ann"), Activity.CALL, now=DAY)
    (line,) = stop_timer(desk.store, person("ann"), now=DAY + 2 * HOUR)
    assert (line.seconds, line.flags) == (7200, ())


def test_a_discarded_timer_leaves_no_entry(desk: Desk) -> None:
    about = About(CLINIC, desk.patients[0])
    start_timer(desk.store, about, person("ann"), Activity.CALL, now=DAY)
    desk.store.discard(person("ann"), "wrong patient", DAY + HOUR)
    assert desk.rows() == 0
    start_timer(desk.store, about, person("ann"), Activity.CALL, now=DAY + HOUR)


def test_what_a_timer_measured_is_never_lost(desk: Desk) -> None:
    about = About(CLINIC, desk.patients[0])
    start_timer(desk.store, about, person("ann"), Activity.CALL, now=DAY)
    desk.add(DAY, 10, "nat")
    (line,) = stop_timer(desk.store, person("ann"), now=DAY + timedelta(minutes=20))
    assert line.not_counted is WhyNot.CLASH
    change = Correction(
        line.id, person("ann"), "joined later", 600, DAY + timedelta(minutes=10), Activity.CALL
    )
    assert correct_entry(desk.store, CLINIC, change, DAY + HOUR).counts
    assert desk.minutes() == (20, 0)


# --- clicks ---


@dataclass
class Running:
    """A patient's running month."""

    desk: Desk
    start: CycleStart
    layout: MonthPlan
    state: CycleState

    def click(
        self, id_: str, at: datetime, minutes: float = 10, who: str = "ann", **work: datetime
    ) -> None:
        """Complete the first step."""
        event = StepCompleted(
            StepKey("prepare"), OutcomeId("prepared"), person(who), RoleId("coordinator")
        )
        done = Work(time=timedelta(minutes=minutes), note="x", **work)  # type: ignore[arg-type]
        click = Click(ClickId(id_), self.start.cycle, person(who), event, StepKey("prepare"), done)
        SqlCareRecord(self.desk.engine).keep(click, at)

    def happen(self, *events: tuple[datetime, CyclePaused | CycleResumed]) -> None:
        """Let something happen to the month."""
        for at, event in events:
            result = advance(self.layout, self.state, event, at)
            self.state = result.state
            write_transition(
                self.desk.engine, transition(self.start, self.layout, event, result, at)
            )


@pytest.fixture
def running(desk: Desk) -> Running:
    record = SqlCareRecord(desk.engine)
    calendar = month_calendar(record.clinic(CLINIC).hours, MONTH, PlaybookKind.MONTHLY)
    enrollment = desk.patients[0]
    start = CycleStart(
        cycle=cycle_id(enrollment, "monthly", str(MONTH)),
        clinic=CLINIC,
        enrollment=enrollment,
        month=MONTH,
        opens_at=calendar.start_of(MONTH.first_day),
        team={RoleId(role): person(who) for role, who in ROLES.items()},
        facts={},
        calendar=calendar,
        plan=record.plan_for(CLINIC, PlaybookKind.MONTHLY, MONTH),
    )
    layout = MonthPlan.of(start)
    result = advance(layout, open_cycle(start), CycleOpened(), layout.opens_at)
    opened = transition(start, layout, CycleOpened(), result, layout.opens_at)
    write_transition(desk.engine, opened)
    return Running(desk, start, layout, result.state)


def test_a_clicks_time_ends_with_the_click_and_counts(running: Running) -> None:
    running.click("c1", DAY)
    running.click("c1", DAY)
    (day,) = time_report(running.desk.engine, CLINIC, MONTH, Wanted(), now=DAY).days
    (line,) = day.entries
    assert (line.started_at, line.activity) == (DAY - timedelta(minutes=10), Activity.REVIEW)
    assert running.desk.minutes() == (10, 0)
    assert held_sentences(running.desk.engine, ClickId("c1")) == ()


def test_a_clicks_time_that_overlaps_is_kept_told_and_does_not_count(running: Running) -> None:
    running.desk.add(DAY - timedelta(minutes=5), 5, "nat")
    running.click("c1", DAY)
    assert running.desk.minutes() == (5, 0)
    (said,) = held_sentences(running.desk.engine, ClickId("c1"))
    assert "does not count: it overlaps an entry of Nat" in said
    assert "ccm time correct" in said


def test_a_clicks_time_can_say_when_it_began(running: Running) -> None:
    running.desk.add(DAY - timedelta(minutes=5), 5, "nat")
    running.click("c1", DAY, started_at=DAY - HOUR)
    assert running.desk.minutes() == (15, 0)


def test_a_clicks_time_that_is_too_long_waits_for_correction(running: Running) -> None:
    running.click("c1", DAY, minutes=241)
    assert running.desk.minutes() == (0, 0)
    (said,) = held_sentences(running.desk.engine, ClickId("c1"))
    assert "too long" in said


def test_a_click_across_the_month_is_cut(running: Running) -> None:
    running.click("c1", MONTH_END + timedelta(minutes=4))
    assert running.desk.minutes(MONTH) == (6, 0)
    assert running.desk.minutes(MONTH.next) == (4, 0)


def test_a_click_stops_the_timer_of_its_step(running: Running) -> None:
    store = running.desk.store
    about = About(CLINIC, running.start.enrollment, running.start.cycle, StepKey("prepare"))
    start_timer(store, about, person("ann"), Activity.CALL, now=DAY)
    running.click("c1", DAY + timedelta(minutes=6), minutes=0)
    assert store.running(person("ann"), DAY) is None
    assert running.desk.minutes() == (6, 0)
    start_timer(store, about, person("ann"), Activity.CALL, now=DAY + HOUR)
    running.click("c2", DAY + 2 * HOUR, minutes=4)
    assert store.running(person("ann"), DAY) is None
    assert running.desk.minutes() == (10, 0)


def test_a_timer_beyond_its_limit_is_not_believed_by_a_click(running: Running) -> None:
    store = running.desk.store
    about = About(CLINIC, running.start.enrollment, running.start.cycle, StepKey("prepare"))
    start_timer(store, about, person("ann"), Activity.CALL, now=DAY)
    running.click("c1", DAY + 3 * HOUR, minutes=0)
    assert running.desk.rows() == 0
    assert store.running(person("ann"), DAY) is not None


def test_a_try_that_reached_nobody_does_not_count(running: Running) -> None:
    event = AttemptMade(
        StepKey("outreach"), OutcomeId("no_answer"), person("ann"), RoleId("coordinator")
    )
    work = Work(time=timedelta(minutes=3))
    click = Click(
        ClickId("c"), running.start.cycle, person("ann"), event, StepKey("outreach"), work
    )
    SqlCareRecord(running.desk.engine).keep(click, DAY)
    assert running.desk.rows() == 1
    assert running.desk.minutes() == (0, 0)


def test_minutes_while_a_month_is_paused_do_not_count(running: Running) -> None:
    running.happen(
        (DAY, CyclePaused(person("ann"), "hospital stay")),
        (DAY + 48 * HOUR, CycleResumed(person("ann"))),
    )
    (during,) = running.desk.add(DAY + HOUR)
    (after,) = running.desk.add(DAY + 48 * HOUR)
    assert during.not_counted is WhyNot.INPATIENT
    assert after.counts


# --- lists ---


def test_a_staff_day_longer_than_the_clinic_is_open_is_flagged(desk: Desk) -> None:
    morning = DAY - 2 * HOUR
    for part in range(3):
        desk.add(morning + part * 3 * HOUR, 170, now=morning + 12 * HOUR)
    report = time_report(desk.engine, CLINIC, MONTH, Wanted(person("ann")), now=DAY)
    (flag,) = report.flags
    assert (flag.person, flag.day) == (person("ann"), date(2037, 12, 7))
    assert time_audit(desk.engine, CLINIC, MONTH).flags == (flag,)
    assert time_report(desk.engine, CLINIC, MONTH, Wanted(person("nat")), now=DAY).days == ()


def test_a_list_shows_one_persons_or_one_patients_time(desk: Desk) -> None:
    desk.add(DAY, who="ann", patient=0)
    desk.add(DAY, who="nat", patient=1)
    for wanted in (Wanted(person("ann")), Wanted(enrollment=desk.patients[0])):
        report = time_report(desk.engine, CLINIC, MONTH, wanted, now=DAY)
        assert [line.person for day in report.days for line in day.entries] == [person("ann")]
        assert [one.minutes for one in report.patients] == [10]
