"""
The standard operating procedure of a playbook, as content: both the page and the PDF show it.

It is made from the plan that runs, so that what staff read can never drift from what happens.
"""

from collections.abc import Mapping, Sequence

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.deadlines import MonthDate
from ccm_flow.core.ids import RoleId, StepId
from ccm_flow.core.month import Month
from ccm_flow.core.note_forms import FieldType, NoteField, NoteForm
from ccm_flow.core.plan import Notify, Outcome, Phase, Plan, PlanStep, ReadinessPlan, Reassign
from ccm_flow.drawing.calendar_rows import calendar_rows, spoken_clock
from ccm_flow.drawing.handbook_pages import ClinicPage, Handbook, NotePage, RolePage, StepPage
from ccm_flow.language.condition_words import condition_words
from ccm_flow.language.wording import (
    ENDINGS,
    PHASES,
    Words,
    closes_words,
    date_words,
    due_words,
    joined,
    minutes_words,
    plain,
    requirement_words,
    rung_time,
)

__all__ = ["ClinicPage", "Handbook", "make_handbook"]


def make_handbook(
    plan: Plan,
    *,
    clinic: ClinicPage | None = None,
    month: tuple[Month, WorkCalendar] | None = None,
    drawings: Sequence[str] = (),
    scripts: Mapping[str, str] | None = None,
    notes: Mapping[str, NoteForm] | None = None,
) -> Handbook:
    """
    Write a playbook's handbook.

    Args:
        plan: the playbook.
        clinic: the clinic it is for.
        month: a month and its calendar, to give actual dates.
        drawings: SVG pictures of `draw_svg` and `month_calendar_svg`.
        scripts: the texts of conversation guides by name, ready to be read.
        notes: note structures by name; the plan's own when not given.
    """
    return _Writer(plan, clinic).write(month, tuple(drawings), scripts or {}, notes)


