"""A scorecard's numbers: the lists behind them, the other pages, and the ledger agree."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from ccm_flow.adapters.db.engine import open_database, reading, writing
from ccm_flow.adapters.db.migrate import upgrade
from ccm_flow.adapters.db.tables import (
    ClinicVendorRow,
    LedgerEventRow,
    OrganizationRow,
    ResponsibilityRow,
)
from ccm_flow.adapters.db.views_leaks import leak_report
from ccm_flow.adapters.db.views_scorecard import scorecard
from ccm_flow.adapters.documents.scorecard_pdf import scorecard_pdf
from ccm_flow.app.scorecard import Scorecard
from ccm_flow.app.statuses import OrganizationKind
from ccm_flow.core.ids import OrganizationId, RoleId
from ccm_flow.core.scorecard import GROUPS, LEAKS, TITLES, Count
from tests.rehearsal.recording import record_month
from tests.support.set_up import CLINIC, MONTH, NOW

AFTER = datetime(2038, 1, 20, 15, tzinfo=UTC)
CARE = OrganizationId("carebridge")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Record a month with late steps, escalations, a hospital stay and a death, once."""
    folder: Path = tmp_path_factory.mktemp("scorecards")
    engine = open_database(f"sqlite:///{folder / 'ccm.db'}")
    upgrade(engine)
    record_month(engine)
    middle = MONTH.first_day.replace(day=12)
    with writing(engine) as session:
        session.add(OrganizationRow(id=CARE, name="Carebridge", kind=OrganizationKind.VENDOR))
        session.flush()
        session.add(ClinicVendorRow(clinic_id=CLINIC, organization_id=CARE, from_day=middle))
        session.add(
            ResponsibilityRow(
                id="line",
                clinic_id=CLINIC,
                role=RoleId("coordinator"),
                organization_id=CARE,
                from_day=middle,
                because="agreed",
                set_at=NOW,
                position=1,
            )
        )
    return engine


@pytest.fixture(scope="module")
def card(played: Engine) -> Scorecard:
    return scorecard(played, CLINIC, MONTH, AFTER)


def test_every_number_has_a_title_and_a_place_and_is_the_length_of_its_list(
    card: Scorecard,
) -> None:
    assert set(card.evidence) == set(Count) == set(TITLES)
    assert sorted(one for _, counts in GROUPS for one in counts) == sorted(Count)
    assert all(card.count(one) == len(card.evidence[one]) for one in Count)


def test_the_lists_agree_with_the_pages_that_have_the_same_numbers(
    played: Engine, card: Scorecard
) -> None:
    figures = card.figures
    assert card.count(Count.PATIENTS) == figures.patients == 24
    assert card.count(Count.READY) == figures.ready
    assert card.count(Count.READY) + card.count(Count.NOT_READY) == figures.ended
    assert card.count(Count.ON_TIME) == figures.steps_on_time
    judged = card.count(Count.ON_TIME) + card.count(Count.LATE) + card.count(Count.MISSED)
    assert judged == figures.steps_due
    assert card.count(Count.ESCALATIONS) == figures.escalations
    assert sum(one.seconds for one in card.evidence[Count.ENTRIES]) == figures.seconds
    leaks = leak_report(played, CLINIC, MONTH).rows
    assert {one: card.count(one) for one in LEAKS} == {
        count: len(leaks[leak]) for count, leak in LEAKS.items()
    }


def test_the_numbers_balance_to_the_ledger(played: Engine, card: Scorecard) -> None:
    """Counted anew from the ledger's lines alone: endings, and how every step was closed."""
    with reading(played) as session:
        query = select(LedgerEventRow).where(LedgerEventRow.clinic_id == CLINIC)
        lines = session.exec(query.order_by(LedgerEventRow.id)).all()  # type: ignore[arg-type]
    endings = Counter(
        line.detail["ending"]["disposition"] for line in lines if line.kind == "end_cycle"
    )
    closed = {
        (line.cycle_id, line.detail["step"]["key"]): line.detail["step"]
        for line in lines
        if line.kind == "close_step"
    }
    kept: Counter[str] = Counter()
    for step in closed.values():
        due, ended = _instant(step["due_at"]), _instant(step["ended_at"])
        assert ended is not None
        if step["status"] == "done" and due is not None:
            kept["on_time" if ended <= due else "late"] += 1
        elif step["status"] == "expired" or (
            step["status"] == "withdrawn" and due is not None and due < ended
        ):
            kept["missed"] += 1
    assert card.count(Count.READY) == endings["ready"] > 0
    assert card.count(Count.NOT_READY) == endings.total() - endings["ready"] > 0
    for count in (Count.ON_TIME, Count.LATE, Count.MISSED):
        assert card.count(count) == kept[count.value] > 0


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def test_deadlines_go_to_whoever_was_responsible_on_the_day_that_decided(
    card: Scorecard,
) -> None:
    by_name = {one.name: one.tally for one in card.parties}
    assert {"Carebridge", "Elm Street Clinic"} <= set(by_name)
    assert sum(one.all for one in by_name.values()) == card.figures.steps_due
    switch = datetime(2037, 12, 12, 5, tzinfo=UTC)
    for count in (Count.ON_TIME, Count.LATE, Count.MISSED):
        for row in card.evidence[count]:
            if row.at is not None and row.at < switch:
                assert row.party == CLINIC
            if row.party == CARE:
                assert row.at is None or row.at >= switch - timedelta(days=31)


def test_the_paper_is_the_same_to_the_byte_and_a_month_without_patients_is_empty(
    played: Engine, card: Scorecard
) -> None:
    assert scorecard_pdf(card) == scorecard_pdf(card)
    empty = scorecard(played, CLINIC, MONTH.next.next, AFTER)
    assert {empty.count(one) for one in Count} == {0}
    assert (empty.parties, empty.alarms, empty.ready_percent) == ((), (), None)
