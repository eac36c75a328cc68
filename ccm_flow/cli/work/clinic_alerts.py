"""What does not hold together in a clinic's file about alerts, each problem with its path."""

from collections.abc import Iterator, Mapping
from typing import Any

from ccm_flow.adapters.calendars import UnknownTimeZoneError, clinic_zone
from ccm_flow.app.clinic_hours import WEEKDAYS

_Path = tuple[int | str, ...]
_Problem = tuple[_Path, str]


def alert_problems(said: Mapping[str, Any]) -> Iterator[_Problem]:
    """List what is wrong under `alerts`, as far as its fields are of their kind."""
    alerts = said.get("alerts")
    if not isinstance(alerts, Mapping):
        return
    if alerts.get("vendor") is not None and said.get("vendor") is None:
        yield ("alerts", "vendor"), "no vendor is named"
    for name in ("clinic", "vendor"):
        side = alerts.get(name)
        if isinstance(side, Mapping):
            path: _Path = ("alerts", name)
            yield from _on_call(path, side, _staff_of(said, vendor=name == "vendor"))
            yield from _then(path, side, said)
            yield from _hours(path, side)


def _staff_of(said: Mapping[str, Any], *, vendor: bool) -> set[str]:
    """Name the staff of one of the two organizations."""
    clinics = {None, said.get("clinic"), _id(said.get("organization"))}
    return {
        one["id"]
        for one in _people(said)
        if isinstance(one.get("id"), str) and (one.get("organization") not in clinics) is vendor
    }


def _on_call(path: _Path, side: Mapping[str, Any], staff: set[str]) -> Iterator[_Problem]:
    on_call = _list(side.get("on_call"))
    for i, one in enumerate(on_call):
        if isinstance(one, str) and one not in staff:
            yield (*path, "on_call", i), f"'{one}' is not on this organization's staff here"
    closed = side.get("closed")
    for urgency in ("urgent", "routine"):
        if isinstance(closed, Mapping) and closed.get(urgency) == "on_call" and not on_call:
            yield (*path, "closed", urgency), "nobody is on call; name them under `on_call`"


def _then(path: _Path, side: Mapping[str, Any], said: Mapping[str, Any]) -> Iterator[_Problem]:
    held = {role for one in _people(said) for role in _list(one.get("roles"))}
    for i, role in enumerate(_list(side.get("then"))):
        if isinstance(role, str) and role not in held:
            yield (*path, "then", i), f"nobody of the staff is '{role}'"


def _hours(path: _Path, side: Mapping[str, Any]) -> Iterator[_Problem]:
    hours = side.get("hours")
    if isinstance(hours, Mapping):
        start, end = hours.get("start"), hours.get("end")
        if isinstance(start, str) and isinstance(end, str) and end.zfill(5) <= start.zfill(5):
            yield (*path, "hours", "end"), "it closes before it opens"
    for i, day in enumerate(_list(side.get("days"))):
        if isinstance(day, str) and day not in WEEKDAYS:
            yield (*path, "days", i), f"'{day}' is not one of {', '.join(WEEKDAYS)}"
    zone = side.get("time_zone")
    if isinstance(zone, str):
        try:
            clinic_zone(zone)
        except UnknownTimeZoneError:
            yield (*path, "time_zone"), f"'{zone}' is not a time zone such as America/New_York"


def _people(said: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in _list(said.get("staff")) if isinstance(one, Mapping)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _id(value: Any) -> Any:
    return value.get("id") if isinstance(value, Mapping) else None
