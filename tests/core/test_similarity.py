"""Cloned notes are found however they are dressed up; honest short answers are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.core.similarity import FLAG_FROM, MINIMUM_WORDS, most_alike, similarity, words_of

LONG = (
    "Spoke with the patient about the blood sugar log. Fasting values were between 110 and 130 "
    "all week, no symptoms of low sugar. Reviewed the diet and the evening walk. The patient will "
    "call when a value is above 200."
)
SPOKEN = ("call", "pain", "sugar", "walk", "seven", "foot", "daily", "the", "and", "no")
TEXTS = st.lists(st.sampled_from(SPOKEN)).map(" ".join)


@pytest.mark.parametrize(
    "copy",
    [
        LONG,
        LONG.upper(),
        LONG.replace(".", ";").replace(" ", "  "),
        LONG.replace("patient", "pa\u0301tient"),
        f"{LONG} OK.",
    ],
    ids=["word for word", "in capitals", "other punctuation", "an accent", "two letters more"],
)
def test_a_copy_is_found(copy: str) -> None:
    found = most_alike(copy, [("n0", "Something quite different was said here."), ("n1", LONG)])
    assert found is not None
    assert found.note == "n1"
    assert found.percent >= FLAG_FROM * 100


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Left a message.", "Left a message."),
        (LONG, LONG.replace("110 and 130", "160 and 210").replace("no symptoms", "two episodes")),
        (LONG, ""),
        ("", ""),
    ],
    ids=["a stock answer", "other values", "nothing to compare", "nothing at all"],
)
def test_what_is_no_copy_is_left_alone(text: str, other: str) -> None:
    assert most_alike(text, [("n1", other)]) is None


@given(TEXTS, TEXTS)
def test_likeness_is_mutual_and_between_0_and_1(one: str, other: str) -> None:
    assert 0 <= similarity(one, other) <= 1
    assert similarity(one, other) == similarity(other, one)


@given(TEXTS)
def test_everything_repeats_itself_fully(text: str) -> None:
    assert similarity(text, text) == (1 if words_of(text) else 0)


@given(TEXTS, st.lists(TEXTS, max_size=5))
def test_what_is_flagged_is_long_and_the_most_alike(text: str, others: list[str]) -> None:
    found = most_alike(text, [(str(number), other) for number, other in enumerate(others)])
    long = [other for other in others if len(words_of(other)) >= MINIMUM_WORDS]
    shares = [similarity(text, other) for other in long]
    if found is None:
        assert len(words_of(text)) < MINIMUM_WORDS or all(share < FLAG_FROM for share in shares)
    else:
        assert len(words_of(text)) >= MINIMUM_WORDS
        assert similarity(text, others[int(found.note)]) == max(shares) >= FLAG_FROM
        assert FLAG_FROM * 100 <= found.percent <= 100
