"""Which column of a clinic's own list means what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from ccm_flow.adapters.ehr.csv_rows import CsvHead, key_of
from ccm_flow.core.errors import CcmError

MRN: Final = "mrn"
DATES: Final = {
    "YYYY-MM-DD": "%Y-%m-%d",
    "MM/DD/YYYY": "%m/%d/%Y",
    "DD/MM/YYYY": "%d/%m/%Y",
    "DD.MM.YYYY": "%d.%m.%Y",
    "YYYYMMDD": "%Y%m%d",
}
"""How days may be written, as people say it and as Python does."""
ALIASES: Final = {
    MRN: ("mrn", "record number", "medical record number", "chart number", "chart", "patient id"),
    "last_name": ("last name", "family name", "surname", "last"),
    "first_name": ("first name", "given name", "first"),
    "name": ("name", "patient name", "patient"),
    "birth_date": ("birth date", "date of birth", "dob", "birthdate"),
    "sex": ("sex", "gender"),
    "phone": ("phone", "phone number", "telephone", "home phone", "mobile"),
    "language": ("language", "preferred language"),
    "address": ("address", "street", "address line 1"),
    "city": ("city", "town"),
    "state": ("state",),
    "zip": ("zip", "zip code", "postal code"),
    "deceased": ("deceased", "date of death", "death date", "died"),
    "conditions": ("conditions", "icd10", "icd 10", "icd10 codes", "diagnoses", "problem list"),
    "coverage": ("coverage", "insurance", "payer", "primary insurance"),
    "member_id": ("member id", "mbi", "medicare id", "subscriber id"),
    "coverage_start": ("coverage start", "coverage from", "part b start", "effective date"),
    "coverage_end": ("coverage end", "coverage to", "part b end", "termination date"),
    "last_visit": ("last visit", "last seen", "last visit date", "last office visit"),
}
"""Every field of a roster, and the columns that are taken for it without being told."""


class RosterMapError(CcmError):
    """A mapping of columns cannot be used."""

    exit_code = 2
    hint = "Write FIELD=COLUMN, or name a YAML file of such lines; docs/import.md has the fields."


@dataclass(frozen=True, slots=True)
class RosterMap:
    """What a person said about a roster: columns by field, and how days are written."""

    columns: Mapping[str, str] = field(default_factory=dict)
    dates: str | None = None
    """One of `DATES`; None to go by the values."""


def read_map(given: list[str]) -> RosterMap:
    """
    Read `FIELD=COLUMN` texts and YAML files of the same.

    Raises:
        RosterMapError: a field or a date format is unknown, or a file is not a mapping.
    """
    said: dict[str, str] = {}
    for text in given:
        if "=" in text:
            name, _, column = text.partition("=")
            said[name.strip()] = column.strip()
        else:
            said |= _from_file(Path(text))
    dates = said.pop("dates", None)
    if dates is not None and dates not in DATES:
        msg = f"'{dates}' is not a way to write days."
        raise RosterMapError(msg, f"Choose one of: {', '.join(DATES)}.")
    columns = {_field(name): column for name, column in said.items()}
    return RosterMap(columns, dates)


def columns_of(head: CsvHead, wanted: RosterMap) -> dict[str, str]:
    """
    Give the key of the column of each field that the file has.

    Raises:
        RosterMapError: the mapping names a column that is not there.
    """
    found: dict[str, str] = {}
    for name, aliases in ALIASES.items():
        keys = [key_of(alias) for alias in aliases]
        column = next((key for key in keys if key in head.keys), None)
        if column is not None:
            found[name] = column
    for name, column in wanted.columns.items():
        if key_of(column) not in head.keys:
            msg = f"There is no column '{column}'."
            raise RosterMapError(msg, f"The columns are: {', '.join(head.columns)}.")
        taken = [other for other, key in found.items() if key == key_of(column)]
        for other in taken:
            del found[other]
        found[name] = key_of(column)
    return found


def _field(name: str) -> str:
    wanted = key_of(name)
    for known in ALIASES:
        if key_of(known) == wanted:
            return known
    msg = f"'{name}' is not a field of a roster."
    raise RosterMapError(msg, f"The fields are: {', '.join(ALIASES)}, and dates.")


def _from_file(path: Path) -> dict[str, str]:
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        msg = f"The mapping '{path.name}' cannot be read."
        raise RosterMapError(msg) from error
    if not isinstance(content, dict):
        msg = f"The mapping '{path.name}' is no list of FIELD: COLUMN lines."
        raise RosterMapError(msg)
    return {str(name): str(column) for name, column in content.items()}
