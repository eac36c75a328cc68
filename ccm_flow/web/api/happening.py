"""What happened to patients outside the playbook, as people and record systems tell it."""

from enum import StrEnum
from typing import Annotated, Final

from fastapi import APIRouter, Header, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ccm_flow.adapters.db.happening_store import SqlHappenings
from ccm_flow.adapters.db.views_api import newest_enrollment, patients_here
from ccm_flow.app.flow import FlowUnavailableError
from ccm_flow.app.happen import carry_out, tell
from ccm_flow.app.happenings import Answer, Happening
from ccm_flow.bootstrap import outside
from ccm_flow.core.errors import CcmError
from ccm_flow.core.happening import HappeningKind
from ccm_flow.core.ids import ClickId, HappeningId, PatientId
from ccm_flow.core.scopes import Scope
from ccm_flow.web.api.caller import Caller, NotHereError, scoped, signed
from ccm_flow.web.api.models_happening import Tell, TellKind, Told
from ccm_flow.web.api.once import Key, once
from ccm_flow.web.api.paths import TokenId
from ccm_flow.web.api.problems import WRITING

router = APIRouter(tags=["What happens outside the playbook"])
Telling = Annotated[Caller, scoped(Scope.WRITE_HAPPENINGS)]


class EventKind(StrEnum):
    """What a record system may tell by itself; people tell the rest."""

    ADMISSION = "admission"
    DISCHARGE = "discharge"
    LAB_RESULT = "lab_result"
    CALLBACK = "callback"


Kind = Annotated[EventKind, Path(description="What happened.")]
MessageId = Annotated[
    str,
    Header(
        alias="webhook-id",
        min_length=8,
        max_length=200,
        description="The message's own id; it counts once, as an Idempotency-Key does.",
    ),
]
_WHO: Final = "Give either `mrn` or `patient`."


class WhichPatientError(CcmError):
    """It is not said, or not clear, who it happened to."""

    exit_code = 2
    hint = _WHO


@router.post("/happenings", responses=WRITING, response_model=Told)
async def tell_anything(
    request: Request, caller: Telling, body: TellKind, once_key: Key
) -> Response:
    """Tell anything that may happen outside the playbook, a death or a withdrawal too."""
    return await _tell(request, caller, body.kind, body, once_key)


@router.post("/events/{kind}", responses=WRITING, response_model=Told)
async def tell_event(
    request: Request, caller: Telling, kind: Kind, body: Tell, once_key: Key
) -> Response:
    """Take what a record system tells, e.g. a discharge; it opens what the playbook says."""
    return await _tell(request, caller, HappeningKind(kind.value), body, once_key)


@router.post(
    "/signed/{token}/events/{kind}",
    responses=WRITING,
    response_model=Told,
    openapi_extra={"security": []},
)
async def tell_signed(
    request: Request,
    *,
    caller: Annotated[Caller, signed(Scope.WRITE_HAPPENINGS)],
    token: TokenId,  # noqa: ARG001 - it is in the address and read by `signed`
    kind: Kind,
    body: Tell,
    message: MessageId,
) -> Response:
    """
    Take the same from a sender that signs instead of carrying a token.

    The headers `webhook-id`, `webhook-timestamp` and `webhook-signature` are those of Standard
    Webhooks, made with the token's signing secret; a message older than five minutes is refused.
    """
    return await _tell(request, caller, HappeningKind(kind.value), body, message)


async def _tell(
    request: Request, caller: Caller, kind: HappeningKind, body: Tell, key: str
) -> Response:
    patient = await run_in_threadpool(_patient, caller, body)

    async def work(click: ClickId) -> Told:
        kept = await run_in_threadpool(_keep, caller, kind, body, patient, click)
        try:
            answer = await carry_out(outside(caller.parts.base, await caller.parts.desk()), kept)
        except FlowUnavailableError:
            answer = None  # kept; the worker carries it out when the server is back
        return _told(kept, answer)

    return await once(request, caller, key, work)


def _keep(
    caller: Caller, kind: HappeningKind, body: Tell, patient: PatientId, click: ClickId
) -> Happening:
    engine = caller.parts.base.engine
    leaves = kind is HappeningKind.WITHDRAWAL
    told = Happening(
        id=HappeningId(click),
        clinic=caller.clinic,
        patient=patient,
        kind=kind,
        at=body.at or caller.now,
        told_by=caller.person,
        enrollment=newest_enrollment(engine, patient) if leaves else None,
        source=f"API: {caller.token.name}",
        detail=body.note,
    )
    return tell(SqlHappenings(engine), told, caller.now)


def _patient(caller: Caller, body: Tell) -> PatientId:
    if (body.mrn is None) == (body.patient is None):
        raise WhichPatientError("It is not said whom it happened to.")
    found = patients_here(
        caller.parts.base.engine,
        caller.clinic,
        mrn=body.mrn,
        patient=PatientId(body.patient) if body.patient else None,
    )
    if not found:
        raise NotHereError("patient")
    if len(found) > 1:
        raise WhichPatientError("Several patients have this record number.", "Give `patient`.")
    return found[0]


def _told(kept: Happening, answer: Answer | None) -> Told:
    return Told(
        id=kept.id,
        patient=kept.patient,
        kind=kept.kind,
        at=kept.at,
        settled=answer is not None,
        led_to=[line.strip() for line in answer.said] if answer else [],
        opened=answer.opened if answer else None,
    )
