"""What would stand in the way of ending a step, looked at before anything is kept."""

from datetime import datetime, timedelta
from typing import Final

from ccm_flow.adapters.db.care_plan_store import SqlCarePlanStore
from ccm_flow.core.care_plan import TITLES, CarePlan, problems_of
from ccm_flow.core.care_plan_text import revise
from ccm_flow.core.consent import ConsentTerms, confirmed, consent_problem
from ccm_flow.core.ids import OutcomeId
from ccm_flow.core.note_forms import note_problems, read_values
from ccm_flow.core.words import Recorded
from ccm_flow.web.care_plan_form import meanwhile
from ccm_flow.web.forms import in_clinic_time
from ccm_flow.web.step_form import PLAN_UPON, Typed, read_minutes, read_moment, work_of
from ccm_flow.web.step_page import Opened, Problems
from ccm_flow.web.visit import Visit
from ccm_flow.web.words import day_and_time

KEPT: Final = "Nothing was lost: everything you typed is here, and kept as your draft."


def check(visit: Visit, opened: Opened, typed: Typed, outcome: OutcomeId) -> Problems:
    """List everything at once: the step itself, the outcome, the time, the note, the consent."""
    step = opened.step
    if not step.is_open:
        return closed_problem(opened)
    found = Problems()
    if not opened.may_finish:
        found.title = f"This step belongs to the {step.role_title.lower()}, {step.owner_name}."
        found.hint = "Ask them, or have it handed over to you. " + KEPT
        return found
    choice = next((one for one in step.choices if one.id == outcome), None)
    if choice is None:
        found.title, found.hint = "How did it end?", "Choose one of the outcomes. " + KEPT
        return found
    if Recorded.CARE_PLAN in choice.records and _plan_moved_on(visit, opened, typed, found):
        return found
    _check_time(opened, typed, found)
    if choice.needs_note:
        _check_note(opened, typed, found)
    if Recorded.CARE_PLAN in choice.records and not any(found.at.values()):
        _check_plan(opened, typed, found)
    if Recorded.CONSENT in choice.records:
        now = step.as_of
        terms = visit.parts.base.record.consent_terms(step.patient.enrollment, now)
        _check_consent(opened, typed, terms, found)
    count = sum(map(len, found.at.values()))
    if count:
        found.title = f"{'One thing is' if count == 1 else f'{count} things are'} missing or wrong."
        found.hint = KEPT
    return found


def closed_problem(opened: Opened) -> Problems:
    """Say who ended the step, and when."""
    step = opened.step
    when = day_and_time(step.ended_at, step.zone, step.as_of)
    who = step.ended_by_name or "the playbook"
    how = f" as “{step.outcome_title}”" if step.outcome_title else ""
    return Problems(
        f"{who} finished this step {when}{how}.",
        "Nothing of yours was entered a second time. " + KEPT,
    )


def started_at(opened: Opened, typed: Typed) -> datetime | None:
    """Read when the work began; None lets it end now."""
    moment = read_moment(typed.started) if typed.started.strip() else None
    return in_clinic_time(opened.clinic, moment) if moment else None


def _check_time(opened: Opened, typed: Typed, found: Problems) -> None:
    minutes = read_minutes(typed.minutes)
    if typed.minutes.strip() and minutes is None:
        found.at["minutes"].append("Write minutes as a number, up to 240.")
    if not typed.started.strip():
        return
    began = started_at(opened, typed)
    if began is None:
        found.at["started"].append("Write a date and a time.")
    elif minutes is None:
        found.at["minutes"].append("How many minutes did it take?")
    elif began + timedelta(minutes=minutes) > opened.step.as_of:
        found.at["started"].append("The work would end in the future.")


def _check_note(opened: Opened, typed: Typed, found: Problems) -> None:
    form = opened.step.form
    if form is None:
        return
    work = work_of(typed, opened.step, None)
    for problem in note_problems(form, read_values(form, work.fields)):
        found.at[problem.field].append(problem.message)


def _check_plan(opened: Opened, typed: Typed, found: Problems) -> None:
    """Say what the care plan would lack, at the element that lacks it where that is known."""
    form = opened.step.form
    work = work_of(typed, opened.step, None)
    values = read_values(form, work.fields) if form else work.fields
    read = revise(opened.step.patient.plan or CarePlan(), values)
    for line in (*read.problems, *problems_of(read.plan)):
        found.at[_element(line)].append(line)


def _plan_moved_on(visit: Visit, opened: Opened, typed: Typed, found: Problems) -> bool:
    """
    Say what a colleague has written into the care plan since the page was shown, by element.

    An element that was left as it was takes the colleague's words. Sent once more, what stands on
    the page then becomes the next version.
    """
    enrollment, upon = opened.step.patient.enrollment, typed.other.get(PLAN_UPON, "")
    plans = SqlCarePlanStore(visit.parts.base.engine)
    newest = plans.newest(enrollment)
    if not upon.isascii() or not upon.isdecimal() or int(upon[:9]) == newest:
        return False
    now = plans.version(enrollment, newest)
    form = opened.step.form
    asked = [one.id for one in form.fields if one.id in TITLES] if form else []
    sent = {name: typed.fields.get(name, "") for name in asked}
    since = meanwhile(plans.version(enrollment, int(upon[:9])), now, sent)
    others = {name: text for name, text in typed.fields.items() if name not in since.values}
    typed.fields = others | {name: text for name, text in since.values.items() if text}
    typed.other[PLAN_UPON] = str(newest)
    for one in since.changes:
        theirs = "; ".join(line.replace(" | ", ", ") for line in one.now) or "nothing"
        yours = " What stands here is yours." if one.differs else " It stands here now."
        found.at[one.element].append(f"{one.title}, changed meanwhile to: {theirs}.{yours}")
    found.title = f"Version {newest} of the care plan was written in the meantime."
    found.hint = f"Look at what changed, then choose the outcome again. {KEPT}"
    return True


def _element(line: str) -> str:
    if line.startswith("The goal "):
        return "goals"
    if line.startswith("Nobody is responsible"):
        return "interventions"
    return next((name for name, title in TITLES.items() if line.startswith(f"'{title}'")), "note")


def _check_consent(opened: Opened, typed: Typed, terms: ConsentTerms, found: Problems) -> None:
    work = work_of(typed, opened.step, None)
    problem = consent_problem(confirmed(work.statements, work.fields), work.consent_mode, terms)
    if problem:
        found.at["statements"].append(problem)
