"""What a playbook says once for all its steps, and how steps differ by patient."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ccm_flow.adapters.templates import load_templates
from ccm_flow.core.contact import ContactRules
from ccm_flow.core.deadlines import Anchor, Budget, MonthDate, Unit
from ccm_flow.core.note_forms import FieldType, NoteField
from ccm_flow.core.plan import (
    Channel,
    Phase,
    Plan,
    ProtectedTime,
    Responsibility,
    SkipRule,
    plan_json,
)
from ccm_flow.language import check_text, load_file
from ccm_flow.language.phrases import PhraseError
from ccm_flow.language.phrases_program import parse_hours, parse_protected, parse_window

ROOT = Path(__file__).parents[2]
TEMPLATES = load_templates(ROOT / "templates")
TEXT = """\
playbook: small-month
version: 1
program: CCM
owner: lead
closes: month end + 3 business days
roles: [nurse, lead]
contact: {hours: 09:30-18:00, days: [sat, mon], language: es, channel: patient}
protected_time: {nurse: 90 minutes per week}
documentation: {window: last 3 business days, roles: [nurse]}
notes:
  visit:
    fields:
      summary: {required: true, max: 400}
      pain: {type: number, min: 0, max: 10}
      next_call: {title: Call again, type: date}
      mood: {choices: [good, poor]}
      told:
steps:
  - id: call
    owner: nurse
    responsibility: vendor
    due: 5 business days
    note: visit
    attempts: {max: 2, every: 1 business day, channels: [phone]}
    outcomes: [reached, unreachable]
    skip_if: {called_already: contacts > 0, enough: minutes >= 20}
    by_risk:
      high:
        owner: lead
        due: 2 business days
        expected: 20 minutes
        script: outreach/second_contact
        attempts: {max: 2, every: 4 business hours, channels: [phone, text]}
        ladder:
          - when due: remind owner
    ladder:
      - 2 business days before: remind owner
  - id: report
    phase: reporting
    owner: lead
    every: 2 weeks
    due: 2 business days
    ladder:
      - when due: remind owner
  - id: sign
    owner: nurse
    at: documentation start
    due: documentation end
    skip_if: minutes == 0
    outcomes:
      signed: {end: ready}
    ladder:
      - when due: notify lead
  - id: fix_minutes
    owner: nurse
    fixes: minutes
    due: 2 days
    ladder:
      - when due: notify lead
