"""What the playbook tells people: one row for each person told, made from a transition."""

from typing import Final

from ccm_flow.adapters.db.tables.flow import MessageRow
from ccm_flow.core.commands import (
    Command,
    MoveOwner,
    NotifyPerson,
    RemindOwner,
    TellProgramOwner,
)
from ccm_flow.core.engine.openings import NOBODY_ELSE
from ccm_flow.core.state import Owner
from ccm_flow.core.transition import Transition

LAST_RESORT: Final = "nobody_else"
"""The text that the program owner gets with a step that nobody else could be given."""
GIVEN: Final = "step_given"
"""The text that the new owner of a step gets; one for each time it changes hands."""


def messages_of(done: Transition) -> list[MessageRow]:
    """Give the messages that a transition sends; their ids make sending twice harmless."""
    return [
        _row(done, f"{position}.{number}", command, to, code)
        for position, command in enumerate(done.commands, start=1)
        for number, (to, code) in enumerate(_told(command))
    ]


def _told(command: Command) -> list[tuple[Owner, str]]:
    match command:
        case RemindOwner(step=step):
            return [(step.owner, "deadline_ahead")]
        case NotifyPerson(to=to):
            return [(to, "deadline_passed")]
        case MoveOwner(step=step, was=was):
            return [(step.owner, GIVEN), (was, "step_taken")]
        case TellProgramOwner(to=to, outcome=outcome):
            return [(to, LAST_RESORT if outcome == NOBODY_ELSE else "needs_decision")]
        case _:
            return []


def _row(done: Transition, place: str, command: Command, to: Owner, code: str) -> MessageRow:
    step = getattr(command, "step", None)
    key = step.key if step is not None else getattr(command, "about", None)
    rung = getattr(command, "rung", None)
    return MessageRow(
        id=f"{done.cycle}:{done.sequence}:{place}",
        clinic_id=done.clinic,
        cycle_id=done.cycle,
        step_key=key,
        kind=command.kind,
        to_person=to.person,
        to_role=to.role,
        sent_at=done.at,
        text_code=code,
        detail={} if rung is None else {"rung": rung},
    )
