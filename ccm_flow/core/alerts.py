"""
Alerts: what one organization tells the other at a clinic, who has to take it, and until when.

An alert is its row and what happened to it since, each event for good. From these alone, the
rules of the organization that gets it and who is there, `move_on` says what happens next; so a
worker that was away goes on where it stopped, and two of them do nothing twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ccm_flow.core.assignment import Candidate, Pool
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.deadlines import Budget, Unit, after
from ccm_flow.core.ids import (
    ClinicId,
    CycleId,
    EnrollmentId,
    OrganizationId,
    PersonId,
    RoleId,
    StepKey,
)
from ccm_flow.core.words import Urgency


class AlertKind(StrEnum):
    """What the other organization is told."""

    QUESTION = "question"
    """Somebody asks and waits for the answer."""
    NOTICE = "notice"
    """A deadline passed, and the playbook tells the other organization."""
    ANSWER = "answer"
    """The answer, back to who asked."""


class AlertAct(StrEnum):
    """One thing that happened to an alert."""

    RAISED = "raised"
    GIVEN = "given"
    """A person has it now, with a time by which to acknowledge it."""
    CALLED_FOR = "called_for"
    """A number has to be called: whoever is on call there is not on the staff."""
    SHOWN = "shown"
    """The application showed it to a person who has or had it; once for each."""
    MAILING = "mailing"
    """The e-mail is on its way to the mail server; what came of it follows."""
    MAILED = "mailed"
    """The mail server took the e-mail."""
    MAIL_REFUSED = "mail_refused"
    ACKNOWLEDGED = "acknowledged"
    """Seen, and taken on; no answer yet."""
    UNACKNOWLEDGED = "unacknowledged"
    """Everybody's time ran out; it stays on both organizations' lists."""
    ANSWERED = "answered"
    SETTLED = "settled"
    """The step it is about is over without an answer."""


ENDS: Final = frozenset({AlertAct.ANSWERED, AlertAct.SETTLED})
GIVES: Final = frozenset({AlertAct.GIVEN, AlertAct.CALLED_FOR})


class OutOfHours(StrEnum):
    """What becomes of an alert while the organization that gets it is closed."""

    ON_CALL = "on_call"
    """Whoever is on call has it at once."""
    OPENING = "opening"
    """It waits, and its clock runs from opening."""


@dataclass(frozen=True, slots=True)
class OnCall:
    """Whoever takes alerts while it is closed: somebody of the staff, or a number to call."""

    person: PersonId | None = None
    name: str = ""
    phone: str = ""

    @property
    def key(self) -> str:
        """Name it among those who had an alert."""
        return self.person or self.phone


@dataclass(frozen=True, slots=True)
class AlertRule:
    """How an organization takes alerts at a clinic."""

    acknowledge: Mapping[Urgency, Budget]
    closed: Mapping[Urgency, OutOfHours]
    reply: Mapping[Urgency, Budget] = field(default_factory=dict)
    """In its own business time; the step's deadline where nothing is said."""
    on_call: tuple[OnCall, ...] = ()
    then: tuple[RoleId, ...] = ()
    """Whose turn it is when nobody of the addressed role acknowledged."""


ACKNOWLEDGE: Final[Mapping[Urgency, Budget]] = MappingProxyType(
    {
        Urgency.URGENT: Budget(30, Unit.MINUTES),
        Urgency.ROUTINE: Budget(4, Unit.BUSINESS_HOURS),
    }
)
"""CCM Flow's own, where a clinic's file says nothing."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert, as it was raised."""

    id: str
    clinic: ClinicId
    enrollment: EnrollmentId
    cycle: CycleId
    step: StepKey
    kind: AlertKind
    urgency: Urgency
    sender: PersonId
    """Who asked; of a notice, whose step it is."""
    from_organization: OrganizationId
    to_organization: OrganizationId
    addressee: PersonId
    role: RoleId
    raised_at: datetime
    reply_due_at: datetime | None = None
    """None where no reply is waited for."""


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """One thing that happened to an alert."""

    act: AlertAct
    at: datetime
    person: PersonId | None = None
    """Who has it now, was shown it, got the e-mail or took it on."""
    because: str = ""
    until: datetime | None = None
    """By when to acknowledge."""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an alert stands."""

    tried: tuple[str, ...] = ()
    """People and numbers that had it, in their order."""
    holder: PersonId | None = None
    phone: str = ""
    until: datetime | None = None
    acknowledged: AlertEvent | None = None
    ended: AlertEvent | None = None
    gave_up: bool = False

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has taken it on, and it still matters."""
        return self.acknowledged is None and self.ended is None

    @property
    def was_passed_on(self) -> bool:
        """Whether the first who had it did not acknowledge it in time."""
        return len(self.tried) > 1 or self.gave_up

    @property
    def look_again_at(self) -> datetime | None:
        """When something happens by itself; None for never."""
        return self.until if self.is_waiting and not self.gave_up else None


def standing(events: Sequence[AlertEvent]) -> Standing:
    """Say how an alert stands after what happened to it."""
    gives = [one for one in events if one.act in GIVES]
    last = gives[-1] if gives else None
    return Standing(
        tried=tuple(one.person or one.phone for one in gives),
        holder=last.person if last else None,
        phone=last.phone if last else "",
        until=last.until if last else None,
        acknowledged=next((one for one in events if one.act is AlertAct.ACKNOWLEDGED), None),
        ended=next((one for one in events if one.act in ENDS), None),
        gave_up=any(one.act is AlertAct.UNACKNOWLEDGED for one in events),
    )


@dataclass(frozen=True, slots=True)
class Around:
    """Who there is and when the organization that gets an alert works, as of an instant."""

    pool: Pool
    calendar: WorkCalendar
    """The receiving organization's own."""
    now: datetime


