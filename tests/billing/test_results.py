"""Dates, amounts, reasons and conflicts of a billed month."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from ccm_flow.core.billing.concurrency import conflicts
from ccm_flow.core.billing.evaluate import WrongRulesError, evaluate
from ccm_flow.core.billing.explain import explain_code
from ccm_flow.core.billing.model import (
    Code,
    LocalityId,
    Place,
    Practitioner,
    PractitionerKind,
    ProgramId,
    RuleStatus,
    Service,
)
from ccm_flow.core.billing.need_rules import Act
from ccm_flow.core.billing.rules import Pair
from ccm_flow.core.billing.shelf import NoRulesError
from ccm_flow.core.month import Month
from ccm_flow.language.rules_check import check_rule_files
from tests.support.billing import (
    ROOT,
    THEM,
    US,
    billed,
    complex_month,
    consent,
    day,
    judge,
    month,
    performed,
    readings,
    service,
    shelf,
    work,
)

DAYS = [
    ("the day the minutes are reached", ("20:00@2025-03-10T10:00",), "2025-03-10"),
    ("not the first day", ("19:00@2025-03-03T10:00", "2:00@2025-03-21T10:00"), "2025-03-21"),
    ("nor a later one", ("20:00@2025-03-03T10:00", "5:00@2025-03-21T10:00"), "2025-03-03"),
    ("past midnight is the next day", ("20:00@2025-03-10T23:45",), "2025-03-11"),
    ("but never the next month", ("20:00@2025-03-31T23:45",), "2025-03-31"),
    (
        "with an add-on, the day it is reached",
        ("20:00@2025-03-03T10:00", "20:00@2025-03-21T10:00"),
        "2025-03-21",
    ),
]


@pytest.mark.parametrize(("entries", "on"), [row[1:] for row in DAYS], ids=[row[0] for row in DAYS])
def test_the_date_of_service_is(entries: tuple[str, ...], on: str) -> None:
    time = tuple(work(length, at=at) for length, at in (entry.split("@") for entry in entries))
    assert {line.on for line in judge(replace(month(), time=time)).lines} == {day(on)}


RATES = [
    # medicare-rules, section 4
    ("99490", "2024-02", "61.56"),
    ("99490", "2024-05", "62.58"),
    ("99490", "2025-05", "60.49"),
    ("99490", "2026-05", "66.13"),
    ("99439", "2024-02", None),
    ("99439", "2026-05", "50.44"),
    ("99489", "2026-05", "78.16"),
    ("99491", "2025-05", "82.16"),
    ("99491", "2026-05", "89"),
    ("99437", "2026-05", "63.13"),
    ("G0506", "2025-05", "60.81"),
    ("G0506", "2026-05", None),
    ("99426", "2025-05", "61.78"),
    ("99426", "2026-05", None),
    ("G0556", "2025-05", "15.20"),
    ("G0558", "2026-05", "117.24"),
    ("99496", "2025-05", "272.68"),
    ("99454", "2026-05", None),
    ("99445", "2026-05", "52"),
    ("99484", "2026-05", "57.45"),
    ("G0511", "2025-05", "54.67"),
    ("G0568", "2026-05", None),
]


@pytest.mark.parametrize(("code", "of", "amount"), RATES)
def test_each_year_has_its_own_amounts(code: str, of: str, amount: str | None) -> None:
    book = shelf().book(Month.parse(of))
    on = Month.parse(of).first_day
    rate = [rate for rate in book.codes[Code(code)].rates if rate.first_day <= on][-1]
    assert rate.amount == (None if amount is None else Decimal(amount))
    if amount is None:
        assert rate.basis.status is RuleStatus.VERIFY


def test_the_factor_of_2024_changed_on_the_ninth_of_march() -> None:
    early = replace(month(of="2024-03"), time=(work("20:00", at="2024-03-08T10:00"),))
    late = replace(month(of="2024-03"), time=(work("20:00", at="2024-03-09T10:00"),))
    assert [judge(facts).amount for facts in (early, late)] == [Decimal("61.56"), Decimal("62.58")]


def test_an_unknown_amount_stays_unknown_and_is_said() -> None:
    result = judge(month(of="2026-05", performed=(performed("G0506", "2026-05-04"),)))
    (line,) = result.lines
    assert (line.amount, line.medicare_pays, line.patient_share) == (None, None, None)
    assert result.amount is None
    assert any("amount of G0506 is not known" in warning.message for warning in result.warnings)


def test_a_rounded_amount_says_so() -> None:
    result = judge(month(of="2026-05", programs=("RPM",), device=readings(10, "2026-05-20")))
    assert [line.approximate for line in result.lines] == [True]
    assert any("about $52" in sentence for sentence in result.reasoning)


def test_medicare_pays_80_percent_less_2_and_the_patient_the_rest() -> None:
    (line,) = judge(month("20:00")).lines
    assert line.amount == Decimal("60.49")
    assert line.medicare_pays == Decimal("47.42")  # 60.49 x 0.8 x 0.98
    assert line.patient_share == Decimal("12.10")


PAID = [
    ("a physician in an office", Practitioner(US), Place.OFFICE, "60.49"),
    ("in a facility", Practitioner(US), Place.FACILITY, "47.87"),
    ("in a rural clinic", Practitioner(US), Place.RHC, "60.49"),
    (
        "a nurse practitioner",
        Practitioner(US, PractitionerKind.NURSE_PRACTITIONER),
        Place.OFFICE,
        "51.42",
    ),
    (
        "a physician assistant",
        Practitioner(US, PractitionerKind.PHYSICIAN_ASSISTANT),
        Place.OFFICE,
        "51.42",
    ),
    (
        "a nurse practitioner in a rural clinic",
        Practitioner(US, PractitionerKind.NURSE_PRACTITIONER),
        Place.RHC,
        "60.49",
    ),
    (
        "a midwife",
        Practitioner(US, PractitionerKind.NURSE_MIDWIFE),
        Place.OFFICE,
        "60.49",
    ),
]


@pytest.mark.parametrize(
    ("who", "place", "amount"), [row[1:] for row in PAID], ids=[row[0] for row in PAID]
)
def test_what_is_allowed_depends_on_who_and_where(
    who: Practitioner, place: Place, amount: str
) -> None:
    assert judge(month("20:00", practitioner=who, place=place)).amount == Decimal(amount)


def test_no_amount_is_made_up_for_a_facility() -> None:
    result = judge(month("40:00", place=Place.FACILITY))
    assert [line.amount for line in result.lines] == [Decimal("47.87"), None]
    assert result.amount is None


def test_qualifying_participants_have_other_amounts_in_2026() -> None:
    who = Practitioner(US, qualifying=True)
    assert judge(month("20:00", practitioner=who)).amount == Decimal("60.49")
    assert judge(month("20:00", of="2026-03", practitioner=who)).amount is None


LOCALITY = """
locality: "18"
title: Los Angeles
from: 2025-01
to: 2025-12
source: A contractor's fee schedule
status: confirmed
amounts:
  99490: 70.11
