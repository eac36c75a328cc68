"""Whether the application runs, and whether it can take work; for load balancers, without names."""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from ccm_flow.adapters.db.engine import reading
from ccm_flow.web.parts import parts_of
from ccm_flow.web.visit import public

router = APIRouter()


@router.get("/healthz", dependencies=[public()])
def healthz() -> Response:
    """Say that the application runs."""
    return PlainTextResponse("ok\n")


@router.get("/readyz", dependencies=[public()])
def readyz(request: Request) -> Response:
    """
    Say whether the record answers: then people can work.

    Without the Temporal server they can too: what they do is kept and passed on later.
    """
    try:
        with reading(parts_of(request).base.engine) as session:
            session.connection().execute(text("SELECT 1"))
    except SQLAlchemyError:
        return PlainTextResponse("the database does not answer\n", status_code=503)
    return PlainTextResponse("ready\n")
