"""The demo from an empty folder to a closed month."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import yaml

from ccm_flow.adapters.calendars import clinic_zone, month_calendar
from ccm_flow.adapters.db.eligibility_store import SqlEligibilityStore
from ccm_flow.adapters.db.enrollment_store import enroll
from ccm_flow.adapters.db.patient_store import SqlPatientStore
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.ehr.condition_groups import load_condition_groups
from ccm_flow.adapters.ehr.reading import read_patients
from ccm_flow.adapters.playbook_files import read_playbook
from ccm_flow.adapters.shipped import shipped
from ccm_flow.app.act import Desk
from ccm_flow.app.candidates import judge_record
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.app.eligible import judge_everybody
from ccm_flow.app.enroll_patients import Enrolled, enroll_candidates
from ccm_flow.app.import_patients import import_patients
from ccm_flow.app.records import PatientRecord
from ccm_flow.bootstrap import Base, DemoClock
from ccm_flow.core.behaviour import Behaviour
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.engine import MonthPlan
from ccm_flow.core.ids import ClinicId, EnrollmentId, PersonId, cycle_id
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.demo.closing import ClosedDemo, close_demo
from ccm_flow.demo.happenings import Happening, happenings
from ccm_flow.demo.notes import Chart
from ccm_flow.demo.player import Part, Player, Travel
from ccm_flow.demo.staff import ENROLLMENT_STAFF, MONTHLY_STAFF

_ENOUGH_BUSINESS_DAYS = 5
"""Enrollment needs about a week; a demo that starts later opens the month after the next."""


@dataclass(frozen=True)
class DemoOptions:
    """What a person may choose."""

    seed: int = 7
    patients: int | None = None
    """How many of the eligible are invited; all when None."""
    until: date | int | None = None
    """The last day that is played, or its number in the month; to the month's close when None."""
    into_the_morning: bool = False
    """Whether the clock stops when the clinic opens next: somebody goes on from there."""


Tell = Callable[[str, int, int], None]
"""Shows progress: what is going on, how much of it is done, of how much."""


@dataclass(frozen=True)
class DemoResult:
    """What the demo made."""

    clinic: ClinicId
    month: Month
    imported: int
    not_eligible: int
    invited: int
    enrolled: int
    stories: tuple[tuple[EnrollmentId, str], ...]
    """What happened to whom, beside the playbook."""
    played_until: datetime
    closed: ClosedDemo | None
    """What came of closing the month; None when the demo stopped before its end."""


