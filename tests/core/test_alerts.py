"""Who gets an alert, until when, and what happens when nobody takes it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.adapters.calendars import build_calendar
from ccm_flow.app.clinic_hours import ClinicHours
from ccm_flow.core.alerts import (
    ACKNOWLEDGE,
    Alert,
    AlertAct,
    AlertEvent,
    AlertKind,
    AlertRule,
    Around,
    OnCall,
    OutOfHours,
    move_on,
    reply_due,
    standing,
)
from ccm_flow.core.assignment import Absence, Candidate, Membership, Pool
from ccm_flow.core.deadlines import Budget, Unit
from ccm_flow.core.ids import (
    ClinicId,
    CycleId,
    EnrollmentId,
    OrganizationId,
    PersonId,
    RoleId,
    StepKey,
)
from ccm_flow.core.responsibility import Parties
from ccm_flow.core.words import Urgency

ELM, CARE = OrganizationId("elm"), OrganizationId("care")
PAT, PIA, NAT, LEE, VERA = (PersonId(one) for one in ("pat", "pia", "nat", "lee", "vera"))
DOCTOR, NURSE, LEAD, COORDINATOR = (
    RoleId(one) for one in ("practitioner", "nurse", "program_lead", "coordinator")
)
LINE = OnCall(name="Night line", phone="555 0199")
TUESDAY = date(2026, 12, 1)
CALENDAR = build_calendar(
    ClinicHours("America/New_York", time(9), time(17)), date(2026, 11, 20), date(2027, 2, 1)
)


def at(text: str) -> datetime:
    """Read a time in New York on the first of December, or on a day before it."""
    day, _, clock = text.rpartition(" ")
    hour, minute = (int(part) for part in clock.split(":"))
    on = TUESDAY + timedelta(days=int(day or 0))
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=UTC) + timedelta(hours=5)


def person(id_: PersonId, role: RoleId, organization: OrganizationId = ELM) -> Candidate:
    return Candidate(id_, id_.title(), (role,), memberships=(Membership(organization, date.min),))


STAFF = (
    person(PAT, DOCTOR),
    person(PIA, DOCTOR),
    person(NAT, NURSE),
    person(LEE, LEAD),
    person(VERA, DOCTOR, CARE),
)
ALERT = Alert(
    id="a1",
    clinic=ClinicId("elm"),
    enrollment=EnrollmentId("7f3a"),
    cycle=CycleId("monthly:7f3a:2026-12"),
    step=StepKey("clinical_escalation"),
    kind=AlertKind.QUESTION,
    urgency=Urgency.URGENT,
    sender=VERA,
    from_organization=CARE,
    to_organization=ELM,
    addressee=PAT,
    role=DOCTOR,
    raised_at=at("10:00"),
)
RULE = AlertRule(
    acknowledge=ACKNOWLEDGE,
    closed={Urgency.URGENT: OutOfHours.OPENING, Urgency.ROUTINE: OutOfHours.OPENING},
    then=(NURSE,),
)
ON_CALL = replace(
    RULE,
    closed={Urgency.URGENT: OutOfHours.ON_CALL, Urgency.ROUTINE: OutOfHours.OPENING},
    on_call=(OnCall(NAT, "Nat"), LINE),
)


def around(now: datetime, people: Sequence[Candidate] = STAFF) -> Around:
    return Around(Pool(tuple(people), LEE, {}, Parties(ELM, CARE)), CALENDAR, now)


def away(id_: PersonId, cover: PersonId | None = None) -> tuple[Candidate, ...]:
    absence = Absence(TUESDAY, TUESDAY, cover)
    return tuple(replace(one, absences=(absence,)) if one.person == id_ else one for one in STAFF)


def working(id_: PersonId, first: int, last: int) -> tuple[Candidate, ...]:
    hours = (first * 60, last * 60)
    return tuple(replace(one, works=hours) if one.person == id_ else one for one in STAFF)


NOBODY = tuple(replace(one, absences=(Absence(TUESDAY, TUESDAY),)) for one in STAFF)


@pytest.mark.parametrize(
    ("rule", "urgency", "now", "people", "who", "until"),
    [
        # The clinic is open: whom it is for, if they are there.
        (RULE, Urgency.URGENT, "10:00", STAFF, PAT, "10:30"),
        (RULE, Urgency.ROUTINE, "10:00", STAFF, PAT, "14:00"),
        (RULE, Urgency.ROUTINE, "15:00", STAFF, PAT, "1 11:00"),
        (RULE, Urgency.URGENT, "10:00", away(PAT), PIA, "10:30"),
        (RULE, Urgency.URGENT, "10:00", away(PAT, cover=NAT), NAT, "10:30"),
        (RULE, Urgency.URGENT, "10:00", working(PAT, 13, 17), PIA, "10:30"),
        (RULE, Urgency.URGENT, "10:00", NOBODY, PAT, "10:30"),
        (ON_CALL, Urgency.URGENT, "10:00", STAFF, PAT, "10:30"),
        # It is closed: the clock runs from opening, or who is on call has it at once.
        (RULE, Urgency.URGENT, "20:00", STAFF, PAT, "1 09:30"),
        (RULE, Urgency.URGENT, "07:00", STAFF, PAT, "09:30"),
        (RULE, Urgency.ROUTINE, "-3 12:00", STAFF, PAT, "-1 13:00"),
        (ON_CALL, Urgency.URGENT, "20:00", STAFF, NAT, "20:30"),
        (ON_CALL, Urgency.URGENT, "20:00", away(NAT), LINE.phone, "20:30"),
        (ON_CALL, Urgency.ROUTINE, "20:00", STAFF, PAT, "1 13:00"),
    ],
)
def test_an_alert_goes_to_somebody_who_is_there(
    *,
    rule: AlertRule,
    urgency: Urgency,
    now: str,
    people: tuple[Candidate, ...],
    who: str,
    until: str,
) -> None:
    alert = replace(ALERT, urgency=urgency)
    event = move_on(alert, [], rule, around(at(now), people))
    assert event is not None
    assert (event.person or event.phone, event.until) == (who, at(until))


@pytest.mark.parametrize(
    ("rule", "now", "in_order"),
    [
        (RULE, "10:00", [PAT, PIA, NAT, LEE]),
        (RULE, "20:00", [PAT, PIA, NAT, LEE]),
        (ON_CALL, "20:00", [NAT, LINE.phone, PAT, PIA, LEE]),
    ],
)
def test_what_nobody_takes_goes_to_the_next_each_once_and_then_stays_visible(
    rule: AlertRule, now: str, in_order: list[str]
) -> None:
    events: list[AlertEvent] = []
    instant = at(now)
    for _ in range(20):
        event = move_on(ALERT, events, rule, around(instant))
        if event is None:
            break
        events.append(event)
        assert move_on(ALERT, events, rule, around(instant)) is None  # twice changes nothing
        instant = event.until or instant
    assert list(standing(events).tried) == in_order
    assert events[-1].act is AlertAct.UNACKNOWLEDGED
    assert standing(events).is_waiting
    assert standing(events).was_passed_on


@pytest.mark.parametrize(
    "act", [AlertAct.ACKNOWLEDGED, AlertAct.ANSWERED, AlertAct.SETTLED, AlertAct.UNACKNOWLEDGED]
)
def test_nothing_happens_by_itself_once_it_is_taken_or_over(act: AlertAct) -> None:
    given_to = AlertEvent(AlertAct.GIVEN, at("10:00"), PAT, until=at("10:30"))
    events = [given_to, AlertEvent(act, at("10:10"), PAT)]
    assert move_on(ALERT, events, RULE, around(at("1 12:00"))) is None


@pytest.mark.parametrize(
    ("reply", "now", "due"),
    [
        ({}, "10:00", "5 12:00"),
        ({Urgency.URGENT: Budget(2, Unit.BUSINESS_HOURS)}, "16:00", "1 10:00"),
        ({Urgency.URGENT: Budget(90, Unit.MINUTES)}, "20:00", "1 10:30"),
        ({Urgency.URGENT: Budget(1, Unit.BUSINESS_DAYS)}, "-3 12:00", "17:00"),
    ],
)
def test_the_answers_clock_runs_in_the_business_time_of_who_answers(
    reply: dict[Urgency, Budget], now: str, due: str
) -> None:
    rule = replace(RULE, reply=reply)
    assert reply_due(rule, Urgency.URGENT, around(at(now)), at("5 12:00")) == at(due)


@given(
    minutes=st.integers(0, 30 * 24 * 60),
    absent=st.sets(st.sampled_from([PAT, PIA, NAT, LEE])),
    rule=st.sampled_from([RULE, ON_CALL]),
    urgency=st.sampled_from(list(Urgency)),
)
def test_every_alert_has_a_recipient_of_the_other_organization_and_a_time(
    minutes: int, absent: set[PersonId], rule: AlertRule, urgency: Urgency
) -> None:
    now = at("0:00") + timedelta(minutes=minutes)
    gone = (Absence(date(2026, 11, 1)),)
    people = [replace(one, absences=gone) if one.person in absent else one for one in STAFF]
    event = move_on(replace(ALERT, urgency=urgency), [], rule, around(now, people))
    assert event is not None
    assert event.until is not None
    assert event.until > now
    assert event.phone == LINE.phone or event.person in {PAT, PIA, NAT, LEE}
    if event.person in absent:
        assert absent == {PAT, PIA, NAT, LEE}
