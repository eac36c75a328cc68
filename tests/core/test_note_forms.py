"""Notes: what keeps one from being signed, field by field."""

import pytest

from ccm_flow.core.note_forms import (
    FieldType,
    NoteField,
    NoteForm,
    NoteValue,
    note_problems,
    read_values,
)

FORM = NoteForm(
    "monthly_contact",
    "Monthly contact",
    (
        NoteField("summary", "Summary", required=True, min=5, max=20),
        NoteField("next_call", "Next call", FieldType.DATE),
        NoteField("pain", "Pain", FieldType.NUMBER, min=0, max=10),
        NoteField("told", "Told", FieldType.YES_NO),
        NoteField("mood", "Mood", FieldType.CHOICE, choices=("good", "fair", "poor")),
    ),
)

ROWS: list[tuple[str, NoteValue, str | None]] = [
    ("summary", "Feels well", None),
    ("summary", "   ", "'Summary' must be filled in."),
    ("summary", "Well", "'Summary' needs at least 5 characters."),
    ("summary", "x" * 21, "'Summary' has more than 20 characters."),
    ("summary", 5, "'Summary' is a text."),
    ("next_call", "2026-12-31", None),
    ("next_call", "", None),
    ("next_call", "31/12/2026", "'Next call' is a date such as 2026-12-31."),
    ("next_call", "2026-02-30", "'Next call' is a date such as 2026-12-31."),
    ("pain", 0, None),
    ("pain", "10", None),
    ("pain", "7.5", None),
    ("pain", -1, "'Pain' is at least 0."),
    ("pain", 11, "'Pain' is at most 10."),
    ("pain", "much", "'Pain' is a number."),
    ("pain", "nan", "'Pain' is a number."),
    ("pain", "inf", "'Pain' is a number."),
    ("pain", True, "'Pain' is a number."),
    ("told", False, None),
    ("told", "yes", "'Told' is yes or no."),
    ("mood", "fair", None),
    ("mood", "bad", "'Mood' is one of: good, fair, poor."),
    ("diagnosis", "x", "This note has no field 'diagnosis'."),
]


@pytest.mark.parametrize(("field", "value", "message"), ROWS)
def test_each_field_is_judged_by_its_type(
    field: str, value: NoteValue, message: str | None
) -> None:
    values: dict[str, NoteValue] = {"summary": "Feels well", field: value}
    found = [(problem.field, problem.message) for problem in note_problems(FORM, values)]
    assert found == ([] if message is None else [(field, message)])


def test_everything_missing_is_said_at_once() -> None:
    form = NoteForm("n", "N", (NoteField("a", "A", required=True), FORM.fields[0]))
    assert [problem.field for problem in note_problems(form, {})] == ["a", "summary"]


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        ("told", "Yes", True),
        ("told", " n ", False),
        ("told", "perhaps", "perhaps"),
        ("summary", " Feels well ", "Feels well"),
        ("pain", "3", "3"),
        ("diagnosis", " x ", " x "),
    ],
)
def test_what_was_typed_becomes_a_value_or_stays_as_it_was(
    field: str, typed: str, value: NoteValue
) -> None:
    assert read_values(FORM, {field: typed}) == {field: value}
