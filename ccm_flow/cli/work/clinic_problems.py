"""What is wrong in a clinic's file beyond single fields, each problem with its path."""

from collections.abc import Iterator, Mapping
from typing import Any

from ccm_flow.adapters.calendars import UnknownTimeZoneError, clinic_zone
from ccm_flow.adapters.ehr.roster_columns import ALIASES, DATES
from ccm_flow.app.clinic_hours import WEEKDAYS
from ccm_flow.cli.work.clinic_alerts import alert_problems

Path = tuple[int | str, ...]
Problem = tuple[Path, str]
_WHO = ("clinic", "vendor", "anybody")


def joint_problems(said: Any) -> list[Problem]:
    """
    List what does not hold together, in the order of the file's fields.

    Works on the file as it was read, so that these are found beside fields that are wrong
    themselves; what is not there or not of its kind is left to the check of the fields.
    """
    if not isinstance(said, Mapping):
        return []
    return [
        *_time_zone(said),
        *_hours(said),
        *_staff(said),
        *_closures(said),
        *_roster(said),
        *_responsibility(said),
        *alert_problems(said),
    ]


def _time_zone(said: Mapping[str, Any]) -> Iterator[Problem]:
    zone = said.get("time_zone")
    if isinstance(zone, str):
        try:
            clinic_zone(zone)
        except UnknownTimeZoneError:
            yield ("time_zone",), f"'{zone}' is not a time zone such as America/New_York"


def _hours(said: Mapping[str, Any]) -> Iterator[Problem]:
    opens, closes = said.get("opens", "09:00"), said.get("closes", "17:00")
    if isinstance(opens, str) and isinstance(closes, str) and _padded(closes) <= _padded(opens):
        yield ("closes",), "the clinic closes before it opens"
    for i, day in enumerate(_list(said.get("working_days"))):
        if isinstance(day, str) and day not in WEEKDAYS:
            yield ("working_days", i), f"'{day}' is not one of {', '.join(WEEKDAYS)}"


def _padded(text: str) -> str:
    return text.zfill(5)


def _staff(said: Mapping[str, Any]) -> Iterator[Problem]:
    people = [one for one in _list(said.get("staff")) if isinstance(one, Mapping)]
    ids = [one.get("id") for one in people]
    organizations = {said.get("clinic"), _id(said.get("organization")), _id(said.get("vendor"))}
    for i, one in enumerate(people):
        if one.get("id") in ids[:i]:
            yield ("staff", i, "id"), f"somebody else is called '{one.get('id')}' too"
        whose = one.get("organization")
        if isinstance(whose, str) and whose not in organizations:
            text = f"'{whose}' is neither the clinic's organization nor its vendor"
            yield ("staff", i, "organization"), text
    owner = said.get("program_owner")
    if isinstance(owner, str) and people and owner not in ids:
        yield ("program_owner",), f"'{owner}' is not on the staff"


def _closures(said: Mapping[str, Any]) -> Iterator[Problem]:
    days = [one.get("day") for one in _list(said.get("closures")) if isinstance(one, Mapping)]
    for i, day in enumerate(days):
        if day is not None and day in days[:i]:
            yield ("closures", i, "day"), f"{day} stands in the list already"


def _roster(said: Mapping[str, Any]) -> Iterator[Problem]:
    roster = said.get("roster")
    if not isinstance(roster, Mapping):
        return
    columns = roster.get("columns")
    for field in columns if isinstance(columns, Mapping) else ():
        if field not in ALIASES:
            yield ("roster", "columns", field), f"is no field of a roster: {', '.join(ALIASES)}"
    dates = roster.get("dates")
    if isinstance(dates, str) and dates not in DATES:
        yield ("roster", "dates"), f"'{dates}' is not one of {', '.join(DATES)}"


def _responsibility(said: Mapping[str, Any]) -> Iterator[Problem]:
    wanted = said.get("responsibility")
    if not isinstance(wanted, Mapping):
        return
    vendor = said.get("vendor") is not None
    model = wanted.get("model")
    if model in ("hybrid", "managed") and not vendor:
        yield ("responsibility", "model"), f"'{model}' needs a vendor; name it under `vendor`"
    for kind in ("roles", "steps"):
        lines = wanted.get(kind)
        for name, who in lines.items() if isinstance(lines, Mapping) else ():
            if isinstance(who, str) and who not in _WHO:
                yield ("responsibility", kind, name), f"'{who}' is not one of {', '.join(_WHO)}"
            elif who == "vendor" and not vendor:
                yield ("responsibility", kind, name), "no vendor is named"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _id(value: Any) -> Any:
    return value.get("id") if isinstance(value, Mapping) else None
