"""Understands what a test expects: `outreach owned by nurse due Dec 15`, `ended ready`."""

import re
from collections.abc import Callable
from datetime import datetime
from types import MappingProxyType

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.ids import StepId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Disposition, Plan, Requirement
from ccm_flow.core.state import CycleState, StepState, StepStatus
from ccm_flow.language.suggest import did_you_mean
from ccm_flow.proof.case_model import CaseError, Expectation, View
from ccm_flow.proof.case_words import ActReader, Moment, read_when
from ccm_flow.proof.setting import clock, local_text

EXPECT_FORM = (
    "Write `STEP owned by ROLE due Dec 15 late`, `STEP done OUTCOME`, `STEP skipped`, "
    "`STEP not open`, `only STEP, STEP open`, `nothing open`, `told ROLE about STEP`, "
    "`reminded ROLE about STEP`, `blockers minutes, contact`, `ended ready`, `refused`."
)
_STEP = r"(?P<step>[\w-]+(?:~[0-9]+)?)"
_STATUS = MappingProxyType(
    {
        "skipped": StepStatus.SKIPPED,
        "expired": StepStatus.EXPIRED,
        "withdrawn": StepStatus.WITHDRAWN,
    }
)
Found = Callable[[View], str | None]
Form = tuple[re.Pattern[str], Callable[[re.Match[str]], Found]]


