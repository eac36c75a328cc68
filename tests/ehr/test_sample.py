"""The sample clinic as the program sees it."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from ccm_flow.adapters.ehr.condition_groups import load_condition_groups
from ccm_flow.app.candidates import judge_record
from ccm_flow.core.eligibility import Reason

ON = date(2026, 9, 30)


def test_the_sample_holds_every_sort_of_patient(sample: Path, read: Callable[[Path], Any]) -> None:
    patients, problems = read(sample)
    assert problems == []
    rules = load_condition_groups()
    verdicts = [judge_record(patient, rules, ON) for patient in patients]
    reasons = Counter(reason for verdict in verdicts for reason in verdict.reasons)
    assert len(patients) == 98
    assert sum(verdict.is_candidate for verdict in verdicts) == 68
    assert reasons[Reason.DECEASED] == 8
    assert reasons[Reason.IN_HOSPICE] >= 3


def test_all_who_have_medicare_and_two_conditions_are_in_it(
    sample: Path, read: Callable[[Path], Any]
) -> None:
    """71, as counted from the run's own tables; three of them are in hospice."""
    rules, found = load_condition_groups(), 0
    for patient in read(sample)[0]:
        verdict = judge_record(patient, rules, ON)
        alive = patient.deceased_at is None
        found += alive and verdict.coverage is not None and len(verdict.groups) >= 2
    assert found == 71


def test_sample_patients_look_like_people_and_carry_no_numbers(
    sample: Path, read: Callable[[Path], Any]
) -> None:
    for patient in read(sample)[0]:
        name = patient.given_name + patient.family_name
        assert name
        assert not any(letter.isdigit() for letter in name)
        assert patient.birth_date is not None
        assert patient.language
        assert len(patient.address["postal_code"]) == 5


def test_the_sample_stays_small(sample: Path) -> None:
    files = list(sample.glob("*.json.gz"))
    assert len(files) <= 110
    assert sum(file.stat().st_size for file in files) < 2_000_000
    assert all(file.read_bytes()[4:8] == bytes(4) for file in files), "a time in a gzip header"
