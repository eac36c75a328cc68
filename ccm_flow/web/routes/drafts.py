"""Writing a draft: the editor, checking while one types, saving after each pause."""

import re
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import JSONResponse, Response

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.draft_store import SqlDrafts
from ccm_flow.adapters.db.views_playbooks import history
from ccm_flow.adapters.playbook_library import DRAFT_NAME, shipped_playbooks
from ccm_flow.app.drafts import Draft, DraftMovedOnError, NoSuchDraftError, NoSuchVersionError
from ccm_flow.app.publish_playbook import save_draft
from ccm_flow.core.access import Permission
from ccm_flow.core.drafts import DraftState
from ccm_flow.core.errors import CcmError
from ccm_flow.core.facts import FACTS
from ccm_flow.core.ids import ClinicId, DraftId
from ccm_flow.core.plan import Plan
from ccm_flow.language import problems_json
from ccm_flow.language.overlay import Resolved
from ccm_flow.language.yaml_reader import MAX_CHARACTERS
from ccm_flow.web.limits import TooOftenError
from ccm_flow.web.pages import go_to, page
from ccm_flow.web.playbook_desk import (
    desk_of,
    draft_at,
    flow_picture,
    here,
    library_of,
    month_picture,
    place_of,
)
from ccm_flow.web.playbook_path import path_of
from ccm_flow.web.visit import NotFoundError, Visit, needs
from ccm_flow.web.words import day_and_time

router = APIRouter(prefix="/playbooks/drafts")
Seeing = Annotated[Visit, needs(Permission.SEE_PLAYBOOKS)]
Editing = Annotated[Visit, needs(Permission.EDIT_PLAYBOOKS)]
_VERSION_LINE: Final = re.compile(r"^version:[ \t]*\d+", re.MULTILINE)


class TextTooLongError(CcmError):
    """A text is longer than a playbook can be."""

    exit_code = 2
    hint = "Split it: a playbook of a hundred steps takes about 50 KB."

    def __init__(self) -> None:
        super().__init__("The text is larger than a playbook can be (1 MB).")


@router.post("")
def begin(
    request: Request,
    visit: Editing,
    click: Annotated[str, Form(pattern="^[0-9a-f]{32}$")],
    beginning: Annotated[str, Form(max_length=100)],
) -> Response:
    """Begin a draft from a version in use (by its sum) or from a shipped playbook (by name)."""
    clinic = here(visit, Permission.EDIT_PLAYBOOKS)
    plan, source = _beginning(visit, clinic, beginning)
    drafts = SqlDrafts(visit.parts.base.engine)
    number = max(drafts.next_version(plan.playbook), plan.version)
    drafts.begin(
        DraftId(click),
        clinic,
        _VERSION_LINE.sub(f"version: {number}", source, count=1),
        title=plan.title,
        begun_from=f"{plan.playbook}@{plan.version}",
        by=visit.visitor.person,
        now=visit.parts.base.clock.now(),
    )
    return go_to(request, f"/playbooks/drafts/{click}")


@router.get("/{draft}")
def show_editor(request: Request, visit: Editing, draft: str) -> Response:
    """Show the editor."""
    found = draft_at(visit, draft, Permission.EDIT_PLAYBOOKS)
    if found.state is DraftState.PUT_AWAY:
        return go_to(request, f"/playbooks/drafts/{draft}/review")
    return _editor(request, visit, found, found.text)


@router.post("/{draft}")
def save(
    request: Request,
    visit: Editing,
    draft: str,
    base: Annotated[int, Form()],
    text: Annotated[str, Form()] = "",
) -> Response:
    """Keep what was typed; to a script it answers with JSON, to a form with the page."""
    found = draft_at(visit, draft, Permission.EDIT_PLAYBOOKS)
    typed = _lines(text)
    script = "application/json" in request.headers.get("accept", "")
    try:
        if len(typed) > MAX_CHARACTERS:
            raise TextTooLongError
        visit.parts.checks.take(visit.session.token_hash, visit.parts.wall.now())
        revision = save_draft(desk_of(visit), found.id, typed, base=base, by=visit.visitor.person)
    except CcmError as problem:
        if script:
            return JSONResponse({"said": f"{problem} {problem.hint}"}, 409)
        return _editor(request, visit, found, typed, problem)
    if not script:
        return go_to(request, f"/playbooks/drafts/{draft}")
    good = library_of(visit).resolve(found.clinic, typed).plan is not None
    zone = clinic_zone(place_of(visit, found.clinic).clinic.hours.time_zone)
    now = visit.parts.base.clock.now()
    said = f"Saved {day_and_time(now, zone, now)}."
    return JSONResponse({"revision": revision, "said": said, "good": good})


