"""Words for the scorecard's numbers."""

from typing import Final

from ccm_flow.core.drift import Alarm, Measure

MEASURES: Final = {
    Measure.READY: "Ready",
    Measure.ON_TIME: "On time",
    Measure.CONTACTS: "Contacts per patient",
    Measure.MINUTES: "Minutes per patient",
    Measure.ESCALATIONS: "Escalations",
}
_SHARES: Final = (Measure.READY, Measure.ON_TIME)


def share_text(percent: float | None) -> str:
    """Write a share, rounded down; words where there is none yet."""
    return "not yet" if percent is None else f"{int(percent)} %"


def alarm_text(alarm: Alarm) -> str:
    """Say what fell, from what to what."""
    name, unit = MEASURES[alarm.measure], " %" if alarm.measure in _SHARES else ""
    return (
        f"{name} fell to {alarm.value:.1f}{unit}, from {alarm.mean:.1f}{unit} in the mean of the "
        "months before."
    )
