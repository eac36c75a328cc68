"""The biller takes a month over, or returns it with a question."""

from ccm_flow.adapters.db.views_find import CycleRef
from ccm_flow.app.billing import NotADecisionError, line_views
from ccm_flow.app.hand_off import HandOff
from ccm_flow.app.take_over import NotHandedOverError, why_not_taken_over
from ccm_flow.bootstrap import Base, hand_off
from ccm_flow.cli.work import steps
from ccm_flow.cli.work.billing_context import find_month, month_of
from ccm_flow.cli.work.context import choose_person, open_set_up
from ccm_flow.core.handoff import ACCEPTED, RETURNED, Decision, LineAct
from ccm_flow.core.ids import OutcomeId, StepKey
from ccm_flow.core.month import Month


def accept(
    who: str, text: str | None, by: str, minutes: float, click: str | None, *, as_json: bool
) -> None:
    """Take an approved month over."""
    base = open_set_up()
    ref = find_month(base, who, Month.parse(text) if text else None, by=by)
    hand = hand_off(base, ref.clinic)
    if click is None:
        _check_approved(hand, ref, base)
    _finish(base, ref, ACCEPTED, by, minutes, click=click, as_json=as_json)
    person = choose_person(base, ref.clinic, by).person
    decision = Decision(LineAct.ACCEPTED, person, base.clock.now())
    hand.store.decide(ref.clinic, ref.month, {ref.enrollment: decision})


def return_(
    who: str, text: str | None, because: str, by: str, click: str | None, *, as_json: bool
) -> None:
    """Return a month with a question."""
    base = open_set_up()
    ref = find_month(base, who, Month.parse(text) if text else None, by=by)
    hand = hand_off(base, ref.clinic)
    _finish(base, ref, RETURNED, by, 0, click=click, as_json=as_json)
    person = choose_person(base, ref.clinic, by).person
    decision = Decision(LineAct.RETURNED, person, base.clock.now(), because)
    hand.store.decide(ref.clinic, ref.month, {ref.enrollment: decision})


def _check_approved(hand: HandOff, ref: CycleRef, base: Base) -> None:
    """Refuse to take over what nobody approved, or what has changed since."""
    views = line_views(hand.store, ref.clinic, ref.month, base.clock.now())
    view = next((view for view in views if view.enrollment == ref.enrollment), None)
    problem = why_not_taken_over(view, ref.month)
    if problem is not None:
        raise NotADecisionError(*problem)


def _finish(
    base: Base,
    ref: CycleRef,
    outcome: OutcomeId,
    by: str,
    minutes: float,
    *,
    click: str | None,
    as_json: bool,
) -> None:
    """End the hand-off step as the command `complete` does."""
    entered = steps.Entered(minutes, None, "", None, "verbal", sign=False)
    name = f"{ref.cycle}/{_newest(base, ref)}"
    steps.complete(name, outcome, by, entered, click, as_json=as_json)


def _newest(base: Base, ref: CycleRef) -> StepKey:
    """Name the newest opening of the hand-off step; raises `NotADecisionError` for none."""
    hand = hand_off(base, ref.clinic)
    one = month_of(hand, ref, base)
    if one.handoff is None:
        raise NotHandedOverError(ref.month)
    return one.handoff.key