def organization_of(pool: Pool, person: PersonId, around: Around) -> OrganizationId | None:
    """Name which side of the agreement a person works for today; None for neither."""
    found, day = pool.find(person), around.calendar.date_of(around.now)
    if found is None:
        return None
    sides = [one for one in (pool.parties.clinic, pool.parties.vendor) if one is not None]
    held = [one.organization for one in found.memberships if one.holds_on(day)]
    return next((one for one in held if one in sides), None)


def clock_starts(calendar: WorkCalendar, now: datetime) -> datetime:
    """Give now while it is open, else when it opens next."""
    if calendar.is_open(now):
        return now
    day = calendar.date_of(now)
    if calendar.is_business_day(day) and now < calendar.opening(day):
        return calendar.opening(day)
    return calendar.opening(calendar.business_day_after(day, 1))


def reply_due(
    rule: AlertRule, urgency: Urgency, around: Around, deadline: datetime | None
) -> datetime | None:
    """Give by when the other organization has to answer; the step's deadline if not agreed."""
    budget = rule.reply.get(urgency)
    if budget is None:
        return deadline
    return after(budget, clock_starts(around.calendar, around.now), around.calendar)


def move_on(
    alert: Alert, events: Sequence[AlertEvent], rule: AlertRule, around: Around
) -> AlertEvent | None:
    """Say what happens to an alert by itself now; None when it has to wait, or is over."""
    stands, now = standing(events), around.now
    if not stands.is_waiting or stands.gave_up:
        return None
    if stands.until is not None and stands.until > now:
        return None
    turn = _next_turn(alert, rule, around, stands.tried)
    if turn is None:
        return AlertEvent(AlertAct.UNACKNOWLEDGED, now, because="nobody is left to give it to")
    if not stands.tried:
        return turn
    late = f"not acknowledged in time; {turn.because}"
    return AlertEvent(turn.act, now, turn.person, late, turn.until, turn.phone)


def _next_turn(
    alert: Alert, rule: AlertRule, around: Around, tried: Sequence[str]
) -> AlertEvent | None:
    calendar, now = around.calendar, around.now
    budget = rule.acknowledge.get(alert.urgency, ACKNOWLEDGE[alert.urgency])
    closed = not calendar.is_open(now)
    if closed and rule.closed.get(alert.urgency) is OutOfHours.ON_CALL:
        on_call = _on_call(rule, around, tried)
        if on_call is not None:
            act = AlertAct.GIVEN if on_call.person else AlertAct.CALLED_FOR
            said = "closed; on call" if on_call.person else f"closed; call {on_call.name}"
            until = after(budget, now, calendar)
            return AlertEvent(act, now, on_call.person, said, until, on_call.phone)
    start = clock_starts(calendar, now)
    found = _by_day(alert, rule, around, tried, start)
    if found is None:
        return None
    person, why = found
    said = f"closed until it opens; {why}" if closed else why
    return AlertEvent(AlertAct.GIVEN, now, person, said, after(budget, start, calendar))


def _on_call(rule: AlertRule, around: Around, tried: Sequence[str]) -> OnCall | None:
    day = around.calendar.date_of(around.now)
    for one in rule.on_call:
        found = around.pool.find(one.person) if one.person else None
        is_there = one.person is None or (found is not None and _works(found, day))
        if one.key not in tried and is_there:
            return one
    return None


def _by_day(
    alert: Alert, rule: AlertRule, around: Around, tried: Sequence[str], start: datetime
) -> tuple[PersonId, str] | None:
    """Give who has it next in the day's order, and why: at their desk, else on their day."""
    day, minute = around.calendar.date_of(start), around.calendar.minute_of(start)
    in_order = [pair for pair in _order(alert, rule, around) if pair[0].person not in tried]
    able = [(one, why) for one, why in in_order if _works(one, day)]
    at_desk = [(one, why) for one, why in able if _in_hours(one, minute)]
    for one, why in at_desk or able:
        return one.person, why
    if tried:
        return None
    return alert.addressee, "nobody else is there"


def _works(one: Candidate, day: date) -> bool:
    left = one.until_day is not None and day > one.until_day
    return not left and bool(one.roles) and one.absence(day) is None


def _in_hours(one: Candidate, minute: int) -> bool:
    return one.works is None or one.works[0] <= minute < one.works[1]


def _order(alert: Alert, rule: AlertRule, around: Around) -> Iterator[tuple[Candidate, str]]:
    """Give everybody whose turn it may be, each once, with the reason."""
    pool, day = around.pool, around.calendar.date_of(around.now)
    seen: set[PersonId] = set()
    for one, why in _wishes(alert, rule, pool, around):
        theirs = one.works_for(alert.to_organization, day) or one.person == alert.addressee
        if one.person not in seen and theirs:
            seen.add(one.person)
            yield one, why


def _wishes(
    alert: Alert, rule: AlertRule, pool: Pool, around: Around
) -> Iterator[tuple[Candidate, str]]:
    addressee, day = pool.find(alert.addressee), around.calendar.date_of(around.now)
    if addressee is not None:
        yield addressee, "it is for them"
        away = addressee.absence(day)
        cover = pool.find(away.cover) if away is not None and away.cover else None
        if cover is not None:
            yield cover, f"covers for {addressee.name}"
    for role in (alert.role, *rule.then):
        held = [one for one in pool.people if role in one.roles]
        for one in sorted(held, key=lambda one: (one.load, one.person)):
            yield one, f"is {role.replace('_', ' ')} too" if role == alert.role else "is next"
    owner = pool.find(pool.program_owner)
    if owner is not None:
        yield owner, "is the program owner"
