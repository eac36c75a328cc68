"""
Says a plan's rules as people do: deadlines, ladders, conditions, what opens a step.

Everything shown to those who never see YAML (pictures, the handbook, comparisons) is worded
here, so that it reads the same everywhere.
"""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import assert_never

from ccm_flow.core.deadlines import Anchor, Budget, DueRule, MonthDate, Unit, spoken
from ccm_flow.core.expressions import Expr
from ccm_flow.core.ids import OutcomeId, RoleId, StepId
from ccm_flow.core.plan import (
    READINESS,
    READY,
    Act,
    Disposition,
    Expire,
    Notify,
    Phase,
    Plan,
    PlanStep,
    ReadinessPlan,
    Reassign,
    Remind,
    Requirement,
    Rung,
    Trigger,
    When,
)
from ccm_flow.language.condition_words import condition_words

PHASES = {
    Phase.OUTREACH: "Reaching the patient",
    Phase.FOLLOW_UP: "Follow-up",
    Phase.ESCALATION: "Clinical questions",
    Phase.DOCUMENTATION: "Documentation",
    Phase.READINESS: "Ready for billing",
    Phase.REPORTING: "Reporting",
}
TRIGGERS = {
    Trigger.ESCALATION: "somebody raises a clinical question",
    Trigger.ADMISSION: "the patient goes into hospital",
    Trigger.DISCHARGE: "the patient comes home from hospital",
    Trigger.LAB_RESULT: "a new result arrives",
    Trigger.CALLBACK: "the patient asks for a call",
}
ENDINGS = {
    Disposition.READY: "month goes to billing",
    Disposition.NOT_READY: "month is not billed",
    Disposition.WITHDRAWN: "patient leaves the program",
    Disposition.DECEASED: "patient has died",
    Disposition.ENROLLED: "patient is enrolled",
    Disposition.NOT_ENROLLED: "patient is not enrolled",
}
REQUIREMENTS = {
    Requirement.CONSENT: "consent in force",
    Requirement.CARE_PLAN: "a care plan that was shared with the patient",
    Requirement.MINUTES: "enough documented minutes",
    Requirement.PRACTITIONER_MINUTES: "enough minutes of the billing practitioner's own work",
    Requirement.SIGNED_NOTES: "every note of the month signed",
    Requirement.CONDITIONS: "the chronic conditions documented",
    Requirement.NO_CONFLICTS: "no other service that excludes this one",
    Requirement.CONTACT: "contact with the patient or a caregiver this month",
    Requirement.COVERAGE: "Medicare Part B coverage on file",
    Requirement.INITIATING_VISIT: "an initiating visit, when one is needed",
}
MISSING = {
    Requirement.CONSENT: "no consent is in force",
    Requirement.CARE_PLAN: "no care plan was shared",
    Requirement.MINUTES: "there are too few minutes",
    Requirement.PRACTITIONER_MINUTES: "there are too few minutes of the practitioner's own",
    Requirement.SIGNED_NOTES: "notes are not signed",
    Requirement.CONDITIONS: "the chronic conditions are not documented",
    Requirement.NO_CONFLICTS: "another service excludes this one",
    Requirement.CONTACT: "nobody reached the patient this month",
    Requirement.COVERAGE: "coverage is not on file",
    Requirement.INITIATING_VISIT: "an initiating visit is needed",
}


def plain(word: StrEnum | str) -> str:
    """Write a word of the language as people do: `lab_result` is `lab result`."""
    return str(word).replace("_", " ")


def requirement_words(readiness: ReadinessPlan, requirement: Requirement) -> str:
    """Say what a month needs, with how much of it: `at least 20 documented minutes`."""
    match requirement:
        case Requirement.MINUTES:
            return f"at least {readiness.minimum_minutes} documented minutes"
        case Requirement.PRACTITIONER_MINUTES:
            least = readiness.minimum_practitioner_minutes
            return f"at least {least} minutes of the billing practitioner's own work"
        case Requirement.CONDITIONS:
            least = readiness.minimum_conditions
            return f"at least {least} documented chronic condition{'' if least == 1 else 's'}"
        case _:
            return REQUIREMENTS[requirement]


