"""A vendor's clinics from an empty folder to the end of a month, on the real server."""

import asyncio
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from ccm_flow.adapters.calendars import clinic_zone, month_calendar
from ccm_flow.adapters.db.balance import Balance, balance
from ccm_flow.adapters.db.enrollment_store import enroll
from ccm_flow.adapters.db.patient_store import SqlPatientStore
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.staffing_store import SqlStaffing
from ccm_flow.adapters.db.views_scorecard import scorecard
from ccm_flow.adapters.ehr.condition_groups import load_condition_groups
from ccm_flow.adapters.ehr.reading import read_patients
from ccm_flow.adapters.shipped import shipped
from ccm_flow.app.act import Desk
from ccm_flow.app.candidates import judge_record
from ccm_flow.app.enroll_patients import Enrolled, enroll_candidates
from ccm_flow.app.import_patients import import_patients
from ccm_flow.app.records import PatientRecord
from ccm_flow.app.scorecard import Scorecard
from ccm_flow.app.staffing import settle
from ccm_flow.bootstrap import Base, DemoClock
from ccm_flow.core.behaviour import Behaviour
from ccm_flow.core.engine import MonthPlan
from ccm_flow.core.events import Triggered
from ccm_flow.core.ids import ClinicId, PersonId, cycle_id
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind, Trigger, Urgency
from ccm_flow.core.responsibility import OperatingModel, lines_to_reach, preset
from ccm_flow.demo.alerts import take_alerts
from ccm_flow.demo.happenings import Happening
from ccm_flow.demo.player import Part, Player, Travel
from ccm_flow.demo.run import Tell, chart_of, load_playbook, next_midnight
from ccm_flow.demo.staff import ENROLLMENT_STAFF, MONTHLY_STAFF
from ccm_flow.demo.vendor_clinics import VENDOR, VendorClinic, vendor_clinics

LEAVES_ON: Final = 9
"""The first day of the month without the coordinator."""
SWITCHES_ON: Final = 15
_SLOW: Final = timedelta(hours=40)


@dataclass(frozen=True)
class ManyOptions:
    """What a person may choose."""

    clinics: int
    patients: int = 3
    """At each clinic."""
    seed: int = 7


@dataclass(frozen=True)
class ClinicPlayed:
    """One clinic's month in the vendor's report."""

    clinic: ClinicId
    card: Scorecard
    balance: Balance
    models: tuple[OperatingModel, ...]
    """At the month's beginning, and what it switched to."""
    left: str | None
    moved: int
    """Open steps that went to others in bulk, because somebody left or the model switched."""
    patients_moved: int
    """Roles of patients that went to others with that."""


@dataclass(frozen=True)
class ManyResult:
    """What the demo made."""

    month: Month
    clinics: tuple[ClinicPlayed, ...]
    played_until: datetime

    @property
    def balances(self) -> bool:
        """Whether every clinic's report agrees with its ledger."""
        return not any(one.balance.differences for one in self.clinics)


@dataclass
class _Place:
    """One clinic while it is played."""

    made: VendorClinic
    enrolled: list[Enrolled]
    records: list[PatientRecord]
    moved: int = 0
    patients_moved: int = 0

    @property
    def clinic(self) -> ClinicId:
        return ClinicId(self.made.file.clinic)


