"""What a refusal is."""

from dataclasses import dataclass

from ccm_flow.core.state import Ending


@dataclass(frozen=True, slots=True)
class Refusal:
    """A stable code, what is wrong, and what to do instead."""

    code: str
    message: str
    hint: str


def cycle_ended(ending: Ending) -> Refusal:
    """Say that a cycle takes nothing any more."""
    return Refusal(
        "cycle_ended",
        f"This month is closed for the patient since {ending.at:%Y-%m-%d %H:%M} UTC "
        f"({ending.disposition.value.replace('_', ' ')}).",
        "Record it in the month now running; your note and minutes are kept.",
    )
