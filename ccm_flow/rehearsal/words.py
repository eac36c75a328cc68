"""How the figures of a rehearsal are called and written for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, assert_never

from ccm_flow.core.plan import PlaybookKind
from ccm_flow.rehearsal.capacity import CapacityForecast
from ccm_flow.rehearsal.comparing import Change, Effect
from ccm_flow.rehearsal.measures import SHARES, Metric

_TITLES: Final[Mapping[Metric, str]] = MappingProxyType(
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


@dataclass(frozen=True, slots=True)
class Wording:
    """How the figures of one kind of playbook are called: not every one has months to bill."""

    titles: Mapping[Metric, str]
    good: str
    """A cycle that ended as it should: `ready`."""
    bad: str
    one: str
    """What is counted: `closed month`."""
    many: str
    of_month: str
    """How they belong to a month: `of`."""

    def effect(self, effect: Effect) -> str:
        """Say what a change does to a patient."""
        match effect:
            case Effect.LOST:
                return f"{self.good}, would not be"
            case Effect.GAINED:
                return f"{self.bad}, would be"
            case Effect.OTHERWISE:
                return "ends otherwise"
            case _ as never:
                assert_never(never)

    def counted(self, count: int, month: str) -> str:
        """Count what ended: `27 closed months of 2026-12`."""
        return f"{count} {self.one if count == 1 else self.many} {self.of_month} {month}"

    def sentence(self, patients: int, effects: Mapping[Effect, int], *, is_thin: bool) -> str:
        """Say in one sentence what a change does."""
        lost, gained = effects[Effect.LOST], effects[Effect.GAINED]
        parts = [
            f"of {patients} patients {_counted(lost, self.good)} would not be" if lost else "",
            f"{_counted(gained, self.bad)} would be" if gained else "",
        ]
        told = " and ".join(part for part in parts if part)
        if not told:
            told = f"of {patients} patients nobody becomes {self.good} or stops being so"
        thin = " These are too few to judge by." if is_thin else ""
        return f"{told[0].upper()}{told[1:]}.{thin}"


def wording(kind: PlaybookKind) -> Wording:
    """Give the words for a kind of playbook."""
    match kind:
        case PlaybookKind.MONTHLY:
            return Wording(_TITLES, "ready", "not ready", "closed month", "closed months", "of")
        case PlaybookKind.EPISODE:
            one, many = "ended episode", "ended episodes"
            return Wording(_TITLES, "ready", "not ready", one, many, "that began in")
        case PlaybookKind.ENROLLMENT:
            titles = {**_TITLES, Metric.READY: "Patients enrolled"}
            one, many = "ended enrollment", "ended enrollments"
            return Wording(titles, "enrolled", "not enrolled", one, many, "that began in")
        case _ as never:
            assert_never(never)


def amount(metric: Metric, value: float | None, *, sign: bool = False) -> str:
    """Write a figure: shares in per cent, amounts with one or two places; a dash for none."""
    if value is None:
        return "-"
    places = 1 if metric in SHARES or metric is Metric.MINUTES else 2
    shown = round(100 * value if metric in SHARES else value, places) + 0.0  # no minus before 0
    plus = "+" if sign and shown > 0 else ""
    unit = "" if metric not in SHARES else " points" if sign else " %"
    return f"{plus}{shown:.{places}f}{unit}"


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
