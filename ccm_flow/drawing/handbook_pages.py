"""What a handbook consists of, before it becomes a page or a PDF."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ccm_flow.core.ids import RoleId

GLOSSARY = (
    ("Step", "One piece of work. It has one owner, one deadline and one ladder."),
    ("Owner", "The person who has the step now, from the role that the playbook names."),
    ("Business day", "A day on which the clinic opens; holidays and closures do not count."),
    ("Deadline", "When the clinic closes on the last day that is given. It never means done."),
    ("Ladder", "Who is told, and when, as a deadline comes and passes."),
    ("Late", "The deadline has passed; the step stays open and can still be done."),
    ("Withdrawn", "The step was taken back undone. It never counts as done."),
    ("Attempt", "One try at reaching the patient. It leaves the step open."),
    ("Outcome", "How a step ended."),
    ("Ready", "Everything that billing needs is there: see “When a month is ready”."),
    ("Cycle", "One patient's way through this playbook, for example in one month."),
)


@dataclass(frozen=True, slots=True)
class ClinicPage:
    """What the handbook says about the clinic."""

    name: str
    hours: str = ""
    """In words: `Monday to Friday, 9 am to 5 pm, America/New_York`."""
    people: Mapping[RoleId, Sequence[str]] = field(default_factory=dict)
    """Who holds each role."""


@dataclass(frozen=True, slots=True)
class StepPage:
    """One step, in words."""

    number: int
    title: str
    owner: str
    opens: str
    due: str
    facts: tuple[tuple[str, str], ...]
    """Further lines: a label and a text."""
    ladder: tuple[tuple[str, str], ...]
    """When, and what happens."""
    outcomes: tuple[tuple[str, str], ...]
    """How it can end, and what follows."""


@dataclass(frozen=True, slots=True)
class RolePage:
    """What one role does and hears."""

    title: str
    people: str
    protected: str
    steps: tuple[tuple[str, str], ...]
    """Its steps, each with its deadline."""
    told: tuple[tuple[str, str], ...]
    """Of which steps it hears, and when."""


@dataclass(frozen=True, slots=True)
class NotePage:
    """The structure of one note."""

    title: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Handbook:
    """All that a handbook says, in its order."""

    title: str
    about: str
    clinic: ClinicPage | None
    month: str
    dates: tuple[tuple[str, str, str], ...]
    """The month's dates: day, time, sentence. Empty without a calendar."""
    roles: tuple[RolePage, ...]
    phases: tuple[tuple[str, tuple[StepPage, ...]], ...]
    ready: str
    requirements: tuple[tuple[str, str], ...]
    """What a month needs, and what happens when it is missing."""
    scripts: tuple[tuple[str, str], ...]
    notes: tuple[NotePage, ...]
    drawings: tuple[str, ...]
    """SVG, made by this package."""
    glossary: tuple[tuple[str, str], ...] = GLOSSARY
