"""
What one patient's month takes on average: minutes by step, role and day.

Taken from simulated months whose staff always have time, so the engine's own rules decide what
opens when. Made once, it answers any number of questions about capacity at once.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from ccm_flow.core.ids import RoleId, StepId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Disposition
from ccm_flow.rehearsal.life import play_unbounded
from ccm_flow.rehearsal.measures import Metric
from ccm_flow.rehearsal.pod import Lives, Pod, Question, Teams
from ccm_flow.rehearsal.tally import MonthTally

Work = tuple[StepId, RoleId, date, date]
"""A step, whose it is, the day on which people would do it, and the day it is due at the latest."""
SAMPLE: Final = 200
"""Simulated patients for each month: minutes for each are right to about 3 %."""
_LEFT: Final = (Disposition.WITHDRAWN, Disposition.DECEASED)


@dataclass(frozen=True, slots=True)
class MonthProfile:
    """One month of one patient, on average."""

    month: Month
    work: Mapping[Work, float]
    """Minutes."""
    ready: float
    """The share of months that can be billed."""
    on_time: float
    """The share of steps done in time by staff who always have time."""
    leaving: float
    """The share of patients who leave the program or die."""
    counted: Mapping[int, float]
    """Of all months, the share that is ready with so many whole minutes that count."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The months ahead, each for one patient."""

    question: Question
    """What it was made of; its patients are the sample."""
    months: tuple[MonthProfile, ...]


def make_profile(question: Question) -> Profile:
    """Simulate the question's patients anew for each month and take the average."""
    teams = Teams(question.plan, None, question.assumptions)
    lives = Lives(Pod(question, 0, 1), teams)
    return Profile(
        question, tuple(_month(question, lives, teams, n) for n in range(len(question.months)))
    )


def _month(question: Question, lives: Lives, teams: Teams, number: int) -> MonthProfile:
    work: Counter[Work] = Counter()
    tally = MonthTally()
    for _, life in lives.of_month(number):
        play_unbounded(life, teams.credentials)
        tally.add(life)
        calendar = life.layout.calendar
        for one in life.pieces:
            began = calendar.date_of(one.began)
            due = calendar.date_of(one.step.due_at) if one.step.due_at else began
            key = (one.step.step, one.step.owner.role, began, max(began, due))
            work[key] += int(one.takes.total_seconds())
    patients = tally.totals.patients or 1
    left = sum(tally.totals.endings[how] for how in tally.totals.endings if how[0] in _LEFT)
    return MonthProfile(
        month=question.months[number][0],
        work={key: seconds / 60 / patients for key, seconds in sorted(work.items())},
        ready=tally.totals.value(Metric.READY) or 0.0,
        on_time=tally.totals.value(Metric.ON_TIME) or 0.0,
        leaving=left / patients,
        counted={minutes: n / patients for minutes, n in sorted(tally.counted.items())},
    )
