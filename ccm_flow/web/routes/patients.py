"""The clinic's patients: who is in the program, who is on the way, who may be offered it."""

from collections.abc import Collection
from functools import partial
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ccm_flow.adapters.calendars import clinic_zone, month_calendar
from ccm_flow.adapters.db.eligibility_store import SqlEligibilityStore
from ccm_flow.adapters.db.enrollment_store import enroll as keep_enrollments
from ccm_flow.adapters.db.views_candidates import Verdict, candidate, candidate_list
from ccm_flow.adapters.db.views_funnel import funnel
from ccm_flow.adapters.db.views_patients import patient_list
from ccm_flow.adapters.ehr.condition_groups import load_condition_groups
from ccm_flow.adapters.temporal.time_travel import TimeTravel
from ccm_flow.app.care import ClinicView
from ccm_flow.app.eligible import judge_some, review_month
from ccm_flow.app.enroll_patients import enroll_candidates
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.app.views_funnel import FunnelView
from ccm_flow.app.views_patients import OVER, WantedPatients
from ccm_flow.core.access import Permission
from ccm_flow.core.funnel import Stage
from ccm_flow.core.ids import ClinicId, EnrollmentId, PatientId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.demo.time_bar import catch_up
from ccm_flow.web.pages import go_to, page
from ccm_flow.web.visit import NotFoundError, Visit, needs

router = APIRouter()

Seeing = Annotated[Visit, needs(Permission.SEE_PATIENTS)]
Leading = Annotated[Visit, needs(Permission.HAND_OVER_WORK)]
IN_PROGRAM: Final = "in_program"
GONE: Final = "gone"
_MOST_AT_ONCE: Final = 200


class Finding(BaseModel):
    """What the filters say; words that are not known are as good as none."""

    find: str = Field(default="", max_length=200)
    status: str = ""
    stage: str = ""
    page: Annotated[int, Field(ge=1, le=100_000)] = 1


class Choosing(BaseModel):
    """Which verdicts to show."""

    find: str = Field(default="", max_length=200)
    verdict: str = Verdict.WAITING
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    enrolled: Annotated[int, Field(ge=0)] | None = None
    refused: Annotated[int, Field(ge=0)] = 0
    judged: Annotated[int, Field(ge=0)] | None = None


@router.get("/patients")
def show_patients(
    request: Request, visit: Seeing, finding: Annotated[Finding, Query()]
) -> Response:
    """Show the clinic's patients in the program and on the way into it."""
    clinic = _clinic(visit, Permission.SEE_PATIENTS)
    base = visit.parts.base
    way = funnel(base.engine, clinic, now=base.clock.now())
    statuses, only = _wanted(finding, way)
    wanted = WantedPatients(finding.find, statuses, only, finding.page)
    return page(
        request,
        "patients",
        visit,
        patients=patient_list(base.engine, clinic, wanted, now=base.clock.now()),
        zone=ZoneInfo(way.time_zone),
        way=way,
        statuses=list(EnrollmentStatus),
        in_program=IN_PROGRAM,
        gone=GONE,
        wanted_status=finding.status,
        **finding.model_dump(include={"find", "stage"}),
    )


def _wanted(
    finding: Finding, way: FunnelView
) -> tuple[Collection[EnrollmentStatus] | None, Collection[EnrollmentId] | None]:
    """Say which statuses, and which patients of a stage, the filters choose."""
    if finding.stage == Stage.ACTIVE:
        return {EnrollmentStatus.ACTIVE}, None
    if finding.stage in set(Stage):
        return None, [row.enrollment for row in way.patients if row.stage == finding.stage]
    if finding.status in set(EnrollmentStatus):
        return {EnrollmentStatus(finding.status)}, None
    if finding.status == GONE:
        return OVER, None
    if finding.status == IN_PROGRAM:
        return set(EnrollmentStatus) - OVER, None
    return None, None


