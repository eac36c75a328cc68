"""Signing that running months go on by another version: once each, and all of it kept."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.recorded_months import closed_cycles, moved_cycles
from ccm_flow.adapters.db.tables import CycleRow, LedgerEventRow, MoveOrderRow, StepRow
from ccm_flow.adapters.db.views_timeline import transition_story
from ccm_flow.app.flow import FlowUnavailableError
from ccm_flow.app.migrate import preview_moves
from ccm_flow.app.move_months import (
    Answered,
    MayNotSignError,
    MonthsChangedError,
    MoveWish,
    NotApprovedError,
    NothingToMoveError,
    OtherOrderError,
    WrongNameError,
    carry_out,
    months_mark,
    sign_move,
)
from ccm_flow.core.engine.fates import Fate
from ccm_flow.core.errors import CcmError
from ccm_flow.core.events import MonthClosed, PersonEvent
from ccm_flow.core.ids import ClickId, CycleId
from ccm_flow.core.plan import PlaybookKind
from tests.support.moved_months import MovingClinic, next_version
from tests.support.set_up import CLINIC, MONTH, person


def _ledger(engine: Engine) -> list[LedgerEventRow]:
    query = select(LedgerEventRow).where(LedgerEventRow.kind == "plan_changed")
    with reading(engine) as session:
        return list(session.exec(query.order_by(col(LedgerEventRow.cycle_id))))


async def test_what_was_previewed_is_what_comes_of_it(engine: Engine) -> None:
    clinic = MovingClinic(engine)
    old = await clinic.open(3)
    new = clinic.publish(next_version(old), person("pat"))
    hours = clinic.record.clinic(CLINIC).hours
    before = await preview_moves(
        clinic.desk,
        clinic.running(new),
        new,
        lambda month: month_calendar(hours, month, new.kind),
        clinic.clock.now(),
    )

    result = await carry_out(clinic.desk, clinic.orders, clinic.sign(new))

    assert result.count(Answered.MOVED) == 3
    for one in before:
        listed = {step.key: step.fate for step in one.steps if step.fate is not Fate.KEPT}
        assert result.steps[one.cycle] == listed
        state = await clinic.flow.state(one.cycle)
        assert {step.key: step.due for step in one.steps} == {
            step.key: step.due_at for step in state.open_steps
        }


async def test_the_record_names_both_versions_the_signer_and_the_steps(engine: Engine) -> None:
    clinic = MovingClinic(engine)
    old = await clinic.open(1)
    new = clinic.publish(next_version(old), person("pat"))
    order = clinic.sign(new, name="  LEE ")
    await carry_out(clinic.desk, clinic.orders, order)

    [line] = _ledger(engine)
    assert line.actor == person("lee")
    assert line.detail["was"] == {"version": old.version, "sha256": old.sha256}
    assert line.detail["now"] == {"version": new.version, "sha256": new.sha256}
    assert line.detail["signed"]["name"] == "LEE"
    assert line.detail["steps"] == {"prepare": "deadline_moved", "look": "added"}
    assert "plan" not in line.detail
    with reading(engine) as session:
        cycle = session.exec(select(CycleRow)).one()
        kept = session.exec(select(MoveOrderRow)).one()
    assert cycle.playbook_sha256 == new.sha256
    assert kept.words == order.signed.words
    assert kept.fingerprint == order.fingerprint
    told = [one.text for one in transition_story(engine, cycle.id, line.sequence)]
    assert told[0] == (
        f"Lee signed that the month goes on by version {new.version} of the playbook, "
        f"instead of version {old.version}"
    )


async def test_a_step_that_is_gone_keeps_its_name_in_the_record(engine: Engine) -> None:
    clinic = MovingClinic(engine)
    old = await clinic.open(1)
    first = clinic.publish(next_version(old), person("pat"))
    await carry_out(clinic.desk, clinic.orders, clinic.sign(first))
    second = clinic.publish(next_version(old, with_look=False), person("pat"))
    await carry_out(clinic.desk, clinic.orders, clinic.sign(second, click="k2"))

    line = _ledger(engine)[-1]
    told = [one.text for one in transition_story(engine, line.cycle_id, line.sequence)]
    assert any(one.startswith("Look at the chart: withdrawn undone (version") for one in told)
    with reading(engine) as session:
        step = session.exec(select(StepRow).where(StepRow.key == "look")).one()
    assert (step.title, step.status.value) == ("Look at the chart", "withdrawn")


async def test_signing_and_carrying_out_twice_changes_nothing(engine: Engine) -> None:
    clinic = MovingClinic(engine)
    new = clinic.publish(next_version(await clinic.open(2)), person("pat"))
    first = await carry_out(clinic.desk, clinic.orders, clinic.sign(new))
    again = await carry_out(clinic.desk, clinic.orders, clinic.sign(new))

    assert again == first
    assert len(_ledger(engine)) == 2
    with pytest.raises(NothingToMoveError):
        clinic.sign(new, click="k2")


class _Breaking:
    """A flow that goes away, or fails after it took a click, at the third one."""

    def __init__(self, clinic: MovingClinic, error: Exception, *, taken: bool) -> None:
        self._flow, self._error, self._taken = clinic.flow, error, taken
        self.clicks = 0

    async def click(self, cycle: CycleId, click: ClickId, event: PersonEvent) -> int:
        self.clicks += 1
        if self.clicks < 3:
            return await self._flow.click(cycle, click, event)
        if self._taken:
            await self._flow.click(cycle, click, event)
        raise self._error


@pytest.mark.parametrize(
    ("error", "taken"),
    [(FlowUnavailableError("gone"), False), (RuntimeError("killed"), True)],
    ids=["server away", "killed after a month was told"],
)
async def test_what_was_interrupted_goes_on_and_tells_each_month_once(
    engine: Engine, error: Exception, taken: bool
) -> None:
    clinic = MovingClinic(engine)
    new = clinic.publish(next_version(await clinic.open(5)), person("pat"))
    order = clinic.sign(new)
    broken = replace(clinic.desk, flow=_Breaking(clinic, error, taken=taken))  # type: ignore[arg-type]
    try:
        result = await carry_out(broken, clinic.orders, order)
        assert result.count(Answered.NOT_REACHED) == 3
    except RuntimeError:
        pass

    begun = clinic.orders.unfinished(CLINIC, new.sha256, person("lee"))
    assert begun is not None
    result = await carry_out(clinic.desk, clinic.orders, clinic.sign(new, click=begun.id))
    assert result.order == order
    assert result.count(Answered.MOVED) == 5
    assert [line.cycle_id for line in _ledger(engine)] == sorted(
        one.running.cycle for one in result.answers
    )
    assert clinic.orders.unfinished(CLINIC, new.sha256, person("lee")) is None


async def test_a_month_that_ends_meanwhile_says_why_and_the_others_move(engine: Engine) -> None:
    clinic = MovingClinic(engine)
    new = clinic.publish(next_version(await clinic.open(2)), person("pat"))
    order = clinic.sign(new)
    over = order.months[0].cycle
    await clinic.flow.click(over, ClickId("end"), MonthClosed(person("lee")))
    result = await carry_out(clinic.desk, clinic.orders, order)

    found = {one.running.cycle: one for one in result.answers}
    assert found[over].answered is Answered.REFUSED
    assert found[over].because.startswith("This month is closed for the patient since")
    assert result.count(Answered.MOVED) == 1


Wrong = Callable[[MovingClinic, MoveWish], object]


@pytest.mark.parametrize(
    ("by", "changes", "approved_by", "error"),
    [
        ("ann", {"name": "Ann"}, "pat", MayNotSignError),
        ("lee", {"name": "Lea"}, "pat", WrongNameError),
        ("lee", {}, None, NotApprovedError),
        ("lee", {}, "lee", NotApprovedError),
        ("lee", {"seen": "another mark"}, "pat", MonthsChangedError),
    ],
    ids=["may not", "another name", "nobody approved", "approved by the signer", "changed"],
)
async def test_a_signature_that_may_not_be_is_refused_and_keeps_nothing(
    engine: Engine,
    by: str,
    changes: dict[str, str],
    approved_by: str | None,
    error: type[CcmError],
) -> None:
    clinic = MovingClinic(engine)
    new = next_version(await clinic.open(1))
    clinic.publish(new, person(approved_by) if approved_by else None)
    wish = replace(MoveWish(ClickId("k1"), CLINIC, new, "Lee"), **changes)
    with pytest.raises(error) as refused:
        sign_move(clinic.orders, clinic.visitor(by), wish, clinic.running(new), clinic.clock.now())
    assert str(refused.value).endswith(".")
    assert clinic.orders.order(ClickId("k1")) is None


async def test_a_signature_is_for_the_months_that_were_looked_at(engine: Engine) -> None:
    clinic = MovingClinic(engine)
    new = clinic.publish(next_version(await clinic.open(2)), person("pat"))
    running = clinic.running(new)
    wish = MoveWish(ClickId("k1"), CLINIC, new, "Lee", seen=months_mark(new, running))
    with pytest.raises(MonthsChangedError):
        sign_move(clinic.orders, clinic.visitor(), wish, running[:1], clinic.clock.now())
    order = sign_move(clinic.orders, clinic.visitor(), wish, running, clinic.clock.now())
    other = replace(wish, plan=replace(new, sha256="8" * 64))
    with pytest.raises(OtherOrderError):
        sign_move(clinic.orders, clinic.visitor(), other, running, clinic.clock.now())
    assert [one.cycle for one in order.months] == [one.cycle for one in running]


async def test_a_month_of_two_versions_is_left_out_of_what_is_replayed_and_counted(
    engine: Engine,
) -> None:
    clinic = MovingClinic(engine)
    new = clinic.publish(next_version(await clinic.open(2)), person("pat"))
    one, other = clinic.running(new)
    wish = MoveWish(ClickId("k1"), CLINIC, new, "Lee")
    order = sign_move(clinic.orders, clinic.visitor(), wish, [one], clinic.clock.now())
    await carry_out(clinic.desk, clinic.orders, order)
    for cycle in (one.cycle, other.cycle):
        await clinic.flow.click(cycle, ClickId("end"), MonthClosed(person("lee")))

    assert closed_cycles(engine, CLINIC, [MONTH], PlaybookKind.MONTHLY) == [other.cycle]
    assert moved_cycles(engine, CLINIC, MONTH, PlaybookKind.MONTHLY) == 1
