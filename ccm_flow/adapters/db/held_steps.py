"""The open steps of a clinic with what decides who may have them."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.messages import GIVEN, LAST_RESORT
from ccm_flow.adapters.db.plan_rows import plan_of
from ccm_flow.adapters.db.tables import ClickRow, CycleRow, MessageRow, StepMoveRow, StepRow
from ccm_flow.app.statuses import ClickState
from ccm_flow.core.assignment import ForWhom
from ccm_flow.core.engine.view import wanted_for
from ccm_flow.core.ids import ClinicId, CycleId, RoleId, StepKey
from ccm_flow.core.moving import Held, Lent, MoveKind
from ccm_flow.core.plan import PlanStep, Reassign, Trigger
from ccm_flow.core.state import StepStatus

Moves = Mapping[tuple[CycleId, StepKey], list[StepMoveRow]]


@dataclass(frozen=True, slots=True)
class _Told:
    """What the owners of the steps that are not with their own role were told."""

    last_resort: frozenset[tuple[CycleId, StepKey]]
    """These opened with the program owner, because nobody else could have them."""
    given: Counter[tuple[CycleId, StepKey]]
    """How often each changed hands, whoever gave it on."""


def held_steps(session: Session, clinic: ClinicId) -> list[Held]:
    """List a clinic's open steps, in a fixed number of queries (and one for each playbook)."""
    moves, told = _moves(session, clinic), _told(session, clinic)
    query = (
        select(StepRow, CycleRow)
        .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
        .where(StepRow.clinic_id == clinic, StepRow.status == StepStatus.OPEN)
    )
    return [_held(session, step, cycle, moves, told) for step, cycle in session.exec(query).all()]


def _held(session: Session, step: StepRow, cycle: CycleRow, moves: Moves, told: _Told) -> Held:
    plan = plan_of(session, cycle.playbook_sha256)
    risk = str(cycle.facts.get("risk", "")) or None
    spec = plan.step_of(step.step_id, risk)
    own = moves.get((cycle.id, step.key), [])
    asked = spec.on is Trigger.ESCALATION and step.owner_role != plan.owner
    opened_so = _opened_as_last_resort(step, spec, plan.owner, own, told)
    return Held(
        cycle=cycle.id,
        enrollment=cycle.enrollment_id,
        key=step.key,
        title=step.title,
        wanted=wanted_for(plan, spec, step.owner_role, by_agreement=asked),
        owner=step.owner_id,
        owner_role=plan.owner,
        patient=ForWhom(str(cycle.facts.get("language", "en")), cycle.id),
        lent=_lent(step, own),
        instead_of=_instead_of(step, plan.owner, own, spec.owner if opened_so else None),
        moves=len(own),
    )


def _instead_of(
    step: StepRow, owner: RoleId, moves: Sequence[StepMoveRow], opened_for: RoleId | None
) -> RoleId | None:
    """
    Say whose role a step is that the program owner has because nobody could have it.

    One program owner may have given it to the next; `opened_for` says whose it was when it came to
    the first of them as it opened.
    """
    if step.owner_role != owner:
        return None
    holder = step.owner_id
    for move in reversed(moves):
        if (move.to_id, move.to_role) != (holder, owner):
            return None  # somebody gave it on by hand, or a ladder did
        if move.from_role != owner:
            return move.from_role
        holder = move.from_id
    return opened_for


def _opened_as_last_resort(
    step: StepRow, spec: PlanStep, owner: RoleId, moves: Sequence[StepMoveRow], told: _Told
) -> bool:
    """
    Tell whether a step came to the program owner as it opened, and nobody meant it to stay.

    What a person or a passed deadline gave the program owner stays there: those hand-overs are
    more than the moves, and a rung for whoever has it already only reminds them.
    """
    place = (step.cycle_id, step.key)
    by_ladder = any(rung.act == Reassign(owner) for rung in spec.ladder[: step.rungs_fired])
    opened_so = place in told.last_resort and spec.owner != owner
    return opened_so and told.given[place] == len(moves) and not by_ladder


def _lent(step: StepRow, moves: Sequence[StepMoveRow]) -> Lent | None:
    """Say who gets a step back: who had it before the absences that moved it, one after another."""
    lent: Lent | None = None
    for move in moves:
        if move.kind is not MoveKind.ABSENCE:
            lent = None
        elif lent is None:
            lent = Lent(move.from_id, move.from_role)
    given_on = bool(moves) and moves[-1].to_id != step.owner_id
    return None if given_on else lent


def _moves(session: Session, clinic: ClinicId) -> Moves:
    """Give the moves of open steps that were taken, in their order."""
    query = (
        select(StepMoveRow)
        .join(ClickRow, col(ClickRow.id) == col(StepMoveRow.id))
        .join(
            StepRow,
            (col(StepRow.cycle_id) == col(StepMoveRow.cycle_id))
            & (col(StepRow.key) == col(StepMoveRow.step_key)),
        )
        .where(
            StepMoveRow.clinic_id == clinic,
            ClickRow.state == ClickState.DONE,
            StepRow.status == StepStatus.OPEN,
        )
        .order_by(col(StepMoveRow.at), col(StepMoveRow.id))
    )
    found: dict[tuple[CycleId, StepKey], list[StepMoveRow]] = defaultdict(list)
    for row in session.exec(query):
        found[row.cycle_id, row.step_key].append(row)
    return found


def _told(session: Session, clinic: ClinicId) -> _Told:
    """Read from the messages how the steps that are not with their own role got there."""
    query = (
        select(StepRow.cycle_id, StepRow.key, MessageRow.text_code)
        .select_from(MessageRow)
        .join(
            StepRow,
            (col(StepRow.cycle_id) == col(MessageRow.cycle_id))
            & (col(StepRow.key) == col(MessageRow.step_key)),
        )
        .where(
            StepRow.clinic_id == clinic,
            StepRow.status == StepStatus.OPEN,
            col(StepRow.escalated),
            col(MessageRow.text_code).in_((LAST_RESORT, GIVEN)),
        )
    )
    last_resort: set[tuple[CycleId, StepKey]] = set()
    given: Counter[tuple[CycleId, StepKey]] = Counter()
    for cycle, key, code in session.exec(query):
        place = (CycleId(cycle), StepKey(key))
        if code == LAST_RESORT:
            last_resort.add(place)
        else:
            given[place] += 1
    return _Told(frozenset(last_resort), given)