@router.get("/candidates")
def show_candidates(
    request: Request, visit: Seeing, choosing: Annotated[Choosing, Query()]
) -> Response:
    """Show who may be offered the program, by this month's verdicts."""
    clinic = _clinic(visit, Permission.SEE_PATIENTS)
    verdict = Verdict(choosing.verdict) if choosing.verdict in set(Verdict) else Verdict.WAITING
    view = visit.parts.base.record.clinic(clinic)
    return page(
        request,
        "candidates",
        visit,
        clinic=view,
        candidates=candidate_list(
            visit.parts.base.engine,
            clinic,
            _month(visit, view),
            verdict,
            text=choosing.find,
            page=choosing.page,
        ),
        verdicts=list(Verdict),
        may_lead=visit.visitor.may(Permission.HAND_OVER_WORK, clinic),
        **choosing.model_dump(include={"find", "enrolled", "refused", "judged"}),
        verdict=verdict,
    )


@router.get("/candidates/{patient}")
def show_candidate(request: Request, visit: Seeing, patient: str) -> Response:
    """Show what a verdict rests on; that somebody looked is written down."""
    clinic = _clinic(visit, Permission.SEE_PATIENTS)
    view = visit.parts.base.record.clinic(clinic)
    found = candidate(visit.parts.base.engine, clinic, _month(visit, view), PatientId(patient))
    if found is None:
        raise NotFoundError
    visit.saw(found.patient, clinic)
    may_lead = visit.visitor.may(Permission.HAND_OVER_WORK, clinic)
    return page(request, "candidate", visit, one=found, clinic=view, may_lead=may_lead)


@router.post("/candidates/judge")
async def judge_now(request: Request, visit: Leading) -> Response:
    """Judge those who have no verdict for the month yet; a verdict that is there stays."""
    clinic = _clinic(visit, Permission.HAND_OVER_WORK)

    def judge() -> int:
        base = visit.parts.base
        view = base.record.clinic(clinic)
        zone, now = clinic_zone(view.hours.time_zone), base.clock.now()
        return review_month(
            SqlEligibilityStore(base.engine),
            clinic,
            _month(visit, view),
            load_condition_groups(),
            on=now.astimezone(zone).date(),
            zone=zone,
            now=now,
        )

    judged = await run_in_threadpool(judge)
    return go_to(request, "/candidates", judged=str(judged))


@router.post("/candidates/enroll")
async def enroll(
    request: Request, visit: Leading, patient: Annotated[list[str], Form(max_length=_MOST_AT_ONCE)]
) -> Response:
    """
    Enroll those who are chosen and are still eligible as of today, and start their way in.

    Sent twice it enrolls nobody twice: whoever is in the program stays as they are.
    """
    clinic = _clinic(visit, Permission.HAND_OVER_WORK)
    await visit.parts.client()  # the server is there: nobody is enrolled and left lying
    desk = await visit.parts.desk()
    chosen = [PatientId(one) for one in dict.fromkeys(patient)]
    fit, month = await run_in_threadpool(_still_eligible, visit, clinic, chosen)
    done = await enroll_candidates(
        desk,
        partial(keep_enrollments, visit.parts.base.engine),
        clinic,
        fit,
        month=month,
        make_calendar=month_calendar,
    )
    if visit.parts.settings.demo:
        begun = [one.enrollment for one in done.enrolled]
        travel = TimeTravel(await visit.parts.client())
        await catch_up(visit.parts.base, travel, PlaybookKind.ENROLLMENT, month, begun)
    refused = len(chosen) - len(fit)
    return go_to(request, "/candidates", enrolled=str(len(done.enrolled)), refused=str(refused))


def _still_eligible(
    visit: Visit, clinic: ClinicId, chosen: list[PatientId]
) -> tuple[list[PatientId], Month]:
    """Judge the chosen ones as of today; a verdict from earlier in the month may be out of date."""
    base = visit.parts.base
    view = base.record.clinic(clinic)
    zone = clinic_zone(view.hours.time_zone)
    store, today = SqlEligibilityStore(base.engine), base.clock.now().astimezone(zone).date()
    judged = judge_some(store, clinic, chosen, load_condition_groups(), on=today, zone=zone)
    return [one.patient for one in judged if one.verdict.is_candidate], Month.of(today)


def _month(visit: Visit, clinic: ClinicView) -> Month:
    zone = clinic_zone(clinic.hours.time_zone)
    return Month.of(visit.parts.base.clock.now().astimezone(zone).date())


def _clinic(visit: Visit, permission: Permission) -> ClinicId:
    """Give the clinic that the person works on; raises `NotFoundError` when there is none."""
    if visit.clinic is None:
        raise NotFoundError
    return visit.at(visit.clinic, permission)
