"""The structure of notes: which fields there are, of which type, and which must be filled in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never

NoteValue = str | int | float | bool | None


class FieldType(StrEnum):
    """What may be written into a note's field."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class NoteField:
    """One field of a note."""

    id: str
    title: str
    type: FieldType = FieldType.TEXT
    required: bool = False
    min: int | None = None
    """The least number; of a text, the fewest characters."""
    max: int | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoteForm:
    """The fields of one kind of note, in the order in which they are shown."""

    id: str
    title: str
    fields: tuple[NoteField, ...]


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field of a note that somebody wrote."""

    field: str
    message: str


def note_problems(form: NoteForm, values: Mapping[str, NoteValue]) -> tuple[FieldProblem, ...]:
    """Say all that keeps a note from being signed: what is missing, of the wrong type, unknown."""
    known = {field.id for field in form.fields}
    found = [
        FieldProblem(name, f"This note has no field '{name[:40]}'.")
        for name in values
        if name not in known
    ]
    for field in form.fields:
        message = _field_problem(field, values.get(field.id))
        if message is not None:
            found.append(FieldProblem(field.id, message))
    return tuple(found)


def _field_problem(field: NoteField, value: NoteValue) -> str | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return f"'{field.title}' must be filled in." if field.required else None
    match field.type:
        case FieldType.TEXT:
            return _text_problem(field, value)
        case FieldType.NUMBER:
            return _number_problem(field, value)
        case FieldType.DATE:
            return _date_problem(field, value)
        case FieldType.YES_NO:
            return None if isinstance(value, bool) else f"'{field.title}' is yes or no."
        case FieldType.CHOICE:
            choices = ", ".join(field.choices)
            return None if value in field.choices else f"'{field.title}' is one of: {choices}."
        case _ as never:
            assert_never(never)


def _text_problem(field: NoteField, value: NoteValue) -> str | None:
    if not isinstance(value, str):
        return f"'{field.title}' is a text."
    length = len(value.strip())
    if field.min is not None and length < field.min:
        return f"'{field.title}' needs at least {field.min} characters."
    if field.max is not None and length > field.max:
        return f"'{field.title}' has more than {field.max} characters."
    return None


def _number_problem(field: NoteField, value: NoteValue) -> str | None:
    number = _as_number(value)
    if number is None:
        return f"'{field.title}' is a number."
    if field.min is not None and number < field.min:
        return f"'{field.title}' is at least {field.min}."
    if field.max is not None and number > field.max:
        return f"'{field.title}' is at most {field.max}."
    return None


def _as_number(value: NoteValue) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < 1e12 else None  # so infinity and not-a-number are none either


def _date_problem(field: NoteField, value: NoteValue) -> str | None:
    try:
        date.fromisoformat(str(value))
    except ValueError:
        return f"'{field.title}' is a date such as 2026-12-31."
    return None
