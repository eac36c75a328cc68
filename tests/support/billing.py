"""Months of one patient for tests of billing: say what differs from an ordinary one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ccm_flow.adapters.rule_files import read_rules
from ccm_flow.core.billing.evaluate import evaluate
from ccm_flow.core.billing.model import (
    BillingFacts,
    BillingResult,
    CarePlanFact,
    Code,
    ConsentFact,
    DecisionMaking,
    DeviceDays,
    Discharge,
    Performed,
    Practitioner,
    ProgramId,
    Service,
    TimeFact,
    Worker,
)
from ccm_flow.core.billing.shelf import RuleShelf
from ccm_flow.core.ids import PersonId
from ccm_flow.core.month import Month

ROOT = Path(__file__).parents[2]
HERE = ZoneInfo("America/New_York")
US, THEM = PersonId("p-us"), PersonId("p-them")
STAFF, OWN = Worker.CLINICAL_STAFF, Worker.PRACTITIONER
MODERATE, HIGH, LOW = DecisionMaking.MODERATE, DecisionMaking.HIGH, DecisionMaking.LOW

Row = tuple[str, str, BillingFacts, dict[str, int], set[str]]
"""A promise, the line of medicare-rules it rests on, a month, codes with units, blocked codes."""
BASE = {"99490": 1}


@cache
def shelf() -> RuleShelf:
    """Give the rules of this checkout."""
    result = read_rules(sorted((ROOT / "rules" / "billing").glob("*.yaml")))
    assert result.shelf is not None, result.render()
    return result.shelf


def day(text: str) -> date:
    """Read `2025-03-10`."""
    return date.fromisoformat(text)


def work(
    length: str, worker: Worker = STAFF, at: str = "2025-03-10T10:00", program: str = "CCM"
) -> TimeFact:
    """Give one entry: `work("19:59")`."""
    minutes, _, seconds = length.partition(":")
    started = datetime.fromisoformat(at).replace(tzinfo=HERE)
    total = int(minutes) * 60 + int(seconds or 0)
    return TimeFact(f"{at}/{worker}/{length}/{program}", started, total, worker, ProgramId(program))


def entries(month: Month, program: str, minutes: dict[Worker, str]) -> tuple[TimeFact, ...]:
    """Give one entry for each worker on the tenth."""
    return tuple(work(text, who, f"{month}-10T10:00", program) for who, text in minutes.items())


def ordinary(month: str = "2025-03", *programs: str) -> BillingFacts:
    """Give a month in which nothing is missing but the work."""
    which = Month.parse(month)
    joined = which.previous.previous.first_day
    taken = datetime(joined.year, joined.month, 3, 9, tzinfo=HERE)
    return BillingFacts(
        month=which,
        programs=frozenset(ProgramId(program) for program in programs or ("CCM",)),
        practitioner=Practitioner(US),
        enrolled_on=joined,
        consent=ConsentFact(True, taken, US),
        care_plan=CarePlanFact(taken.date(), taken.date()),
        condition_groups=3,
        initiating_visit_on=joined,
    )


def month(
    staff: str = "",
    own: str = "",
    *,
    of: str = "2025-03",
    programs: tuple[str, ...] = ("CCM",),
    **changes: Any,
) -> BillingFacts:
    """Give an ordinary month with so much work of staff and of the practitioner."""
    facts = ordinary(of, *programs)
    minutes = {who: text for who, text in ((STAFF, staff), (OWN, own)) if text}
    return replace(facts, **{"time": entries(facts.month, programs[0], minutes), **changes})


def complex_month(
    staff: str, *, decisions: DecisionMaking | None = MODERATE, **changes: Any
) -> BillingFacts:
    """Give a month in which the care plan was revised."""
    facts = month(staff, decision_making=decisions, **changes)
    assert facts.care_plan is not None
    revised = replace(facts.care_plan, revised_on=facts.month.first_day)
    return replace(facts, care_plan=revised)


def service(code: str, on: str, who: PersonId | None = THEM, discharged: str = "") -> Service:
    """Give a service that was billed."""
    return Service(Code(code), day(on), who, day(discharged) if discharged else None)


def beside(
    code: str, who: str | None = THEM, on: str = "2025-03-20", left: str = ""
) -> BillingFacts:
    """Give 20 minutes of chronic care beside one service."""
    person = None if who is None else PersonId(who)
    return month("20:00", services=(service(code, on, person, left),))


def performed(code: str, on: str) -> Performed:
    """Give a recorded act."""
    return Performed(Code(code), day(on))


def discharge(
    on: str, visit: str, decisions: DecisionMaking | None = MODERATE, *, in_time: bool = True
) -> Discharge:
    """Give a discharge home."""
    return Discharge(day(on), in_time, day(visit) if visit else None, decisions)


def readings(days: int, ends: str) -> DeviceDays:
    """Give a period of remote monitoring."""
    return DeviceDays(days, day(ends))


def judge(facts: BillingFacts) -> BillingResult:
    """Evaluate a month by the shipped rules."""
    return evaluate(shelf().book(facts.month), facts)


def billed(result: BillingResult) -> dict[str, int]:
    """Give what is billed, as codes and units."""
    found: dict[str, int] = {}
    for line in result.lines:
        found[line.code] = found.get(line.code, 0) + line.units
    return found


def consent(
    at: str, practitioner: PersonId = US, *, accepted: bool = True, last: str = ""
) -> ConsentFact:
    """Give an answer of the patient."""
    taken = datetime.fromisoformat(at).replace(tzinfo=HERE)
    return ConsentFact(accepted, taken, practitioner, day(last) if last else None)


def rows(table: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Give a table's rows as cases named by their promise and their line of the rules."""
    names = [row[:2] for row in table]
    assert len(names) == len(set(names)), "two rows promise the same"
    return [pytest.param(*row[2:], id=f"{row[0]} ({row[1]})") for row in table]


def assert_row(facts: BillingFacts, codes: dict[str, int], blocked: set[str]) -> None:
    """Check what a month gives, and what it does not."""
    result = judge(facts)
    assert billed(result) == codes
    assert {entry.code for entry in result.blocked} == blocked
