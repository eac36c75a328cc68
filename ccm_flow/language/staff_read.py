"""Reads staff files; a team that cannot be is an error at its place, not a strange result later."""

import re
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from ccm_flow.core.credentials import Credential
from ccm_flow.core.ids import PersonId, RoleId
from ccm_flow.core.plan import Plan
from ccm_flow.core.staffing import Absence, Staff, StaffPerson
from ccm_flow.core.words import Responsibility
from ccm_flow.language.problems import Path
from ccm_flow.language.report import Report
from ccm_flow.language.schema import Form
from ccm_flow.language.sim_form import SimFile, read_clock, read_file, thing_of
from ccm_flow.language.staff_source import AbsenceSource, PersonSource, StaffSource
from ccm_flow.language.suggest import did_you_mean

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ID = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_HOURS = re.compile(r"(?P<start>[^-]+)-(?P<end>[^-]+)")
_DOLLARS = re.compile(r"[0-9]{1,4}(\.[0-9]{2})?")

STAFF_FORM: Final = Form(
    root=StaffSource,
    shapes=MappingProxyType({"people": PersonSource, "absences": AbsenceSource}),
    named=frozenset(),
    left_out_hints=MappingProxyType(
        {
            "roles": "Add `roles:` with the minutes of a day for each, as in `{coordinator: 240}`.",
            "to": "Add `to:` with the last day; for one day the same as `from:`.",
        }
    ),
    codes="SM",
    what="A staff file",
    start="staff: our-team",
    thing=thing_of("The file", {"people": "person"}),
)


def read_staff(text: str, name: str, plan: Plan | None = None) -> SimFile[Staff]:
    """
    Read a staff file; never raises.

    Args:
        text: its YAML.
        name: how problems name it.
        plan: the playbook that the team is to work; somebody must hold each role that does steps.
    """
    return read_file(
        text, name, STAFF_FORM, lambda source, report: _Compiler(report, plan).make(source)
    )


def working_roles(plan: Plan) -> dict[RoleId, str]:
    """Give the roles that do steps, each with a step it does; the program owner's is one."""
    found = {plan.owner: "what nobody else can own"}
    for step in reversed(plan.steps):
        for variant in step.variants:
            if variant.owner is not None:
                found[variant.owner] = step.id
        found[step.owner] = step.id
    return found


