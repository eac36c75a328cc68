"""Understands what happens in a test: `outreach no_answer`, `pause hospital stay`."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.deadlines import month_date
from ccm_flow.core.errors import CalendarTooShortError
from ccm_flow.core.events import (
    AttemptMade,
    CyclePaused,
    CycleResumed,
    DeadlineExtended,
    FactsChanged,
    MonthClosed,
    PatientDied,
    PatientWithdrew,
    PersonEvent,
    StepCompleted,
    StepReassigned,
    StepSkipped,
    Triggered,
)
from ccm_flow.core.ids import OutcomeId, PersonId, RoleId, StepId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Channel, Plan, PlanStep, Trigger, Urgency
from ccm_flow.core.state import StepState
from ccm_flow.language.phrases import PhraseError, parse_budget, parse_month_date
from ccm_flow.language.suggest import did_you_mean
from ccm_flow.proof.case_model import CaseError, View
from ccm_flow.proof.record import recorded

WHEN_FORM = "Write `Dec 3 10:00`, `Dec 3`, `day 3`, `business day 3 10:00` or `month end`."
ACT_FORM = (
    "Write `STEP OUTCOME`, `skip STEP because ...`, `pause ...`, `resume`, `discharge happens`, "
    "`extend STEP by 2 business days`, `give STEP to ROLE`, `patient withdraws`, `close month`."
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = re.compile(r"(?P<day>.*?)(?:\s+(?P<hour>[0-9]{1,2}):(?P<minute>[0-5][0-9]))?\s*")
_DATE = re.compile(r"(?P<month>[A-Za-z]{3,9})\s+(?P<day>[0-9]{1,2})")
_BECAUSE = re.compile(r"\s+because\s+")


class Moment(NamedTuple):
    """A day, and the minute after midnight when it is given."""

    day: date
    minute: int | None

    def instant(self, calendar: WorkCalendar) -> datetime:
        """Give the instant; without a time, when the clinic opens."""
        if self.minute is None:
            return calendar.opening(self.day)
        return calendar.at_minute(self.day, self.minute)


def read_when(text: str, month: Month, calendar: WorkCalendar) -> Moment:
    """
    Read a time in a test.

    Raises:
        CaseError: it is none, or lies outside the calendar.
    """
    match = _TIME.fullmatch(text.strip())
    assert match is not None  # noqa: S101 - both parts may be anything
    hour = match["hour"]
    minute = None if hour is None else int(hour) * 60 + int(match["minute"])
    if minute is not None and minute >= 24 * 60:
        raise CaseError("PT301", f"There is no time {hour}:{match['minute']}.", WHEN_FORM)
    try:
        day = _read_day(match["day"], month, calendar)
        calendar.start_of(day)
    except PhraseError as error:
        raise CaseError("PT301", error.message, WHEN_FORM) from None
    except CalendarTooShortError:
        raise CaseError("PT301", f"'{text}' is too far from {month}.", WHEN_FORM) from None
    return Moment(day, minute)


def _read_day(text: str, month: Month, calendar: WorkCalendar) -> date:
    match = _DATE.fullmatch(text.strip())
    if match is None or match["month"].lower() == "day":
        return month_date(parse_month_date(text), month, calendar)
    name = match["month"].lower()[:3]
    if name not in _MONTHS:
        hint = did_you_mean(name, _MONTHS, "Months")
        raise CaseError("PT301", f"There is no month '{match['month']}'.", hint, match["month"])
    number = _MONTHS.index(name) + 1
    year = month.year + (1 if number < month.number else 0)
    try:
        return date(year, number, int(match["day"]))
    except ValueError:
        raise CaseError("PT301", f"There is no day {match[0]} in {year}.", WHEN_FORM) from None


Event = Callable[[View], PersonEvent | str]


class ActReader:
    """Reads what happens, in the words of one playbook."""

    def __init__(self, plan: Plan, team: dict[str, str]) -> None:
        self._plan, self._team = plan, team

    def read(self, text: str) -> Event:
        """
        Read one thing that happens.

        Raises:
            CaseError: it cannot be understood.
        """
        head, *rest = _BECAUSE.split(text.strip(), maxsplit=1)
        words, because = head.split(), rest[0] if rest else ""
        match words:
            case ["pause", *reason]:
                why = " ".join(reason) or because or "paused"
                return lambda view: CyclePaused(self._anybody(view), why)
            case ["resume"]:
                return lambda view: CycleResumed(self._anybody(view))
            case ["record"]:
                return lambda _view: FactsChanged({})
            case ["close", *_]:
                return lambda view: MonthClosed(view.state.team[self._plan.owner])
            case ["patient", "withdraws"]:
                return lambda view: PatientWithdrew(self._anybody(view), because or "withdrew")
            case ["patient", "dies"]:
                return lambda view: PatientDied(self._anybody(view))
            case [*what, "happens"] | [*what, "happens", "for", _]:
                return self._trigger(what, words[-1] if words[-2] == "for" else None, because)
        return self._on_step(words, because)

    def _on_step(self, words: Sequence[str], because: str) -> Event:
        match words:
            case ["skip", step]:
                return self._by_owner(
                    step,
                    lambda state, _: StepSkipped(
                        state.key, state.owner.person, state.owner.role, because or "not needed"
                    ),
                )
            case ["extend", step, "by", *budget]:
                return self._extend(step, " ".join(budget), because)
            case ["give", step, "to", role]:
                return self._give(step, role, because)
            case [step, outcome]:
                return self._outcome(step, outcome, None, None)
            case [step, outcome, "by", role]:
                return self._outcome(step, outcome, self.role(role), None)
            case [step, outcome, "via", channel]:
                return self._outcome(step, outcome, None, _channel(channel))
        raise CaseError("PT302", f"'{' '.join(words)[:60]}' cannot be understood.", ACT_FORM)

    # --- names ---

    def step(self, word: str) -> PlanStep:
        """Find a step: `outreach`, or its second opening, `outreach~2`."""
        id_ = word.split("~", maxsplit=1)[0]
        found = self._plan.by_id.get(StepId(id_))
        if found is None:
            hint = did_you_mean(id_, self._plan.by_id, "Steps")
            raise CaseError("PT303", f"There is no step '{id_[:60]}'.", hint, id_)
        return found

    def role(self, word: str) -> RoleId:
        """Find a role, by its name or by that of its person."""
        roles = {role.id: role.id for role in self._plan.roles}
        people = {person: RoleId(role) for role, person in self._team.items()}
        found = roles.get(RoleId(word)) or people.get(word)
        if found is None:
            hint = did_you_mean(word, [*roles, *people], "Roles and people")
            raise CaseError("PT304", f"There is no role or person '{word[:60]}'.", hint, word)
        return found

    def outcome(self, step: PlanStep, word: str) -> OutcomeId:
        """Find an outcome of a step, or a result of its attempts."""
        results = step.attempts.results if step.attempts else ()
        known = [outcome.id for outcome in step.outcomes] + list(results)
        if word not in known:
            hint = did_you_mean(word, known, "Its outcomes")
            raise CaseError("PT305", f"'{step.id}' cannot end as '{word[:60]}'.", hint, word)
        return OutcomeId(word)

    # --- deeds ---

    def _by_owner(self, word: str, make: Callable[[StepState, View], PersonEvent]) -> Event:
        step = self.step(word)

        def event(view: View) -> PersonEvent | str:
            state = view.state.newest(step.id)
            if "~" in word:
                state = next((s for s in view.state.steps.values() if s.key == word), None)
            if state is None:
                return f"'{word}' has not opened yet"
            return make(state, view)

        return event

    def _outcome(
        self, word: str, outcome: str, role: RoleId | None, channel: Channel | None
    ) -> Event:
        step = self.step(word)
        id_ = self.outcome(step, outcome)

        def make(state: StepState, view: View) -> PersonEvent:
            as_ = role or state.owner.role
            by = view.state.team.get(as_, state.owner.person)
            if step.takes_result(id_):
                return AttemptMade(state.key, id_, by, as_, channel)
            found = step.outcome(id_)
            facts = recorded(found) if found is not None else {}
            return StepCompleted(state.key, id_, by, as_, channel, facts or None)

        return self._by_owner(word, make)

    def _extend(self, word: str, budget: str, because: str) -> Event:
        try:
            extra = parse_budget(budget)
        except PhraseError as error:
            raise CaseError("PT302", error.message, error.hint, budget) from None
        why = because or "more time"
        return self._by_owner(
            word, lambda state, view: DeadlineExtended(state.key, self._anybody(view), why, extra)
        )

    def _give(self, word: str, role: str, because: str) -> Event:
        to, why = self.role(role), because or "handed over"
        return self._by_owner(
            word,
            lambda state, view: StepReassigned(
                state.key, view.state.team[to], to, self._anybody(view), why
            ),
        )

    def _trigger(self, words: Sequence[str], role: str | None, because: str) -> Event:
        urgency = next((each for each in Urgency if [each.value] == list(words[:1])), None)
        name = "_".join(words[1:] if urgency else words)
        known = [each.value for each in Trigger]
        if name not in known:
            hint = did_you_mean(name, known, "What can happen")
            raise CaseError("PT306", f"'{name[:60]}' is nothing that happens.", hint, words[-1])
        to = None if role is None else self.role(role)
        return lambda view: Triggered(Trigger(name), self._anybody(view), because, urgency, to)

    @staticmethod
    def _anybody(view: View) -> PersonId:
        return next(iter(view.state.team.values()))


def _channel(word: str) -> Channel:
    known = [each.value for each in Channel]
    if word not in known:
        hint = did_you_mean(word, known, "Channels")
        raise CaseError("PT307", f"There is no channel '{word[:60]}'.", hint, word)
    return Channel(word)
