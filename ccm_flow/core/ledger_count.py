"""A clinic's month counted from the lines of its ledger alone, to be laid beside the reports."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ccm_flow.core.ids import OrganizationId, StepId
from ccm_flow.core.sla import Kept, Tally, deciding, judge, tally
from ccm_flow.core.state import StepStatus
from ccm_flow.core.words import Disposition

PartyOf = Callable[[StepId, date], OrganizationId | None]
"""Names who was responsible for a step on a day."""
DateOf = Callable[[datetime], date]


@dataclass(frozen=True, slots=True)
class Counted:
    """What the ledger's lines say of a month."""

    months: int
    ended: int
    ready: int
    parties: Mapping[OrganizationId | None, Tally]


@dataclass(frozen=True, slots=True)
class CycleLine:
    """One line of a cycle's flow."""

    stream: str
    kind: str
    detail: Mapping[str, Any]


def count_lines(
    lines: Iterable[CycleLine], party_of: PartyOf, date_of: DateOf, now: datetime
) -> Counted:
    """Count cycles, how they ended, and their deadlines; lines come in the order of the flow."""
    opened: set[str] = set()
    endings: dict[str, str] = {}
    steps: dict[tuple[str, str], Mapping[str, Any]] = {}
    for line in lines:
        opened.add(line.stream)
        step = line.detail.get("step")
        if isinstance(step, Mapping):  # of an event it is the key alone
            steps[line.stream, step["key"]] = step
        if line.kind == "end_cycle":
            endings[line.stream] = line.detail["ending"]["disposition"]
    found: dict[OrganizationId | None, list[Kept]] = defaultdict(list)
    for step in steps.values():
        due, ended = _instant(step["due_at"]), _instant(step["ended_at"])
        status = StepStatus(step["status"])
        if _is_judged(status, due, ended, now):
            decided = deciding(due, ended, datetime.fromisoformat(step["opened_at"]))
            party = party_of(StepId(step["step"]), date_of(decided))
            found[party].append(judge(status, due, ended))
    return Counted(
        months=len(opened),
        ended=len(endings),
        ready=sum(one == Disposition.READY.value for one in endings.values()),
        parties={party: tally(kept) for party, kept in found.items()},
    )


def _is_judged(
    status: StepStatus, due: datetime | None, ended: datetime | None, now: datetime
) -> bool:
    match status:
        case StepStatus.DONE:
            return due is not None
        case StepStatus.EXPIRED:
            return True
        case StepStatus.OPEN:
            return due is not None and due < now
        case StepStatus.WITHDRAWN:
            return due is not None and ended is not None and due < ended
        case _:
            return False


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
