"""The structure of notes: which fields there are, of which type, and which must be filled in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never

from ccm_flow.core.ids import RoleId

NoteValue = str | int | float | bool | None
_YES_NO: Mapping[str, bool] = MappingProxyType(
    {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}
)


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
    cosign: RoleId | None = None
    """The role that signs beside the author; None when the author's signature is enough."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field of a note that somebody wrote."""

    field: str
    message: str


def read_values(form: NoteForm, typed: Mapping[str, NoteValue]) -> dict[str, NoteValue]:
    """
    Turn what was typed into values of the fields' types, as far as it can be read.

    What cannot be read stays as it was typed, for `note_problems` to name; nothing is lost.
    """
    kinds = {field.id: field.type for field in form.fields}
    return {name: _value(kinds.get(name), value) for name, value in typed.items()}


def _value(kind: FieldType | None, value: NoteValue) -> NoteValue:
    if not isinstance(value, str):
        return value
    text = value.strip()
    if kind is FieldType.YES_NO:
        return _YES_NO.get(text.lower(), value)
    return text if kind is not None else value


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
