"""A patient's month and a clinic's."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from ccm_flow.adapters.db.views import month_report, patient_month
from ccm_flow.adapters.db.views_api import enrollment_here
from ccm_flow.app.views import MonthRow
from ccm_flow.app.views_patient import PatientView
from ccm_flow.core.ids import ClickId, EnrollmentId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.scopes import Scope
from ccm_flow.web.api.caller import Caller, NotHereError, scoped
from ccm_flow.web.api.models_patients import (
    Blocker,
    MonthLine,
    MonthReport,
    Opened,
    Patient,
    PatientMonth,
    PatientStep,
)
from ccm_flow.web.api.once import Key, once
from ccm_flow.web.api.paths import Enrollment, Limit, MonthPath, Offset, part
from ccm_flow.web.api.problems import RESPONSES, WRITING

router = APIRouter(tags=["Patients and months"])
Kind = Annotated[PlaybookKind | None, Query(description="The kind of pass.")]


@router.get("/patients/{enrollment}", responses=RESPONSES)
def read_patient(
    caller: Annotated[Caller, scoped(Scope.READ_PATIENTS)],
    enrollment: Enrollment,
    month: Annotated[
        str | None,
        Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="The running one by default."),
    ] = None,
    kind: Kind = None,
) -> PatientMonth:
    """Give a patient's month; the look is written into the access log."""
    engine = caller.parts.base.engine
    patient = enrollment_here(engine, caller.clinic, EnrollmentId(enrollment))
    if patient is None:
        raise NotHereError("patient")
    wanted = Month.parse(month) if month else None
    view = patient_month(engine, enrollment, wanted, now=caller.now, kind=kind)
    caller.saw(patient)
    return _patient_month(view)


def _patient_month(view: PatientView) -> PatientMonth:
    cycle, enrolled = view.cycle, view.enrollment
    return PatientMonth(
        as_of=view.as_of,
        time_zone=view.time_zone,
        patient=Patient.model_validate(view.patient),
        enrollment=enrolled.enrollment if enrolled else None,
        status=enrolled.status if enrolled else None,
        cycle=cycle.cycle if cycle else None,
        month=str(cycle.month) if cycle else None,
        kind=cycle.kind if cycle else None,
        cycle_status=cycle.status if cycle else None,
        disposition=cycle.disposition if cycle else None,
        blockers=[Blocker.model_validate(one) for one in cycle.blockers] if cycle else [],
        minutes=view.minutes,
        steps=[PatientStep.model_validate(step) for step in view.steps],
    )


@router.get("/months/{month}", responses=RESPONSES)
def read_month(
    caller: Annotated[Caller, scoped(Scope.READ_MONTH)],
    month: MonthPath,
    kind: Kind = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> MonthReport:
    """Report a month: who is ready to be billed, who is not, and why."""
    chosen = kind or PlaybookKind.MONTHLY
    report = month_report(
        caller.parts.base.engine, caller.clinic, Month.parse(month), chosen, now=caller.now
    )
    items, after = part(report.rows, limit, offset)
    return MonthReport(
        clinic=caller.clinic,
        as_of=report.as_of,
        total=len(report.rows),
        next_offset=after,
        items=[_line(row) for row in items],
        month=str(report.month),
        kind=chosen,
        by_state=dict(report.by_state),
        by_blocker=dict(report.by_blocker),
    )


def _line(row: MonthRow) -> MonthLine:
    return MonthLine.model_validate(row)


@router.post("/months/{month}/open", responses=WRITING, response_model=Opened)
async def open_month(
    request: Request,
    caller: Annotated[Caller, scoped(Scope.WRITE_MONTH)],
    month: MonthPath,
    once_key: Key,
) -> Response:
    """Open a month for everybody in the program; what is open stays as it is."""

    async def work(_click: ClickId) -> Opened:
        desk = await caller.parts.desk()
        opened, before = await desk.flow.open_month(caller.clinic, Month.parse(month))
        return Opened(month=month, opened=opened, already_open=before)

    return await once(request, caller, once_key, work)
