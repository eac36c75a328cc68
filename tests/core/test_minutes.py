"""Which minutes count: exact seconds, one floor, nothing twice, every other one with a reason."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.core.activities import ACTIVITIES, Activity
from ccm_flow.core.credentials import Credential, StaffKind, is_npi, staff_kind
from ccm_flow.core.ids import PersonId
from ccm_flow.core.minutes import Circumstances, Counted, Span, WhyNot, count, why_not_text
from ccm_flow.core.month import Month
from ccm_flow.core.time_entries import Entry, EntryFlag, EntryId, standing
from ccm_flow.core.time_rules import cut

DECEMBER = Month(2026, 12)
START = datetime(2026, 12, 7, 14, tzinfo=UTC)
ALWAYS = (Span(datetime(2026, 1, 1, tzinfo=UTC)),)
PLAIN = Circumstances("CCM", DECEMBER, ALWAYS)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def entry(
    id_: str = "a",
    begins: float = 0,
    seconds: int = 600,
    credential: Credential | None = Credential.MA,
    person: str = "maria",
    *,
    corrects: str | None = None,
) -> Entry:
    started = at(begins)
    return Entry(
        id=EntryId(id_),
        person=PersonId(person),
        credential=credential,
        activity=Activity.CALL,
        program="CCM",
        month=DECEMBER,
        started_at=started,
        seconds=seconds,
        entered_at=started + timedelta(seconds=seconds),
        corrects=EntryId(corrects) if corrects else None,
    )


LENGTHS = [
    ([1199], 19),
    ([1200], 20),
    ([1201], 20),
    ([599, 600], 19),
    ([600, 600], 20),
    ([59, 59, 59], 2),
    ([30] * 40, 20),
    ([], 0),
]


@pytest.mark.parametrize(("lengths", "minutes"), LENGTHS)
def test_seconds_are_summed_exactly_and_floored_once(lengths: list[int], minutes: int) -> None:
    entries = [entry(str(n), begins=20 * n, seconds=length) for n, length in enumerate(lengths)]
    assert count(entries, PLAIN).minutes == minutes


WHOSE = [
    (Credential.RN, (10, 0)),
    (Credential.MA, (10, 0)),
    (Credential.PHARMACIST, (10, 0)),
    (Credential.NP, (10, 10)),
    (Credential.PHYSICIAN, (10, 10)),
    (Credential.NONE, (0, 0)),
    (None, (0, 0)),
]


@pytest.mark.parametrize(("credential", "minutes"), WHOSE)
def test_minutes_count_for_those_whose_they_are(
    credential: Credential | None, minutes: tuple[int, int]
) -> None:
    counted = count([entry(credential=credential)], PLAIN)
    assert (counted.minutes, counted.practitioner_minutes) == minutes


def test_clinical_staff_never_reach_the_practitioners_own_minutes() -> None:
    entries = [
        entry("a", 0, 1790, Credential.PHYSICIAN, "chen"),
        entry("b", 60, 3600, Credential.RN, "nell"),
    ]
    counted = count(entries, PLAIN)
    assert (counted.minutes, counted.practitioner_minutes) == (89, 29)


def span(begins: float, ends: float | None = None) -> tuple[Span, ...]:
    return (Span(at(begins), None if ends is None else at(ends)),)


REASONS = [
    (PLAIN, entry(), None),
    (PLAIN, replace(entry(), month=Month(2026, 11)), WhyNot.OTHER_MONTH),
    (PLAIN, replace(entry(), program="RPM"), WhyNot.OTHER_PROGRAM),
    (PLAIN, replace(entry(), activity=Activity.ADMINISTRATION), WhyNot.ACTIVITY),
    (PLAIN, replace(entry(), activity=Activity.ATTEMPT), WhyNot.ACTIVITY),
    (PLAIN, replace(entry(), flags=frozenset({EntryFlag.CLASH})), WhyNot.CLASH),
    (PLAIN, replace(entry(), flags=frozenset({EntryFlag.TOO_LONG})), WhyNot.TOO_LONG),
    (PLAIN, replace(entry(), flags=frozenset({EntryFlag.MONTH_CLOSED})), WhyNot.MONTH_CLOSED),
    (PLAIN, replace(entry(), flags=frozenset({EntryFlag.END_STATED})), None),
    (PLAIN, entry(credential=None), WhyNot.NO_CREDENTIAL),
    (PLAIN, entry(credential=Credential.NONE), WhyNot.NON_CLINICAL),
    (replace(PLAIN, consented=()), entry(), WhyNot.NO_CONSENT),
    (replace(PLAIN, consented=span(1)), entry(), WhyNot.NO_CONSENT),
    (replace(PLAIN, consented=span(-60, 0)), entry(), WhyNot.NO_CONSENT),
    (replace(PLAIN, consented=span(0)), entry(), None),
    (replace(PLAIN, stays=span(-60)), entry(), WhyNot.INPATIENT),
    (replace(PLAIN, stays=span(9, 60)), entry(), WhyNot.INPATIENT),
    (replace(PLAIN, stays=span(10, 60)), entry(), None),
    (replace(PLAIN, stays=span(-60, 0)), entry(), None),
    (replace(PLAIN, visits=span(5, 25)), entry(), WhyNot.PART_OF_VISIT),
    (replace(PLAIN, visits=span(30, 50)), entry(), None),
]


@pytest.mark.parametrize(("about", "one", "why"), REASONS)
def test_what_does_not_count_says_why(about: Circumstances, one: Entry, why: WhyNot | None) -> None:
    counted = count([one], about)
    assert [reason for _, reason in counted.not_counted] == ([why] if why else [])
    assert counted.minutes == (0 if why else 10)
    assert all(why_not_text(*pair) for pair in counted.not_counted)


def test_a_second_person_in_the_same_conversation_does_not_count() -> None:
    first = entry("a", 0, 900)
    second = replace(entry("b", 5, 900, person="nell"), entered_at=at(60))
    counted = count([second, first], PLAIN)
    assert counted.minutes == 15
    assert counted.not_counted == ((second, WhyNot.CLASH),)


def test_the_latest_correction_counts_and_nothing_else_of_its_chain() -> None:
    chain = [
        entry("a", 0, 600),
        replace(entry("b", 0, 900, corrects="a"), entered_at=at(60)),
        replace(entry("c", 0, 300, corrects="b"), entered_at=at(60)),
    ]
    counted = count(chain, PLAIN)
    assert counted.minutes == 5
    assert {one.id for one, why in counted.not_counted} == {"a", "b"}
    assert {why for _, why in counted.not_counted} == {WhyNot.CORRECTED}


def test_a_correction_to_nothing_takes_the_entry_out() -> None:
    assert count([entry("a"), entry("b", 0, 0, corrects="a")], PLAIN) == Counted(
        not_counted=((entry("a"), WhyNot.CORRECTED),)
    )


@st.composite
def months(draw: st.DrawFn) -> list[Entry]:
    """Any entries of one patient, overlapping, corrected, by anybody."""
    made: list[Entry] = []
    for number in range(draw(st.integers(0, 9))):
        known = [one.id for one in made]
        corrects = draw(st.sampled_from([None, None, None, *known]))
        made.append(
            replace(
                entry(
                    f"e{number}",
                    draw(st.integers(0, 90)),
                    draw(st.integers(0, 2400)),
                    draw(st.sampled_from([None, *Credential])),
                    draw(st.sampled_from(["maria", "nell"])),
                    corrects=corrects,
                ),
                entered_at=at(draw(st.integers(100, 130))),
                activity=draw(st.sampled_from(list(Activity))),
            )
        )
    return made


@given(months(), st.randoms(use_true_random=False))
def test_the_order_of_entries_does_not_matter(entries: list[Entry], dice: random.Random) -> None:
    shuffled = list(entries)
    dice.shuffle(shuffled)
    assert count(shuffled, PLAIN) == count(entries, PLAIN)
    assert count([*entries, *shuffled], PLAIN) == count(entries, PLAIN)


@given(months())
def test_no_second_is_counted_twice_and_no_entry_is_lost(entries: list[Entry]) -> None:
    counted = count(entries, PLAIN)
    out = [one.id for one, _ in counted.not_counted]
    inside = [one for one in entries if one.id not in out]
    assert len(out) == len(set(out))
    total = counted.clinical_seconds + counted.practitioner_seconds
    assert total == sum(one.seconds for one in inside)
    covered = {
        second
        for one in inside
        for second in range(
            int(one.started_at.timestamp()), int(one.started_at.timestamp()) + one.seconds
        )
    }
    assert len(covered) == total


@given(months())
def test_each_chain_of_corrections_stands_once(entries: list[Entry]) -> None:
    stand = standing(entries)
    roots = [one for one in entries if one.corrects is None]
    assert len(stand) == len(roots)


@given(st.integers(1, 14_400), st.integers(-20_000, 20_000))
def test_cut_work_is_as_long_as_it_was_and_has_no_gap(seconds: int, midnight: int) -> None:
    pieces = cut(START, seconds, START + timedelta(seconds=midnight))
    assert sum(piece.seconds for piece in pieces) == seconds
    assert all(piece.seconds > 0 for piece in pieces)
    ends = START
    for piece in pieces:
        assert piece.started_at == ends
        ends += timedelta(seconds=piece.seconds)


def test_every_activity_has_a_title_and_says_whether_it_counts() -> None:
    assert set(ACTIVITIES) == set(Activity)
    assert not ACTIVITIES[Activity.PRIOR_AUTHORIZATION].counts
    assert ACTIVITIES[Activity.REFILL].counts


def test_practitioners_are_those_medicare_names() -> None:
    own = {one for one in Credential if staff_kind(one) is StaffKind.PRACTITIONER}
    assert own == {"physician", "np", "pa", "cns", "cnm"}


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("1234567893", True),
        ("1234567890", False),
        ("123456789", False),
        ("12345678930", False),
        ("123456789x", False),
        ("", False),
    ],
)
def test_an_npi_has_ten_digits_and_a_check_digit(text: str, good: bool) -> None:
    assert is_npi(text) is good
