"""Compiles what a playbook says once for all its steps: contact, protected time, documentation."""

import re

from ccm_flow.core.contact import PATIENT, ContactRules
from ccm_flow.core.deadlines import MonthDate
from ccm_flow.core.ids import RoleId
from ccm_flow.core.plan import DocumentationPlan, PlaybookKind, ProtectedTime
from ccm_flow.language.names import Names, check_once, known_role
from ccm_flow.language.phrases_program import parse_hours, parse_protected, parse_window
from ccm_flow.language.report import Report
from ccm_flow.language.sample_months import due, month_samples
from ccm_flow.language.source import ContactSource, PlaybookSource
from ccm_flow.language.source_program import WEEKDAYS
from ccm_flow.language.suggest import did_you_mean
from ccm_flow.language.times import read_phrase, warn_of_short_months

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_CHANNELS = ("planned", PATIENT)
_EARLIEST, _LATEST = 8 * 60, 21 * 60
"""Telephone rules for the whole country (47 CFR 64.1200(c)(1)): not before 8, not after 21."""


def compile_contact(source: PlaybookSource, report: Report) -> ContactRules | None:
    """Give the rules of contact; None when the playbook has none."""
    contact = source.contact
    if contact is None:
        return None
    path = ("contact",)
    hours = read_phrase(report, (*path, "hours"), contact.hours, parse_hours, "PB406")
    start, end = hours or (_EARLIEST, _LATEST)
    if start < _EARLIEST or end > _LATEST:
        hint = "Keep it between 08:00 and 21:00, the hours in which people may be called."
        message = "Patients would be called at night."
        report.add("PB407", (*path, "hours"), message, hint)
    language = _language(contact, report)
    if contact.channel not in _CHANNELS:
        hint = did_you_mean(contact.channel, _CHANNELS)
        message = f"'{contact.channel[:60]}' is not a way to choose the channel."
        report.add("PB304", (*path, "channel"), message, hint)
    return ContactRules(start, end, _days(contact, report), language, contact.channel)


def _days(contact: ContactSource, report: Report) -> tuple[int, ...]:
    path = ("contact", "days")
    if not contact.days:
        hint = "Name the days, e.g. [mon, tue, wed, thu, fri]."
        report.add("PB205", path, "No day is named.", hint, key=True)
    check_once(report, path, contact.days, "day")
    found = set()
    for i, day in enumerate(contact.days):
        if day in WEEKDAYS:
            found.add(WEEKDAYS.index(day))
        else:
            hint = did_you_mean(day[:3].lower(), WEEKDAYS)
            report.add("PB304", (*path, i), f"'{day[:60]}' is not a day of the week.", hint)
    return tuple(sorted(found))


def _language(contact: ContactSource, report: Report) -> str:
    if contact.language != PATIENT and not _LANGUAGE.fullmatch(contact.language):
        hint = "Write `patient`, or a language's short name: en, es."
        message = f"'{contact.language[:60]}' is not a language."
        report.add("PB304", ("contact", "language"), message, hint)
        return PATIENT
    return contact.language


def compile_protected(
    source: PlaybookSource, names: Names, report: Report
) -> tuple[ProtectedTime, ...]:
    """Give the time that roles keep free."""
    found = []
    for role, text in source.protected_time.items():
        path = ("protected_time", role)
        known_role(report, path, role, names, key=True)
        protected = read_phrase(report, path, text, parse_protected)
        if protected is not None:
            found.append(ProtectedTime(RoleId(role), protected.amount, protected.per))
    return tuple(found)


def compile_documentation(
    source: PlaybookSource, kind: PlaybookKind, names: Names, report: Report
) -> DocumentationPlan | None:
    """Give the days kept for documentation; None when there are none."""
    documentation = source.documentation
    if documentation is None:
        return None
    path = ("documentation", "window")
    if kind is not PlaybookKind.MONTHLY:
        hint = "Remove it, or give the steps that document a deadline."
        message = "This may start on any day: it has no days of the month."
        report.add("PB209", ("documentation",), message, hint, key=True)
    for i, role in enumerate(documentation.roles):
        known_role(report, ("documentation", "roles", i), role, names)
    window = read_phrase(report, path, documentation.window, parse_window, "PB402")
    if window is None:
        return None
    first, last = window
    for border in window:
        warn_of_short_months(report, path, border)
    if _always_later(first, last):
        hint = "Write the earlier date first."
        report.add("PB408", path, "This window ends before it begins.", hint)
    return DocumentationPlan(first, last, tuple(RoleId(role) for role in documentation.roles))


def _always_later(first: MonthDate, last: MonthDate) -> bool:
    samples = month_samples()
    return all(due(first, s.opens, s.month) > due(last, s.opens, s.month) for s in samples)
