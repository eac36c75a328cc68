"""The open steps of a clinic with what decides who may have them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.projection import plan_of
from ccm_flow.adapters.db.tables import ClickRow, CycleRow, StepMoveRow, StepRow
from ccm_flow.app.statuses import ClickState
from ccm_flow.core.assignment import ForWhom
from ccm_flow.core.engine.openings import wanted_for
from ccm_flow.core.ids import ClinicId, CycleId, RoleId, StepKey
from ccm_flow.core.moving import Held, Lent, MoveKind
from ccm_flow.core.state import StepStatus

Moves = Mapping[tuple[CycleId, StepKey], list[StepMoveRow]]


def held_steps(session: Session, clinic: ClinicId) -> list[Held]:
    """List a clinic's open steps, in a fixed number of queries (and one for each playbook)."""
    moves = _moves(session, clinic)
    query = (
        select(StepRow, CycleRow)
        .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
        .where(StepRow.clinic_id == clinic, StepRow.status == StepStatus.OPEN)
    )
    return [_held(session, step, cycle, moves) for step, cycle in session.exec(query).all()]


def _held(session: Session, step: StepRow, cycle: CycleRow, moves: Moves) -> Held:
    plan = plan_of(session, cycle.playbook_sha256)
    risk = str(cycle.facts.get("risk", "")) or None
    spec = plan.step_of(step.step_id, risk)
    own = moves.get((cycle.id, step.key), [])
    return Held(
        cycle=cycle.id,
        enrollment=cycle.enrollment_id,
        key=step.key,
        title=step.title,
        wanted=wanted_for(plan, spec, step.owner_role),
        owner=step.owner_id,
        owner_role=plan.owner,
        patient=ForWhom(str(cycle.facts.get("language", "en")), cycle.id),
        lent=_lent(step, own),
        instead_of=_instead_of(step, plan.owner, own),
        moves=len(own),
    )


def _instead_of(step: StepRow, owner: RoleId, moves: Sequence[StepMoveRow]) -> RoleId | None:
    """Say whose role a step is that went to the program owner because nobody could have it."""
    if not moves or moves[-1].to_id != step.owner_id:
        return None
    last = moves[-1]
    is_last_resort = last.to_role == owner == step.owner_role and last.from_role != owner
    return last.from_role if is_last_resort else None


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
