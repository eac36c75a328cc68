"""The rules of the readiness review for documentation, patient engagement and visibility."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from ccm_flow.core.review import Finding, Standing
from ccm_flow.core.review_required import gap, listed, met, partly
from ccm_flow.core.review_seen import Seen, Share

GOOD: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {
        "care_plans": (95, 75),
        "consents": (100, 90),
        "phones": (98, 90),
        "on_time": (90, 75),
        "ready": (85, 65),
        "checkpoints": (100, 75),
    }
)
"""From which percentage an item is met, and from which partly."""
LATE: Final = (5, 15)
"""Up to which percentage of late entries it is met, and up to which partly."""


def too_early(detail: str) -> Finding:
    """Say that there is nothing to look at yet."""
    return Finding(Standing.NOT_YET, detail)


NOBODY: Final = "Nobody is enrolled yet."
NO_MONTH: Final = "No month is over yet."


def by_share(item: str, share: Share, what: str, nothing: str) -> Finding:
    """Judge a share by the item's two percentages; `nothing` is said of none at all."""
    percent = share.percent
    if percent is None:
        return too_early(nothing)
    good, fair = GOOD[item]
    detail = f"{share.part} of {share.whole} {what} ({percent} %); met from {good} %."
    if percent >= good:
        return met(detail)
    return partly(detail) if percent >= fair else gap(detail)


# --- documentation ---


def _plans(seen: Seen) -> Finding:
    share = Share(seen.patients.planned, seen.patients.enrolled)
    return by_share("care_plans", share, "enrolled patients have one", NOBODY)


def _signed(seen: Seen) -> Finding:
    if seen.month is None:
        return too_early(NO_MONTH)
    count = seen.month.unsigned
    return gap(f"{count} of {seen.month.month} lack one.") if count else met("None lacks one.")


def _entered(seen: Seen) -> Finding:
    share = seen.month.late if seen.month else Share(0, 0)
    if share.percent is None:
        return too_early("No time of a month that is over is on record yet.")
    detail = f"{share.part} of {share.whole} entries came late ({share.percent} %)."
    met_to, partly_to = LATE
    if share.percent <= met_to:
        return met(detail)
    return partly(detail) if share.percent <= partly_to else gap(detail)


def _documentation_time(seen: Seen) -> Finding:
    if seen.means.documentation_time:
        return met("The clinic's file or the playbook names it.")
    return gap("Neither the clinic's file nor the playbook names any.")


# --- patient engagement ---


def _numbers(seen: Seen) -> Finding:
    means = seen.means
    if means.says_outreach_number:
        return met(f"Calls come from {means.calls_from}.")
    if means.calls_from:
        return partly(f"Only the clinic's own number is known: {means.calls_from}.")
    return gap("No number is known.")


def _contact_hours(seen: Seen) -> Finding:
    if seen.means.contact_hours:
        return met("The monthly playbook names days and hours.")
    return gap("The monthly playbook names none: patients are called at any time of the day.")


def _languages(seen: Seen, known: frozenset[str], who: str) -> Finding:
    if not seen.patients.languages:
        return too_early(NOBODY)
    without = {
        tag: count for tag, count in sorted(seen.patients.languages.items()) if tag not in known
    }
    if not without:
        return met(f"{listed(sorted(seen.patients.languages))}: all are there.")
    counts = listed([f"{tag} ({count})" for tag, count in without.items()])
    few = 10 * sum(without.values()) <= sum(seen.patients.languages.values())
    detail = f"{who} {counts}."
    return partly(detail) if few else gap(detail)


def _scripts(seen: Seen) -> Finding:
    return _languages(seen, seen.means.script_languages, "No scripts for patients who speak")


def _speakers(seen: Seen) -> Finding:
    if not seen.patients.languages:
        return too_early(NOBODY)
    if seen.means.staff_languages is None:
        return Finding(Standing.NOT_KNOWN, "Nobody's languages are on record.")
    return _languages(seen, seen.means.staff_languages, "Nobody is named who speaks")


def _phones(seen: Seen) -> Finding:
    share = Share(seen.patients.reachable, seen.patients.enrolled)
    return by_share("phones", share, "enrolled patients have one", NOBODY)


# --- visibility ---


def _of_month(item: str, what: str, pick: Callable[[Seen], Share]) -> Callable[[Seen], Finding]:
    def judge(seen: Seen) -> Finding:
        if seen.month is None:
            return too_early(NO_MONTH)
        nothing = f"There were none in {seen.month.month}."
        return by_share(item, pick(seen), f"{what} in {seen.month.month}", nothing)

    return judge


def _month_share(name: str) -> Callable[[Seen], Share]:
    def pick(seen: Seen) -> Share:
        share: Share = getattr(seen.month, name)
        return share

    return pick


def _onlookers(seen: Seen) -> Finding:
    leads, owners = seen.means.leads, seen.means.owners
    detail = f"Who can sign in: leads {leads}, owners {owners}."
    if leads and owners:
        return met(detail)
    return partly(detail) if leads or owners else gap(detail)


def _notices(seen: Seen) -> Finding:
    owner = seen.set_up.owner or "Nobody"
    if seen.means.owner_has_email:
        return met(f"{owner} has one.")
    return gap(f"{owner} has none on record.")


RULES: Final[Mapping[str, Callable[[Seen], Finding]]] = MappingProxyType(
    {
        "care_plans": _plans,
        "notes_signed": _signed,
        "late_minutes": _entered,
        "documentation_time": _documentation_time,
        "outreach_numbers": _numbers,
        "contact_hours": _contact_hours,
        "script_languages": _scripts,
        "staff_languages": _speakers,
        "phones": _phones,
        "on_time": _of_month("on_time", "steps were done on time", _month_share("on_time")),
        "ready": _of_month("ready", "patients ended ready", _month_share("ready")),
        "checkpoints": _of_month(
            "checkpoints", "reporting steps were done", _month_share("checkpoints")
        ),
        "sees_the_month": _onlookers,
        "notices": _notices,
    }
)
