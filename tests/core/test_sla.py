"""Who was responsible when a deadline was kept or missed."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ccm_flow.core.heat import ClinicPulse, Heat, urgency
from ccm_flow.core.heat import judge as judge_clinic
from ccm_flow.core.ids import OrganizationId, RoleId, StepId
from ccm_flow.core.responsibility import Agreed
from ccm_flow.core.sla import History, Kept, Tally, VendorSpan, deciding, judge, tally, who_was
from ccm_flow.core.state import StepStatus
from ccm_flow.core.words import Responsibility

ELM, CARE, OLD = OrganizationId("elm"), OrganizationId("carebridge"), OrganizationId("older")
NURSE, CALL = RoleId("nurse"), StepId("call")
DUE = datetime(2026, 12, 10, 22, tzinfo=UTC)
EARLY, AFTER = DUE.replace(day=9), DUE.replace(day=11)
HISTORY = History(
    ELM,
    (
        VendorSpan(OLD, date(2026, 1, 1), date(2026, 6, 30)),
        VendorSpan(CARE, date(2026, 12, 10)),
    ),
    (
        Agreed(date(2026, 12, 10), CARE, role=NURSE),
        Agreed(date(2026, 12, 20), ELM, role=NURSE),
        Agreed(date(2026, 12, 22), CARE, step=CALL),
    ),
)


@pytest.mark.parametrize(
    ("status", "ended", "kept"),
    [
        (StepStatus.DONE, EARLY, Kept.ON_TIME),
        (StepStatus.DONE, DUE, Kept.ON_TIME),
        (StepStatus.DONE, AFTER, Kept.LATE),
        (StepStatus.OPEN, None, Kept.MISSED),
        (StepStatus.EXPIRED, AFTER, Kept.MISSED),
        (StepStatus.WITHDRAWN, AFTER, Kept.MISSED),
    ],
)
def test_what_became_of_a_deadline(status: StepStatus, ended: datetime | None, kept: Kept) -> None:
    assert judge(status, DUE, ended) is kept


@pytest.mark.parametrize(("ended", "instant"), [(EARLY, EARLY), (AFTER, DUE), (None, DUE)])
def test_the_day_done_decides_before_the_deadline_and_the_deadline_after_it(
    ended: datetime | None, instant: datetime
) -> None:
    assert deciding(DUE, ended, EARLY) == instant


@pytest.mark.parametrize(
    ("day", "role", "step", "said", "who"),
    [
        (date(2026, 12, 9), NURSE, CALL, None, ELM),
        (date(2026, 12, 10), NURSE, CALL, None, CARE),
        (date(2026, 12, 20), NURSE, CALL, None, ELM),
        (date(2026, 12, 22), NURSE, CALL, None, CARE),
        (date(2026, 12, 22), NURSE, StepId("other"), None, ELM),
        (date(2026, 12, 15), NURSE, CALL, Responsibility.CLINIC, ELM),
        (date(2026, 12, 22), RoleId("biller"), CALL, None, CARE),
        (date(2026, 12, 15), RoleId("biller"), CALL, None, None),
        (date(2026, 3, 1), RoleId("biller"), CALL, Responsibility.VENDOR, OLD),
        (date(2026, 8, 1), RoleId("biller"), CALL, Responsibility.VENDOR, ELM),
    ],
)
def test_who_was_responsible_is_told_by_the_lines_of_that_day(
    day: date,
    role: RoleId,
    step: StepId,
    said: Responsibility | None,
    who: OrganizationId | None,
) -> None:
    assert who_was(HISTORY, role, step, said, day) == who


def test_an_organization_without_deadlines_has_no_share() -> None:
    assert tally([]).percent is None
    assert tally([Kept.ON_TIME, Kept.ON_TIME, Kept.LATE]) == Tally(2, 1, 0)
    assert tally([Kept.ON_TIME, Kept.ON_TIME, Kept.LATE]).percent == 66


CALM = ClinicPulse(
    patients=100,
    complete=100,
    steps_due=100,
    steps_on_time=95,
    missing_minutes=0,
    short_patients=0,
    overdue=0,
    questions=0,
    late_questions=0,
    staff=5,
    away=0,
    full=0,
    open_steps=40,
)


@pytest.mark.parametrize(
    ("changed", "days_left", "cell", "heat"),
    [
        ({}, 5, "complete", Heat.GOOD),
        ({"complete": 64}, 5, "complete", Heat.ACT),
        ({"complete": 0}, 11, "complete", Heat.NOTHING),
        ({"steps_on_time": 80}, 20, "on_time", Heat.WATCH),
        ({"steps_due": 0, "steps_on_time": 0}, 20, "on_time", Heat.NOTHING),
        ({"short_patients": 11}, 3, "minutes", Heat.ACT),
        ({"short_patients": 90}, 20, "minutes", Heat.NOTHING),
        ({"overdue": 4}, 20, "overdue", Heat.WATCH),
        ({"overdue": 5}, 20, "overdue", Heat.ACT),
        ({"questions": 2}, 20, "questions", Heat.WATCH),
        ({"questions": 2, "late_questions": 1}, 20, "questions", Heat.ACT),
        ({"staff": 0}, 20, "staff", Heat.ACT),
        ({"full": 1}, 20, "staff", Heat.WATCH),
    ],
)
def test_how_a_number_stands(
    changed: dict[str, int], days_left: int, cell: str, heat: Heat
) -> None:
    assert judge_clinic(replace(CALM, **changed), days_left)[cell] is heat


def test_clinics_where_somebody_has_to_act_come_first() -> None:
    worse = judge_clinic(replace(CALM, overdue=30, questions=1), 20)
    watch = judge_clinic(replace(CALM, overdue=1, questions=1), 20)
    assert sorted([judge_clinic(CALM, 20), watch, worse], key=urgency)[0] == worse
    assert urgency(watch) < urgency(judge_clinic(CALM, 20))
