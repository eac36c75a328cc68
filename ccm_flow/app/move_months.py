"""Running months go on by another version: signed by a person, told to each month once."""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ccm_flow.app.act import Desk
from ccm_flow.app.flow import ClickRefusedError, FlowUnavailableError, NoSuchCycleError
from ccm_flow.app.migrate import AT_ONCE, RunningCycle, informed
from ccm_flow.core.access import Permission, Visitor
from ccm_flow.core.engine.fates import Fate
from ccm_flow.core.engine.refusing_moves import ALREADY_MOVED
from ccm_flow.core.errors import CcmError
from ccm_flow.core.events import PlanChanged
from ccm_flow.core.ids import ClickId, ClinicId, CycleId, PersonId, StepKey
from ccm_flow.core.plan import Plan
from ccm_flow.core.signing import Signature, fingerprint

_MAY_HAVE_MOVED = (ALREADY_MOVED, "cycle_ended")


class MayNotSignError(CcmError):
    """Only who may publish a version moves running months to it."""

    exit_code = 4
    hint = "Ask somebody who may publish playbooks at this clinic."

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} may not publish playbooks here.")


class WrongNameError(CcmError):
    """A signature is the signer's own name."""

    exit_code = 2

    def __init__(self, name: str) -> None:
        super().__init__("The name does not match.", f"Type your own name as it is here: {name}.")


class NotApprovedError(CcmError):
    """A version that no second person approved moves no running month."""

    exit_code = 4
    hint = "Begin a draft from it, have a second person approve it, and publish that."

    def __init__(self, plan: Plan) -> None:
        super().__init__(
            f"Nobody but you approved version {plan.version} of {plan.playbook} at this clinic."
        )


class NothingToMoveError(CcmError):
    """No running month is on another version."""

    exit_code = 4
    hint = "Nothing was changed."

    def __init__(self, plan: Plan) -> None:
        super().__init__(
            f"No running month would have to be moved to {plan.playbook} version {plan.version}."
        )


class MonthsChangedError(CcmError):
    """Other months run, or on other versions, than those that were looked at."""

    exit_code = 4
    hint = "Look at what would become of each step now, then sign."

    def __init__(self) -> None:
        super().__init__("The running months are not those you looked at any more.")


class OtherOrderError(CcmError):
    """The id of a click stands for another signature."""

    exit_code = 2
    hint = "Sign again without the id."

    def __init__(self) -> None:
        super().__init__("Something else was signed under this id.")


class Answered(StrEnum):
    """What a running month answered."""

    MOVED = "moved"
    ALREADY_MOVED = "already_moved"
    """It ran on that version by then."""
    REFUSED = "refused"
    NOT_REACHED = "not_reached"
    """It has not been told yet; the same order goes on with it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one month."""

    running: RunningCycle
    """As it was when it was signed for."""
    answered: Answered
    because: str = ""
    """Why it was refused."""
    sequence: int | None = None
    """The transition that it became."""


@dataclass(frozen=True, slots=True)
class MoveOrder:
    """What somebody signed: these months go on by that version."""

    id: ClickId
    clinic: ClinicId
    plan: Plan
    by: PersonId
    signed: Signature
    months: tuple[RunningCycle, ...]

    @property
    def fingerprint(self) -> str:
        """Give the SHA-256 of all that was signed."""
        return fingerprint(
            {
                "id": self.id,
                "clinic": self.clinic,
                "sha256": self.plan.sha256,
                "by": self.by,
                "name": self.signed.name,
                "words": self.signed.words,
                "at": self.signed.at,
                "months": {one.cycle: one.plan.sha256 for one in self.months},
            }
        )


@dataclass(frozen=True, slots=True)
class MoveResult:
    """What came of an order."""

    order: MoveOrder
    answers: tuple[Answer, ...]
    steps: Mapping[CycleId, Mapping[StepKey, Fate]]
    """Of each month that moved: what became of the steps that did not stay as they were."""

    def count(self, answered: Answered) -> int:
        """Count the months that answered so."""
        return sum(one.answered is answered for one in self.answers)


class MoveOrders(Protocol):
    """Where signatures and what came of them are kept; rows are only ever added."""

    def keep(self, order: MoveOrder) -> None:
        """Keep a signature with all its months."""
        ...

    def order(self, id_: ClickId) -> MoveOrder | None:
        """Give a signature."""
        ...

    def unfinished(self, clinic: ClinicId, sha256: str, by: PersonId) -> MoveOrder | None:
        """Give a person's newest signature for a version if it has months that were not told."""
        ...

    def answer(self, id_: ClickId, answer: Answer, at: datetime) -> None:
        """Keep what a month answered; twice is once."""
        ...

    def result(self, order: MoveOrder) -> MoveResult:
        """Give what came of an order so far."""
        ...

    def moved_at(self, cycle: CycleId, sha256: str) -> int | None:
        """Give the transition with which a cycle went on by a version."""
        ...

    def is_approved(self, clinic: ClinicId, sha256: str, but: PersonId) -> bool:
        """Tell whether a person approved a version that a clinic published, other than one."""
        ...


