"""Compares what work lists and reports show with what the ledger tells, month by month."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import ClickRow, CycleRow, LedgerEventRow, StepRow
from ccm_flow.app.statuses import ClickState
from ccm_flow.core.audit import Finding, Flaw, Standing
from ccm_flow.core.ids import ClinicId, CycleId
from ccm_flow.core.state import CycleStatus, StepStatus

_CHUNK: Final = 100
_STEP: Final = (
    "status",
    "round",
    "opened_at",
    "due_at",
    "not_before",
    "ended_at",
    "outcome",
    "ended_by",
    "because",
    "urgency",
    "assigned",
)
"""What a step's row and the ledger call by the same name."""


def check_record(engine: Engine, clinic: ClinicId) -> Iterator[Finding]:
    """Compare every month of a clinic with its ledger; gives whatever differs."""
    with reading(engine) as session:
        cycles = session.exec(
            select(CycleRow.id).where(CycleRow.clinic_id == clinic).order_by(col(CycleRow.id))
        ).all()
    ids = [CycleId(cycle) for cycle in cycles]
    for start in range(0, len(ids), _CHUNK):
        with reading(engine) as session:
            yield from _chunk(session, ids[start : start + _CHUNK])


def _chunk(session: Session, cycles: Sequence[CycleId]) -> Iterator[Finding]:
    lines = _grouped(
        session.exec(
            select(LedgerEventRow)
            .where(col(LedgerEventRow.cycle_id).in_(cycles))
            .order_by(col(LedgerEventRow.sequence), col(LedgerEventRow.position))
        )
    )
    steps = _grouped(session.exec(select(StepRow).where(col(StepRow.cycle_id).in_(cycles))))
    clicks = _grouped(session.exec(select(ClickRow).where(col(ClickRow.cycle_id).in_(cycles))))
    for row in session.exec(select(CycleRow).where(col(CycleRow.id).in_(cycles))):
        check = _Month(row, lines[row.id])
        yield from check.numbers()
        yield from check.end()
        yield from check.steps(steps[row.id])
        yield from check.clicks(clicks[row.id])


def _grouped(rows: Any) -> dict[CycleId, list[Any]]:
    found: dict[CycleId, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.cycle_id].append(row)
    return found


def standing_of(session: Session, clinic: ClinicId, cycle: CycleId | None = None) -> list[Standing]:
    """Give how each running month of a clinic stands on the work lists, or that one."""
    months = select(CycleRow).where(
        CycleRow.clinic_id == clinic, CycleRow.status != CycleStatus.ENDED
    )
    steps = select(StepRow).where(StepRow.clinic_id == clinic, StepRow.status == StepStatus.OPEN)
    if cycle is not None:
        months = months.where(CycleRow.id == cycle)
        steps = steps.where(StepRow.cycle_id == cycle)
    by_month = _grouped(session.exec(steps))
    return [
        Standing(
            row.id,
            row.sequence,
            {one.key: (one.owner_id, one.due_at) for one in by_month[row.id]},
        )
        for row in session.exec(months.order_by(col(CycleRow.id)))
    ]


class _Month:
    """One month's row beside its lines."""

    def __init__(self, row: CycleRow, lines: Sequence[LedgerEventRow]) -> None:
        self._row = row
        self._lines = lines

    def numbers(self) -> Iterator[Finding]:
        """Look whether every transition is there once, and nothing between."""
        seen: dict[int, list[int]] = defaultdict(list)
        for line in self._lines:
            seen[line.sequence].append(line.position)
        wanted = range(1, self._row.sequence + 1)
        if sorted(seen) != list(wanted):
            said = f"The month has had {len(wanted)} transitions, and the ledger tells {len(seen)}."
            yield self._finding(Flaw.GAP, said)
        for number, positions in seen.items():
            if positions != list(range(len(positions))):
                yield self._finding(Flaw.GAP, f"Transition {number} is not told wholly.")

    def end(self) -> Iterator[Finding]:
        """Look whether a month has ended just when the ledger says so, and as it says."""
        told = [line.detail["ending"] for line in self._lines if line.kind == "end_cycle"]
        has_ended = self._row.status is CycleStatus.ENDED
        if len(told) != int(has_ended):
            said = f"The record says {self._row.status.value}, the ledger tells {len(told)} ends."
            yield self._finding(Flaw.RECORD, said)
        elif told and told[0]["disposition"] != self._row.disposition:
            said = f"The record says {self._row.disposition}, the ledger {told[0]['disposition']}."
            yield self._finding(Flaw.RECORD, said)

    def steps(self, rows: Sequence[StepRow]) -> Iterator[Finding]:
        """Look whether every step stands as the ledger left it."""
        told = {
            line.detail["step"]["key"]: line.detail["step"]
            for line in self._lines
            if line.position and isinstance(line.detail.get("step"), dict)
        }
        shown = {row.key: row for row in rows}
        for key in sorted(told.keys() | shown.keys()):
            if key not in told or key not in shown:
                where = "the ledger" if key in told else "the work lists"
                yield self._finding(Flaw.RECORD, f"Only {where} know the step.", key)
                continue
            for name in _differences(shown[key], told[key]):
                yield self._finding(Flaw.RECORD, f"Its {name} is not what the ledger tells.", key)

    def clicks(self, rows: Sequence[ClickRow]) -> Iterator[Finding]:
        """Look whether what was taken of people is in the ledger once; what waits may be."""
        told = Counter(line.kind for line in self._lines if line.position == 0)
        taken = Counter(row.kind for row in rows if row.state is ClickState.DONE)
        waiting = Counter(row.kind for row in rows if row.state is ClickState.PENDING)
        for kind in sorted(taken.keys() | waiting.keys()):
            least, most = taken[kind], taken[kind] + waiting[kind]
            if not least <= told[kind] <= most:
                said = f"{least} of {kind} were taken, and the ledger tells {told[kind]}."
                yield self._finding(Flaw.CLICK, said)

    def _finding(self, flaw: Flaw, said: str, step: str | None = None) -> Finding:
        where = self._row.id if step is None else f"{self._row.id} {step}"
        return Finding(flaw, self._row.clinic_id, where, said)


def _differences(row: StepRow, told: Mapping[str, Any]) -> Iterator[str]:
    for name in _STEP:
        if _plain(getattr(row, name)) != _plain_told(told.get(name)):
            yield name.replace("_", " ")
    owner = told["owner"]
    if (row.owner_role, row.owner_id) != (owner["role"], owner["person"]):
        yield "owner"
    if row.attempts_made != len(told["attempts"]):
        yield "number of attempts"
    if row.rungs_fired != told["rungs_passed"]:
        yield "ladder"


def _plain(value: Any) -> Any:
    return value.timestamp() if isinstance(value, datetime) else value


def _plain_told(value: Any) -> Any:
    """Read what the ledger wrote of an instant; all else is as it is."""
    if not isinstance(value, str) or "T" not in value:
        return value
    try:
        return datetime.fromisoformat(value).timestamp()
    except ValueError:
        return value
