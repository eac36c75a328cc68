"""Deciding about a draft: what would change, trying it, approval by a second person, publishing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.forecast_store import SqlForecasts
from ccm_flow.adapters.db.views_playbooks import history
from ccm_flow.adapters.playbook_library import DRAFT_NAME
from ccm_flow.app.care import NoPlaybookError
from ccm_flow.app.drafts import Draft
from ccm_flow.app.publish_playbook import (
    DraftHasErrorsError,
    approve,
    ask_approval,
    earliest,
    publish_draft,
    put_away,
    send_back,
)
from ccm_flow.core.access import Permission
from ccm_flow.core.drafts import DraftState
from ccm_flow.core.errors import CcmError
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.language.compare import Change, by_role, compare
from ccm_flow.language.explain import explain
from ccm_flow.language.overlay import Resolved
from ccm_flow.proof import PlaybookTests, Proof
from ccm_flow.web.pages import go_to, page
from ccm_flow.web.playbook_desk import Note, Place, desk_of, draft_at, library_of, place_of
from ccm_flow.web.playbook_path import path_of
from ccm_flow.web.playbook_trials import proof_of, tests_of
from ccm_flow.web.routes.drafts import verdict
from ccm_flow.web.visit import Visit, needs

router = APIRouter(prefix="/playbooks/drafts/{draft}")
Seeing = Annotated[Visit, needs(Permission.SEE_PLAYBOOKS)]
Editing = Annotated[Visit, needs(Permission.EDIT_PLAYBOOKS)]
Approving = Annotated[Visit, needs(Permission.APPROVE_PLAYBOOKS)]
Revision = Annotated[int, Form()]


@dataclass(frozen=True)
class Result:
    """What somebody asked for on the page, or what went wrong with it."""

    problem: CcmError | None = None
    note: str = ""
    tests: PlaybookTests | None = None
    no_tests: bool = False
    proof: Proof | None = None


@dataclass(frozen=True)
class Difference:
    """What a draft would change, against what would run otherwise."""

    live: Plan | None
    groups: list[tuple[str, list[Change]]]


@router.get("/review")
def show_review(request: Request, visit: Seeing, draft: str) -> Response:
    """Show what a draft would change, and what may be done about it."""
    found = draft_at(visit, draft, Permission.SEE_PLAYBOOKS)
    return _review(request, visit, found, Result())


@router.post("/ask")
def ask(
    request: Request, visit: Editing, draft: str, revision: Revision, note: Note = ""
) -> Response:
    """Ask for approval."""
    found = draft_at(visit, draft, Permission.EDIT_PLAYBOOKS)
    me = visit.visitor.person
    return _done(
        request,
        visit,
        found,
        lambda: ask_approval(desk_of(visit), found.id, revision=revision, by=me, note=note),
        note,
    )


@router.post("/approve")
def say_yes(
    request: Request, visit: Approving, draft: str, revision: Revision, note: Note = ""
) -> Response:
    """Approve exactly the text that was shown."""
    found = draft_at(visit, draft, Permission.APPROVE_PLAYBOOKS)
    me = visit.visitor.person
    return _done(
        request,
        visit,
        found,
        lambda: approve(desk_of(visit), found.id, revision=revision, by=me, note=note),
        note,
    )


@router.post("/send-back")
def say_no(
    request: Request, visit: Approving, draft: str, revision: Revision, note: Note = ""
) -> Response:
    """Say what should be different."""
    found = draft_at(visit, draft, Permission.APPROVE_PLAYBOOKS)
    me = visit.visitor.person
    return _done(
        request,
        visit,
        found,
        lambda: send_back(desk_of(visit), found.id, revision=revision, by=me, note=note),
        note,
    )


@router.post("/publish")
def publish(
    request: Request, visit: Editing, draft: str, month: Annotated[str, Form()]
) -> Response:
    """Use an approved draft from a month on."""
    found = draft_at(visit, draft, Permission.EDIT_PLAYBOOKS)
    running = place_of(visit, found.clinic).running
    me = visit.visitor.person
    return _done(
        request,
        visit,
        found,
        lambda: publish_draft(
            desk_of(visit), found.id, month=Month.parse(month), running=running, by=me
        ),
    )


@router.post("/put-away")
def put_draft_away(request: Request, visit: Editing, draft: str) -> Response:
    """Go on with a draft no more."""
    found = draft_at(visit, draft, Permission.EDIT_PLAYBOOKS)
    put_away(desk_of(visit), found.id, by=visit.visitor.person)
    return go_to(request, "/playbooks", said="The draft is put away. It stays readable.")


@router.post("/test")
def test(request: Request, visit: Seeing, draft: str) -> Response:
    """Run the tests that come with the playbook on the draft."""
    found = draft_at(visit, draft, Permission.SEE_PLAYBOOKS)

    def run() -> Result:
        _, result = _plan(visit, found)
        tests = tests_of(result)
        return Result(tests=tests, no_tests=tests is None)

    return _tried(request, visit, found, run)


@router.post("/prove")
def prove_draft(request: Request, visit: Seeing, draft: str) -> Response:
    """Explore every course that the draft can take."""
    found = draft_at(visit, draft, Permission.SEE_PLAYBOOKS)

    def run() -> Result:
        plan, _ = _plan(visit, found)
        place = place_of(visit, found.clinic)
        return Result(proof=proof_of(visit.parts, plan, place.clinic, place.running.next))

    return _tried(request, visit, found, run)


def _plan(visit: Visit, draft: Draft) -> tuple[Plan, Resolved]:
    result = library_of(visit).resolve(draft.clinic, draft.text)
    if result.plan is None:
        raise DraftHasErrorsError(len(result.errors))
    return result.plan, result


def _tried(request: Request, visit: Visit, draft: Draft, run: Callable[[], Result]) -> Response:
    try:
        visit.parts.trials.take(visit.session.token_hash, visit.parts.wall.now())
        result = run()
    except CcmError as problem:
        result = Result(problem=problem)
    return _review(request, visit, draft, result)


def _done(
    request: Request, visit: Visit, draft: Draft, deed: Callable[[], None], note: str = ""
) -> Response:
    """Do something and show the draft again; when it is refused, with what was typed."""
    try:
        deed()
    except CcmError as problem:
        current = draft_at(visit, draft.id, Permission.SEE_PLAYBOOKS)
        return _review(request, visit, current, Result(problem=problem, note=note))
    return go_to(request, f"/playbooks/drafts/{draft.id}/review")


def _review(request: Request, visit: Visit, draft: Draft, shown: Result) -> Response:
    place = place_of(visit, draft.clinic)
    result = library_of(visit).resolve(draft.clinic, draft.text)
    texts, deeds = history(visit.parts.base.engine, draft.id)
    return page(
        request,
        "playbook_review",
        visit,
        status=422 if shown.problem else 200,
        draft=draft,
        plan=result.plan,
        result=result,
        own=DRAFT_NAME,
        verdict=verdict(result),
        origins=explain(result) if len(result.files) > 1 else "",
        difference=_difference(visit, draft, result.plan, place),
        shown=shown,
        path_parts=path_of(visit, draft, result, place.running, shown.proof),
        rehearsals=SqlForecasts(visit.parts.base.engine).of_draft(draft.id),
        states=DraftState,
        texts=texts,
        deeds=deeds,
        is_own=draft.is_own(visit.visitor.person),
        months=_months(visit, draft, result.plan, place),
        place=place,
        zone=clinic_zone(place.clinic.hours.time_zone),
        now=visit.parts.base.clock.now(),
    )


def _difference(visit: Visit, draft: Draft, plan: Plan | None, place: Place) -> Difference:
    """Compare with what runs next month as things stand."""
    if plan is None:
        return Difference(None, [])
    try:
        live = visit.parts.base.record.plan_for(draft.clinic, plan.kind, place.running.next)
    except NoPlaybookError:
        return Difference(None, [])
    return Difference(live, by_role(compare(live, plan), live, plan))


def _months(visit: Visit, draft: Draft, plan: Plan | None, place: Place) -> list[Month]:
    """Give the months that the draft may be published for."""
    if plan is None:
        return []
    first = earliest(desk_of(visit).drafts, draft.clinic, plan.kind, place.running)
    return [month for month in place.months if month >= first]
