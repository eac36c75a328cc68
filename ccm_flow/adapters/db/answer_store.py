"""Keeps what came of forecasts, and tells those who want to know."""

from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Engine, exists, func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.account_store import STAFF_ACCESS, held_grants
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.forecast_store import forecast_of_row, published_on
from ccm_flow.adapters.db.plan_rows import plan_of
from ccm_flow.adapters.db.tables import (
    AccessGrantRow,
    ClinicPlaybookRow,
    ClinicRow,
    CycleRow,
    ForecastAnswerRow,
    ForecastRow,
    MessageRow,
    MonthActRow,
    PlaybookPublicationRow,
    StaffRoleRow,
)
from ccm_flow.app.answers import Answer, Unanswered
from ccm_flow.app.forecasts import Compared, ForecastResult
from ccm_flow.core.access import AccessRole
from ccm_flow.core.handoff import MonthAct, is_closed
from ccm_flow.core.ids import ClinicId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.plain_data import plain
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStatus

_LINES: Final[TypeAdapter[tuple[Compared, ...]]] = TypeAdapter(tuple[Compared, ...])
_LEADS: Final = [role for role, held in STAFF_ACCESS.items() if held is AccessRole.OPERATIONS_LEAD]


class SqlAnswers:
    """Implements `ccm_flow.app.answers.AnswerStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def unanswered(self) -> list[Unanswered]:
        """List published versions with a forecast, a month that ran on them and no answer."""
        with reading(self._engine) as session:
            found = [_unanswered(session, *one) for one in _waiting(session)]
        return [one for one in found if one is not None]

    def keep(self, answer: Answer) -> bool:
        """Keep an answer and tell who wants to know; False where another worker was first."""
        result, forecast = answer.result, answer.result.forecast
        names = ("patients", "still_open", "is_thin", "lines")
        row = ForecastAnswerRow(
            clinic_id=forecast.clinic,
            sha256=forecast.sha256,
            forecast_id=forecast.id,
            month=result.month,
            compared_at=answer.at,
            result={name: plain(getattr(result, name)) for name in names},
        )
        try:
            with writing(self._engine) as session:
                session.add(row)
                session.flush()
                session.add_all(_messages(session, answer))
        except IntegrityError:
            return False
        return True

    def of(self, clinic: ClinicId, sha256: str) -> Answer | None:
        """Give the answer of a version."""
        with reading(self._engine) as session:
            row = session.get(ForecastAnswerRow, (clinic, sha256))
            if row is None:
                return None
            forecast = forecast_of_row(session.get_one(ForecastRow, row.forecast_id))
            figures = row.result
            result = ForecastResult(
                forecast,
                row.month,
                figures["patients"],
                figures["still_open"],
                figures["is_thin"],
                _LINES.validate_python(figures["lines"]),
            )
            return Answer(result, row.compared_at)


def _waiting(session: Session) -> list[tuple[ClinicId, str, PlaybookKind, Month]]:
    """List versions with a forecast and no answer, with the first month they were published for."""
    used, known = ClinicPlaybookRow, ForecastRow
    forecast = exists().where(
        col(known.clinic_id) == col(used.clinic_id), col(known.sha256) == col(used.sha256)
    )
    answer = exists().where(
        col(ForecastAnswerRow.clinic_id) == col(used.clinic_id),
        col(ForecastAnswerRow.sha256) == col(used.sha256),
    )
    query = (
        select(used.clinic_id, used.sha256, used.kind, func.min(col(used.from_month)))
        .where(forecast, ~answer)
        .group_by(col(used.clinic_id), col(used.sha256), col(used.kind))
    )
    found = session.exec(query).all()
    return [
        (ClinicId(clinic), one, PlaybookKind(kind), first) for clinic, one, kind, first in found
    ]


def _unanswered(
    session: Session, clinic: ClinicId, sha256: str, kind: PlaybookKind, first: Month
) -> Unanswered | None:
    """Give what there is to compare; None before a month ran on the version."""
    on_it = (
        CycleRow.clinic_id == clinic,
        CycleRow.playbook_sha256 == sha256,
        CycleRow.kind == kind,
    )
    begun = select(func.min(col(CycleRow.month))).where(*on_it, col(CycleRow.month) >= first)
    month = session.exec(begun).one()
    forecast = published_on(session, clinic, sha256)
    if month is None or forecast is None:
        return None
    query = select(CycleRow.status, func.count()).where(*on_it, CycleRow.month == month)
    counts = dict(session.exec(query.group_by(col(CycleRow.status))).all())
    ended = counts.pop(CycleStatus.ENDED, 0)
    acts = select(MonthActRow.act).where(
        MonthActRow.clinic_id == clinic, MonthActRow.month == month
    )
    done = [MonthAct(act) for act in session.exec(acts.order_by(col(MonthActRow.number)))]
    return Unanswered(
        forecast=forecast,
        kind=kind,
        month=month,
        time_zone=session.get_one(ClinicRow, clinic).time_zone,
        ended=ended,
        still_open=sum(counts.values()),
        is_closed=kind is PlaybookKind.MONTHLY and is_closed(done),
    )


def _messages(session: Session, answer: Answer) -> list[MessageRow]:
    forecast = answer.result.forecast
    clinic, sha256 = forecast.clinic, forecast.sha256
    plan = plan_of(session, sha256)
    detail: dict[str, Any] = {"sha256": sha256, "title": f"{plan.title}, version {plan.version}"}
    return [
        MessageRow(
            id=f"forecast:{clinic}:{sha256}:{person}",
            clinic_id=clinic,
            kind="forecast_answered",
            to_person=person,
            to_role=plan.owner,
            sent_at=answer.at,
            text_code="forecast_missed" if answer.otherwise else "forecast_met",
            detail=detail,
        )
        for person in sorted(_told(session, clinic, sha256, answer.at))
    ]


def _told(session: Session, clinic: ClinicId, sha256: str, now: datetime) -> set[PersonId]:
    """Name who leads operations at the clinic, and who published the version last."""
    leads = select(StaffRoleRow.person_id).where(
        StaffRoleRow.clinic_id == clinic, col(StaffRoleRow.role).in_(_LEADS)
    )
    granted = held_grants().where(
        AccessGrantRow.clinic_id == clinic, AccessGrantRow.role == AccessRole.OPERATIONS_LEAD
    )
    published = select(PlaybookPublicationRow.by).where(
        PlaybookPublicationRow.clinic_id == clinic,
        PlaybookPublicationRow.sha256 == sha256,
        PlaybookPublicationRow.at <= now,
    )
    by = session.exec(published.order_by(col(PlaybookPublicationRow.number).desc())).first()
    owner = session.get_one(ClinicRow, clinic).program_owner_id
    found = {*session.exec(leads), *(row.person_id for row in session.exec(granted)), owner, by}
    return {PersonId(one) for one in found if one is not None}
