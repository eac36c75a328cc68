"""The notes on a patient's page: signed, signed a second time, added to."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from ccm_flow.adapters.db.note_store import SqlNoteStore
from ccm_flow.app.notes import NoSuchNoteError, SignedAlreadyError
from ccm_flow.core.access import Permission
from ccm_flow.web.forms import Typed
from ccm_flow.web.patient_acts import Doing, Form, Here, do, here_of, in_thread
from ccm_flow.web.patient_tabs import Tab
from ccm_flow.web.visit import NotFoundError

router = APIRouter()


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