@dataclass(frozen=True, slots=True)
class MoveWish:
    """What somebody puts their name to."""

    id: ClickId
    clinic: ClinicId
    plan: Plan
    name: str
    """As typed."""
    seen: str | None = None
    """What `months_mark` gave for the months they looked at; None where they are shown with it."""


def statement(plan: Plan, months: Sequence[RunningCycle]) -> str:
    """Write what is signed."""
    versions = sorted({one.plan.version for one in months})
    some = "1 running month goes" if len(months) == 1 else f"{len(months)} running months go"
    was = " and ".join(str(version) for version in versions)
    return (
        f"I have seen what becomes of each open step. {some} on by version {plan.version} of "
        f"{plan.title} ({plan.playbook}, {plan.sha256[:12]}) from now on, instead of version {was}."
    )


def months_mark(plan: Plan, months: Sequence[RunningCycle]) -> str:
    """Give a mark that changes when other months run, or on other versions."""
    return fingerprint({"to": plan.sha256, **{one.cycle: one.plan.sha256 for one in months}})


def sign_move(
    orders: MoveOrders,
    signer: Visitor,
    wish: MoveWish,
    running: Sequence[RunningCycle],
    now: datetime,
) -> MoveOrder:
    """
    Keep a person's signature under the move of all running months to a version.

    The same click again gives the order it made.

    Raises:
        MayNotSignError: the person may not publish playbooks at the clinic.
        WrongNameError: the typed name is not theirs.
        NotApprovedError: no other person approved the version.
        MonthsChangedError: other months run by now than those they looked at.
        NothingToMoveError: no running month is on another version.
        OtherOrderError: the click's id stands for something else.
    """
    if not signer.may(Permission.EDIT_PLAYBOOKS, wish.clinic):
        raise MayNotSignError(signer.name)
    if _plain(wish.name) != _plain(signer.name):
        raise WrongNameError(signer.name)
    known = orders.order(wish.id)
    if known is not None:
        if (known.clinic, known.plan.sha256, known.by) != _what(wish, signer):
            raise OtherOrderError
        return known
    if not orders.is_approved(wish.clinic, wish.plan.sha256, signer.person):
        raise NotApprovedError(wish.plan)
    if wish.seen is not None and wish.seen != months_mark(wish.plan, running):
        raise MonthsChangedError
    if not running:
        raise NothingToMoveError(wish.plan)
    signed = Signature(" ".join(wish.name.split()), statement(wish.plan, running), now)
    order = MoveOrder(wish.id, wish.clinic, wish.plan, signer.person, signed, tuple(running))
    orders.keep(order)
    return order


def _what(wish: MoveWish, signer: Visitor) -> tuple[ClinicId, str, PersonId]:
    return wish.clinic, wish.plan.sha256, signer.person


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


async def carry_out(desk: Desk, orders: MoveOrders, order: MoveOrder) -> MoveResult:
    """
    Tell every month of an order that has not answered yet.

    When the server goes away the rest stays untold: the same order goes on with it. A month that
    was told and whose answer was lost is told under the same id, so it moves once.
    """
    some, away = asyncio.Semaphore(AT_ONCE), asyncio.Event()

    async def one(running: RunningCycle) -> None:
        async with some:
            if away.is_set():
                return
            try:
                answer = await _tell(desk, orders, order, running)
            except FlowUnavailableError:
                away.set()
                return
            await asyncio.to_thread(orders.answer, order.id, answer, desk.clock.now())

    before = await asyncio.to_thread(orders.result, order)
    untold = [each for each in before.answers if each.answered is Answered.NOT_REACHED]
    await asyncio.gather(*(one(each.running) for each in untold))
    return await asyncio.to_thread(orders.result, order)


async def _tell(desk: Desk, orders: MoveOrders, order: MoveOrder, running: RunningCycle) -> Answer:
    event = PlanChanged(order.by, order.signed, running.was, order.plan)
    event = await asyncio.to_thread(informed, desk, running, event, desk.clock.now())
    id_ = ClickId(uuid.uuid5(uuid.NAMESPACE_OID, f"month/{order.id}/{running.cycle}").hex)
    try:
        sequence = await desk.flow.click(running.cycle, id_, event)
    except ClickRefusedError as refused:
        moved = orders.moved_at(running.cycle, order.plan.sha256)
        if refused.code in _MAY_HAVE_MOVED and moved is not None:
            return Answer(running, Answered.ALREADY_MOVED, sequence=moved)
        return Answer(running, Answered.REFUSED, str(refused))
    except NoSuchCycleError as lost:
        return Answer(running, Answered.REFUSED, str(lost))
    return Answer(running, Answered.MOVED, sequence=sequence)
