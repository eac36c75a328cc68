"""The fields that a script may show, each with what it means and an example."""

from collections.abc import Mapping
from types import MappingProxyType

FieldTree = Mapping[str, Mapping[str, tuple[str, str]]]

FIELDS: FieldTree = MappingProxyType(
    {
        "patient": {
            "name": ("the patient's full name", "Maria Alvarez"),
            "first_name": ("the patient's first name", "Maria"),
            "last_name": ("the patient's last name", "Alvarez"),
            "birth_date": ("the date of birth, to make sure it is the right person", "1948-03-12"),
            "age": ("the patient's age in years", "78"),
            "language": ("the preferred language, e.g. en, es", "en"),
            "caregiver": ("the caregiver's name; empty when there is none", "Luis Alvarez"),
            "conditions": ("the chronic conditions, in words", "diabetes, heart failure"),
        },
        "clinic": {
            "name": ("the clinic's name", "Riverside Family Medicine"),
            "phone": ("the number to call back", "555 0100"),
            "hours": ("when the clinic can be reached", "Monday to Friday, 9 to 5"),
            "calls": ("the number that calls are shown from", "555 0121"),
            "texts": ("the number that text messages come from", "555 0122"),
        },
        "staff": {
            "name": ("the name of the person who makes the contact", "Ana Ortiz"),
            "first_name": ("that person's first name", "Ana"),
            "role": ("that person's role", "Care coordinator"),
        },
        "practitioner": {
            "name": ("the billing practitioner's name", "Dr. Chen"),
        },
        "step": {
            "title": ("the step's title", "Monthly check-in call"),
            "due": ("the deadline, in words", "Dec 16"),
            "attempt": ("which attempt this is", "1"),
            "attempts": ("how many attempts are planned", "4"),
        },
        "month": {
            "name": ("the month's name and year", "December 2026"),
            "minutes": ("the minutes documented so far this month", "12"),
        },
        "program": {
            "name": ("the program, as patients hear it", "Chronic Care Management"),
            "share": ("what the patient may have to pay, in words", "about $13 a month"),
        },
    }
)


def example_fields() -> dict[str, dict[str, str]]:
    """Give every field with its example, to try a script out."""
    return {
        group: {name: example for name, (_, example) in fields.items()}
        for group, fields in FIELDS.items()
    }
