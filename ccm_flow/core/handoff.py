"""
The billing hand-off: how a line of a closed month stands, and what was decided about it.

Nothing is ever edited. A line is made when the month is closed, approved by a person, and taken
over or returned by the biller; each is one more record. What was approved is never worked out
again: when the record says something else later, the line is only marked (medicare-rules
section 3: notes and time added after the claim are what auditors look for).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from ccm_flow.core.ids import OutcomeId, PersonId, StepId, StepKey
from ccm_flow.core.state import StepStatus

HANDOFFS: Final = frozenset({StepId("billing_handoff"), StepId("ordinary_handoff")})
"""
The playbooks' steps in which the biller takes a month over.

A complex month has two, of which one is used: what falls short of it is billed as ordinary care.
"""
FIXES: Final = frozenset({StepId("fix_returned"), StepId("fix_ordinary")})
"""The steps in which the biller's question is answered, one for each hand-off."""
ACCEPTED: Final = OutcomeId("accepted")
RETURNED: Final = OutcomeId("returned")


class MonthAct(StrEnum):
    """What was done to a clinic's month."""

    CLOSED = "closed"
    REOPENED = "reopened"


class LineAct(StrEnum):
    """What was decided about one patient's line."""

    APPROVED = "approved"
    ACCEPTED = "accepted"
    RETURNED = "returned"


class LineState(StrEnum):
    """How a line stands."""

    DRAFT = "draft"
    """Made when the month was closed; nobody has approved it."""
    APPROVED = "approved"
    ACCEPTED = "accepted"
    """The biller has taken it over."""
    RETURNED = "returned"
    """The biller asked something; the fixing step has an owner and a deadline."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided what about a line, when and why."""

    act: LineAct
    by: PersonId
    at: datetime
    because: str | None = None


@dataclass(frozen=True, slots=True)
class HandoffStep:
    """The newest opening of the hand-off step of a patient's month."""

    key: StepKey
    status: StepStatus
    outcome: OutcomeId | None = None


def line_state(decisions: Sequence[Decision], handoff: HandoffStep | None) -> LineState:
    """
    Say how a line stands; `decisions` are about this line alone, in any order.

    Accepted and returned follow the hand-off step, whoever ended it by whatever command. Once the
    question is answered the step is open again, and the line stands as it was approved.
    """
    approved = any(one.act is LineAct.APPROVED for one in decisions)
    if handoff is not None and handoff.status is StepStatus.DONE:
        if handoff.outcome == RETURNED:
            return LineState.RETURNED
        if handoff.outcome == ACCEPTED and approved:
            return LineState.ACCEPTED
    return LineState.APPROVED if approved else LineState.DRAFT


def is_closed(acts: Sequence[MonthAct]) -> bool:
    """Tell whether a month is closed, by all that was done to it, oldest first."""
    return bool(acts) and acts[-1] is MonthAct.CLOSED
