"""The biller takes a month over, or returns it with a question."""

from datetime import timedelta

from ccm_flow.adapters.db.views_find import CycleRef
from ccm_flow.app.act import Desk
from ccm_flow.app.take_over import Taking, accept_month, check_approved, return_month
from ccm_flow.bootstrap import Base, hand_off
from ccm_flow.cli.work.acting import act_once, new_click, tell
from ccm_flow.cli.work.billing_context import find_month
from ccm_flow.cli.work.context import choose_person, open_set_up
from ccm_flow.core.ids import ClickId
from ccm_flow.core.month import Month


def accept(
    who: str, text: str | None, by: str, minutes: float, click: str | None, *, as_json: bool
) -> None:
    """Take an approved month over."""
    base, ref = _find(who, text, by)
    taking = _taking(base, ref, by, new_click(click), timedelta(minutes=minutes))
    store = hand_off(base, ref.clinic).store
    if click is None:  # said at once, without a server; what was sent before goes on
        check_approved(store, taking, base.clock.now())

    async def take(desk: Desk) -> int:
        return await accept_month(desk, store, taking)

    tell(base, ref.clinic, [act_once(base, ref.cycle, taking.click, take)], as_json=as_json)


def return_(
    who: str, text: str | None, because: str, by: str, click: str | None, *, as_json: bool
) -> None:
    """Return a month with a question."""
    base, ref = _find(who, text, by)
    taking = _taking(base, ref, by, new_click(click), timedelta())

    async def give_back(desk: Desk) -> int:
        return await return_month(desk, hand_off(base, ref.clinic).store, taking, because)

    tell(base, ref.clinic, [act_once(base, ref.cycle, taking.click, give_back)], as_json=as_json)


def _find(who: str, text: str | None, by: str) -> tuple[Base, CycleRef]:
    base = open_set_up()
    return base, find_month(base, who, Month.parse(text) if text else None, by=by)


def _taking(base: Base, ref: CycleRef, by: str, click: ClickId, time: timedelta) -> Taking:
    person = choose_person(base, ref.clinic, by).person
    return Taking(click, ref.clinic, ref.enrollment, ref.month, person, time)