"""


def test_a_localitys_amounts_take_the_place_of_the_national_ones() -> None:
    files = sorted((ROOT / "rules" / "billing").glob("*.yaml"))
    texts = [(file.read_text(), file.name) for file in files]
    local = check_rule_files([*texts, (LOCALITY, "la.yaml")]).shelf
    assert local is not None
    facts = month("40:00", locality=LocalityId("18"))
    lines = evaluate(local.book(facts.month), facts).lines
    assert [line.amount for line in lines] == [Decimal("70.11"), None]
    assert lines[0].rate is not None
    assert lines[0].rate.source == "A contractor's fee schedule"
    assert judge(facts).amount is None, "the shipped rules do not know the locality"


def test_two_files_for_one_locality_and_month_are_refused() -> None:
    result = check_rule_files([(LOCALITY, "one.yaml"), (LOCALITY, "two.yaml")])
    assert [problem.code for problem in result.problems] == ["RB501"]


def test_the_argument_names_seconds_thresholds_rules_and_sources() -> None:
    result = judge(month("28:40"))
    assert result.rules == "medicare-2025"
    assert result.reasoning[0] == (
        "28 min 40 s of clinical staff and practitioner time, floored to 28 min; 99490 needs 20: "
        "1 unit [99490.minutes; NGS Medicare, Care Management; on the practitioner's own minutes: "
        "CMS FAQ of 2017, quoted by remingtonreport.com]"
    )
    assert result.reasoning[-1] == "Bill 99490, 1 unit, date of service 2025-03-10: $60.49."


def test_it_is_said_why_another_way_was_not_taken() -> None:
    said = "\n".join(judge(complex_month("60:00")).reasoning)
    assert "99487 ($131.65) is not chosen beside 99490, 2 x 99439 ($152.35)" in said
    assert "family.ccm" in said


def test_minutes_before_the_consent_are_shown() -> None:
    result = judge(month("20:00", consent=consent("2025-03-10T10:30")))
    assert [warning.message for warning in result.warnings] == [
        "20 min of CCM work lie before the consent and do not count."
    ]


def test_a_warning_names_the_service_beside_which_a_code_stands() -> None:
    result = judge(month("20:00", services=(service("99426", "2025-03-02"),)))
    assert any("99426 of 2025-03-02" in warning.message for warning in result.warnings)


def test_what_an_unknown_practitioner_billed_needs_a_look() -> None:
    facts = month("20:00", services=(service("99426", "2025-03-02", None),))
    assert billed(judge(facts)) == {"99490": 1}
    assert any("not known who billed it" in warning.message for warning in judge(facts).warnings)


def test_a_program_without_rules_is_named() -> None:
    result = judge(month("20:00", of="2024-05", programs=("APCM",)))
    assert [warning.message for warning in result.warnings] == [
        "Medicare care management, 2024 knows no program APCM."
    ]


def test_a_block_can_be_lifted_by_another_version_of_the_rules() -> None:
    facts = month("20:00", services=(service("G0181", "2025-03-02"),))
    book = shelf().book(facts.month)

    def lifted(pair: Pair) -> Pair:
        is_it = pair.basis.id == "concurrency.ccm_oversight"
        return replace(pair, act=Act.ALLOW) if is_it else pair

    assert billed(evaluate(book, facts)) == {}
    changed = replace(book, pairs=tuple(lifted(pair) for pair in book.pairs))
    assert billed(evaluate(changed, facts)) == {"99490": 1}


def test_a_month_is_judged_by_its_own_rules_only() -> None:
    with pytest.raises(WrongRulesError, match="hold from 2025-01 to 2025-12, not for 2026-03"):
        evaluate(shelf().book(Month(2025, 3)), month("20:00", of="2026-03"))
    with pytest.raises(NoRulesError, match="no billing rules for 2027-01"):
        shelf().book(Month(2027, 1))


CONFLICTS = [
    ("nothing", (), 0),
    ("another practitioner's chronic care", (service("99490", "2025-03-02"),), 1),
    ("two of them", (service("99490", "2025-03-02"), service("G0557", "2025-03-03")), 2),
    ("what is allowed", (service("99495", "2025-03-02"), service("99454", "2025-03-02")), 0),
    ("what only warns", (service("99426", "2025-03-02"),), 0),
    ("what only one code minds", (service("99358", "2025-03-02", US),), 0),
    ("another month's", (service("99490", "2025-02-02"),), 0),
    ("the same one twice over", (service("99490", "2025-03-02"),) * 2, 1),
]


@pytest.mark.parametrize(
    ("services", "number"), [row[1:] for row in CONFLICTS], ids=[row[0] for row in CONFLICTS]
)
def test_conflicts_count_what_excludes_the_program(
    services: tuple[Service, ...], number: int
) -> None:
    book = shelf().book(Month(2025, 3))
    found = conflicts(book, ProgramId("CCM"), US, services, Month(2025, 3))
    assert len(found) == number


def test_conflicts_of_a_program_that_the_rules_do_not_know_are_none() -> None:
    services = (service("99490", "2024-03-02", THEM),)
    book = shelf().book(Month(2024, 3))
    assert conflicts(book, ProgramId("APCM"), US, services, Month(2024, 3)) == ()


def test_every_code_is_explained_with_a_source_for_every_sentence() -> None:
    for book in shelf().books:
        for code in [*book.codes, *(code for other in book.elsewhere for code in other.codes)]:
            said = explain_code(book, code)
            assert said, code
            assert all(one.sentence.endswith(".") and one.basis.source for one in said)
    assert explain_code(shelf().books[0], Code("00000")) == ()


def test_the_shipped_rules_have_neither_errors_nor_warnings() -> None:
    files = sorted((ROOT / "rules" / "billing").glob("*.yaml"))
    result = check_rule_files([(file.read_text(), file.name) for file in files])
    assert result.render() == ""
    assert [str(book.first_month) for book in shelf().books] == ["2024-01", "2025-01", "2026-01"]


def test_no_code_is_named_in_the_program() -> None:
    pattern = re.compile(r"\b(99[0-9]{3}|G0[0-9]{3}|909[0-9]{2})\b")
    folder = ROOT / "ccm_flow" / "core" / "billing"
    for file in folder.glob("*.py"):
        code = re.sub(r'"""[\s\S]*?"""', "", file.read_text())
        assert not pattern.search(code), file.name
