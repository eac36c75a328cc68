"""Keeps what rehearsals forecast."""

from dataclasses import asdict

from sqlalchemy import Engine, func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.tables import ForecastRow, PlaybookPublicationRow
from ccm_flow.app.forecasts import Forecast
from ccm_flow.core.ids import ClinicId, DraftId
from ccm_flow.rehearsal.comparing import Change
from ccm_flow.rehearsal.measures import Metric


class SqlForecasts:
    """Implements `ccm_flow.app.forecasts.ForecastStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, forecast: Forecast) -> None:
        """Keep a forecast; a second time changes nothing."""
        with writing(self._engine) as session:
            if session.get(ForecastRow, forecast.id) is not None:
                return
            changes = [{**asdict(one), "metric": one.metric.value} for one in forecast.changes]
            session.add(
                ForecastRow(
                    id=forecast.id,
                    clinic_id=forecast.clinic,
                    draft_id=forecast.draft,
                    sha256=forecast.sha256,
                    against=forecast.against,
                    made_by=forecast.by,
                    made_at=forecast.at,
                    result={**forecast.figures, "changes": changes},
                )
            )

    def newest(self, clinic: ClinicId, sha256: str) -> Forecast | None:
        """Give the newest forecast of a text."""
        with reading(self._engine) as session:
            row = session.exec(_newest(clinic, sha256)).first()
            return None if row is None else forecast_of_row(row)

    def published_on(self, clinic: ClinicId, sha256: str) -> Forecast | None:
        """Give the newest forecast that was made before the clinic first published a version."""
        with reading(self._engine) as session:
            return published_on(session, clinic, sha256)

    def of_draft(self, draft: DraftId) -> list[Forecast]:
        """Give all forecasts of a draft's texts, the newest first."""
        query = select(ForecastRow).where(ForecastRow.draft_id == draft)
        with reading(self._engine) as session:
            rows = session.exec(query.order_by(col(ForecastRow.made_at).desc()))
            return [forecast_of_row(row) for row in rows]


def published_on(session: Session, clinic: ClinicId, sha256: str) -> Forecast | None:
    """Give the newest forecast that was made before the clinic first published a version."""
    published = select(func.min(col(PlaybookPublicationRow.at))).where(
        PlaybookPublicationRow.clinic_id == clinic, PlaybookPublicationRow.sha256 == sha256
    )
    before = col(ForecastRow.made_at) <= published.scalar_subquery()
    row = session.exec(_newest(clinic, sha256).where(before)).first()
    return None if row is None else forecast_of_row(row)


def was_rehearsed(session: Session, clinic: ClinicId, sha256: str) -> bool:
    """Tell whether anything was forecast of a version."""
    return session.exec(_newest(clinic, sha256)).first() is not None


def _newest(clinic: ClinicId, sha256: str) -> SelectOfScalar[ForecastRow]:
    return (
        select(ForecastRow)
        .where(ForecastRow.clinic_id == clinic, ForecastRow.sha256 == sha256)
        .order_by(col(ForecastRow.made_at).desc())
    )


def forecast_of_row(row: ForecastRow) -> Forecast:
    """Give a forecast as it was kept."""
    figures = dict(row.result)
    changes = [{**one, "metric": Metric(one["metric"])} for one in figures.pop("changes")]
    return Forecast(
        id=row.id,
        clinic=row.clinic_id,
        draft=row.draft_id,
        sha256=row.sha256,
        against=row.against,
        by=row.made_by,
        at=row.made_at,
        patients=figures["patients"],
        is_thin=figures["is_thin"],
        changes=tuple(Change(**one) for one in changes),
        figures=figures,
    )
