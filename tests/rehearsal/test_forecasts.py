"""What was forecast stays with its text; approval asks for it, the next month answers it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.care_team import team_of
from ccm_flow.adapters.db.draft_store import SqlDrafts
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.forecast_store import SqlForecasts
from ccm_flow.adapters.playbook_library import PlaybookLibrary
from ccm_flow.adapters.processes.replays import SqlRecordedClinic
from ccm_flow.adapters.shipped import shipped
from ccm_flow.adapters.templates import load_templates
from ccm_flow.app.drafts import Publication
from ccm_flow.app.forecasts import compare_forecast, forecast_of
from ccm_flow.app.publish_playbook import DraftDesk, NotRehearsedError, approve, ask_approval
from ccm_flow.app.rehearse import Wanted, rehearse
from ccm_flow.app.roll_back import InUse, NothingToGoBackToError, Wish, roll_back
from ccm_flow.core.drafts import DraftState
from ccm_flow.core.ids import DraftId
from ccm_flow.core.month import Month
from ccm_flow.core.plain_data import plain
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.demo.staff import MONTHLY_STAFF
from ccm_flow.rehearsal.measures import Metric
from tests.support.played_month import keep_months, play_month, start_of
from tests.support.set_up import CLINIC, MONTH, NOW, MovableClock, person, set_up_clinic

DRAFT = DraftId("d1")
TEXT = (shipped("playbooks") / "ccm_monthly.yaml").read_text("utf-8")
DRAFT_TEXT = TEXT.replace("\nversion: 2\n", "\nversion: 3\n").replace(
    "due: business day 12", "due: business day 10"
)


def record_as_published(engine: Engine, month: Month, patients: int) -> None:
    """Record a month as it is published."""
    record = SqlCareRecord(engine)
    calendar = month_calendar(record.clinic(CLINIC).hours, month, PlaybookKind.MONTHLY)
    plan = record.plan_for(CLINIC, PlaybookKind.MONTHLY, month)
    waiting = record.to_open(CLINIC, PlaybookKind.MONTHLY, month, NOW)
    played = []
    for number, one in enumerate(waiting[:patients]):
        with reading(engine) as session:
            team = team_of(session, one.enrollment)
        start = start_of(one.enrollment, plan, month, calendar=calendar, team=team)
        played.append(play_month(start, MONTHLY_STAFF, f"{month}|{number}"))
    keep_months(engine, played)


def _desk(engine: Engine) -> DraftDesk:
    library = PlaybookLibrary(engine, load_templates(shipped("templates")))
    return DraftDesk(SqlDrafts(engine), library, MovableClock())


def _drafted(engine: Engine) -> Plan:
    """Write a draft and ask for its approval."""
    desk = _desk(engine)
    SqlDrafts(engine).begin(
        DRAFT, CLINIC, DRAFT_TEXT, title="t", begun_from="x", by=person("lee"), now=NOW
    )
    ask_approval(desk, DRAFT, revision=1, by=person("lee"), note="")
    return resolved(engine)[0]


def resolved(engine: Engine) -> tuple[Plan, str]:
    """Give the draft's plan, and its whole text."""
    found = _desk(engine).library.resolve(CLINIC, DRAFT_TEXT)
    assert found.plan is not None
    return found.plan, found.merged_text


def _forecast(engine: Engine, plan: Plan) -> None:
    result = rehearse(SqlRecordedClinic(engine), Wanted(CLINIC, plan, MONTH, {}))
    made = forecast_of(result, plain(result), id_="f1", draft=DRAFT, by=person("lee"), at=NOW)
    SqlForecasts(engine).keep(made)
    SqlForecasts(engine).keep(made)


def test_what_was_not_rehearsed_is_approved_only_with_a_reason(engine: Engine) -> None:
    set_up_clinic(engine)
    _drafted(engine)
    desk, pat = _desk(engine), person("pat")

    with pytest.raises(NotRehearsedError):
        approve(desk, DRAFT, revision=1, by=pat, note="  ")
    assert desk.drafts.draft(DRAFT).state is DraftState.WAITING
    approve(desk, DRAFT, revision=1, by=pat, note="No month is closed yet")
    assert desk.drafts.draft(DRAFT).state is DraftState.APPROVED


