"""Reads the head of a test file: month, clinic, team and facts, each with its place."""

import re
from collections.abc import Collection, Mapping
from datetime import date, time
from typing import Any

from ccm_flow.core.errors import BadMonthError
from ccm_flow.core.facts import FACTS, FactType, FactValue
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.language.problems import Path
from ccm_flow.language.suggest import did_you_mean
from ccm_flow.proof.case_model import Complaints, TestClinic

ALL_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


def known_keys(report: Complaints, path: Path, value: Any, known: Collection[str]) -> bool:
    """Report every setting that does not exist; tell whether there are settings at all."""
    if not isinstance(value, dict):
        report.add("PT101", path, "Here should be a group of `name: value` lines.")
        return False
    for name in value:
        if name not in known:
            hint = did_you_mean(name, known, "Settings here")
            message = f"There is no setting '{name[:60]}' here."
            report.add("PT102", (*path, name), message, hint, key=True)
    return True


def read_month(report: Complaints) -> Month | None:
    """Read `month: 2026-12`."""
    text = report.at(("month",))
    try:
        return Month.parse(str(text))
    except BadMonthError as error:
        report.add("PT103", ("month",), str(error), error.hint)
        return None


def read_clinic(report: Complaints) -> TestClinic:
    """Read `clinic:`; the ordinary one when it is left out."""
    path: Path = ("clinic",)
    value = report.at(path)
    known = ("time_zone", "opens", "closes", "working_days", "closures")
    if value is None or not known_keys(report, path, value, known):
        return TestClinic()
    plain = TestClinic()
    return TestClinic(
        time_zone=str(value.get("time_zone", plain.time_zone)),
        opens=_time(report, (*path, "opens"), plain.opens),
        closes=_time(report, (*path, "closes"), plain.closes),
        working_days=_days(report, (*path, "working_days"), plain.working_days),
        closures=_closures(report, (*path, "closures")),
    )


def _time(report: Complaints, path: Path, default: time) -> time:
    text = report.at(path)
    if text is None:
        return default
    match = _TIME.fullmatch(str(text))
    if match is None:
        report.add("PT103", path, f"'{text}' is not a time of day.", 'Write `"08:30"`.')
        return default
    return time(int(match[1]), int(match[2]))


def _days(report: Complaints, path: Path, default: tuple[str, ...]) -> tuple[str, ...]:
    value = report.at(path)
    if value is None:
        return default
    words = [str(word).lower()[:3] for word in value] if isinstance(value, list) else []
    if not words or any(word not in ALL_DAYS for word in words):
        report.add("PT103", path, "These are not weekdays.", "Write `[mon, tue, wed, thu, fri]`.")
        return default
    return tuple(words)


def _closures(report: Complaints, path: Path) -> tuple[date, ...]:
    value = report.at(path)
    found = []
    for i, text in enumerate(value if isinstance(value, list) else ()):
        try:
            found.append(date.fromisoformat(str(text)))
        except ValueError:
            message = f"'{text}' is not a date."
            report.add("PT103", (*path, i), message, "Write `2026-12-24`.")
    if value is not None and not isinstance(value, list):
        report.add("PT103", path, "Here should be a list of dates.", "Write `[2026-12-24]`.")
    return tuple(found)


def read_team(report: Complaints, path: Path, plan: Plan) -> dict[str, str]:
    """Read `team:`: who holds which role."""
    value = report.at(path)
    roles = [role.id for role in plan.roles]
    if value is None or not known_keys(report, path, value, roles):
        return {}
    return {role: str(person) for role, person in value.items() if role in roles}


def read_facts(report: Complaints, path: Path, value: Mapping[str, Any]) -> dict[str, FactValue]:
    """Read facts with the types they have; report those that do not exist."""
    found: dict[str, FactValue] = {}
    for name, given in value.items():
        spec = FACTS.get(name)
        if spec is None:
            hint = did_you_mean(name, FACTS, "Facts")
            report.add("PT104", (*path, name), f"There is no fact '{name[:60]}'.", hint, key=True)
        elif not _fits(spec.type, given):
            message = f"'{name}' is a {spec.type.value} fact; '{given}' does not fit."
            report.add("PT105", (*path, name), message, f"It means: {spec.meaning}.")
        else:
            found[name] = given
    return found


def _fits(type_: FactType, value: object) -> bool:
    if type_ is FactType.YES_NO:
        return isinstance(value, bool)
    if type_ is FactType.NUMBER:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str)