@router.post("/{draft}/check")
def check(visit: Editing, draft: str, text: Annotated[str, Form()] = "") -> Response:
    """Check a text without keeping it: every problem with line, column, code, sentence, hint."""
    found = draft_at(visit, draft, Permission.EDIT_PLAYBOOKS)
    try:
        visit.parts.checks.take(visit.session.token_hash, visit.parts.wall.now())
    except TooOftenError as problem:
        return JSONResponse({"said": f"{problem} {problem.hint}"}, 429)
    result = library_of(visit).resolve(found.clinic, _lines(text))
    return JSONResponse(
        {
            "file": DRAFT_NAME,
            "good": result.plan is not None,
            "verdict": verdict(result),
            "problems": problems_json(result.problems),
            "names": _names(result.plan) if result.plan else {},
        }
    )


@router.get("/{draft}/texts/{revision}")
def give_text(visit: Seeing, draft: str, revision: int) -> Response:
    """Give one of the texts that were saved, as a file."""
    found = draft_at(visit, draft, Permission.SEE_PLAYBOOKS)
    headers = {"content-disposition": f'attachment; filename="draft-{revision}.yaml"'}
    return Response(_text(visit, found, revision), headers=headers, media_type="text/yaml")


@router.get("/{draft}/flow.svg")
def draw_flow(visit: Seeing, draft: str, revision: int) -> Response:
    """Draw a saved text."""
    found = draft_at(visit, draft, Permission.SEE_PLAYBOOKS)
    return flow_picture(_plan(visit, found, revision))


@router.get("/{draft}/month.svg")
def draw_month(visit: Seeing, draft: str, revision: int, month: str = "") -> Response:
    """Draw a month of a saved text, on the clinic's calendar."""
    found = draft_at(visit, draft, Permission.SEE_PLAYBOOKS)
    place = place_of(visit, found.clinic)
    return month_picture(_plan(visit, found, revision), place.clinic, place.month(month))


def verdict(result: Resolved) -> str:
    """Sum a check up in a sentence."""
    errors, warnings = len(result.errors), len(result.warnings)
    counted = [_counted(errors, "error")] * bool(errors) + [_counted(warnings, "warning")] * bool(
        warnings
    )
    if result.plan is None:
        return f"{' and '.join(counted)}. It cannot be published like this."
    steps = _counted(len(result.plan.steps), "step")
    return f"Good: {steps}" + (f", {counted[0]}." if counted else ".")


def _lines(text: str) -> str:
    """Give lines their plain ends: browsers send two characters for each."""
    return text.replace("\r\n", "\n")


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _editor(
    request: Request, visit: Visit, draft: Draft, text: str, problem: CcmError | None = None
) -> Response:
    result = library_of(visit).resolve(draft.clinic, text)
    place = place_of(visit, draft.clinic)
    texts, _ = history(visit.parts.base.engine, draft.id)
    # Whoever saves after a colleague puts their text on top, knowingly; both are kept.
    moved_on = isinstance(problem, DraftMovedOnError)
    return page(
        request,
        "playbook_draft",
        visit,
        status=422 if problem else 200,
        draft=draft,
        text=text,
        result=result,
        own=DRAFT_NAME,
        verdict=verdict(result),
        path_parts=path_of(visit, draft, result, place.running),
        problem=problem,
        moved_on=moved_on,
        texts=texts,
        place=place,
        zone=clinic_zone(place.clinic.hours.time_zone),
        now=visit.parts.base.clock.now(),
    )


def _beginning(visit: Visit, clinic: ClinicId, name: str) -> tuple[Plan, str]:
    shipped = shipped_playbooks().get(name)
    if shipped is not None and shipped.plan is not None:
        return shipped.plan, shipped.merged_text
    try:
        return SqlDrafts(visit.parts.base.engine).used(clinic, name)
    except NoSuchVersionError:
        raise NotFoundError from None


def _text(visit: Visit, draft: Draft, revision: int) -> str:
    try:
        return SqlDrafts(visit.parts.base.engine).text(draft.id, revision)
    except NoSuchDraftError:
        raise NotFoundError from None


def _plan(visit: Visit, draft: Draft, revision: int) -> Plan:
    """Give what a saved text comes to; a text with errors has no picture."""
    plan = library_of(visit).resolve(draft.clinic, _text(visit, draft, revision)).plan
    if plan is None:
        raise NotFoundError
    return plan


def _names(plan: Plan) -> dict[str, Any]:
    """Give the names that a text itself makes, for completion."""
    return {
        "steps": [step.id for step in plan.steps],
        "roles": [role.id for role in plan.roles],
        "outcomes": sorted({outcome.id for step in plan.steps for outcome in step.outcomes}),
        "facts": sorted(FACTS),
    }