class _Writer:
    def __init__(self, plan: Plan, clinic: ClinicPage | None) -> None:
        self._plan, self._clinic = plan, clinic
        self._words = Words(plan)

    def write(
        self,
        month: tuple[Month, WorkCalendar] | None,
        drawings: tuple[str, ...],
        scripts: Mapping[str, str],
        notes: Mapping[str, NoteForm] | None,
    ) -> Handbook:
        plan = self._plan
        owner = self._words.role(plan.owner)
        used = dict.fromkeys(step.script for step in plan.steps if step.script)
        return Handbook(
            title=plan.title,
            about=f"{plan.playbook}, version {plan.version}. {owner} answers for it. Everything "
            f"that is still open closes {closes_words(plan.closes)}.",
            clinic=self._clinic,
            month="" if month is None else f"{month[0].first_day:%B %Y}",
            dates=() if month is None else self._dates(*month),
            roles=tuple(self._role(role.id) for role in plan.roles),
            phases=self._phases(),
            ready=self._ready(plan.readiness),
            requirements=self._requirements(plan.readiness),
            scripts=tuple((name, scripts[name]) for name in used if name in scripts),
            notes=self._notes(plan.note_forms if notes is None else notes),
            drawings=drawings,
        )

    def _dates(self, month: Month, calendar: WorkCalendar) -> tuple[tuple[str, str, str], ...]:
        return tuple(
            (f"{row.day:%a, %b} {row.day.day}", spoken_clock(row.instant, calendar), row.text)
            for row in calendar_rows(self._plan, month, calendar)
            if row.day is not None and row.instant is not None
        )

    def _role(self, role: RoleId) -> RolePage:
        people = () if self._clinic is None else self._clinic.people.get(role, ())
        protected = [
            f"{minutes_words(time.amount)} per {time.per}"
            for time in self._plan.protected_time
            if time.role == role
        ]
        mine = [step for step in self._plan.steps if step.owner == role]
        told = [
            (step.title, f"{rung_time(rung)}: {self._words.act(rung.act, step)}")
            for step in self._plan.steps
            for rung in step.ladder
            if isinstance(rung.act, (Notify, Reassign)) and rung.act.role == role
        ]
        return RolePage(
            self._words.role(role),
            joined(list(people)),
            joined(protected),
            tuple((step.title, due_words(step.due)) for step in mine),
            tuple(told),
        )

    def _phases(self) -> tuple[tuple[str, tuple[StepPage, ...]], ...]:
        numbers: dict[StepId, int] = {}
        for phase in Phase:
            for step in self._plan.steps:
                if step.phase is phase:
                    numbers[step.id] = len(numbers) + 1
        groups = (
            (phase, [step for step in self._plan.steps if step.phase is phase]) for phase in Phase
        )
        return tuple(
            (
                PHASES.get(phase, plain(phase)),
                tuple(self._step(numbers[step.id], step) for step in steps),
            )
            for phase, steps in groups
            if steps
        )

    def _step(self, number: int, step: PlanStep) -> StepPage:
        due = due_words(step.due)
        if step.urgent_due is not None:
            due += f"; when it is urgent, {due_words(step.urgent_due)}"
        return StepPage(
            number,
            step.title,
            self._words.role(step.owner),
            self._words.opens(step),
            due,
            tuple(self._facts(step)),
            tuple((rung_time(rung), self._words.act(rung.act, step)) for rung in step.ladder),
            tuple((outcome.title, self._follows(outcome)) for outcome in step.outcomes),
        )

    def _facts(self, step: PlanStep) -> list[tuple[str, str]]:
        facts = []
        if step.expected:
            facts.append(("Takes about", minutes_words(step.expected)))
        if step.attempts is not None:
            channels = ", then ".join(plain(channel) for channel in step.attempts.channels)
            tries = f"up to {step.attempts.max}, {step.attempts.every} apart: {channels}"
            facts.append(("Attempts", tries))
        facts += [("Skipped if", condition_words(rule.when)) for rule in step.skip_if]
        for variant in step.variants:
            if variant.due is not None:
                facts.append((f"Risk {variant.risk}", f"due {due_words(variant.due)}"))
            if variant.owner is not None:
                facts.append((f"Risk {variant.risk}", f"done by {self._words.role(variant.owner)}"))
        if step.responsibility is not None:
            facts.append(("Done by the", plain(step.responsibility)))
        if step.script is not None:
            facts.append(("Script", step.script))
        if step.note is not None:
            form = self._plan.note_forms.get(step.note)
            facts.append(("Note", form.title if form else plain(step.note)))
        if step.optional:
            facts.append(("Optional", "its owner may skip it, with a reason"))
        return facts

    def _follows(self, outcome: Outcome) -> str:
        parts = []
        if outcome.go is not None:
            parts.append(f"opens {self._words.step(outcome.go)}")
        if outcome.end is not None:
            reason = f", because: {plain(outcome.because)}" if outcome.because else ""
            parts.append(f"the {ENDINGS[outcome.end]}{reason}")
        if outcome.contact:
            parts.append("counts as contact")
        if outcome.records:
            parts.append(f"records {joined([plain(word) for word in outcome.records])}")
        return "; ".join(parts)

    def _ready(self, readiness: ReadinessPlan | None) -> str:
        if readiness is None:
            return ""
        rule = readiness.from_
        start = date_words(rule) if isinstance(rule, MonthDate) else f"{rule} after the start"
        return (
            f"From {start} on, the month is checked after everything that happens. Whatever is "
            "missing opens a step for it; when nothing is, the month is ready."
        )

    def _requirements(self, readiness: ReadinessPlan | None) -> tuple[tuple[str, str], ...]:
        if readiness is None:
            return ()
        rows = []
        for word in readiness.requires:
            said = requirement_words(readiness, word)
            fixes = [step for step in self._plan.steps if step.fixes is word]
            who = [f"{step.title} ({self._words.role(step.owner)})" for step in fixes]
            rows.append((said, joined(who) or "nothing opens by itself"))
        return tuple(rows)

    def _notes(self, notes: Mapping[str, NoteForm]) -> tuple[NotePage, ...]:
        used = dict.fromkeys(step.note for step in self._plan.steps if step.note)
        return tuple(
            NotePage(
                notes[name].title,
                tuple((field.title, _field_words(field)) for field in notes[name].fields),
            )
            for name in used
            if name in notes
        )


def _field_words(field: NoteField) -> str:
    kind = {
        FieldType.TEXT: "text",
        FieldType.NUMBER: "a number",
        FieldType.DATE: "a date",
        FieldType.YES_NO: "yes or no",
        FieldType.CHOICE: f"one of: {', '.join(field.choices)}",
    }[field.type]
    unit = " characters" if field.type is FieldType.TEXT else ""
    limits = [
        f"{word} {limit}{unit}"
        for word, limit in (("at least", field.min), ("at most", field.max))
        if limit is not None
    ]
    must = ["must be filled in"] if field.required else []
    return ", ".join([kind, *limits, *must])