readiness: {from: business day -5, requires: [minutes]}
"""


@pytest.fixture(scope="module")
def plan() -> Plan:
    result = check_text(TEXT, "small.yaml", TEMPLATES)
    assert result.render() == ""
    assert result.plan is not None
    return result.plan


def test_contact_compiles_to_minutes_and_weekdays(plan: Plan) -> None:
    assert plan.contact == ContactRules(570, 1080, (0, 5), "es", "patient")


def test_protected_time_and_documentation_compile(plan: Plan) -> None:
    assert plan.protected_time == (ProtectedTime(plan.roles[0].id, timedelta(minutes=90), "week"),)
    assert plan.documentation is not None
    assert plan.documentation.roles == ("nurse",)
    first, last = MonthDate(Anchor.BUSINESS_DAY, -3), MonthDate(Anchor.BUSINESS_DAY, -1)
    assert (plan.documentation.first, plan.documentation.last) == (first, last)
    assert (plan.steps[2].at, plan.steps[2].due) == (first, last)


def test_notes_compile_with_their_fields_in_order(plan: Plan) -> None:
    form = plan.note_forms["visit"]
    assert form.title == "Visit"
    assert form.fields == (
        NoteField("summary", "Summary", required=True, max=400),
        NoteField("pain", "Pain", FieldType.NUMBER, min=0, max=10),
        NoteField("next_call", "Call again", FieldType.DATE),
        NoteField("mood", "Mood", FieldType.CHOICE, choices=("good", "poor")),
        NoteField("told", "Told"),
    )


def test_a_variant_changes_what_it_names_and_nothing_else(plan: Plan) -> None:
    call = plan.steps[0]
    high = call.for_risk("high")
    assert (high.owner, high.due) == ("lead", Budget(2, Unit.BUSINESS_DAYS))
    assert high.expected == timedelta(minutes=20)
    assert high.script == "outreach/second_contact"
    assert high.attempts is not None
    assert high.attempts.channels == (Channel.PHONE, Channel.TEXT)
    assert len(high.ladder) == 1
    assert high.ladder[0].offset is None
    same = replace(
        high,
        owner=call.owner, due=call.due, expected=call.expected, script=call.script,
        attempts=call.attempts, ladder=call.ladder,
    )  # fmt: skip
    assert same == call
    assert call.for_risk("standard") is call
    assert plan.step_of(call.id, "high") == high
    assert plan.step_of(call.id, None) is call


def test_skip_rules_keep_their_names(plan: Plan) -> None:
    assert plan.steps[0].skip_if == (
        SkipRule("called_already", (">", ("fact", "contacts"), 0)),
        SkipRule("enough", (">=", ("fact", "minutes"), 20)),
    )
    assert plan.steps[2].skip_if[0].because == "not_needed"


def test_a_step_with_reasons_to_skip_it_may_be_waited_for_as_skipped() -> None:
    changed = TEXT.replace("  - id: report\n", "  - id: report\n    after: call.skipped\n")
    result = check_text(changed, "small.yaml")
    assert result.plan is not None
    assert result.plan.steps[1].after == ("outcome", "call", "skipped")


def test_the_organization_and_the_phase_of_a_step_are_kept(plan: Plan) -> None:
    assert plan.steps[0].responsibility is Responsibility.VENDOR
    assert plan.steps[1].responsibility is None
    assert plan.steps[1].phase is Phase.REPORTING


def test_a_plan_of_an_older_version_is_still_read(plan: Plan) -> None:
    """What came later has defaults, so that running months go on."""
    old = plan_json().dump_python(plan, mode="json")
    for name in ("contact", "notes", "protected_time", "documentation"):
        del old[name]
    for step in old["steps"]:
        for name in ("skip_if", "responsibility", "variants"):
            del step[name]
    back = plan_json().validate_python(old)
    assert back.contact is None
    assert back.notes == ()
    assert back.steps[0].variants == ()
    assert back.by_id[plan.steps[0].id].due == plan.steps[0].due


def test_all_of_it_survives_json(plan: Plan) -> None:
    assert plan_json().validate_json(plan_json().dump_json(plan)) == plan


def test_shared_notes_travel_with_the_plan() -> None:
    plan = load_file(ROOT / "playbooks" / "ccm_monthly.yaml", TEMPLATES).plan
    assert plan is not None
    assert {step.note for step in plan.steps if step.note} == set(plan.note_forms)


def test_without_templates_their_names_are_not_judged() -> None:
    text = TEXT.replace("note: visit", "note: nowhere").replace("  visit:", "  visit_2:")
    assert [p.code for p in check_text(text, "small.yaml").problems] == ["PB315"]
    problems = check_text(text, "small.yaml", TEMPLATES).problems
    assert [p.code for p in problems] == ["PB315", "PB311"]


def test_a_documentation_window_needs_a_month() -> None:
    text = (ROOT / "playbooks" / "enrollment.yaml").read_text()
    changed = text.replace("\nsteps:", "\ndocumentation: {window: last 2 business days}\nsteps:")
    assert [p.code for p in check_text(changed, "e.yaml").problems] == ["PB209"]


@pytest.mark.parametrize(
    ("text", "hours"),
    [("09:00-19:00", (540, 1140)), (" 9:30 to 12:00 ", (570, 720)), ("00:00-24:00", (0, 1440))],
)
def test_hours_are_read(text: str, hours: tuple[int, int]) -> None:
    assert parse_hours(text) == hours


@pytest.mark.parametrize(
    "text", ["", "9-5", "09:00", "09:60-10:00", "24:01-25:00", "10:00-10:00", "09:00\u201319:00"]
)
def test_other_hours_are_refused(text: str) -> None:
    with pytest.raises(PhraseError):
        parse_hours(text)


@pytest.mark.parametrize(
    ("text", "amount", "per"),
    [
        ("2 hours per business day", timedelta(hours=2), "business day"),
        ("1 Hour a  business  day", timedelta(hours=1), "business day"),
        ("90 minutes each week", timedelta(minutes=90), "week"),
    ],
)
def test_protected_time_is_read(text: str, amount: timedelta, per: str) -> None:
    found = parse_protected(text)
    assert (found.amount, found.per) == (amount, per)


@pytest.mark.parametrize(
    "text", ["", "2 hours", "0 minutes per week", "41 hours per week", "2 hours per day"]
)
def test_other_protected_time_is_refused(text: str) -> None:
    with pytest.raises(PhraseError):
        parse_protected(text)


def test_a_window_of_days_is_read() -> None:
    assert parse_window("day 20 to month end") == (
        MonthDate(Anchor.DAY, 20),
        MonthDate(Anchor.MONTH_END),
    )
    with pytest.raises(PhraseError) as caught:
        parse_window("day 20 to day 45")
    assert (caught.value.start, caught.value.end) == (14, 16)


@pytest.mark.parametrize("text", ["", "last week", "last 0 business days", "last 99 business days"])
def test_other_windows_are_refused(text: str) -> None:
    with pytest.raises(PhraseError):
        parse_window(text)
