"""Months are closed once, lines are never worked out again, and every change since is seen."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.billing_store import SqlBillingStore
from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.month_lock import is_closed
from ccm_flow.adapters.db.month_record import SqlMonthRecord
from ccm_flow.adapters.db.patient_store import SqlPatientStore
from ccm_flow.adapters.db.tables import (
    BillingLineRow,
    ConsentRow,
    LedgerEventRow,
)
from ccm_flow.app.billing import LineView, line_views
from ccm_flow.app.close_month import (
    AlreadyClosedError,
    Closed,
    Closing,
    MonthNotOverError,
    NotClosedError,
    NotSettledError,
    approve_lines,
    close_month,
    reopen_month,
)
from ccm_flow.app.hand_off import HandOff, claim_lines, packets
from ccm_flow.app.readiness import Place, look_at_month
from ccm_flow.app.statuses import ConsentKind, ConsentMode
from ccm_flow.core.handoff import Decision, LineAct, LineState
from ccm_flow.core.ids import EnrollmentId
from ccm_flow.core.plan import PlaybookKind, Requirement
from tests.support import billed
from tests.support.billed import AFTER, ELM, MONTH, day, person

BOB = person("bob")


@pytest.fixture
def hand(engine: Engine) -> HandOff:
    return billed.hand_off(engine, "none")


def ready(engine: Engine, patients: int = 1, *outcomes: str) -> list[EnrollmentId]:
    """Play months that can be billed."""
    enrolled = billed.set_up(engine, patients)
    for enrollment in enrolled:
        billed.play(engine, enrollment, *outcomes)
        billed.work(engine, enrollment)
    return enrolled


def close(hand: HandOff, anyway: str | None = None) -> Closed:
    closing = Closing(ELM, MONTH, BOB, date(2027, 1, 4), anyway)
    return close_month(hand.store, hand.rules, closing, AFTER)


def approve(hand: HandOff) -> int:
    return len(approve_lines(hand.store, ELM, MONTH, by=BOB, now=AFTER).approved)


def views(hand: HandOff) -> list[LineView]:
    return line_views(hand.store, ELM, MONTH, AFTER)


def test_closing_makes_one_line_for_every_ready_patient(engine: Engine, hand: HandOff) -> None:
    ready(engine, 3)
    assert close(hand).made == 3
    (line, *_) = views(hand)
    assert [(one.code, one.units) for one in line.line.result.lines] == [("99490", 1)]
    assert line.line.state is LineState.DRAFT
    assert line.line.rules.name == "medicare-2026"
    assert len(line.line.rules.sha256) == len(line.line.facts_sha256) == 64
    assert line.changed == ()


def test_a_month_is_closed_once_and_not_before_it_is_over(engine: Engine, hand: HandOff) -> None:
    ready(engine)
    early = Closing(ELM, MONTH, BOB, date(2026, 12, 31))
    with pytest.raises(MonthNotOverError):
        close_month(hand.store, hand.rules, early, AFTER)
    close(hand)
    with pytest.raises(AlreadyClosedError):
        close(hand)
    assert len(hand.store.lines(ELM, MONTH)) == 1


def test_what_is_not_settled_refuses_the_close_and_is_kept_when_it_is_closed_anyway(
    engine: Engine, hand: HandOff
) -> None:
    first, second = billed.set_up(engine, 2)
    billed.play(engine, first)
    billed.work(engine, first)
    billed.play(engine, second)
    billed.work(engine, second, [5], signed=False)
    with pytest.raises(NotSettledError) as refused:
        close(hand)
    said = "\n".join(refused.value.unsettled)
    assert "5 of 20 minutes" in said
    assert "1 unsigned note" in said
    assert hand.store.history(ELM, MONTH) == []
    closed = close(hand, "the biller is away next week")
    assert (closed.made, closed.not_ready) == (1, 1)
    (act,) = hand.store.history(ELM, MONTH)
    assert (act.because, act.by) == ("the biller is away next week", BOB)
    assert act.unsettled == closed.unsettled == refused.value.unsettled


def test_what_was_approved_is_never_worked_out_again(engine: Engine, hand: HandOff) -> None:
    """A late entry, a revoked consent, an import: the line is marked, and stays what it was."""
    (enrollment,) = ready(engine)
    close(hand)
    assert approve(hand) == 1
    (before,) = views(hand)
    billed.work(engine, enrollment, [20], first_day=20, id_="late")
    with writing(engine) as session:
        session.add(
            ConsentRow(
                id="revoked",
                enrollment_id=enrollment,
                kind=ConsentKind.REVOKED,
                mode=ConsentMode.VERBAL,
                content_version="ccm-1",
                taken_by=person("ann"),
                taken_at=AFTER,
                effective_from=date(2026, 11, 30),
                revoked_effective=date(2026, 11, 30),
                practitioner_id=person("pat"),
            )
        )
    record = SqlPatientStore(engine)
    ((_, imported),) = record.records(ELM)
    record.save(ELM, replace(imported, coverages=(), services=()), AFTER)
    (after,) = views(hand)
    assert replace(after.line, decisions=()) == replace(before.line, decisions=())
    said = "; ".join(after.changed)
    assert "counted time: was 25 min 00 s" in said
    assert "consent: was yes, is no now" in said
    assert "Medicare Part B in force: was yes, is no now" in said
    assert close_again_after_reopening(hand) == (0, 0)
    (line,) = claim_lines(packets(hand, ELM, MONTH, AFTER))
    assert line.changed_since_approval


def close_again_after_reopening(hand: HandOff) -> tuple[int, int]:
    """Reopen and close; what is not ready any more gets no new line."""
    reopen_month(hand.store, ELM, MONTH, by=BOB, because="late entry", now=AFTER)
    closed = close(hand, "closed again")
    return closed.made, closed.kept


def test_after_a_reopening_only_changed_lines_get_a_new_revision(
    engine: Engine, hand: HandOff
) -> None:
    first, second = ready(engine, 2)
    close(hand)
    approve(hand)
    with pytest.raises(AlreadyClosedError):
        close(hand)
    reopen_month(hand.store, ELM, MONTH, by=BOB, because="late entry", now=AFTER)
    with pytest.raises(NotClosedError):
        approve(hand)
    billed.work(engine, first, [20], first_day=20, id_="late")
    closed = close(hand)
    assert (closed.made, closed.kept) == (1, 1)
    lines = {view.enrollment: view.line for view in views(hand)}
    assert (lines[first].revision, lines[first].state) == (2, LineState.DRAFT)
    assert (lines[second].revision, lines[second].state) == (1, LineState.APPROVED)
    with reading(engine) as session:
        kept = session.exec(select(BillingLineRow).order_by("revision")).all()
    assert len(kept) == 3
    assert kept[-1].replaces in {row.id for row in kept[:2]}


def test_a_line_that_changed_before_its_approval_is_held_back(
    engine: Engine, hand: HandOff
) -> None:
    (enrollment,) = ready(engine)
    close(hand)
    billed.work(engine, enrollment, [20], first_day=20, id_="late")
    approval = approve_lines(hand.store, ELM, MONTH, by=BOB, now=AFTER)
    assert (len(approval.approved), len(approval.held)) == (0, 1)


def test_a_closed_month_takes_no_time_until_it_is_opened_again(
    engine: Engine, hand: HandOff
) -> None:
    (enrollment,) = ready(engine)

    def locked() -> bool:
        with reading(engine) as session:
            return is_closed(session, enrollment, MONTH)

    assert not locked()
    close(hand)
    assert locked()
    reopen_month(hand.store, ELM, MONTH, by=BOB, because="late entry", now=AFTER)
    assert not locked()


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        ((), LineState.APPROVED),
        (("accepted",), LineState.ACCEPTED),
        (("returned",), LineState.RETURNED),
    ],
)
def test_a_line_follows_the_hand_off(
    engine: Engine, hand: HandOff, outcomes: tuple[str, ...], state: LineState
) -> None:
    ready(engine, 1)
    close(hand)
    approve(hand)
    (before,) = views(hand)
    assert before.line.state is LineState.APPROVED
    if outcomes:
        billed.play(engine, before.enrollment, *outcomes)
        act = LineAct(outcomes[-1])
        decision = Decision(act, BOB, AFTER, "which call?" if act is LineAct.RETURNED else None)
        hand.store.decide(ELM, MONTH, {before.enrollment: decision})
    (after,) = views(hand)
    assert after.line.state is state
    going = claim_lines(packets(hand, ELM, MONTH, AFTER))
    assert bool(going) is (state is not LineState.RETURNED)


@pytest.mark.parametrize("table", ["month_act", "billing_line", "line_act"])
def test_the_database_refuses_to_change_what_was_decided(
    engine: Engine, hand: HandOff, table: str
) -> None:
    ready(engine)
    close(hand)
    approve(hand)
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = 'x'"):  # noqa: S608
        with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(statement))


def test_everything_that_is_decided_stands_in_the_ledger(engine: Engine, hand: HandOff) -> None:
    ready(engine)
    close(hand)
    approve(hand)
    reopen_month(hand.store, ELM, MONTH, by=BOB, because="late entry", now=AFTER)
    with reading(engine) as session:
        kinds = session.exec(select(LedgerEventRow.kind).order_by("id")).all()
    assert [kind for kind in kinds if kind.startswith(("month_", "billing_"))][-3:] == [
        "month_closed",
        "billing_approved",
        "month_reopened",
    ]


def test_readiness_names_step_owner_and_deadline_of_every_blocker(engine: Engine) -> None:
    (enrollment,) = billed.set_up(engine)
    billed.play(engine, enrollment)
    hours = SqlCareRecord(engine).clinic(ELM).hours
    calendar = month_calendar(hours, MONTH, PlaybookKind.MONTHLY)
    place = Place(ELM, "Elm", "America/New_York", calendar)
    report = look_at_month(SqlMonthRecord(engine), place, MONTH, day(28))
    (patient,) = report.patients
    assert (patient.minutes, patient.missing_minutes, patient.will_make_it) == (0, 20, False)
    lines = {line.requirement: line for line in patient.blockers}
    assert set(lines) == {Requirement.MINUTES}
    assert lines[Requirement.MINUTES].owner_name
    assert lines[Requirement.MINUTES].due_at is not None
    billed.work(engine, enrollment)
    report = look_at_month(SqlMonthRecord(engine), place, MONTH, day(28))
    assert report.ready == 1
    assert sum(week.documented_minutes for week in report.weeks) == 25


def test_two_people_cannot_close_a_month_at_once(engine: Engine, hand: HandOff) -> None:
    ready(engine)
    store = SqlBillingStore(engine)
    close(hand)
    (done,) = store.history(ELM, MONTH)
    reopened = replace(done, id="again", at=AFTER + timedelta(seconds=1))
    store.reopen(ELM, MONTH, reopened)
    assert [one.id for one in store.history(ELM, MONTH)] == [done.id, "again"]
