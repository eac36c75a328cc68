"""Taking values out of FHIR JSON without trusting its shape: what is not there reads as empty."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

Resource = Mapping[str, Any]

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:T.*)?")
_IN_UTC = ("Z", "+00:00", "-00:00")
SNOMED = "http://snomed.info/sct"
ICD10_CM = "http://hl7.org/fhir/sid/icd-10-cm"


def part(value: Any) -> Resource:
    """Give an object; an empty one when the value is something else."""
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[Resource]:
    """Give the objects of a list; a lone object counts as a list of one."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def first(value: Any) -> Resource:
    """Give the first object of a list; an empty one when there is none."""
    return next(iter(rows(value)), {})


def text(value: Any) -> str:
    """Give a text without blanks around it; empty when the value is something else."""
    return storable(value).strip() if isinstance(value, str) else ""


def storable(value: str) -> str:
    """Replace what no database takes: NUL, and halves of characters, which JSON may spell."""
    return value.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def day(value: Any) -> date | None:
    """
    Read a FHIR date as written, without moving it to another time zone.

    A year or a month alone becomes its first day; anything unreadable is None.
    """
    match = _DATE.fullmatch(text(value))
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return None


def local_day(value: Any, zone: tzinfo) -> date | None:
    """
    Read the day of a FHIR date or instant at the clinic.

    An instant in UTC is moved to the clinic's zone, because the sender's machine wrote it; one
    with another offset, or a date alone, is the day as people there wrote it.
    """
    written = text(value)
    if "T" in written and written.endswith(_IN_UTC):
        at = instant(written)
        try:
            return at.astimezone(zone).date() if at is not None else day(written)
        except OverflowError:  # the first or the last day that there is
            return day(written)
    return day(written)


def instant(value: Any) -> datetime | None:
    """Read a FHIR instant in UTC; a date alone is its first moment, a missing zone is UTC."""
    written = text(value)
    if "T" not in written:
        only = day(written)
        return datetime(only.year, only.month, only.day, tzinfo=UTC) if only else None
    try:
        read = datetime.fromisoformat(written)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def noon(on: date, zone: tzinfo) -> datetime:
    """Give an instant that is surely on a day at the clinic, in UTC; for days without a time."""
    try:
        return datetime.combine(on, time(12), zone).astimezone(UTC)
    except OverflowError:  # the first or the last day that there is
        return datetime.combine(on, time(12), UTC)


def coding(concept: Any, *preferred: str) -> Resource:
    """Give the coding of a concept in the first preferred system it has, else its first coding."""
    codings = [row for row in rows(part(concept).get("coding")) if text(row.get("code"))]
    for system in preferred:
        for row in codings:
            if text(row.get("system")) == system:
                return row
    return next(iter(codings), {})


def code(concept: Any) -> str:
    """Give the first code of a concept; a plain text counts as one (older FHIR)."""
    return text(concept) or text(coding(concept).get("code"))


def display(concept: Any, chosen: Resource) -> str:
    """Give the words for a concept: the chosen coding's own, else the concept's text."""
    return text(chosen.get("display")) or text(part(concept).get("text"))
