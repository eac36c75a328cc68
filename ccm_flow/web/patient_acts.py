"""What people do from a patient's page: who does it, and what becomes of the form."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.views_find import PatientRef
from ccm_flow.core.access import Permission
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import EnrollmentId, PersonId, RoleId
from ccm_flow.web.errors import status_of
from ccm_flow.web.forms import Typed
from ccm_flow.web.pages import go_to
from ccm_flow.web.patient_page import patient_of, show_patient
from ccm_flow.web.patient_tabs import Looking, Refused, Tab
from ccm_flow.web.visit import Visit, needs

Seeing = Annotated[Visit, needs(Permission.SEE_PATIENTS)]
Doing = Annotated[Visit, needs(Permission.DO_WORK)]
Leading = Annotated[Visit, needs(Permission.HAND_OVER_WORK)]


@dataclass(frozen=True)
class Here:
    """Who does something for which patient, and when."""

    visit: Visit
    ref: PatientRef
    zone: ZoneInfo
    now: datetime

    @property
    def me(self) -> PersonId:
        """Who does it."""
        return self.visit.visitor.person

    @property
    def enrollment(self) -> EnrollmentId:
        """The patient's enrollment."""
        return self.ref.enrollment or EnrollmentId("")

    @property
    def roles(self) -> frozenset[RoleId]:
        """The person's roles on the clinic's staff."""
        return self.visit.parts.base.record.roles_of(self.me, self.ref.clinic)

    @classmethod
    def of(cls, visit: Visit, ref: PatientRef) -> "Here":
        """Put together what every act needs."""
        base = visit.parts.base
        zone = clinic_zone(base.record.clinic(ref.clinic).hours.time_zone)
        return cls(visit, ref, zone, base.clock.now())


@dataclass(frozen=True)
class Form:
    """One form: where it stands and what its name is; notes have several of a kind."""

    tab: Tab
    name: str


async def do(
    request: Request,
    here: Here,
    form: Form,
    act: Callable[[Here, Typed], Awaitable[str]],
) -> Response:
    """
    Do what a form asks and go back to its page.

    On refusal the page comes back with the sentence on top and everything that was typed.
    """
    typed = await Typed.of(request)
    of = typed.values.get("of", "")
    try:
        done = await act(here, typed)
    except CcmError as problem:
        refused = Refused(form.name, problem, typed.values)
        looking = Looking(show=form.tab, of=of[:40])
        return await run_in_threadpool(
            show_patient,
            request,
            here.visit,
            here.ref,
            looking,
            refused=refused,
            status=status_of(problem),
        )
    back = {"of": of} if of else {}
    return go_to(request, f"/patients/{here.enrollment}", show=form.tab, done=done, **back)


def in_thread(act: Callable[[Here, Typed], str]) -> Callable[[Here, Typed], Awaitable[str]]:
    """Make an act that only writes to the database leave the server's loop alone."""

    async def threaded(here: Here, typed: Typed) -> str:
        return await run_in_threadpool(act, here, typed)

    return threaded


async def here_of(visit: Visit, enrollment: str, permission: Permission) -> Here:
    """Find the patient of a form; raises `NotFoundError`."""
    ref = await run_in_threadpool(patient_of, visit, enrollment, permission)
    return await run_in_threadpool(Here.of, visit, ref)