class _Compiler:
    """Makes a team of a source."""

    def __init__(self, report: Report, plan: Plan | None) -> None:
        self._report = report
        self._plan = plan

    def make(self, source: StaffSource) -> Staff:
        if not source.people:
            hint = "Write at least one person."
            self._report.add("SM205", ("people",), "The list of people is empty.", hint)
        days = self._days(("days",), source.days)
        hours = self._hours(("hours",), source.hours)
        people = tuple(
            self._person(("people", place), one, days, hours)
            for place, one in enumerate(source.people)
        )
        self._look_for_twins(source.people)
        self._look_for_roles(source.people)
        return Staff(source.staff, source.title or source.staff, people, source.panel)

    def _person(
        self,
        path: Path,
        source: PersonSource,
        days: frozenset[int],
        hours: tuple[int, int],
    ) -> StaffPerson:
        if not _ID.fullmatch(source.id):
            hint = "Use small letters, digits, - and _, beginning with a letter."
            self._report.add("SM204", (*path, "id"), f"'{source.id[:60]}' is no id.", hint)
        if source.days is not None:
            days = self._days((*path, "days"), source.days)
        if source.hours is not None:
            hours = self._hours((*path, "hours"), source.hours)
        self._look_at_minutes(path, source, hours)
        return StaffPerson(
            id=PersonId(source.id),
            name=source.name or source.id,
            organization=self._organization((*path, "organization"), source.organization),
            weekdays=days,
            starts=hours[0],
            ends=hours[1],
            protected={RoleId(role): minutes for role, minutes in source.roles.items() if minutes},
            credential=self._credential((*path, "credential"), source.credential),
            cost_per_hour=self._cost((*path, "cost_per_hour"), source.cost_per_hour),
            absences=tuple(
                self._absence((*path, "absences", place), one)
                for place, one in enumerate(source.absences)
            ),
        )

    def _days(self, path: Path, given: list[str]) -> frozenset[int]:
        found: set[int] = set()
        for place, word in enumerate(given):
            if word not in WEEKDAYS:
                hint = did_you_mean(word, WEEKDAYS, "Days")
                self._report.add("SM304", (*path, place), f"'{word[:40]}' is no weekday.", hint)
            elif WEEKDAYS.index(word) in found:
                self._report.add("SM305", (*path, place), f"'{word}' is given twice.", "Keep one.")
            else:
                found.add(WEEKDAYS.index(word))
        if not given:
            hint = "Write the days, as in [mon, tue]."
            self._report.add("SM501", path, "Who works on no day has no time.", hint)
        return frozenset(found)

    def _hours(self, path: Path, text: str) -> tuple[int, int]:
        whole_day = (0, 24 * 60)
        match = _HOURS.fullmatch(text.strip())
        if match is None:
            hint = "Write e.g. 08:30-17:00."
            self._report.add("SM401", path, f"'{text[:40]}' are no hours.", hint)
            return whole_day
        starts = read_clock(self._report, path, match["start"])
        ends = read_clock(self._report, path, match["end"])
        if starts is None or ends is None:
            return whole_day
        if ends <= starts:
            hint = "Write the earlier hour first; a night shift is two people or two files."
            self._report.add("SM402", path, f"{text.strip()} ends before it begins.", hint)
            return whole_day
        return starts, ends

    def _look_at_minutes(self, path: Path, source: PersonSource, hours: tuple[int, int]) -> None:
        total, length = sum(source.roles.values()), hours[1] - hours[0]
        if total == 0:
            hint = "Give a role some minutes of the day, or leave the person out."
            message = f"'{source.id[:40]}' has no protected minutes."
            self._report.add("SM501", (*path, "roles"), message, hint)
        if total > length:
            message = f"{total} protected minutes do not fit into a day of {length}."
            hint = "Lower the minutes, or give the person longer hours."
            self._report.add("SM502", (*path, "roles"), message, hint)
        if self._plan is None:
            return
        known = [role.id for role in self._plan.roles]
        for role in source.roles:
            if role not in known:
                message = f"The playbook has no role '{role[:40]}'; these minutes are not used."
                hint = did_you_mean(role, known, "Roles")
                self._report.add("SM309", (*path, "roles", role), message, hint, key=True)

    def _organization(self, path: Path, text: str) -> Responsibility:
        try:
            return Responsibility(text)
        except ValueError:
            hint = "Write `clinic` or `vendor`."
            self._report.add("SM304", path, f"'{text[:40]}' is no kind of organization.", hint)
            return Responsibility.CLINIC

    def _credential(self, path: Path, text: str | None) -> Credential | None:
        if text is None:
            return None
        try:
            return Credential(text)
        except ValueError:
            hint = did_you_mean(text, [word.value for word in Credential], "Credentials")
            self._report.add("SM304", path, f"'{text[:40]}' is no credential.", hint)
            return None

    def _cost(self, path: Path, text: str | None) -> Decimal | None:
        if text is None:
            return None
        if not _DOLLARS.fullmatch(text):
            hint = "Write dollars, as in 28 or 28.50."
            self._report.add("SM401", path, f"'{text[:40]}' is no amount of dollars.", hint)
            return None
        return Decimal(text)

    def _absence(self, path: Path, source: AbsenceSource) -> Absence:
        first = self._day((*path, "from"), source.from_)
        last = self._day((*path, "to"), source.to)
        if first is not None and last is not None and last < first:
            message = f"The absence ends on {last}, before it begins on {first}."
            self._report.add("SM402", (*path, "to"), message, "Put the later day here.")
        first = first or date.max
        return Absence(first, last or first, source.because)

    def _day(self, path: Path, text: str) -> date | None:
        try:
            return date.fromisoformat(text)
        except ValueError:
            hint = "Write the year, the month and the day, as in 2026-12-24."
            self._report.add("SM401", path, f"'{text[:40]}' is not a day.", hint)
            return None

    def _look_for_twins(self, people: Collection[PersonSource]) -> None:
        seen: set[str] = set()
        for place, one in enumerate(people):
            if one.id in seen:
                message = f"'{one.id[:40]}' is in the file twice."
                hint = "One person is one entry, with all their roles."
                self._report.add("SM305", ("people", place, "id"), message, hint)
            seen.add(one.id)

    def _look_for_roles(self, people: Collection[PersonSource]) -> None:
        if self._plan is None:
            return
        held = {role for one in people for role, minutes in one.roles.items() if minutes}
        titles: Mapping[RoleId, str] = {role.id: role.title for role in self._plan.roles}
        for role, step in working_roles(self._plan).items():
            if role not in held:
                message = (
                    f"Nobody is {titles.get(role, role)} ('{role}'), who does '{step}' and more."
                )
                hint = f"Give somebody minutes as `{role}`."
                self._report.add("SM303", ("people",), message, hint, key=True)
