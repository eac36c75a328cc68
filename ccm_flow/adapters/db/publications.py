"""Keeping playbook versions, and which one a clinic uses from which month: by whom, and when."""

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.tables import (
    ClinicPlaybookRow,
    PlaybookPublicationRow,
    PlaybookVersionRow,
)
from ccm_flow.app.drafts import Publication, VersionTakenError
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.plan import Plan, plan_json


def keep_publication(session: Session, made: Publication, now: datetime) -> bool:
    """
    Keep a version for ever, use it from a month on and note who did that.

    Returns False when that was so already.

    Raises:
        VersionTakenError: the version number stands for another text.
    """
    _keep_version(session, made, now)
    session.flush()
    plan = made.plan
    used = session.get(ClinicPlaybookRow, (made.clinic, plan.kind, made.from_month))
    if used is not None and used.sha256 == plan.sha256:
        return False
    session.merge(
        ClinicPlaybookRow(
            clinic_id=made.clinic, kind=plan.kind, from_month=made.from_month, sha256=plan.sha256
        )
    )
    session.add(
        PlaybookPublicationRow(
            clinic_id=made.clinic,
            number=_next_number(session, made.clinic),
            kind=plan.kind,
            from_month=made.from_month,
            sha256=plan.sha256,
            by=made.by,
            approved_by=made.approved_by,
            at=now,
            note=made.note,
        )
    )
    return True


def is_taken(session: Session, plan: Plan) -> bool:
    """Tell whether a version number stands for another text."""
    query = select(PlaybookVersionRow.sha256).where(
        PlaybookVersionRow.playbook == plan.playbook, PlaybookVersionRow.version == plan.version
    )
    return session.exec(query).first() not in (None, plan.sha256)


def _next_number(session: Session, clinic: ClinicId) -> int:
    number = col(PlaybookPublicationRow.number)
    query = select(func.max(number)).where(PlaybookPublicationRow.clinic_id == clinic)
    return (session.exec(query).one() or 0) + 1


def _keep_version(session: Session, made: Publication, now: datetime) -> None:
    plan = made.plan
    if session.get(PlaybookVersionRow, plan.sha256) is not None:
        return
    if is_taken(session, plan):
        raise VersionTakenError(plan)
    session.add(
        PlaybookVersionRow(
            sha256=plan.sha256,
            playbook=plan.playbook,
            version=plan.version,
            title=plan.title,
            source=made.source,
            plan=plan_json().dump_json(plan).decode(),
            published_at=now,
            published_by=made.by,
        )
    )
