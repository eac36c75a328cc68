"""When a consent is in force, as tables."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.core.consent import (
    EVERY_STATEMENT,
    NOTE_FIELDS,
    Answer,
    ConsentKind,
    ConsentMode,
    ConsentTerms,
    PractitionerChange,
    Statement,
    VerbalConsent,
    billing_in,
    confirmed,
    consent_problem,
    in_force,
)
from ccm_flow.core.ids import PersonId
from ccm_flow.core.month import Month

PAT, SAM = PersonId("pat"), PersonId("sam")
YES, NO, STOP = ConsentKind.ACCEPTED, ConsentKind.DECLINED, ConsentKind.REVOKED


def answer(kind: ConsentKind, on: str, to: PersonId | None = PAT) -> Answer:
    day = date.fromisoformat(on)
    last = Month.of(day).last_day if kind is STOP else None
    return Answer(kind, datetime(day.year, day.month, day.day, 15, tzinfo=UTC), day, to, last)


@pytest.mark.parametrize(
    ("title", "answers", "since"),
    [
        ("nothing was ever asked", (), None),
        ("agreed before", (answer(YES, "2026-06-10"),), "2026-06-10"),
        ("agreed in the month", (answer(YES, "2026-11-17"),), "2026-11-17"),
        ("agreed after the month", (answer(YES, "2026-12-01"),), None),
        (
            "asked twice: the first counts",
            (answer(YES, "2026-06-10"), answer(YES, "2026-11-17")),
            "2026-06-10",
        ),
        ("declined", (answer(NO, "2026-06-10"),), None),
        (
            "declined, then agreed",
            (answer(NO, "2026-06-10"), answer(YES, "2026-07-01")),
            "2026-07-01",
        ),
        ("agreed, then declined", (answer(YES, "2026-06-10"), answer(NO, "2026-11-02")), None),
        (
            "stopped in the month: until its end",
            (answer(YES, "2026-06-10"), answer(STOP, "2026-11-02")),
            "2026-06-10",
        ),
        (
            "stopped the month before",
            (answer(YES, "2026-06-10"), answer(STOP, "2026-10-31")),
            None,
        ),
        (
            "stopped next month",
            (answer(YES, "2026-06-10"), answer(STOP, "2026-12-01")),
            "2026-06-10",
        ),
        (
            "stopped and came back the same month: never ended",
            (answer(YES, "2026-06-10"), answer(STOP, "2026-10-02"), answer(YES, "2026-10-20")),
            "2026-06-10",
        ),
        (
            "stopped and came back later: from then on",
            (answer(YES, "2026-06-10"), answer(STOP, "2026-10-02"), answer(YES, "2026-11-20")),
            "2026-11-20",
        ),
        ("stopped what was never agreed", (answer(STOP, "2026-10-02"),), None),
        ("agreed to somebody else", (answer(YES, "2026-06-10", SAM),), None),
        ("an old record that names nobody", (answer(YES, "2026-06-10", None),), "2026-06-10"),
    ],
)
def test_the_consent_of_november(
    title: str, answers: tuple[Answer, ...], since: str | None
) -> None:
    found = in_force(answers, Month(2026, 11), frozenset({PAT}))
    assert (str(found.since.date()) if found else None) == since, title
    assert in_force(reversed(answers), Month(2026, 11), frozenset({PAT})) == found


CHANGE = PractitionerChange(date(2026, 10, 15), SAM, PAT)


@pytest.mark.parametrize(
    ("month", "billing"),
    [
        (Month(2026, 9), {PAT}),
        (Month(2026, 10), {PAT, SAM}),
        (Month(2026, 11), {SAM}),
    ],
)
def test_who_bills_in_a_month(month: Month, billing: set[PersonId]) -> None:
    assert billing_in(month, SAM, [CHANGE]) == billing
    assert billing_in(month, PAT, []) == {PAT}


@pytest.mark.parametrize(
    ("month", "since"),
    [
        (Month(2026, 10), "2026-06-10"),
        (Month(2026, 11), None),
        (Month(2026, 12), "2026-12-03"),
    ],
)
def test_a_new_practitioner_needs_a_new_consent_from_the_next_month_on(
    month: Month, since: str | None
) -> None:
    answers = (answer(YES, "2026-06-10"), answer(YES, "2026-12-03", SAM))
    found = in_force(answers, month, billing_in(month, SAM, [CHANGE]))
    assert (str(found.since.date()) if found else None) == since


@pytest.mark.parametrize("missing", list(Statement))
def test_every_statement_must_be_confirmed(missing: Statement) -> None:
    said = EVERY_STATEMENT - {missing}
    problem = consent_problem(said, ConsentMode.WRITTEN, ConsentTerms())
    assert missing.value.replace("_", " ") in problem
    assert consent_problem(EVERY_STATEMENT, ConsentMode.VERBAL, ConsentTerms()) == ""


def test_the_notes_fields_confirm_too() -> None:
    note = dict.fromkeys(NOTE_FIELDS.values(), "yes")
    assert confirmed((), note) == EVERY_STATEMENT
    assert confirmed((), {**note, "cost_told": "no"}) == EVERY_STATEMENT - {Statement.COST_SHARING}
    assert confirmed((Statement.COST_SHARING,), {}) == {Statement.COST_SHARING}
    assert confirmed((), {"cost_told": True}) == {Statement.COST_SHARING}


@pytest.mark.parametrize(
    ("setting", "seen", "mode", "taken"),
    [
        (VerbalConsent.ALLOWED, False, ConsentMode.VERBAL, True),
        (VerbalConsent.SEEN_WITHIN_12_MONTHS, True, ConsentMode.VERBAL, True),
        (VerbalConsent.SEEN_WITHIN_12_MONTHS, False, ConsentMode.VERBAL, False),
        (VerbalConsent.SEEN_WITHIN_12_MONTHS, False, ConsentMode.WRITTEN, True),
    ],
)
def test_who_may_agree_by_word(
    setting: VerbalConsent, seen: bool, mode: ConsentMode, taken: bool
) -> None:
    problem = consent_problem(EVERY_STATEMENT, mode, ConsentTerms(setting, seen))
    assert (problem == "") is taken


answers_strategy = st.lists(
    st.builds(
        lambda kind, day, to: answer(kind, str(day), to),
        st.sampled_from(ConsentKind),
        st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        st.sampled_from([PAT, SAM, None]),
    ),
    max_size=6,
    unique_by=lambda one: one.taken_at,
)


@given(answers_strategy, st.integers(1, 12))
def test_what_is_said_later_never_changes_a_month_that_is_over(
    answers: list[Answer], number: int
) -> None:
    month = Month(2026, number)
    known = [one for one in answers if one.effective_from <= month.last_day]
    assert in_force(answers, month, frozenset({PAT})) == in_force(known, month, frozenset({PAT}))


@given(answers_strategy, st.integers(1, 12))
def test_no_consent_without_an_agreement_before(answers: list[Answer], number: int) -> None:
    found = in_force(answers, Month(2026, number), frozenset({PAT}))
    if found is not None:
        assert found.since in {one.taken_at for one in answers if one.kind is YES}