class ExpectReader:
    """Reads expectations, in the words of one playbook and month."""

    def __init__(self, plan: Plan, month: Month, calendar: WorkCalendar, names: ActReader) -> None:
        self._plan, self._month, self._calendar, self._names = plan, month, calendar, names
        self._forms = (*self._of_the_cycle(), *self._of_a_step())

    def _of_the_cycle(self) -> tuple[Form, ...]:
        return (
            (re.compile(r"ended (?P<how>\w+)(?: because (?P<why>.+))?"), self._ended),
            (re.compile(r"(?P<status>running|paused)"), self._status),
            (re.compile(r"refused(?: (?P<code>\w+))?"), self._refused),
            (re.compile(r"no blockers"), lambda _: self._blockers(())),
            (re.compile(r"not checked"), lambda _: _not_checked),
            (re.compile(r"blockers (?P<list>.+)"), self._listed_blockers),
            (re.compile(r"nothing open"), lambda _: self._only(frozenset())),
            (re.compile(r"only (?P<list>.+) open"), self._listed_open),
        )

    def _of_a_step(self) -> tuple[Form, ...]:
        return (
            (re.compile(r"nobody owns " + _STEP), self._not_open),
            (re.compile(_STEP + r" not open"), self._not_open),
            (re.compile(_STEP + r" never opened"), self._never_opened),
            (re.compile(_STEP + r" opened (?P<times>once|twice|[0-9]+ times)"), self._opened),
            (re.compile(_STEP + r" (?:done|ended) (?P<outcome>\w+)"), self._done),
            (re.compile(_STEP + r" (?P<status>skipped|expired|withdrawn)"), self._over),
            (re.compile(_STEP + r" next attempt (?P<when>.+)"), self._next_attempt),
            (
                re.compile(r"(?P<no>not )?(?P<verb>reminded|told) (?P<who>.+?) about " + _STEP),
                self._told,
            ),
            (
                re.compile(
                    _STEP + r"(?: (?P<open>open))?(?: owned by (?P<who>.+?))?"
                    r"(?: (?:due|until) (?P<when>.+?))?(?: (?P<pace>late|on time))?"
                ),
                self._is_open,
            ),
        )

    def read(self, text: str) -> Expectation:
        """
        Read one expectation.

        Raises:
            CaseError: it cannot be understood.
        """
        words = " ".join(text.split())
        for form, reader in self._forms:
            match = form.fullmatch(words)
            if match is not None:
                return Expectation(words, reader(match))
        raise CaseError("PT401", f"'{words[:60]}' cannot be understood.", EXPECT_FORM)

    # --- the cycle ---

    def _ended(self, match: re.Match[str]) -> Found:
        known = [each.value for each in Disposition]
        if match["how"] not in known:
            hint = did_you_mean(match["how"], known, "Endings")
            raise CaseError("PT402", f"No cycle ends as '{match['how']}'.", hint, match["how"])
        why = match["why"] and match["why"].strip().replace(" ", "_")

        def found(view: View) -> str | None:
            ending = view.state.ending
            if ending is None:
                return "not ended; " + _open_text(view.state)
            fits = why is None or why == ending.because
            if ending.disposition.value == match["how"] and fits:
                return None
            return f"ended {ending.disposition}" + (
                f" because {ending.because}" if ending.because else ""
            )

        return found

    def _status(self, match: re.Match[str]) -> Found:
        return lambda view: (
            None if view.state.status.value == match["status"] else view.state.status.value
        )

    def _refused(self, match: re.Match[str]) -> Found:
        def found(view: View) -> str | None:
            if view.refusal is None:
                return "it was taken"
            wanted = match["code"]
            return None if wanted in (None, view.refusal) else f"refused {view.refusal}"

        return found

    def _listed_blockers(self, match: re.Match[str]) -> Found:
        names = _names(match["list"])
        known = [each.value for each in Requirement]
        for name in names:
            if name not in known:
                hint = did_you_mean(name, known, "Requirements")
                raise CaseError("PT403", f"There is no requirement '{name}'.", hint, name)
        return self._blockers(names)

    @staticmethod
    def _blockers(names: tuple[str, ...]) -> Found:
        def found(view: View) -> str | None:
            if view.state.blockers is None:
                return "the month was not checked yet"
            seen = [blocker.requirement.value for blocker in view.state.blockers]
            if set(seen) == set(names):
                return None
            return "blockers " + ", ".join(seen) if seen else "no blockers"

        return found

    def _listed_open(self, match: re.Match[str]) -> Found:
        names = _names(match["list"])
        for name in names:
            self._names.step(name)
        return self._only(frozenset(names))

    @staticmethod
    def _only(names: frozenset[str]) -> Found:
        def found(view: View) -> str | None:
            keys = {str(step.key) for step in view.state.open_steps}
            steps = {str(step.step) for step in view.state.open_steps}
            return None if names in (keys, steps) else _open_text(view.state)

        return found

    # --- one step ---

    def _step(self, match: re.Match[str]) -> Callable[[View], StepState | None]:
        word = match["step"]
        step = self._names.step(word)
        if "~" in word:
            return lambda view: next((s for s in view.state.steps.values() if s.key == word), None)
        return lambda view: view.state.newest(step.id)

    def _not_open(self, match: re.Match[str]) -> Found:
        step = self._step(match)

        def found(view: View) -> str | None:
            state = step(view)
            return self._text(state, view) if state is not None and state.is_open else None

        return found

    def _never_opened(self, match: re.Match[str]) -> Found:
        step = self._step(match)
        return lambda view: self._text(step(view), view) if step(view) is not None else None

    def _opened(self, match: re.Match[str]) -> Found:
        id_ = StepId(self._names.step(match["step"]).id)
        words = {"once": 1, "twice": 2}
        wanted = words.get(match["times"]) or int(match["times"].split()[0])
        return lambda view: (
            None if view.state.rounds(id_) == wanted else f"opened {view.state.rounds(id_)} times"
        )

    def _done(self, match: re.Match[str]) -> Found:
        step = self._step(match)
        wanted = self._names.outcome(self._names.step(match["step"]), match["outcome"])

        def found(view: View) -> str | None:
            state = step(view)
            fits = state is not None and not state.is_open and state.outcome == wanted
            return None if fits else self._text(state, view)

        return found

    def _over(self, match: re.Match[str]) -> Found:
        step, wanted = self._step(match), _STATUS[match["status"]]

        def found(view: View) -> str | None:
            state = step(view)
            fits = state is not None and state.status is wanted
            return None if fits else self._text(state, view)

        return found

    def _next_attempt(self, match: re.Match[str]) -> Found:
        step, wanted = self._step(match), self._when(match["when"])

        def found(view: View) -> str | None:
            state = step(view)
            at = state.not_before if state is not None else None
            if at is None:
                return "no attempt is planned; " + self._text(state, view)
            return None if self._is_at(wanted, at) else f"next attempt {self._local(at)}"

        return found

    def _is_open(self, match: re.Match[str]) -> Found:
        if not any(match[part] for part in ("open", "who", "when", "pace")):
            raise CaseError("PT401", f"What about '{match['step']}'?", EXPECT_FORM)
        step = self._step(match)
        role = match["who"] and self._names.role(match["who"])
        when = match["when"] and self._when(match["when"])

        def found(view: View) -> str | None:
            state = step(view)
            fits = state is not None and state.is_open
            if state is not None and role:
                fits = fits and state.owner.role == role
            if state is not None and when:
                fits = fits and state.due_at is not None and self._is_at(when, state.due_at)
            if state is not None and match["pace"]:
                fits = fits and state.is_late(view.now) == (match["pace"] == "late")
            return None if fits else self._text(state, view)

        return found

    def _told(self, match: re.Match[str]) -> Found:
        role = self._names.role(match["who"])
        self._names.step(match["step"])
        wanted = (match["verb"], str(role), match["step"])

        def found(view: View) -> str | None:
            if (wanted in view.told) != bool(match["no"]):
                return None
            told = [f"{verb} {who}" for verb, who, step in view.told if step == match["step"]]
            return f"about {match['step']}: {', '.join(told) or 'nobody was told anything'}"

        return found

    # --- times ---

    def _when(self, text: str) -> Moment:
        return read_when(text, self._month, self._calendar)

    def _is_at(self, wanted: Moment, at: datetime) -> bool:
        same = self._calendar.date_of(at) == wanted.day
        minute = int(clock(self._calendar, at).total_seconds()) // 60
        return same and wanted.minute in (None, minute)

    def _local(self, at: datetime) -> str:
        return local_text(self._calendar, at)

    def _text(self, state: StepState | None, view: View) -> str:
        if state is None:
            return "it never opened; " + _open_text(view.state)
        if state.is_open:
            due = f"due {self._local(state.due_at)}" if state.due_at else "its clock stopped"
            late = " late" if state.is_late(view.now) else ""
            return f"{state.key} open owned by {state.owner.role} {due}{late}"
        if state.status is StepStatus.DONE:
            return f"{state.key} done {state.outcome}"
        return f"{state.key} {state.status}" + (f" as {state.outcome}" if state.outcome else "")


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _open_text(state: CycleState) -> str:
    if state.ending is not None:
        return f"the cycle ended {state.ending.disposition}"
    names = ", ".join(step.key for step in state.open_steps)
    return f"open: {names}" if names else "nothing is open"


def _not_checked(view: View) -> str | None:
    return None if view.state.blockers is None else "the month was checked"
