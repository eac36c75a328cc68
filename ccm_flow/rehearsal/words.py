"""How the figures of a rehearsal are called and written for people."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ccm_flow.rehearsal.capacity import CapacityForecast
from ccm_flow.rehearsal.comparing import Change, Effect
from ccm_flow.rehearsal.measures import SHARES, Metric

TITLES: Final[Mapping[Metric, str]] = MappingProxyType(
    {
        Metric.READY: "Patients ready to bill",
        Metric.ON_TIME: "Steps done on time",
        Metric.MISSED: "Steps nobody did",
        Metric.REACHED: "Patients reached",
        Metric.CONTACTS: "Contacts each",
        Metric.ATTEMPTS: "Attempts each",
        Metric.MINUTES: "Minutes each",
        Metric.REMINDERS: "Reminders each",
        Metric.NOTICES: "Notices each",
        Metric.HANDED_OVER: "Hand-overs each",
        Metric.QUESTIONS: "Clinical questions each",
    }
)
EFFECTS: Final[Mapping[Effect, str]] = MappingProxyType(
    {
        Effect.LOST: "ready, would not be",
        Effect.GAINED: "not ready, would be",
        Effect.OTHERWISE: "ends otherwise",
    }
)


def amount(metric: Metric, value: float | None, *, sign: bool = False) -> str:
    """Write a figure: shares in per cent, amounts with one or two places; a dash for none."""
    if value is None:
        return "-"
    value += 0.0  # no minus before nothing
    plus = "+" if sign and value > 0 else ""
    if metric in SHARES:
        points = " points" if sign else " %"
        return f"{plus}{100 * value:.1f}{points}"
    return f"{plus}{value:.2f}" if metric is not Metric.MINUTES else f"{plus}{value:.1f}"


def span(change: Change) -> str:
    """Write between what a difference lies."""
    if change.low is None or change.high is None:
        return "-"
    if change.low == change.high == 0:
        return "the same"
    low = amount(change.metric, change.low, sign=True).removesuffix(" points")
    return f"{low} to {amount(change.metric, change.high, sign=True)}"


def ending(disposition: str | None, because: str | None) -> str:
    """Write how a month ended."""
    words = (disposition or "running").replace("_", " ")
    return f"{words}: {because.replace('_', ' ')}" if because else words


def sentence(patients: int, effects: Mapping[Effect, int], *, is_thin: bool) -> str:
    """Say in one sentence what a change does."""
    lost, gained = effects[Effect.LOST], effects[Effect.GAINED]
    parts = [
        f"of {patients} patients {_counted(lost, 'ready')} would not be" if lost else "",
        f"{_counted(gained, 'not ready')} would be" if gained else "",
    ]
    told = " and ".join(part for part in parts if part)
    if not told:
        told = f"No patient's month of {patients} becomes ready or stops being so"
    thin = " These are too few months to judge by." if is_thin else ""
    return f"{told[0].upper()}{told[1:]}.{thin}"


def _counted(count: int, what: str) -> str:
    return f"{count} who {'was' if count == 1 else 'were'} {what}"


def shortfall_sentence(result: CapacityForecast) -> str:
    """Say which role falls short first, when and by how much; or that none does."""
    short = result.shortfall
    if short is None or short.shortfall is None:
        return "The time that is kept is enough for everything that falls due."
    day = short.shortfall
    return (
        f"{short.title} falls short first, on {day:%B} {day.day}, {day.year}: that day ends with "
        f"work that is due and not done. At the worst {short.short_by:,.0f} minutes lack."
    )
