"""A forecast is compared with its first month by itself, once, and those who care are told."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from ccm_flow.adapters.db.answer_store import SqlAnswers
from ccm_flow.adapters.db.draft_store import SqlDrafts
from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.forecast_store import SqlForecasts
from ccm_flow.adapters.db.message_store import messages
from ccm_flow.adapters.db.tables import CycleRow
from ccm_flow.adapters.processes.replays import SqlRecordedClinic
from ccm_flow.app.answers import answer_forecasts
from ccm_flow.app.drafts import Publication
from ccm_flow.app.forecasts import compare_forecast, forecast_of
from ccm_flow.app.rehearse import Wanted, rehearse
from ccm_flow.core.plain_data import plain
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.core.state import CycleStatus
from tests.rehearsal.test_forecasts import record_as_published, resolved
from tests.support.set_up import CLINIC, MONTH, NOW, MovableClock, person, set_up_clinic

FIRST = MONTH.next
"""The first month on the changed playbook."""
LATE_IN_IT = datetime(2038, 1, 31, 20, tzinfo=UTC)
OVER = datetime(2038, 2, 1, 6, tzinfo=UTC)


@pytest.fixture
def changed(engine: Engine) -> Plan:
    """Publish a rehearsed change by Pat, and play the first month on it."""
    set_up_clinic(engine, 12)
    record_as_published(engine, MONTH, 12)
    plan, source = resolved(engine)
    result = rehearse(SqlRecordedClinic(engine), Wanted(CLINIC, plan, MONTH, {}))
    SqlForecasts(engine).keep(
        forecast_of(result, plain(result), id_="f1", draft=None, by=None, at=NOW)
    )
    SqlDrafts(engine).publish(Publication(CLINIC, plan, source, FIRST, person("pat")), NOW, None)
    record_as_published(engine, FIRST, 12)
    return plan


def _answer(engine: Engine, now: datetime) -> int:
    return answer_forecasts(SqlAnswers(engine), SqlRecordedClinic(engine), MovableClock(now))


def _set_status(engine: Engine, status: CycleStatus) -> None:
    """Let one cycle of the month run, or end again."""
    with writing(engine) as session:
        query = select(CycleRow).where(CycleRow.month == FIRST)
        one = session.exec(query.order_by(col(CycleRow.id))).first()
        assert one is not None
        one.status = status
        session.add(one)


def test_a_forecast_is_answered_once_when_its_first_month_is_over(
    engine: Engine, changed: Plan
) -> None:
    answers = SqlAnswers(engine)
    assert _answer(engine, LATE_IN_IT) == 0
    _set_status(engine, CycleStatus.RUNNING)
    assert _answer(engine, OVER) == 0
    _set_status(engine, CycleStatus.ENDED)

    assert [_answer(engine, OVER) for _ in range(3)] == [1, 0, 0]

    answer = answers.of(CLINIC, changed.sha256)
    assert answer is not None
    assert answer.at == OVER
    forecast = SqlForecasts(engine).published_on(CLINIC, changed.sha256)
    assert forecast is not None
    by_hand = compare_forecast(SqlRecordedClinic(engine), forecast, FIRST, PlaybookKind.MONTHLY)
    assert answer.result == by_hand
    assert not answers.keep(answer), "another worker was first"

    for who, told in {"lee": 1, "pat": 1, "ann": 0}.items():
        found = messages(engine, person(who), [CLINIC], start=0, new_only=True)
        about = [one for one in found if one.version == changed.sha256]
        assert len(about) == told, who
        assert all(one.title == f"{changed.title}, version 3" for one in about)
