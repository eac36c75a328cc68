"""What must be written down before a step ends; looked at before anything is kept."""

from ccm_flow.app.care import CareRecord, Click, CycleView
from ccm_flow.app.care_plans import IncompleteCarePlanError
from ccm_flow.app.flow import Clock
from ccm_flow.app.notes import NoteDraft, NoteIncompleteError, form_needed
from ccm_flow.core.care_plan import CarePlan, problems_of
from ccm_flow.core.care_plan_text import revise
from ccm_flow.core.errors import CcmError
from ccm_flow.core.events import StepCompleted
from ccm_flow.core.note_forms import note_problems, read_values
from ccm_flow.core.plan import Recorded

KEPT = "Nothing was lost: what you wrote is kept as a draft. Add what is missing and send it again."


def check_work(record: CareRecord, clock: Clock, click: Click, view: CycleView) -> None:
    """
    Refuse to end a step whose note lacks something, and keep what was typed as a draft.

    A click that was kept before was looked at then.

    Raises:
        NoteIncompleteError: the note's form is not filled in.
        IncompleteCarePlanError: the outcome records a care plan, and it would not be complete.
    """
    problem = _problem(record, click, view)
    if problem is None or record.is_kept(click.id):
        return
    belongs = record.roles_of(click.by, view.clinic)
    if belongs and click.step is not None and (click.work.fields or click.work.note):
        draft = NoteDraft(click.work.fields, click.work.note)
        record.keep_draft(click.cycle, click.step, click.by, draft, clock.now())
    raise problem


def _problem(record: CareRecord, click: Click, view: CycleView) -> CcmError | None:
    event = click.event
    form = None
    if isinstance(event, StepCompleted):
        form = form_needed(view.plan, click.step, event.outcome)
    if form is None:
        return None
    values = read_values(form, click.work.fields)
    found = [problem.message for problem in note_problems(form, values)]
    if found:
        return NoteIncompleteError(form, found, KEPT)
    if Recorded.CARE_PLAN not in click.records:
        return None
    read = revise(record.care_plan(view.enrollment) or CarePlan(), values)
    lacks = [*read.problems, *problems_of(read.plan)]
    return IncompleteCarePlanError(lacks, KEPT) if lacks else None
