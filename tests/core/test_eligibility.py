"""Who may be offered the program, as tables."""

from datetime import date

import pytest

from ccm_flow.core.eligibility import (
    CodeSystem,
    ConditionFact,
    ConditionGroup,
    ConditionGroups,
    CoverageFact,
    CoverageKind,
    PatientFacts,
    Reason,
    judge,
)

ON = date(2026, 11, 1)
RULES = ConditionGroups(
    (
        ConditionGroup("diabetes", "Diabetes", ("E11",), frozenset({"44054006", "127013003"})),
        ConditionGroup("heart_failure", "Heart failure", ("I50", "I110")),
        ConditionGroup("hypertension", "Hypertension", ("I10", "I11"), frozenset({"59621000"})),
        ConditionGroup("anemia", "Anemia", ("D50",), frozenset({"271737000"}), counts=False),
    )
)


def snomed(code: str, **more: object) -> ConditionFact:
    return ConditionFact(CodeSystem.SNOMED, code, f"display of {code}", **more)  # type: ignore[arg-type]


DIABETES, KIDNEY_OF_DIABETES = snomed("44054006"), snomed("127013003")
PRESSURE, ANEMIA = snomed("59621000"), snomed("271737000")
PART_B = CoverageFact(CoverageKind.MEDICARE_PART_B, "Medicare")


@pytest.mark.parametrize(
    ("title", "conditions", "groups"),
    [
        ("two diseases", (DIABETES, PRESSURE), 2),
        ("a disease and its own complication are one", (DIABETES, KIDNEY_OF_DIABETES), 1),
        ("a complication alone says the disease", (KIDNEY_OF_DIABETES, PRESSURE), 2),
        ("what never counts does not", (DIABETES, ANEMIA), 1),
        ("an unknown code does not", (DIABETES, snomed("999999999")), 1),
        ("a resolved one does not", (DIABETES, snomed("59621000", clinical_status="resolved")), 1),
        (
            "one of unknown status does not",
            (DIABETES, snomed("59621000", clinical_status="unknown")),
            1,
        ),
        ("a relapse does", (DIABETES, snomed("59621000", clinical_status="relapse")), 2),
        ("one that begins today does", (DIABETES, snomed("59621000", onset_on=ON)), 2),
        (
            "one that begins tomorrow does not",
            (DIABETES, snomed("59621000", onset_on=date(2026, 11, 2))),
            1,
        ),
        ("one that ended today does not", (DIABETES, snomed("59621000", abated_on=ON)), 1),
        (
            "one that ends tomorrow does",
            (DIABETES, snomed("59621000", abated_on=date(2026, 11, 2))),
            2,
        ),
        ("ICD-10 with its dot", (DIABETES, ConditionFact(CodeSystem.ICD10, "I10.9", "x")), 2),
        ("a SNOMED code that looks like nothing in ICD-10", (snomed("E11"), snomed("I10")), 0),
    ],
)
def test_conditions_count_by_group(
    title: str, conditions: tuple[ConditionFact, ...], groups: int
) -> None:
    verdict = judge(PatientFacts(conditions=conditions, coverages=(PART_B,)), RULES, ON)
    assert len(verdict.groups) == groups, title
    assert verdict.is_candidate == (groups >= 2), title


@pytest.mark.parametrize(
    ("title", "coverages", "counts"),
    [
        ("Part B", (PART_B,), True),
        ("dual", (CoverageFact(CoverageKind.DUAL, "Dual Eligible"),), True),
        ("none", (), False),
        ("Medicaid alone", (CoverageFact(CoverageKind.MEDICAID, "Medicaid"),), False),
        (
            "Part B beside a supplement",
            (CoverageFact(CoverageKind.COMMERCIAL, "Medigap"), PART_B),
            True,
        ),
        (
            "an Advantage plan beside its Part B",
            (CoverageFact(CoverageKind.MEDICARE_ADVANTAGE, "Plan"), PART_B),
            False,
        ),
        (
            "an Advantage plan that ended",
            (
                CoverageFact(CoverageKind.MEDICARE_ADVANTAGE, "Plan", None, date(2026, 10, 31)),
                PART_B,
            ),
            True,
        ),
        (
            "Part B until today",
            (CoverageFact(CoverageKind.MEDICARE_PART_B, "Medicare", None, ON),),
            True,
        ),
        (
            "Part B until yesterday",
            (CoverageFact(CoverageKind.MEDICARE_PART_B, "Medicare", None, date(2026, 10, 31)),),
            False,
        ),
        ("Part B from today", (CoverageFact(CoverageKind.MEDICARE_PART_B, "Medicare", ON),), True),
        (
            "Part B from tomorrow",
            (CoverageFact(CoverageKind.MEDICARE_PART_B, "Medicare", date(2026, 11, 2)),),
            False,
        ),
    ],
)
def test_only_part_b_on_the_day_counts(
    title: str, coverages: tuple[CoverageFact, ...], counts: bool
) -> None:
    verdict = judge(PatientFacts(conditions=(DIABETES, PRESSURE), coverages=coverages), RULES, ON)
    assert verdict.is_candidate == counts, title
    assert (verdict.coverage is not None) == counts, title


def test_every_reason_is_given_at_once() -> None:
    verdict = judge(PatientFacts(deceased_on=ON, in_hospice=True), RULES, ON)
    assert verdict.reasons == (
        Reason.DECEASED,
        Reason.IN_HOSPICE,
        Reason.TOO_FEW_CONDITIONS,
        Reason.NO_PART_B,
    )


def test_a_later_death_does_not_reach_back() -> None:
    facts = PatientFacts(
        deceased_on=date(2026, 11, 2), conditions=(DIABETES, PRESSURE), coverages=(PART_B,)
    )
    assert judge(facts, RULES, ON).is_candidate


def test_the_more_exact_group_wins_when_it_stands_first() -> None:
    """I11.0 is hypertensive heart disease with heart failure."""
    fact = ConditionFact(CodeSystem.ICD10, "I11.0", "x")
    assert judge(PatientFacts(conditions=(fact,)), RULES, ON).groups == ("heart_failure",)


def test_the_verdict_shows_its_evidence_and_what_it_set_aside() -> None:
    old, again = snomed("44054006", onset_on=date(2019, 1, 1)), snomed("44054006", onset_on=ON)
    verdict = judge(PatientFacts(conditions=(again, old, ANEMIA)), RULES, ON)
    assert [(row.group, row.code, row.onset_on) for row in verdict.evidence] == [
        ("diabetes", "44054006", date(2019, 1, 1))
    ]
    assert [row.group for row in verdict.set_aside] == ["anemia"]


def test_the_insurance_that_stands_in_the_way_is_named() -> None:
    plan = CoverageFact(CoverageKind.MEDICARE_ADVANTAGE, "Plan")
    verdict = judge(PatientFacts(coverages=(PART_B, plan)), RULES, ON)
    assert verdict.coverage is None
    assert verdict.insured_by == plan
