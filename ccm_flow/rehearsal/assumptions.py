"""What a replay takes for granted, as types: each is counted and shown with the result."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Assumption(StrEnum):
    """One thing nobody can know of a month that did not happen."""

    CARRIED = "carried"
    PROMPTED = "prompted"
    RENAMED = "renamed"
    PROMPT_GONE = "prompt_gone"
    HANDOVER_GONE = "handover_gone"
    NEW_OWNER = "new_owner"
    CHANNEL = "channel"
    NEW_STEP = "new_step"
    ANOTHER_ROUND = "another_round"
    ANOTHER_TRY = "another_try"
    HANDED_OVER = "handed_over"
    OUTCOME_GONE = "outcome_gone"
    REFUSED = "refused"
    NOT_OPENED = "not_opened"
    TOO_LATE = "too_late"
    LEFT_OUT = "left_out"
    LEFT_UNDONE = "left_undone"
    OUTSIDE = "outside"
    NO_FACTS = "no_facts"
    MOVED = "moved"


MEANING: Final[Mapping[Assumption, str]] = MappingProxyType(
    {
        Assumption.CARRIED: "Done as long after the step opened, or after the try before, with "
        "the same result.",
        Assumption.PROMPTED: "Done after a reminder, notice or hand-over: as long after the same "
        "line of the new ladder.",
        Assumption.RENAMED: "Done at the step that takes the old one's place.",
        Assumption.PROMPT_GONE: "Done after a line of the ladder that is gone: counted from the "
        "opening instead.",
        Assumption.HANDOVER_GONE: "Done by whoever the ladder handed it to; that line is gone, so "
        "nobody does it.",
        Assumption.NEW_OWNER: "Done by the step's new owner as the old one did it.",
        Assumption.CHANNEL: "The same answer by another channel.",
        Assumption.NEW_STEP: "A new step: its role's delays, results and pace of that month.",
        Assumption.ANOTHER_ROUND: "A step that opens more often, or for more patients: as for a "
        "new step.",
        Assumption.ANOTHER_TRY: "A try at contact beyond those that were made: as for a new step.",
        Assumption.HANDED_OVER: "Handed to somebody who was never asked: as for a new step.",
        Assumption.OUTCOME_GONE: "The outcome is gone: a result as for a new step.",
        Assumption.REFUSED: "Could not be done as things stand; left out with its minutes.",
        Assumption.NOT_OPENED: "Its step did not open; left out with its minutes.",
        Assumption.TOO_LATE: "Would have come after its step or the month had ended; left out with "
        "its minutes.",
        Assumption.LEFT_OUT: "Its step was said to be left out; so are its minutes.",
        Assumption.LEFT_UNDONE: "Steps that nobody did stay undone.",
        Assumption.OUTSIDE: "What happened outside the steps, at the same instant: hospital "
        "stays, questions, deaths, and what the record came to know.",
        Assumption.NO_FACTS: "A month from before facts were kept with the ledger: minutes came "
        "with the acts, all else was known from the first day.",
        Assumption.MOVED: "A month that went on by another version while it ran: what people did "
        "followed two playbooks, so the month is left out.",
    }
)
