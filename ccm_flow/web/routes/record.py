"""A patient's page, and what is put right on it: consent, details, risk, who bills."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from ccm_flow.adapters.db.consent_acts import revoke
from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.enrollment_changes import change_practitioner
from ccm_flow.adapters.db.patient_edit_store import edit_patient
from ccm_flow.adapters.db.rationales import add_rationale
from ccm_flow.adapters.db.views import staff_of
from ccm_flow.adapters.db.views_details import patient_details
from ccm_flow.app.patient_edits import ADDRESS_PARTS, EditValue
from ccm_flow.app.practitioners import (
    check_may_bill,
    check_states_risk,
    checked_risk,
)
from ccm_flow.app.statuses import PatientField
from ccm_flow.core.access import Permission
from ccm_flow.core.ids import PersonId
from ccm_flow.core.patient_facts import RiskTier
from ccm_flow.web.forms import Typed
from ccm_flow.web.patient_acts import Doing, Form, Here, Leading, Seeing, do, here_of, in_thread
from ccm_flow.web.patient_page import patient_of, show_patient
from ccm_flow.web.patient_tabs import Looking, Tab
from ccm_flow.web.visit import NotFoundError

router = APIRouter()


@router.get("/patients/{enrollment}")
def show(
    request: Request, visit: Seeing, enrollment: str, looking: Annotated[Looking, Query()]
) -> Response:
    """Show a patient."""
    ref = patient_of(visit, enrollment, Permission.SEE_PATIENTS)
    return show_patient(request, visit, ref, looking)


@router.post("/patients/{enrollment}/consent/revoke")
async def revoke_consent(request: Request, visit: Doing, enrollment: str) -> Response:
    """Record that the patient takes consent back."""

    def act(here: Here, typed: Typed) -> str:
        because, click = typed.text("because", "The reason", most=500), typed.click
        typed.check()
        engine = here.visit.parts.base.engine
        revoke(engine, here.enrollment, click, because, by=here.me, at=here.now)
        return "revoked"

    here = await here_of(visit, enrollment, Permission.DO_WORK)
    return await do(request, here, Form(Tab.CONSENT, "revoke"), in_thread(act))


@router.post("/patients/{enrollment}/details")
async def edit_details(request: Request, visit: Doing, enrollment: str) -> Response:
    """Put right how the patient is reached; only what is different is written down."""

    def act(here: Here, typed: Typed) -> str:
        engine = here.visit.parts.base.engine
        known = patient_details(engine, here.ref)
        values: dict[PatientField, EditValue] = {}
        for field in PatientField:
            text = typed.values.get(field.value)
            if text is None or text.strip() == known.reach[field]:
                continue
            values[field] = text.strip() or None  # nothing: what was imported holds again
        address = _address(typed)
        if address is not None and address != known.address:
            values[PatientField.ADDRESS] = address or None
        if not values:
            return "nothing"
        with writing(engine) as session:
            edit_patient(session, here.ref.patient, values, here.me, here.now)
        return "edited"

    here = await here_of(visit, enrollment, Permission.DO_WORK)
    return await do(request, here, Form(Tab.DETAILS, "details"), in_thread(act))


def _address(typed: Typed) -> Mapping[str, str] | None:
    """Read the parts of the address that were typed; None where the form has none."""
    sent = {part: typed.values.get(f"address.{part}") for part in ADDRESS_PARTS}
    if all(text is None for text in sent.values()):
        return None
    return {part: text.strip() for part, text in sent.items() if text and text.strip()}


@router.post("/patients/{enrollment}/risk")
async def state_risk(request: Request, visit: Doing, enrollment: str) -> Response:
    """State why the patient is at risk, as a practitioner."""

    def act(here: Here, typed: Typed) -> str:
        tier, click = typed.word("tier", "The tier", RiskTier), typed.click
        text = typed.text("text", "The statement")
        typed.check()
        assert tier is not None  # noqa: S101 - checked
        check_states_risk(here.visit.visitor.name, here.roles)
        with writing(here.visit.parts.base.engine) as session:
            add_rationale(
                session,
                here.ref.patient,
                checked_risk(text),
                tier,
                by=here.me,
                at=here.now,
                told_in=click,
            )
        return "risk"

    here = await here_of(visit, enrollment, Permission.DO_WORK)
    return await do(request, here, Form(Tab.DETAILS, "risk"), in_thread(act))


@router.post("/patients/{enrollment}/practitioner")
async def let_bill(request: Request, visit: Leading, enrollment: str) -> Response:
    """Let another practitioner bill from now on."""

    def act(here: Here, typed: Typed) -> str:
        to = PersonId(typed.text("to", "The practitioner", most=100))
        because = typed.text("because", "The reason", most=500)
        typed.check()
        engine = here.visit.parts.base.engine
        staff = {one.person: one for one in staff_of(engine, here.ref.clinic)}
        if to not in staff:
            raise NotFoundError
        check_may_bill(staff[to].name, staff[to].roles)
        with writing(engine) as session:
            changed = change_practitioner(
                session, here.enrollment, to, because, by=here.me, at=here.now
            )
        return "practitioner" if changed else "nothing"

    here = await here_of(visit, enrollment, Permission.HAND_OVER_WORK)
    return await do(request, here, Form(Tab.DETAILS, "practitioner"), in_thread(act))
