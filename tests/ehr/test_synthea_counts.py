"""Our counts on a whole Synthea run against those that its own tables were described with."""

import csv
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from ccm_flow.adapters.ehr.condition_groups import load_condition_groups
from ccm_flow.core.eligibility import judge
from ccm_flow.core.patient_facts import (
    CodeSystem,
    ConditionFact,
    CoverageFact,
    CoverageKind,
    PatientFacts,
)
from ccm_flow.core.verdict import Eligibility

ON = date(2026, 9, 30)
PAYERS = {"Medicare": CoverageKind.MEDICARE_PART_B, "Dual Eligible": CoverageKind.DUAL}
Row = dict[str, str]


def table(folder: Path, name: str) -> list[Row]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def day(text: str) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def condition(row: Row) -> ConditionFact:
    return ConditionFact(
        CodeSystem.SNOMED,
        row["CODE"],
        row["DESCRIPTION"],
        "resolved" if row["STOP"] else "active",
        day(row["START"]),
        day(row["STOP"]),
    )


@cache
def living(folder: Path, leave_out: Callable[[Row], bool]) -> dict[str, tuple[date, Eligibility]]:
    """Judge everybody alive, without conditions that are left out."""
    conditions, payers = defaultdict(list), {row["Id"]: row for row in table(folder, "payers")}
    for row in table(folder, "conditions"):
        if not leave_out(row):
            conditions[row["PATIENT"]].append(condition(row))
    latest: dict[str, Row] = {}
    for row in table(folder, "payer_transitions"):
        held = latest.get(row["PATIENT"])
        if held is None or row["START_DATE"] > held["START_DATE"]:
            latest[row["PATIENT"]] = row
    found = {}
    for row in table(folder, "patients"):
        if row["DEATHDATE"]:
            continue
        payer = payers[latest[row["Id"]]["PAYER"]]["NAME"]
        coverage = CoverageFact(PAYERS.get(payer, CoverageKind.OTHER), payer)
        facts = PatientFacts(conditions=tuple(conditions[row["Id"]]), coverages=(coverage,))
        born = date.fromisoformat(row["BIRTHDATE"])
        found[row["Id"]] = (born, judge(facts, load_condition_groups(), ON))
    return found


def counts(people: dict[str, tuple[date, Eligibility]]) -> dict[str, int]:
    rows = [
        (born <= date(ON.year - 65, ON.month, ON.day), len(verdict.groups) >= 2, verdict.coverage)
        for born, verdict in people.values()
    ]
    return {
        "alive": len(rows),
        "two": sum(two for _, two, _ in rows),
        "two and 65": sum(old and two for old, two, _ in rows),
        "part b": sum(bool(covered) for *_, covered in rows),
        "part b and two": sum(two and bool(covered) for _, two, covered in rows),
    }


def everything(_: Row) -> bool:
    return False


def migraine(row: Row) -> bool:
    return "migraine" in row["DESCRIPTION"].lower()


@pytest.fixture
def tables(others_data: Path) -> Path:
    return others_data / "synthea-ma" / "csv"


DESCRIBED = {"alive": 120, "two": 90, "two and 65": 61, "part b": 76, "part b and two": 71}
"""What the run's description counts; see docs/eligibility.md for every difference."""


def test_the_counts_are_those_of_the_description(tables: Path) -> None:
    assert counts(living(tables, everything)) == {**DESCRIBED, "two": 92}


def test_without_migraine_nothing_differs(tables: Path) -> None:
    """Two people under 65 have chronic migraine beside one other disease."""
    assert counts(living(tables, migraine)) == DESCRIBED
