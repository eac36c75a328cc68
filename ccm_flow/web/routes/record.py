"""A patient's page, and what people write into the record from it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.consent_acts import revoke
from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.enrollment_changes import change_practitioner
from ccm_flow.adapters.db.note_store import SqlNoteStore
from ccm_flow.adapters.db.patient_edit_store import edit_patient
from ccm_flow.adapters.db.rationales import add_rationale
from ccm_flow.adapters.db.time_store import SqlTimeStore
from ccm_flow.adapters.db.views import staff_of
from ccm_flow.adapters.db.views_details import patient_details
from ccm_flow.adapters.db.views_find import PatientRef
from ccm_flow.app.notes import NoSuchNoteError, SignedAlreadyError
from ccm_flow.app.patient_edits import ADDRESS_PARTS, EditValue
from ccm_flow.app.practitioners import (
    check_may_bill,
    check_states_risk,
    checked_risk,
)
from ccm_flow.app.statuses import PatientField
from ccm_flow.app.time import About, Correction, NewEntry, add_entry, correct_entry
from ccm_flow.core.access import Permission
from ccm_flow.core.activities import Activity
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import EnrollmentId, PersonId, RoleId
from ccm_flow.core.patient_facts import RiskTier
from ccm_flow.web.errors import status_of
from ccm_flow.web.forms import Typed
from ccm_flow.web.pages import go_to
from ccm_flow.web.patient_page import Looking, Refused, Tab, patient_of, show_patient
from ccm_flow.web.visit import NotFoundError, Visit, needs

router = APIRouter()

Seeing = Annotated[Visit, needs(Permission.SEE_PATIENTS)]
Doing = Annotated[Visit, needs(Permission.DO_WORK)]
Leading = Annotated[Visit, needs(Permission.HAND_OVER_WORK)]
_SECONDS: Final = 60


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


@router.get("/patients/{enrollment}")
def show(
    request: Request, visit: Seeing, enrollment: str, looking: Annotated[Looking, Query()]
) -> Response:
    """Show a patient."""
    ref = patient_of(visit, enrollment, Permission.SEE_PATIENTS)
    return show_patient(request, visit, ref, looking)


@router.post("/patients/{enrollment}/notes/{note}/sign")
async def sign(request: Request, visit: Doing, enrollment: str, note: str) -> Response:
    """Sign one's own note."""

    def act(here: Here, typed: Typed) -> str:
        store, id_ = _note(here, note)
        marked = ((name, value) for name, value in typed.values.items() if name[:6] == "field.")
        fields = {name.removeprefix("field."): value for name, value in marked}
        try:
            store.sign(id_, here.me, here.now, fields)
        except SignedAlreadyError:
            return "signed"  # the form was sent twice
        return "signed"

    here = await here_of(visit, enrollment, Permission.DO_WORK)
    return await do(request, here, Form(Tab.NOTES, f"sign-{note}"), in_thread(act))


@router.post("/patients/{enrollment}/notes/{note}/cosign")
async def cosign(request: Request, visit: Doing, enrollment: str, note: str) -> Response:
    """Put a second signature below the author's."""

    def act(here: Here, _typed: Typed) -> str:
        store, id_ = _note(here, note)
        seen = store.note(id_).cosignature
        if seen is None or seen.by != here.me:
            store.cosign(id_, here.me, here.now)
        return "cosigned"

    here = await here_of(visit, enrollment, Permission.DO_WORK)
    return await do(request, here, Form(Tab.NOTES, f"cosign-{note}"), in_thread(act))


@router.post("/patients/{enrollment}/notes/{note}/amend")
async def amend(request: Request, visit: Doing, enrollment: str, note: str) -> Response:
    """Add to a signed note."""

    def act(here: Here, typed: Typed) -> str:
        store, id_ = _note(here, note)
        text = typed.text("text", "What is to be added")
        because, click = typed.text("because", "The reason", most=500), typed.click
        typed.check()
        store.amend(id_, text, because, here.me, here.now, told_in=click)
        return "amended"

    here = await here_of(visit, enrollment, Permission.DO_WORK)
    return await do(request, here, Form(Tab.NOTES, f"amend-{note}"), in_thread(act))


def _note(here: Here, note: str) -> tuple[SqlNoteStore, str]:
    """Make sure that a note is this patient's; raises `NotFoundError`."""
    store = SqlNoteStore(here.visit.parts.base.engine)
    try:
        found = store.note(note)
    except NoSuchNoteError:
        raise NotFoundError from None
    known = {found.id, *(one.id for one in found.amendments)}
    if found.enrollment != here.enrollment or note not in known:
        raise NotFoundError
    return store, note


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


@router.post("/patients/{enrollment}/time")
async def add_time(request: Request, visit: Doing, enrollment: str) -> Response:
    """Keep work that was done without a timer."""

    def act(here: Here, typed: Typed) -> str:
        started = typed.text("started", "When it began")
        at = typed.moment("started", "When it began", here.zone, here.now)
        minutes = typed.minutes("minutes", "How long it took")
        activity = typed.word("activity", "The kind of work", Activity)
        reason = typed.text("because", "The reason", needed=False, most=500)
        click = typed.click
        typed.check()
        assert started  # noqa: S101 - checked
        assert activity is not None  # noqa: S101 - checked
        entry = NewEntry(
            about=About(here.ref.clinic, here.enrollment),
            person=here.me,
            activity=activity,
            started_at=at,
            seconds=minutes * _SECONDS,
            reason=reason,
            told_in=click,
        )
        add_entry(SqlTimeStore(here.visit.parts.base.engine), entry, here.now)
        return "time"

    here = await here_of(visit, enrollment, Permission.DO_WORK)
    return await do(request, here, Form(Tab.TIME, "time"), in_thread(act))


@router.post("/patients/{enrollment}/time/{entry}")
async def correct_time(request: Request, visit: Doing, enrollment: str, entry: str) -> Response:
    """Let a new entry take another one's place."""

    def act(here: Here, typed: Typed) -> str:
        minutes = typed.minutes("minutes", "How long it took")
        activity = typed.word("activity", "The kind of work", Activity)
        reason, click = typed.text("because", "The reason", most=500), typed.click
        typed.check()
        store = SqlTimeStore(here.visit.parts.base.engine)
        known = store.entry(entry, here.ref.clinic)
        if known.enrollment != here.enrollment:
            raise NotFoundError
        seconds = minutes * _SECONDS
        kept = seconds if seconds // _SECONDS != known.seconds // _SECONDS else None
        change = Correction(
            entry=entry,
            by=here.me,
            reason=reason,
            seconds=kept,  # what was not changed keeps its odd seconds
            activity=activity if activity is not known.activity else None,
            told_in=click,
        )
        if kept is None and change.activity is None:
            return "corrected" if store.told(click) else "nothing"
        correct_entry(store, here.ref.clinic, change, here.now)
        return "corrected"

    here = await here_of(visit, enrollment, Permission.DO_WORK)
    return await do(request, here, Form(Tab.TIME, f"correct-{entry}"), in_thread(act))


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