def test_a_forecast_is_compared_with_the_month_that_followed(engine: Engine) -> None:
    set_up_clinic(engine, 12)
    record_as_published(engine, MONTH, 12)
    plan = _drafted(engine)
    _forecast(engine, plan)
    approve(_desk(engine), DRAFT, revision=1, by=person("pat"), note="")

    store = SqlForecasts(engine)
    (forecast,) = store.of_draft(DRAFT)
    assert store.newest(CLINIC, plan.sha256) == forecast
    assert (forecast.by, forecast.against, forecast.patients) == (person("lee"), MONTH, 12)
    assert "affected" not in forecast.figures

    source = _desk(engine).library.resolve(CLINIC, DRAFT_TEXT).merged_text
    made = Publication(CLINIC, plan, source, MONTH.next, person("lee"))
    SqlDrafts(engine).publish(made, NOW, None)
    record_as_published(engine, MONTH.next, 12)
    recorded = SqlRecordedClinic(engine)
    result = compare_forecast(recorded, forecast, MONTH.next, PlaybookKind.MONTHLY)

    assert (result.patients, result.still_open, result.is_thin) == (12, 0, False)
    ready = next(one for one in result.lines if one.metric is Metric.READY)
    assert ready.actual is not None
    assert ready.low is not None
    assert ready.high is not None
    assert ready.is_inside is (ready.low - 1e-6 < ready.actual < ready.high + 1e-6)


def test_what_is_rehearsed_after_publication_takes_no_forecasts_place(engine: Engine) -> None:
    set_up_clinic(engine, 1)
    record_as_published(engine, MONTH, 1)
    plan = _drafted(engine)
    store, lee = SqlForecasts(engine), person("lee")
    result = rehearse(SqlRecordedClinic(engine), Wanted(CLINIC, plan, MONTH, {}))

    def keep(id_: str, at: datetime) -> None:
        store.keep(forecast_of(result, plain(result), id_=id_, draft=DRAFT, by=lee, at=at))

    keep("early", NOW)
    assert store.published_on(CLINIC, plan.sha256) is None
    made = Publication(CLINIC, plan, DRAFT_TEXT, MONTH.next, lee)
    SqlDrafts(engine).publish(made, NOW + timedelta(days=1), None)
    keep("late", NOW + timedelta(days=2))
    again = Publication(CLINIC, plan, DRAFT_TEXT, MONTH.next.next, lee)
    SqlDrafts(engine).publish(again, NOW + timedelta(days=3), None)

    found, newest = store.published_on(CLINIC, plan.sha256), store.newest(CLINIC, plan.sha256)
    assert found is not None
    assert newest is not None
    assert (found.id, newest.id) == ("early", "late")


def test_going_back_publishes_the_version_before_anew(engine: Engine) -> None:
    set_up_clinic(engine)
    plan = _drafted(engine)
    old = SqlCareRecord(engine).plan_for(CLINIC, PlaybookKind.MONTHLY, MONTH)
    drafts, desk = SqlDrafts(engine), _desk(engine)
    drafts.publish(Publication(CLINIC, plan, DRAFT_TEXT, MONTH, person("lee")), NOW, None)
    used = [
        InUse(one.playbook, one.version, one.sha256, first)
        for one, first in ((old, Month(2037, 1)), (plan, MONTH))
    ]
    lee, running = person("lee"), MONTH

    wish = Wish(plan.playbook, MONTH.next, "lost")
    done = roll_back(desk, CLINIC, used, wish, running=running, by=lee)

    record = SqlCareRecord(engine)
    assert (done.version, done.instead_of) == (old.version, plan.version)
    assert record.plan_for(CLINIC, PlaybookKind.MONTHLY, MONTH).version == plan.version
    assert record.plan_for(CLINIC, PlaybookKind.MONTHLY, MONTH.next).version == old.version
    with pytest.raises(NothingToGoBackToError):
        roll_back(desk, CLINIC, used[:1], wish, running=running, by=lee)
