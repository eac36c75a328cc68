"""Who may be offered the program, as tables."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.core.condition_groups import (
    Codes,
    ConditionGroup,
    ConditionGroups,
    Excludes,
    ExcludingServices,
    Lasts,
)
from ccm_flow.core.eligibility import judge
from ccm_flow.core.patient_facts import (
    CodeSystem,
    ConditionFact,
    CoverageFact,
    CoverageKind,
    EncounterFact,
    GroupId,
    PatientFacts,
    RationaleFact,
    RiskTier,
    ServiceFact,
)
from ccm_flow.core.verdict import Notice, Persistence, Reason

ON = date(2026, 11, 1)


def group(
    id_: str, icd10: str, snomed: str = "", lasts: Lasts | None = Lasts.UNTIL_DEATH
) -> ConditionGroup:
    codes = Codes(tuple(icd10.split()), frozenset(snomed.split()), frozenset({f"SP_{id_}"}))
    return ConditionGroup(GroupId(id_), id_.title(), codes, lasts)


RULES = ConditionGroups(
    (
        group("diabetes", "E11", "44054006 127013003"),
        group("heart_failure", "I50 I110"),
        group("hypertension", "I10 I11", "59621000"),
        group("kidneys", "N18", "46177005"),
        group("migraine", "G43", "427419006", Lasts.TWELVE_MONTHS),
        group("anemia", "D50", "271737000", None),
    ),
    services=(
        ExcludingServices(Excludes.ESRD_MONTHLY, "ESRD", frozenset({"90960", "90970"})),
        ExcludingServices(
            Excludes.ANOTHER_PRACTITIONER, "CCM", frozenset({"99490", "99491"}), only_others=True
        ),
    ),
    kidney_failure=Codes(("N186",), frozenset({"46177005"})),
    dialysis_words=("dialysis",),
)


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def stay(kind: str, first: str, last: str | None, display: str = "") -> EncounterFact:
    return EncounterFact(kind, display, date.fromisoformat(first), day(last), f"test: {first}")


def visit(first: str, display: str = "Office visit") -> EncounterFact:
    return stay("ambulatory", first, first, display)


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
        (
            "a flag of a CMS summary",
            (DIABETES, ConditionFact(CodeSystem.CMS_FLAG, "SP_kidneys", "x")),
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
    facts = PatientFacts(
        deceased_on=ON,
        encounters=(stay("hospice", "2026-10-20", None), stay("snf", "2026-10-01", None)),
        services=(ServiceFact("90960", ON), ServiceFact("99490", ON)),
    )
    assert judge(facts, RULES, ON).reasons == tuple(Reason)


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


def candidate(**more: object) -> PatientFacts:
    """Give somebody of whom nothing is open."""
    whole = PatientFacts(
        conditions=(DIABETES, PRESSURE),
        coverages=(PART_B,),
        encounters=(visit("2026-06-01"),),
        rationale=RationaleFact("Two falls this year", RiskTier.HIGH, date(2026, 6, 1), "pat"),
    )
    return replace(whole, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("title", "more", "reasons"),
    [
        ("nothing stands against it", {}, ()),
        ("in hospice", {"encounters": (stay("hospice", "2026-10-01", None),)}, ("in_hospice",)),
        (
            "left hospice 60 days ago",
            {"encounters": (stay("hospice", "2026-08-01", "2026-09-02"),)},
            ("in_hospice",),
        ),
        (
            "left hospice 61 days ago",
            {"encounters": (stay("hospice", "2026-08-01", "2026-09-01"),)},
            (),
        ),
        ("hospice begins tomorrow", {"encounters": (stay("hospice", "2026-11-02", None),)}, ()),
        (
            "in a nursing facility until today",
            {"encounters": (stay("snf", "2026-10-01", "2026-11-01"),)},
            ("in_nursing_facility",),
        ),
        (
            "home from a nursing facility since yesterday",
            {"encounters": (stay("snf", "2026-10-01", "2026-10-31"),)},
            (),
        ),
        (
            "monthly ESRD services this month",
            {"services": (ServiceFact("90960", date(2026, 11, 30)),)},
            ("esrd_monthly",),
        ),
        ("ESRD services last month", {"services": (ServiceFact("90960", date(2026, 10, 31)),)}, ()),
        (
            "ESRD services that reach into the month",
            {"services": (ServiceFact("90970", date(2026, 10, 20), ON),)},
            ("esrd_monthly",),
        ),
        (
            "another practitioner's CCM",
            {"services": (ServiceFact("99490", ON, practitioner="Dr. Elsewhere"),)},
            ("another_practitioner",),
        ),
        ("the clinic's own CCM", {"services": (ServiceFact("99490", ON, own=True),)}, ()),
        (
            "the clinic's own ESRD month",
            {"services": (ServiceFact("90960", ON, own=True),)},
            ("esrd_monthly",),
        ),
        ("a service that excludes nothing", {"services": (ServiceFact("99457", ON),)}, ()),
    ],
)
def test_what_stands_against_the_program(
    title: str, more: dict[str, object], reasons: tuple[str, ...]
) -> None:
    verdict = judge(candidate(**more), RULES, ON)
    assert tuple(verdict.reasons) == reasons, title
    assert len([row for row in verdict.findings if row.kind in {"stay", "service"}]) == len(reasons)


@pytest.mark.parametrize(
    ("title", "more", "needs"),
    [
        ("all is there", {}, ()),
        ("no rationale", {"rationale": None}, ("risk_rationale",)),
        ("never seen", {"encounters": ()}, ("initiating_visit",)),
        ("seen a year ago today", {"encounters": (visit("2025-11-01"),)}, ()),
        (
            "seen a year and a day ago",
            {"encounters": (visit("2025-10-31"),)},
            ("initiating_visit",),
        ),
        ("will be seen tomorrow", {"encounters": (visit("2026-11-02"),)}, ("initiating_visit",)),
        (
            "only in the emergency room",
            {"encounters": (stay("emergency", "2026-10-01", "2026-10-01"),)},
            ("initiating_visit",),
        ),
        (
            "a visit that staff recorded",
            {"encounters": (), "initiating_visit_on": date(2026, 10, 1)},
            (),
        ),
        (
            "a condition that is new and does not last for life",
            {"conditions": (DIABETES, snomed("427419006", onset_on=date(2026, 8, 1)))},
            ("expected_duration",),
        ),
        (
            "one without an onset",
            {"conditions": (DIABETES, snomed("427419006"))},
            ("expected_duration",),
        ),
        (
            "one on record for a year",
            {"conditions": (DIABETES, snomed("427419006", onset_on=date(2025, 11, 1)))},
            (),
        ),
        (
            "a new one beside two that last",
            {"conditions": (DIABETES, PRESSURE, snomed("427419006"))},
            (),
        ),
    ],
)
def test_what_is_open_is_named_and_is_no_obstacle(
    title: str, more: dict[str, object], needs: tuple[str, ...]
) -> None:
    verdict = judge(candidate(**more), RULES, ON)
    assert verdict.is_candidate, title
    assert tuple(verdict.needs) == needs, title


def test_every_counted_condition_says_what_speaks_for_its_lasting() -> None:
    migraine = snomed("427419006", onset_on=date(2026, 8, 1))
    rows = judge(candidate(conditions=(DIABETES, migraine, ANEMIA)), RULES, ON)
    assert {row.group: row.persistence for row in rows.evidence} == {
        "diabetes": Persistence.LIFELONG,
        "migraine": Persistence.EXPECTED,
    }
    assert rows.set_aside[0].persistence is None


def test_kidney_failure_is_a_warning_with_its_dialysis() -> None:
    facts = candidate(
        conditions=(DIABETES, snomed("46177005", onset_on=date(2024, 1, 1))),
        encounters=(visit("2026-09-20", "Dialysis"), visit("2026-10-20", "Renal dialysis")),
    )
    verdict = judge(facts, RULES, ON)
    assert verdict.is_candidate
    assert verdict.notices == (Notice.KIDNEY_FAILURE,)
    assert [row.since for row in verdict.findings if row.kind == "dialysis"] == [date(2026, 10, 20)]
    assert judge(candidate(encounters=facts.encounters), RULES, ON).notices == ()


def test_evidence_says_where_it_comes_from() -> None:
    sourced = replace(DIABETES, source="fhir: Condition 7")
    verdict = judge(candidate(conditions=(sourced, PRESSURE)), RULES, ON)
    assert verdict.evidence[0].source == "fhir: Condition 7"
    assert [(row.kind, row.source) for row in verdict.findings] == [
        ("coverage", ""),
        ("visit", "test: 2026-06-01"),
        ("rationale", "pat"),
    ]


CODES = ("44054006", "127013003", "59621000", "46177005", "427419006", "271737000", "999999999")
some_conditions = st.lists(
    st.builds(
        ConditionFact,
        system=st.just(CodeSystem.SNOMED),
        code=st.sampled_from(CODES),
        display=st.sampled_from(["a", "b"]),
        clinical_status=st.sampled_from(["active", "resolved", "relapse"]),
        onset_on=st.none() | st.dates(date(2020, 1, 1), date(2027, 1, 1)),
        abated_on=st.none() | st.dates(date(2020, 1, 1), date(2027, 1, 1)),
        source=st.sampled_from(["x", "y"]),
    ),
    max_size=8,
)
some_coverages = st.lists(
    st.builds(
        CoverageFact,
        kind=st.sampled_from(CoverageKind),
        payer=st.sampled_from(["P", "Q"]),
        starts_on=st.none() | st.dates(date(2025, 1, 1), date(2027, 1, 1)),
        ends_on=st.none() | st.dates(date(2025, 1, 1), date(2027, 1, 1)),
    ),
    max_size=4,
)
some_encounters = st.lists(
    st.builds(
        EncounterFact,
        kind=st.sampled_from(["ambulatory", "hospice", "snf", "emergency"]),
        display=st.sampled_from(["Visit", "Dialysis"]),
        starts_on=st.dates(date(2025, 1, 1), date(2027, 1, 1)),
        ends_on=st.none(),
        source=st.sampled_from(["x", "y"]),
    ),
    max_size=4,
)


@given(some_conditions)
def test_another_code_of_a_counted_group_changes_no_count(
    conditions: list[ConditionFact],
) -> None:
    before = judge(PatientFacts(conditions=tuple(conditions)), RULES, ON)
    again = [ConditionFact(row.system, code, "more") for row in before.evidence for code in CODES]
    same = [
        fact
        for fact in again
        if (held := RULES.find(fact.system, fact.code)) and held.id in before.groups
    ]
    after = judge(PatientFacts(conditions=(*conditions, *same)), RULES, ON)
    assert after.groups == before.groups


@given(some_conditions, some_coverages, some_encounters, st.randoms(use_true_random=False))
def test_order_never_matters(
    conditions: list[ConditionFact],
    coverages: list[CoverageFact],
    encounters: list[EncounterFact],
    shuffler: object,
) -> None:
    facts = PatientFacts(
        conditions=tuple(conditions), coverages=tuple(coverages), encounters=tuple(encounters)
    )
    verdict = judge(facts, RULES, ON)
    for rows in (conditions, coverages, encounters):
        shuffler.shuffle(rows)  # type: ignore[attr-defined]
    mixed = PatientFacts(
        conditions=tuple(conditions), coverages=tuple(coverages), encounters=tuple(encounters)
    )
    assert judge(mixed, RULES, ON) == verdict
