"""What the demo's simulated staff write: complete by the form, and marked as simulated."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final, assert_never

from ccm_flow.core.care_plan import TITLES, CarePlan, Goal, Intervention, lines_of
from ccm_flow.core.ids import OutcomeId
from ccm_flow.core.note_forms import FieldType, NoteField, NoteForm, NoteValue
from ccm_flow.core.plan import PlanStep, Recorded

MARK = "Simulated:"
_UNCHANGED = ("unchanged", "no_changes")
_GOALS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "diabetes": ("HbA1c", "below 7.5 %"),
        "hypertension": ("systolic blood pressure", "below 130 mmHg"),
        "hyperlipidemia": ("LDL cholesterol", "below 100 mg/dl"),
        "heart failure": ("weight gain in a week", "less than 2 kg"),
        "copd": ("visits to an emergency room", "none"),
    }
)
_ANY_GOAL = ("days without new symptoms", "at least 25 of 30")


@dataclass(frozen=True, slots=True)
class Chart:
    """What is known of a simulated patient: chronic conditions and current medicines, in words."""

    conditions: tuple[str, ...] = ()
    medicines: tuple[str, ...] = ()


EMPTY_CHART: Final = Chart()


def simulated_fields(
    step: PlanStep, form: NoteForm | None, outcome: OutcomeId, chart: Chart, on: date
) -> dict[str, NoteValue]:
    """Fill in what a note needs for an outcome; nothing when there is nothing to fill in."""
    if form is None or not step.needs_note(outcome):
        return {}
    fields = {
        field.id: _value(field, outcome, on)
        for field in form.fields
        if field.required or field.type is FieldType.CHOICE
    }
    chosen = step.outcome(outcome)
    if chosen is not None and Recorded.CARE_PLAN in chosen.records:
        plan = simulated_plan(chart, on)
        known = {field.id for field in form.fields} & set(TITLES)
        fields |= {name: "\n".join(lines_of(plan, name)) for name in known}
    return fields


def _value(field: NoteField, outcome: OutcomeId, on: date) -> NoteValue:
    match field.type:
        case FieldType.TEXT:
            text = f"{MARK} {field.title.lower()}, as {outcome.replace('_', ' ')}."
            return text.ljust(field.min or 0, ".")[: field.max]
        case FieldType.NUMBER:
            return field.min if field.min is not None else min(field.max or 1, 1)
        case FieldType.DATE:
            return on.isoformat()
        case FieldType.YES_NO:
            return outcome not in _UNCHANGED
        case FieldType.CHOICE:
            return field.choices[0]
        case _ as never:
            assert_never(never)


def simulated_plan(chart: Chart, on: date) -> CarePlan:
    """Give a complete care plan made of the patient's own conditions and medicines."""
    conditions = chart.conditions or ("no condition on file",)
    return CarePlan(
        problems=conditions,
        outcome=f"{MARK} stable with regular care; no decline expected this year.",
        goals=tuple(_goal(condition, on) for condition in conditions),
        symptoms=(f"{MARK} call the clinic when something is new or worse; 911 for chest pain.",),
        interventions=(
            Intervention(f"{MARK} monthly call", "coordinator"),
            Intervention(f"{MARK} reconcile the medicines", "nurse"),
            Intervention(f"{MARK} decide on treatment", "practitioner"),
        ),
        medicines=chart.medicines or (f"{MARK} no medicine on file",),
        services=(f"{MARK} none needed",),
        coordination=(f"{MARK} letters to the specialists who are involved",),
        function=f"{MARK} oriented, independent in daily life.",
        caregiver=f"{MARK} lives with family; nobody is overburdened.",
        environment=f"{MARK} safe at home.",
        prevention=(f"{MARK} influenza vaccination this season",),
        review_on=on + timedelta(days=180),
    )


def _goal(condition: str, on: date) -> Goal:
    measure, target = _GOALS.get(condition, _ANY_GOAL)
    by = on + timedelta(days=90)
    return Goal(f"{MARK} keep {condition} under control", measure, target, by)