class Demo:
    """One demo in one set-up."""

    def __init__(
        self, base: Base, desk: Desk, travel: Travel, options: DemoOptions, tell: Tell
    ) -> None:
        if not isinstance(base.clock, DemoClock):
            raise TypeError("The demo needs a set-up of its own, whose clock may be moved.")
        self._base = base
        self._clock = base.clock
        self._desk = desk
        self._options = options
        self._tell = tell
        self._travel = travel
        self._store = SqlPatientStore(base.engine)
        self._names: dict[EnrollmentId, str] = {}
        self._charts: dict[EnrollmentId, Chart] = {}

    async def run(self) -> DemoResult:
        """Set the clinic up, enroll, open the month and play it."""
        clinic = self._set_up()
        imported = self._import(clinic)
        enrolled, not_eligible = await self._enroll(clinic)
        month = await self._play_enrollment(clinic, enrolled)
        active, stories, until = await self._play_month(clinic, month, enrolled)
        return DemoResult(
            clinic,
            month,
            imported,
            not_eligible,
            len(enrolled),
            active,
            stories,
            until,
            await asyncio.to_thread(self._close, clinic, month, active),
        )

    def _close(self, clinic: ClinicId, month: Month, active: int) -> ClosedDemo | None:
        """Close the month if it was played to its end."""
        zone = clinic_zone(self._desk.record.clinic(clinic).hours.time_zone)
        today = self._clock.now().astimezone(zone).date()
        if not active or today <= month.last_day:
            return None
        return close_demo(self._base, clinic, month, lambda title: self._tell(title, 1, 1))

    # --- before the first month ---

    def _set_up(self) -> ClinicId:
        file = ClinicFile.model_validate(
            yaml.safe_load((shipped("sample") / "riverside.yaml").read_text(encoding="utf-8"))
        )
        clinic, now = ClinicId(file.clinic), self._clock.now()
        store = SqlClinicStore(self._base.engine)
        store.apply(file, now)
        for name in ("enrollment.yaml", "ccm_monthly.yaml"):
            plan, source = load_playbook(shipped("playbooks") / name)
            store.publish(clinic, plan, source, Month.of(now.date()), now)
        return clinic

    def _import(self, clinic: ClinicId) -> int:
        source = read_patients(shipped("sample") / "clinic")
        report = import_patients(source, self._store, clinic, self._clock.now())
        self._tell("Importing patients", report.read, report.read)
        return report.read

    async def _enroll(self, clinic: ClinicId) -> tuple[list[Enrolled], int]:
        """Enroll those who may be offered the program, up to the number wished for."""
        hours = self._desk.record.clinic(clinic).hours
        zone = clinic_zone(hours.time_zone)
        today = self._clock.now().astimezone(zone).date()
        judged = judge_everybody(
            SqlEligibilityStore(self._base.engine), clinic, load_condition_groups(), today, zone
        )
        eligible = [one for one in judged if one.verdict.is_candidate]
        invited = eligible[: self._options.patients]
        keys = {one.patient: one.record.source_id for one in invited}
        done = await enroll_candidates(
            self._desk,
            partial(enroll, self._base.engine),
            clinic,
            list(keys),
            month=Month.of(today),
            make_calendar=month_calendar,
        )
        self._names = {one.enrollment: keys[one.patient] for one in done.enrolled}
        charts = {one.patient: chart_of(one.record, today) for one in eligible}
        self._charts = {one.enrollment: charts[one.patient] for one in done.enrolled}
        return list(done.enrolled), len(judged) - len(eligible)

    async def _play_enrollment(self, clinic: ClinicId, enrolled: list[Enrolled]) -> Month:
        """Play the enrollment playbook until the month ends in which it can be done."""
        now = self._clock.now()
        view = self._desk.record.clinic(clinic)
        zone = clinic_zone(view.hours.time_zone)
        this = Month.of(now.astimezone(zone).date())
        calendar = month_calendar(view.hours, this, PlaybookKind.ENROLLMENT)
        left = calendar.business_days_between(now.astimezone(zone).date(), this.last_day)
        month = this.next if left >= _ENOUGH_BUSINESS_DAYS else this.next.next
        parts = self._parts(
            clinic,
            [one.enrollment for one in enrolled],
            this,
            PlaybookKind.ENROLLMENT,
            ENROLLMENT_STAFF,
        )
        await self._play("Enrolling", clinic, parts, calendar.start_of(month.first_day))
        return month

    # --- the month ---

    async def _play_month(
        self, clinic: ClinicId, month: Month, enrolled: list[Enrolled]
    ) -> tuple[int, tuple[tuple[EnrollmentId, str], ...], datetime]:
        await self._desk.flow.open_month(clinic, month)
        active = [
            one.enrollment
            for one in enrolled
            if self._desk.record.enrollment_status(one.enrollment) == "active"
        ]
        parts = self._parts(clinic, active, month, PlaybookKind.MONTHLY, MONTHLY_STAFF)
        if not parts:
            return 0, (), self._clock.now()
        until = self._end(parts[0].layout.calendar, month)
        parts, stories = self._with_stories(clinic, month, parts, until)
        await self._play("Playing the month", clinic, parts, until)
        return len(active), stories, until

    def _end(self, calendar: WorkCalendar, month: Month) -> datetime:
        last = self._options.until
        if isinstance(last, int):
            last = min(month.last_day, month.first_day + timedelta(days=last - 1))
        if last is None or not month.first_day <= last <= calendar.last:
            last = month.last_day + timedelta(days=14)
        if self._options.into_the_morning:
            return calendar.opening(calendar.business_day_after(last, 1))
        return calendar.start_of(last + timedelta(days=1))

    def _with_stories(
        self, clinic: ClinicId, month: Month, parts: list[Part], until: datetime
    ) -> tuple[list[Part], tuple[tuple[EnrollmentId, str], ...]]:
        """Give four patients a story, drawn by the seed."""
        owner: PersonId = self._desk.record.clinic(clinic).program_owner
        told = happenings(month, parts[0].layout.calendar, owner)
        by_name = sorted(range(len(parts)), key=lambda i: parts[i].key)
        random.Random(self._options.seed).shuffle(by_name)  # noqa: S311 - a game, not a secret
        chosen: dict[int, tuple[Happening, ...]] = dict(zip(by_name, told, strict=False))
        stories = tuple(
            (EnrollmentId(parts[i].cycle.split(":")[1]), happening.title)
            for i, story in chosen.items()
            for happening in story
            if happening.at <= until
        )
        played = [replace(part, story=chosen.get(i, ())) for i, part in enumerate(parts)]
        return played, stories

    def _parts(
        self,
        clinic: ClinicId,
        enrollments: list[EnrollmentId],
        month: Month,
        kind: PlaybookKind,
        behaviour: Behaviour,
    ) -> list[Part]:
        if not enrollments:
            return []
        view = self._desk.record.clinic(clinic)
        calendar = month_calendar(view.hours, month, kind)
        layout = MonthPlan(
            self._desk.record.plan_for(clinic, kind, month), calendar, month, self._clock.now()
        )
        return [
            Part(
                cycle=cycle_id(enrollment, kind.value, str(month)),
                key=f"{kind.value}|{self._names[enrollment]}",
                layout=layout,
                behaviour=behaviour,
                chart=self._charts[enrollment],
            )
            for enrollment in enrollments
        ]

    async def _play(self, title: str, clinic: ClinicId, parts: list[Part], until: datetime) -> None:
        """Play day by day; the clock of the whole set-up follows."""
        player = Player(self._desk, self._travel, self._options.seed)
        zone = clinic_zone(self._desk.record.clinic(clinic).hours.time_zone)
        now = self._clock.now()
        days = max(1, (until - now).days + 1)
        for number in range(1, days + 1):
            if player.over == len(parts):
                break
            day_ends = min(until, next_midnight(now, zone, number))
            await player.play(parts, day_ends)
            self._clock.move_to(day_ends)
            self._tell(f"{title}: {day_ends.astimezone(zone):%b %-d}", number, days)
        await player.catch_up(parts, until)
        self._clock.move_to(until)


def next_midnight(start: datetime, zone: object, days: int) -> datetime:
    """Give the midnight of a zone so many days after an instant's own day."""
    local = start.astimezone(zone)  # type: ignore[arg-type]
    day = local.date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, tzinfo=local.tzinfo).astimezone(UTC)


def chart_of(record: PatientRecord, on: date) -> Chart:
    """Give what simulated notes say of a patient."""
    groups = judge_record(record, load_condition_groups(), on).groups
    active = (one.display for one in record.medications if one.status == "active")
    conditions = tuple(group.replace("_", " ") for group in groups)
    return Chart(conditions, tuple(dict.fromkeys(active)))


def load_playbook(path: Path) -> tuple[Plan, str]:
    """Read a playbook that ships with the product; it was checked before it shipped."""
    result = read_playbook(path)
    if result.plan is None:
        raise ValueError(f"{path.name} does not pass its check")
    return result.plan, result.merged_text
