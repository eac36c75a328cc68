"""Runs the tests that a playbook's author wrote, on the engine that runs the months."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from ccm_flow.core.commands import Command, NotifyPerson, RemindOwner, TellProgramOwner
from ccm_flow.core.engine import MonthPlan, advance, open_cycle, refuse, wakes
from ccm_flow.core.events import (
    CycleOpened,
    Event,
    FactsChanged,
    PersonEvent,
    StepCompleted,
    TimePassed,
)
from ccm_flow.core.ids import PersonId, RoleId
from ccm_flow.language import Problem
from ccm_flow.proof.case_file import CaseFile, read_cases
from ccm_flow.proof.case_model import Act, BuildCalendar, Case, Complaints, Line, LoadPlaybook, View
from ccm_flow.proof.setting import local_text


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """How one test went."""

    __test__ = False

    name: str
    file: str
    line: int
    failures: tuple[Problem, ...]
    """Each line that is not as expected: what was expected there, and what was found."""

    @property
    def passed(self) -> bool:
        """Tell whether everything was as expected."""
        return not self.failures


@dataclass(frozen=True, slots=True)
class PlaybookTests:
    """A file of tests: its problems, or how each test went."""

    file: str
    playbook: str
    outcomes: tuple[TestOutcome, ...]
    problems: tuple[Problem, ...]
    """What could not be understood; then no test was run."""

    @property
    def passed(self) -> bool:
        """Tell whether the file was understood and every test passed."""
        return not self.problems and all(outcome.passed for outcome in self.outcomes)


def run_playbook_tests(
    text: str, file: str, load_playbook: LoadPlaybook, build_calendar: BuildCalendar
) -> PlaybookTests:
    """
    Run all tests of a file.

    Args:
        text: the file's YAML.
        file: how problems name it.
        load_playbook: reads the playbook it names; may raise OSError.
        build_calendar: works out a clinic's calendar; may raise CcmError for its time zone.
    """
    cases, problems = read_cases(text, file, load_playbook, build_calendar)
    if cases is None:
        return PlaybookTests(file, "", (), problems)
    outcomes = tuple(_run(cases, case, file) for case in cases.cases)
    return PlaybookTests(file, cases.plan.playbook, outcomes, ())


def _run(cases: CaseFile, case: Case, file: str) -> TestOutcome:
    report = Complaints(cases.report.document)
    _Runner(cases, case, report).run()
    line = report.document.locate((*case.path, "name")).line
    return TestOutcome(case.name, file, line, tuple(report.problems))


class _Runner:
    """Plays one test."""

    def __init__(self, cases: CaseFile, case: Case, report: Complaints) -> None:
        team = {RoleId(role): PersonId(person) for role, person in case.team.items()}
        setting = replace(cases.setting, team=team, opens_at=case.opens_at)
        start = setting.start(cases.plan, case.facts)
        self._case, self._report, self._calendar = case, report, setting.calendar
        self._layout = MonthPlan.of(start)
        self._view = View(open_cycle(start), self._layout.opens_at, [])

    def run(self) -> None:
        """Play every line; stop at a deed that is not taken as it should be."""
        self._take(CycleOpened())
        for line in self._case.lines:
            if line.at is not None:
                self._let_time_pass(line.at)
            if line.act is not None and not self._do(line, line.act):
                return
            self._compare(line)

    def _let_time_pass(self, until: datetime) -> None:
        while (wake := self._next_wake()) is not None and wake <= until:
            self._view.now = wake
            self._take(TimePassed())
        self._view.now = max(self._view.now, until)

    def _next_wake(self) -> datetime | None:
        due = wakes(self._layout, self._view.state).values()
        return min((wake.at for wake in due), default=None)

    def _take(self, event: Event) -> None:
        turn = advance(self._layout, self._view.state, event, self._view.now)
        self._view.state = turn.state
        self._view.told += [said for command in turn.commands for said in _told(command)]

    def _do(self, line: Line, act: Act) -> bool:
        event = act.event(self._view)
        if isinstance(event, str):
            self._fail(line, f"{act.text} cannot happen: {event}.", "")
            return False
        event = self._with_facts(event, act)
        refusal = refuse(self._layout, self._view.state, event, self._view.now)
        self._view.refusal = None if refusal is None else refusal.code
        if refusal is None:
            self._take(event)
            if act.refused is not None:
                self._fail(line, f"Expected: '{act.text}' refused. Found: it was taken.", "")
            return act.refused is None
        if act.refused in ("", refusal.code) or self._is_expected_next(line):
            return True
        self._fail(line, f"'{act.text}' is refused ({refusal.code}): {refusal.message}", "")
        return False

    def _is_expected_next(self, line: Line) -> bool:
        """Tell whether the next line says `expect: refused`."""
        following = self._case.lines[self._case.lines.index(line) + 1 :][:1]
        texts = (each.text for after in following for each in after.expected)
        return any(text.startswith("refused") for text in texts)

    def _with_facts(self, event: PersonEvent, act: Act) -> PersonEvent:
        """Let the record say what the line says; with the event, or just before it."""
        if not act.facts:
            return event
        if isinstance(event, StepCompleted):
            return replace(event, facts={**(event.facts or {}), **act.facts})
        if isinstance(event, FactsChanged):
            return FactsChanged(act.facts)
        self._take(FactsChanged(act.facts))
        return event

    def _compare(self, line: Line) -> None:
        for expected in line.expected:
            found = expected.found(self._view)
            if found is not None:
                when = local_text(self._calendar, self._view.now)
                self._fail(
                    line, f"{when}: expected {expected.text}; found: {found}.", expected.text
                )

    def _fail(self, line: Line, message: str, text: str) -> None:
        said = self._report.at(line.path)
        start = str(said).find(text) if text and isinstance(said, str) else -1
        within = (start, start + len(text)) if start >= 0 else None
        self._report.add("PT501", line.path, message, "", within=within)


def _told(command: Command) -> Iterator[tuple[str, str, str]]:
    match command:
        case RemindOwner(step=step):
            yield ("reminded", str(step.owner.role), str(step.step))
        case NotifyPerson(step=step, to=to):
            yield ("told", str(to.role), str(step.step))
        case TellProgramOwner(to=to, about=key):
            yield ("told", str(to.role), str(key).split("~")[0])
        case _:
            return  # the other commands tell nobody
