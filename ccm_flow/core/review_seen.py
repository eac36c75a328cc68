"""What the rules of the readiness review are told about a clinic."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ccm_flow.core.month import Month


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def percent(self) -> int | None:
        """Give it in whole percent, rounded down; None of nothing."""
        return None if self.whole == 0 else 100 * self.part // self.whole


@dataclass(frozen=True, slots=True)
class RoleSeen:
    """One role that steps of the playbooks have."""

    title: str
    present: int
    """People who hold it and are here today."""
    held: int
    """People who hold it, here today or not."""
    with_room: int
    """Of those present, who have room for one more step."""
    is_agreed: bool = True
    """It is agreed which organization does it."""
    empty_on: date | None = None
    """The first day of the next four weeks on which nobody who holds it is here."""


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Somebody with the practitioner's role."""

    name: str
    is_licensed: bool
    has_npi: bool


@dataclass(frozen=True, slots=True)
class SetUp:
    """What a first month is opened on; nothing of it needs a patient."""

    published: tuple[str, ...]
    """Titles of the playbooks in force, one for each kind that has one."""
    unpublished: tuple[str, ...]
    """Kinds of work in use for which none is published."""
    roles: tuple[RoleSeen, ...]
    owner: str
    """The program owner's name."""
    owner_is_here: bool
    """On the staff today."""
    wording: str
    """The version of the consent statements in force today; empty when there is none."""
    practitioners: tuple[Practitioner, ...]
    """Those who are here."""


@dataclass(frozen=True, slots=True)
class PlaybookSeen:
    """One playbook in force."""

    title: str
    errors: int
    """What the check finds wrong."""
    proof_holds: bool | None
    """None when it was not proved yet."""


@dataclass(frozen=True, slots=True)
class MonthSeen:
    """The last month that is over."""

    month: Month
    ready: Share
    """Of the patients."""
    on_time: Share
    """Of the steps that are judged."""
    unsigned: int
    """Notes that lack a signature."""
    late: Share
    """Entries of time that came more than a day after the work."""
    checkpoints: Share
    """Steps of the phase reporting that were done."""


@dataclass(frozen=True, slots=True)
class ImportSeen:
    """The last import that ended."""

    days_ago: int
    problems: int


@dataclass(frozen=True, slots=True)
class PatientsSeen:
    """Who is enrolled, in counts."""

    enrolled: int = 0
    consented: int = 0
    planned: int = 0
    """With a care plan that is complete, current and shared."""
    reachable: int = 0
    """With a telephone number."""
    languages: Mapping[str, int] = field(default_factory=dict)
    """Patients by the short tag of their language."""


@dataclass(frozen=True, slots=True)
class Means:
    """With what patients are reached and the work is seen."""

    calls_from: str = ""
    """The number that calls come from; the clinic's own when only that is known."""
    says_outreach_number: bool = False
    """The clinic's file names it."""
    contact_hours: bool = False
    script_languages: frozenset[str] = frozenset()
    staff_languages: frozenset[str] | None = None
    """None when nothing is said of anybody."""
    documentation_time: bool = False
    has_vendor: bool = False
    approvers: int = 0
    leads: int = 0
    """Who can sign in as an operations lead or a vendor's manager."""
    owners: int = 0
    """Who can sign in as the clinic's owner."""
    owner_has_email: bool = False
    wanted_minutes: int = 0
    """Of a month: the least that enrolled patients need."""
    kept_minutes: int | None = None
    """Of a month, by the playbook's protected time; None when it names none."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that is worked out from."""

    set_up: SetUp
    playbooks: tuple[PlaybookSeen, ...] = ()
    month: MonthSeen | None = None
    """None before a month is over."""
    imported: ImportSeen | None = None
    patients: PatientsSeen = PatientsSeen()
    means: Means = Means()
