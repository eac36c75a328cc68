"""Writing what was learned of a clinic's people as a behaviour file, each figure with its cases."""

from collections.abc import Mapping, Sequence
from typing import Any

from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.month import Month
from ccm_flow.rehearsal.learning import STRENGTH, Estimate, Learned

RECORD = "record"
"""The source of every figure, as the file names it."""


class NothingToLearnError(CcmError):
    """No month of a clinic has ended."""

    exit_code = 1
    hint = "Choose months that are closed: --months 2026-10,2026-11."

    def __init__(self, months: Sequence[Month]) -> None:
        super().__init__(f"No cycle of {', '.join(map(str, months))} has ended.")


def behaviour_of(learned: Learned, clinic: ClinicId, months: Sequence[Month]) -> Mapping[str, Any]:
    """Give the file's content, in the form that `ccm simulate --behaviour` reads."""
    named = " and ".join(map(str, months))
    return {
        "behaviour": f"{clinic}-record",
        "title": f"{clinic}, estimated from {learned.months} closed months",
        "sources": {
            RECORD: f"Estimated from the record of {clinic} in {named}; the shipped figure counts "
            f"for {STRENGTH} cases beside those that were seen.",
        },
        "reached": {
            channel.value: {
                **_percent(one),
                "hours": [
                    {"from": f"{hour:02d}:00", "percent": round(100 * by_hour.value)}
                    for (other, hour), by_hour in learned.reached_by_hour.items()
                    if other is channel and hour
                ],
            }
            for channel, one in learned.reached.items()
        },
        "left_message": _percent(learned.left_message),
        "delays": {
            role: {"hours": min(200, round(one.value)), "source": RECORD}
            for role, one in learned.delays.items()
        },
        "late": _percent(learned.late),
        "forgotten": _percent(learned.forgotten),
        "ordinary": _percent(learned.ordinary),
        "outcomes": {
            step: {
                "weights": {name: round(1000 * one.value) for name, one in found.items()},
                "source": RECORD,
            }
            for step, found in learned.outcomes.items()
        },
        "minutes": {
            step: {"minutes": min(480, max(0, round(one.value))), "source": RECORD}
            for step, one in learned.minutes.items()
        },
    }


def counts_of(learned: Learned) -> list[tuple[str, Estimate]]:
    """List every figure with its cases, under the name it has in the file."""
    found = [(f"reached.{channel.value}", one) for channel, one in learned.reached.items()]
    found += [
        (f"reached.{channel.value} from {hour:02d}:00", one)
        for (channel, hour), one in learned.reached_by_hour.items()
    ]
    found += [("left_message", learned.left_message)]
    found += [(f"delays.{role}", one) for role, one in learned.delays.items()]
    found += [
        ("late", learned.late),
        ("forgotten", learned.forgotten),
        ("ordinary", learned.ordinary),
    ]
    found += [
        (f"outcomes.{step}.{name}", one)
        for step, outcomes in learned.outcomes.items()
        for name, one in outcomes.items()
    ]
    return found + [(f"minutes.{step}", one) for step, one in learned.minutes.items()]


def _percent(one: Estimate) -> dict[str, Any]:
    return {"percent": round(100 * one.value), "source": RECORD}