def joined(parts: Sequence[str], last: str = "and") -> str:
    """List things: `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def date_words(rule: MonthDate) -> str:
    """Say a date in the month: `business day 8`, `the last day of the month`."""
    if rule.anchor is Anchor.MONTH_END:
        return _beside_month_end(rule)
    if rule.anchor is Anchor.DAY:
        base = f"day {rule.number}"
    elif rule.number > 0:
        base = f"business day {rule.number}"
    else:
        base = f"the {_to_last(-rule.number)} business day"
    if not rule.offset:
        return base
    side = "after" if rule.offset > 0 else "before"
    return f"{spoken(abs(rule.offset), rule.offset_unit)} {side} {base}"


def _beside_month_end(rule: MonthDate) -> str:
    if not rule.offset:
        return "the last day of the month"
    side = "after the month ends" if rule.offset > 0 else "before the month's last day"
    if rule.offset_unit is Unit.WEEKS:
        return f"{spoken(abs(rule.offset), rule.offset_unit)} {side}"
    return f"the {_ordinal(abs(rule.offset))} {rule.offset_unit.value.removesuffix('s')} {side}"


def _to_last(number: int) -> str:
    return "last" if number == 1 else f"{_ordinal(number)}-to-last"


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"


def due_words(rule: DueRule) -> str:
    """Say a deadline: `within 3 business days`, `by business day 8`."""
    match rule:
        case Budget():
            return f"within {rule}"
        case MonthDate():
            return f"by {date_words(rule)}"
        case _ as never:
            assert_never(never)


def closes_words(rule: DueRule) -> str:
    """Say when a cycle closes: `on the 3rd business day after the month ends`."""
    return f"on {date_words(rule)}" if isinstance(rule, MonthDate) else f"{rule} after it starts"


def rung_time(rung: Rung) -> str:
    """Say when a rung fires: `2 business days before it is due`."""
    if rung.offset is None:
        return "when it is due"
    return f"{rung.offset} {'before it is due' if rung.when is When.BEFORE else 'late'}"


def minutes_words(amount: timedelta) -> str:
    """Say an amount of work: `12 minutes`."""
    minutes = int(amount.total_seconds() // 60)
    return f"{minutes} minute{'' if minutes == 1 else 's'}"


class Words:
    """Says what refers to a plan's roles, steps and outcomes, by their titles."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._roles = {role.id: role.title for role in plan.roles}

    def role(self, role: RoleId) -> str:
        """Give a role's title."""
        return self._roles.get(role, plain(role))

    def the_role(self, role: RoleId) -> str:
        """Give a role inside a sentence: `the care coordinator`."""
        title = self.role(role)
        return f"the {title[:1].lower()}{title[1:]}" if not title[:2].isupper() else f"the {title}"

    def step(self, step: StepId) -> str:
        """Give a step's title in quotes."""
        found = self._plan.by_id.get(step)
        return f"“{found.title if found else plain(step)}”"

    def outcome(self, step: StepId, outcome: OutcomeId) -> str:
        """Give an outcome's title in quotes."""
        found = self._plan.by_id.get(step)
        known = found.outcome(outcome) if found else None
        return f"“{known.title if known else plain(outcome).capitalize()}”"

    def act(self, act: Act, step: PlanStep | None = None) -> str:
        """Say what a rung does: `Program lead is told`."""
        match act:
            case Remind():
                return "the owner is reminded"
            case Notify():
                return f"{self.the_role(act.role)} is told"
            case Reassign():
                return f"{self.the_role(act.role)} takes it over"
            case Expire():
                return "it is withdrawn, undone" + self._expired_as(act, step)
            case _ as never:
                assert_never(never)

    def _expired_as(self, act: Expire, step: PlanStep | None) -> str:
        if act.outcome is None:
            return ""
        named = f"“{plain(act.outcome)}”" if step is None else self.outcome(step.id, act.outcome)
        return f", as {named}"

    def after(self, after: Expr) -> str:
        """Say what a step waits for: `“Monthly call” ends with “Reached”`."""
        if not isinstance(after, tuple):
            return ""
        match after[0]:
            case "and" | "or":
                return joined(self._parts(after), str(after[0]))
            case "ended":
                return f"{self.step(after[1])} is over"
            case "done":
                return f"{self.step(after[1])} is done"
        if after[1] == READINESS:
            return "the month is ready" if after[2] == READY else "the month is found not ready"
        if after[2] in ("skipped", "expired"):
            word = "withdrawn" if after[2] == "expired" else "skipped"
            return f"{self.step(after[1])} was {word}"
        return f"{self.step(after[1])} ends with {self.outcome(after[1], after[2])}"

    def _parts(self, after: Expr) -> list[str]:
        """Say the parts of an expression; several endings of one step are said together."""
        said: dict[object, list[str]] = {}
        for part in after[1:]:
            ending = after[0] == "or" and part[0] == "outcome" and part[1] != READINESS
            plain_ending = ending and part[2] not in ("skipped", "expired")
            key = part[1] if plain_ending else part
            text = self.outcome(part[1], part[2]) if plain_ending else self.after(part)
            said.setdefault(key, []).append(text)
        return [
            f"{self.step(StepId(key))} ends with {joined(texts, 'or')}"
            if isinstance(key, str)
            else self._bracketed(texts[0], key)
            for key, texts in said.items()
        ]

    @staticmethod
    def _bracketed(text: str, part: object) -> str:
        both = isinstance(part, tuple) and part[0] in ("and", "or")
        return f"({text})" if both else text

    def opens(self, step: PlanStep, *, sent: bool = True) -> str:
        """
        Say when a step opens, as a whole phrase: `When “Review the chart” is done`.

        Args:
            step: the step.
            sent: also name the outcomes that send the work here when something else opens it.
        """
        parts = []
        if step.after is not None:
            parts.append(f"when {self.after(step.after)}")
        if isinstance(step.at, MonthDate):
            parts.append(f"{'but not before' if parts else 'on'} {date_words(step.at)}")
        elif step.at is not None:
            parts.append(f"{step.at} after the start")
        if step.on is not None:
            parts.append(f"each time {TRIGGERS.get(step.on, plain(step.on))}")
        if step.fixes is not None:
            missing = MISSING.get(step.fixes, f"{plain(step.fixes)} is missing")
            parts.append(f"when the readiness check finds that {missing}")
        sources = self._sent_by(step)
        if sources and (sent or not parts):
            parts.append(f"{'or ' if parts else ''}when {joined(sources, 'or')}")
        if not parts:
            parts.append("at the start" if step.every is None else "from the start")
        if step.every is not None:
            parts.append(f"and again every {step.every}")
        said = ", ".join(parts)
        if step.when is not None:
            said += f"; only if {condition_words(step.when)}"
        return said[:1].upper() + said[1:]

    def _sent_by(self, step: PlanStep) -> list[str]:
        return [
            f"{self.step(source.id)} ends with {self.outcome(source.id, outcome.id)}"
            for source in self._plan.steps
            for outcome in source.outcomes
            if outcome.go == step.id
        ]