class ManyClinics:
    """A vendor's demo in one set-up."""

    def __init__(
        self, base: Base, desk: Desk, travel: Travel, options: ManyOptions, tell: Tell
    ) -> None:
        if not isinstance(base.clock, DemoClock):
            raise TypeError("The demo needs a set-up of its own, whose clock may be moved.")
        self._base, self._clock, self._desk = base, base.clock, desk
        self._options, self._tell = options, tell
        self._player = partial(Player, desk, travel, options.seed)
        self._staffing = SqlStaffing(base.engine)
        self._playbooks = [
            load_playbook(shipped("playbooks") / name)
            for name in ("enrollment.yaml", "ccm_monthly.yaml")
        ]

    async def run(self) -> ManyResult:
        """Set the clinics up, enroll, play the month everywhere at once, and report."""
        today = self._clock.now().date()
        panels = self._panels(today)
        places = []
        for made, records in zip(vendor_clinics(self._options.clinics), panels, strict=True):
            places.append(await self._set_up(made, records, today))
            self._tell("Setting clinics up", len(places), self._options.clinics)
        first = Month.of(today)
        month = first.next if today.day <= 20 else first.next.next
        await self._play_enrollment(places, first, month)
        until = await self._play_month(places, month)
        return ManyResult(month, tuple(self._played(one, month) for one in places), until)

    # --- before the month ---

    def _panels(self, today: date) -> list[list[PatientRecord]]:
        """Share the sample's eligible patients out; where they run out, begin again."""
        groups, size = load_condition_groups(), self._options.patients
        records = list(read_patients(shipped("sample") / "clinic"))
        eligible = [
            one
            for one in records
            if isinstance(one, PatientRecord) and judge_record(one, groups, today).is_candidate
        ]
        count = len(eligible)
        return [
            [eligible[(number * size + i) % count] for i in range(size)]
            for number in range(self._options.clinics)
        ]

    async def _set_up(
        self, made: VendorClinic, records: list[PatientRecord], today: date
    ) -> _Place:
        clinic, now = ClinicId(made.file.clinic), self._clock.now()
        store = SqlClinicStore(self._base.engine)
        store.apply(made.file, now)
        for plan, source in self._playbooks:
            store.publish(clinic, plan, source, Month.of(today), now)
        self._agree(made, made.model, today, "the contract")
        import_patients(records, SqlPatientStore(self._base.engine), clinic, now)
        known = SqlPatientStore(self._base.engine).known(clinic)
        done = await enroll_candidates(
            self._desk,
            partial(enroll, self._base.engine),
            clinic,
            [one.patient for one in known.values()],
            month=Month.of(today),
            make_calendar=month_calendar,
        )
        keys = {one.patient: key for key, one in known.items()}
        by_key = {(one.source, one.source_id): one for one in records}
        enrolled = sorted(done.enrolled, key=lambda one: keys[one.patient])
        return _Place(made, enrolled, [by_key[keys[one.patient]] for one in enrolled])

    def _agree(self, made: VendorClinic, model: OperatingModel, day: date, because: str) -> None:
        clinic, now = ClinicId(made.file.clinic), self._clock.now()
        staffing = self._staffing.staffing(clinic, now)
        pool = staffing.pool
        roles = preset(model, staffing.roles, pool.parties, staffing.owner_role)
        lines = lines_to_reach(pool.agreed, roles, {}, day)
        by = pool.program_owner
        self._staffing.keep_lines(clinic, lines, because=because, by=by, now=now)

    async def _play_enrollment(self, places: list[_Place], first: Month, month: Month) -> None:
        parts = [
            part
            for one in places
            for part in self._parts(one, first, PlaybookKind.ENROLLMENT, ENROLLMENT_STAFF)
        ]
        await self._play("Enrolling", places, parts, month.first_day, month)

    # --- the month ---

    async def _play_month(self, places: list[_Place], month: Month) -> datetime:
        for place in places:
            await self._desk.flow.open_month(place.clinic, month)
        parts = [
            part
            for place in places
            for part in self._asking(
                place,
                month,
                self._parts(place, month, PlaybookKind.MONTHLY, _staff_of(place)),
            )
        ]
        end = month.last_day + timedelta(days=14)
        return await self._play("Playing the month", places, parts, end, month)

    def _asking(self, place: _Place, month: Month, parts: list[Part]) -> list[Part]:
        """Let the coordinator of the first patient put an urgent question on business day 6."""
        if not parts:
            return parts
        calendar = parts[0].layout.calendar
        day = calendar.business_day_after(month.previous.last_day, 6)
        vendors = place.made.model is not OperatingModel.IN_HOUSE
        by = PersonId(f"{VENDOR}.ana" if vendors else f"{place.clinic}.cole")
        event = Triggered(Trigger.ESCALATION, by, "new swelling of the legs", Urgency.URGENT)
        at = calendar.opening(day) + timedelta(hours=4)
        return [replace(parts[0], story=(Happening(at, by, event, "asks"),)), *parts[1:]]

    def _parts(
        self, place: _Place, month: Month, kind: PlaybookKind, behaviour: Behaviour
    ) -> list[Part]:
        view = self._desk.record.clinic(place.clinic)
        calendar = month_calendar(view.hours, month, kind)
        plan = self._desk.record.plan_for(place.clinic, kind, month)
        layout = MonthPlan(plan, calendar, month, self._clock.now())
        today = self._clock.now().date()
        monthly = kind is PlaybookKind.MONTHLY
        return [
            Part(
                cycle=cycle_id(one.enrollment, kind.value, str(month)),
                key=f"{kind.value}|{place.clinic}|{record.source_id}",
                layout=layout,
                behaviour=behaviour,
                chart=chart_of(record, today),
            )
            for one, record in zip(place.enrolled, place.records, strict=True)
            if not monthly or self._desk.record.enrollment_status(one.enrollment) == "active"
        ]

    async def _play(
        self, title: str, places: list[_Place], parts: list[Part], last: date, month: Month
    ) -> datetime:
        """Play day by day, as days begin in the westernmost of the clinics' zones."""
        player = self._player()
        zone = clinic_zone("America/Los_Angeles")
        start, number = self._clock.now(), 0
        until = next_midnight(start, zone, (last - start.astimezone(zone).date()).days)
        days = max(1, (until - start).days)
        while self._clock.now() < until and player.over < len(parts):
            number += 1
            today = self._clock.now().astimezone(zone).date()
            if parts[0].cycle.startswith(PlaybookKind.MONTHLY.value):
                await self._change(player, places, parts, today, month)
            day_ends = min(until, next_midnight(start, zone, number))
            await player.play(parts, day_ends)
            await asyncio.to_thread(take_alerts, self._base.engine, day_ends)
            self._clock.move_to(day_ends)
            self._tell(f"{title}: {today:%b %-d}", number, days)
        await player.catch_up(parts, until)
        self._clock.move_to(until)
        return until

    async def _change(
        self, player: Player, places: list[_Place], parts: list[Part], today: date, month: Month
    ) -> None:
        """Let somebody leave, or the model switch, on its day."""
        for place in places:
            made, day = place.made, today.day if Month.of(today) == month else 0
            if made.loses is not None and day == LEAVES_ON:
                who = made.file.person(made.loses)
                self._staffing.keep_leaving(place.clinic, who, today - timedelta(days=1))
                await self._settle(player, place, parts, today, "somebody left")
            if made.switches_to is not None and day == SWITCHES_ON:
                self._agree(made, made.switches_to, today, "the vendor takes over")
                await self._settle(player, place, parts, today, "the model switched")

    async def _settle(
        self, player: Player, place: _Place, parts: list[Part], today: date, because: str
    ) -> None:
        """Give the open steps to whoever may have them now, in bulk."""
        mine = {one.enrollment for one in place.enrolled}
        here = [part for part in parts if part.cycle.split(":")[1] in mine]
        await player.catch_up(here, self._clock.now())
        by = self._desk.record.clinic(place.clinic).program_owner
        done = await settle(self._desk, self._staffing, place.clinic, today, by=by, because=because)
        place.moved += done.moved
        place.patients_moved += len(done.preview.names)

    # --- the report ---

    def _played(self, place: _Place, month: Month) -> ClinicPlayed:
        now, made = self._clock.now(), place.made
        card = scorecard(self._base.engine, place.clinic, month, now)
        models = (made.model, made.switches_to) if made.switches_to else (made.model,)
        return ClinicPlayed(
            clinic=place.clinic,
            card=card,
            balance=balance(self._base.engine, card, now),
            models=models,
            left=made.loses,
            moved=place.moved,
            patients_moved=place.patients_moved,
        )


def _staff_of(place: _Place) -> Behaviour:
    """Give how a clinic's staff behaves: where somebody is about to leave, work stays undone."""
    return replace(MONTHLY_STAFF, delay=_SLOW) if place.made.loses else MONTHLY_STAFF
