"""Reads a file of playbook tests, reporting everything that cannot be understood in one pass."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.facts import FACTS, Facts
from ccm_flow.core.ids import PersonId, RoleId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.language import Problem
from ccm_flow.language.problems import Path
from ccm_flow.language.yaml_reader import read_yaml
from ccm_flow.proof.case_expect import ExpectReader
from ccm_flow.proof.case_model import (
    Act,
    BuildCalendar,
    Case,
    CaseError,
    Complaints,
    Expectation,
    Line,
    LoadPlaybook,
)
from ccm_flow.proof.case_settings import (
    known_keys,
    read_clinic,
    read_facts,
    read_month,
    read_team,
)
from ccm_flow.proof.case_words import WHEN_FORM, ActReader, read_when
from ccm_flow.proof.setting import Setting

_HEAD = ("playbook", "month", "clinic", "team", "facts", "tests")
_CASE = ("name", "steps", "facts", "team", "opens")
_DEED = ("do", "refused")


@dataclass(frozen=True)
class CaseFile:
    """A file of tests that was understood."""

    plan: Plan
    setting: Setting
    report: Complaints
    cases: tuple[Case, ...]


def read_cases(
    text: str, file: str, load: LoadPlaybook, build: BuildCalendar
) -> tuple[CaseFile | None, tuple[Problem, ...]]:
    """Read a file of tests and the playbook it names; never raises for what the text says."""
    read = read_yaml(text, file)
    if read.document is None:
        return None, read.problems
    report = Complaints(read.document)
    report.problems += read.problems
    found = _read(report, load, build)
    problems = tuple(sorted(set(report.problems), key=lambda p: (p.line, p.column)))
    return (found if not problems else None), problems


def _read(report: Complaints, load: LoadPlaybook, build: BuildCalendar) -> CaseFile | None:
    if not known_keys(report, (), report.document.value, _HEAD):
        return None
    clinic, month = read_clinic(report), read_month(report)
    plan = _playbook(report, load)
    if plan is None or month is None or report.problems:
        return None
    setting = Setting(month, build(clinic, month, plan.kind))
    team = read_team(report, ("team",), plan)
    named = {RoleId(role): PersonId(person) for role, person in team.items()}
    setting = setting.staffed({**setting.people(plan), **named})
    head = report.at(("facts",)) or {}
    facts = read_facts(report, ("facts",), head)
    reader = _CaseReader(report, plan, setting, facts)
    return CaseFile(plan, setting, report, reader.cases())


def _playbook(report: Complaints, load: LoadPlaybook) -> Plan | None:
    name = report.at(("playbook",))
    if not isinstance(name, str):
        hint = "Start with `playbook: ccm_monthly.yaml`."
        report.add("PT106", ("playbook",), "The file does not say which playbook it tests.", hint)
        return None
    try:
        checked = load(name)
    except OSError:
        hint = "Write its path from this file on."
        report.add("PT106", ("playbook",), f"There is no playbook file '{name}'.", hint)
        return None
    if checked.plan is None:
        hint = f"Run `ccm check {name}`."
        first = checked.errors[0].message
        message = f"The playbook '{name}' has errors; the first: {first}"
        report.add("PT107", ("playbook",), message, hint)
    return checked.plan


class _CaseReader:
    def __init__(self, report: Complaints, plan: Plan, setting: Setting, facts: Facts) -> None:
        self._report, self._plan, self._setting, self._facts = report, plan, setting, facts
        self._month: Month = setting.month
        self._calendar: WorkCalendar = setting.calendar

    def cases(self) -> tuple[Case, ...]:
        """Read all tests."""
        tests = self._report.at(("tests",))
        if not isinstance(tests, list) or not tests:
            hint = "Add `tests:` with `- name: ...` and `steps:`."
            self._report.add("PT108", ("tests",), "The file has no tests.", hint)
            return ()
        found = []
        for i in range(len(tests)):
            path: Path = ("tests", i)
            if known_keys(self._report, path, tests[i], _CASE):
                found.append(self._case(path, tests[i]))
        return tuple(found)

    def _case(self, path: Path, value: dict[str, Any]) -> Case:
        report = self._report
        if not isinstance(value.get("name"), str):
            report.add("PT109", path, "This test has no name.", "Add `name:` with its promise.")
        own = value.get("facts") or {}
        facts = {**self._facts, **read_facts(report, (*path, "facts"), own)}
        people = self._setting.people(self._plan)
        team = {str(role): str(person) for role, person in people.items()} | self._own_team(path)
        opens = value.get("opens")
        opens_at = None if opens is None else self._when((*path, "opens"), str(opens), key=False)
        names = ActReader(self._plan, team)
        lines = self._lines((*path, "steps"), names, opens_at)
        return Case(str(value.get("name")), path, facts, team, opens_at, lines)

    def _own_team(self, path: Path) -> dict[str, str]:
        return read_team(self._report, (*path, "team"), self._plan)

    def _lines(self, path: Path, names: ActReader, opens_at: datetime | None) -> tuple[Line, ...]:
        items = self._report.at(path)
        if not isinstance(items, list) or not items:
            hint = "Add `steps:` with lines such as `- Dec 2 10:00: prepare prepared`."
            self._report.add("PT110", path, "This test has no steps.", hint)
            return ()
        expects = ExpectReader(self._plan, self._month, self._calendar, names)
        now = opens_at or self._setting.opening(self._plan)
        found = []
        for i in range(len(items)):
            line = self._line((*path, i), items[i], names, expects)
            if line is not None and line.at is not None:
                if line.at < now:
                    hint = "Put the lines in the order of time."
                    self._report.add("PT111", line.path, "This lies before the line above.", hint)
                now = max(now, line.at)
            found += [] if line is None else [line]
        return tuple(found)

    def _line(self, path: Path, item: Any, names: ActReader, expects: ExpectReader) -> Line | None:
        if not isinstance(item, dict) or len(item) != 1:
            hint = "Write `- Dec 2 10:00: prepare prepared` or `- expect: ...`."
            message = "A line is one time with what happens then, or one expectation."
            self._report.add("PT112", path, message, hint)
            return None
        ((key, value),) = item.items()
        path = (*path, key)
        if key == "expect":
            return Line(path, None, None, self._expected(path, value, expects))
        at = self._when(path, key, key=True)
        return Line(path, at, self._act(path, value, names), ())

    def _when(self, path: Path, text: str, *, key: bool) -> datetime | None:
        try:
            return read_when(text, self._month, self._calendar).instant(self._calendar)
        except CaseError as error:
            self._report.add(error.code, path, error.message, error.hint or WHEN_FORM, key=key)
            return None

    def _expected(self, path: Path, value: Any, expects: ExpectReader) -> tuple[Expectation, ...]:
        listed = isinstance(value, list)
        texts = [(path, value)] if not listed else [((*path, i), v) for i, v in enumerate(value)]
        found = []
        for here, whole in texts:
            for text in str(whole).split(";"):
                try:
                    found.append(expects.read(text))
                except CaseError as error:
                    self._complain(here, error, str(whole), text.strip())
        return tuple(found)

    def _act(self, path: Path, value: Any, names: ActReader) -> Act | None:
        if value is None:
            return None
        deed, refused, facts = value, None, {}
        if isinstance(value, dict):
            given = {name: each for name, each in value.items() if name not in _DEED}
            self._check_deed_keys(path, given)
            facts = read_facts(
                self._report, path, {name: each for name, each in given.items() if name in FACTS}
            )
            deed = value.get("do", "record")
            refused = None if "refused" not in value else str(value["refused"] or "")
        try:
            act = Act(str(deed), names.read(str(deed)), facts, refused)
        except CaseError as error:
            here = (*path, "do") if isinstance(value, dict) else path
            self._complain(here, error, str(deed), str(deed))
            return None
        return replace(act, text="the record changes" if deed == "record" else act.text)

    def _check_deed_keys(self, path: Path, given: dict[str, Any]) -> None:
        for name in given:
            if name not in FACTS:
                known_keys(self._report, path, {name: None}, [*_DEED, *FACTS])

    def _complain(self, path: Path, error: CaseError, whole: str, text: str) -> None:
        start, end = error.within(text)
        base = max(0, whole.find(text))
        within = (base + start, base + end)
        self._report.add(error.code, path, error.message, error.hint, within=within)
