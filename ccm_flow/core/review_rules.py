"""The rules of the readiness review for what can be worked out; see `review_items` for the list."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from ccm_flow.core import review_required
from ccm_flow.core.ids import PersonId
from ccm_flow.core.review import (
    Entry,
    Finding,
    Item,
    Line,
    Standing,
    assign,
    judge_answer,
    newest_answers,
)
from ccm_flow.core.review_items import ITEMS
from ccm_flow.core.review_required import gap, listed, met, partly
from ccm_flow.core.review_seen import RoleSeen, Seen, Share

FRESH_DAYS: Final = 35
"""An import that is older than this is no longer fresh: a month and some days."""
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


def _too_early(detail: str) -> Finding:
    return Finding(Standing.NOT_YET, detail)


_NOBODY = "Nobody is enrolled yet."
_NO_MONTH = "No month is over yet."


def by_share(item: str, share: Share, what: str, nothing: str) -> Finding:
    """Judge a share by the item's two percentages; `nothing` is said of none at all."""
    percent = share.percent
    if percent is None:
        return _too_early(nothing)
    good, fair = GOOD[item]
    detail = f"{share.part} of {share.whole} {what} ({percent} %); met from {good} %."
    if percent >= good:
        return met(detail)
    return partly(detail) if percent >= fair else gap(detail)


# --- workflow ---


def _check(seen: Seen) -> Finding:
    if not seen.playbooks:
        return gap("There is no playbook to check.")
    wrong = [f"{one.title} ({one.errors})" for one in seen.playbooks if one.errors]
    return gap(f"Errors in: {listed(wrong)}.") if wrong else met("No errors in any of them.")


def _proof(seen: Seen) -> Finding:
    if not seen.playbooks:
        return gap("There is no playbook to prove.")
    broken = [one.title for one in seen.playbooks if one.proof_holds is False]
    if broken:
        return gap(f"It does not hold for: {listed(broken)}.")
    unproved = [one.title for one in seen.playbooks if one.proof_holds is None]
    if unproved:
        return Finding(Standing.NOT_KNOWN, f"Not proved on this clinic's days: {listed(unproved)}.")
    return met("It holds for all of them, on this clinic's days.")


def _approvers(seen: Seen) -> Finding:
    count = seen.means.approvers
    detail = f"{count} {'person' if count == 1 else 'people'} can sign in and approve."
    return met(detail) if count > 1 else gap(detail)


def _agreed(seen: Seen) -> Finding:
    if not seen.means.has_vendor:
        return met("No vendor works here: the clinic does all of it.")
    return _no_role(
        seen, lambda role: not role.is_agreed, "Nothing is agreed for", "Agreed for every role."
    )


def _no_role(seen: Seen, bad: Callable[[RoleSeen], bool], problem: str, good: str) -> Finding:
    """Judge that no role is bad; some are bad: partly, all are: a gap."""
    roles = seen.set_up.roles
    if not roles:
        return gap("Without a playbook nobody knows which roles there are.")
    found = [role.title for role in roles if bad(role)]
    if not found:
        return met(good)
    detail = f"{problem}: {listed(found)}."
    return gap(detail) if len(found) == len(roles) else partly(detail)


# --- documentation ---


def _plans(seen: Seen) -> Finding:
    share = Share(seen.patients.planned, seen.patients.enrolled)
    return by_share("care_plans", share, "enrolled patients have one", _NOBODY)


def _signed(seen: Seen) -> Finding:
    if seen.month is None:
        return _too_early(_NO_MONTH)
    count = seen.month.unsigned
    return gap(f"{count} of {seen.month.month} lack one.") if count else met("None lacks one.")


def _entered(seen: Seen) -> Finding:
    share = seen.month.late if seen.month else Share(0, 0)
    if share.percent is None:
        return _too_early("No time of a month that is over is on record yet.")
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
        return _too_early(_NOBODY)
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
        return _too_early(_NOBODY)
    if seen.means.staff_languages is None:
        return Finding(Standing.NOT_KNOWN, "Nobody's languages are on record.")
    return _languages(seen, seen.means.staff_languages, "Nobody is named who speaks")


def _phones(seen: Seen) -> Finding:
    share = Share(seen.patients.reachable, seen.patients.enrolled)
    return by_share("phones", share, "enrolled patients have one", _NOBODY)


# --- visibility ---


def _of_month(item: str, what: str, pick: Callable[[Seen], Share]) -> Callable[[Seen], Finding]:
    def judge(seen: Seen) -> Finding:
        if seen.month is None:
            return _too_early(_NO_MONTH)
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


# --- capacity ---


def _room(seen: Seen) -> Finding:
    return _no_role(
        seen,
        lambda role: role.with_room == 0,
        "Nobody has room as",
        "Every role has somebody with room today.",
    )


def _second(seen: Seen) -> Finding:
    return _no_role(
        seen, lambda role: role.held < 2, "Fewer than two people as", "Two or more in every role."
    )


def _absences(seen: Seen) -> Finding:
    empty = [
        f"{role.title} ({role.empty_on})" for role in seen.set_up.roles if role.empty_on is not None
    ]
    if not seen.set_up.roles:
        return gap("Without a playbook nobody knows which roles there are.")
    if empty:
        return gap(f"Nobody from the day named on as: {listed(empty)}.")
    return met("Every role has somebody on each of these days, as far as absences are told.")


def _protected(seen: Seen) -> Finding:
    wanted, kept = seen.means.wanted_minutes, seen.means.kept_minutes
    if kept is None:
        return gap("The monthly playbook keeps no time, or nobody holds a role it keeps time for.")
    if seen.patients.enrolled == 0:
        return _too_early(f"{kept} minutes a month are kept; {_NOBODY.lower()}")
    detail = (
        f"{kept} minutes a month are kept; {seen.patients.enrolled} patients need "
        f"{wanted} at the least."
    )
    return met(detail) if kept >= wanted else gap(detail)


# --- consent and EHR ---


def _consents(seen: Seen) -> Finding:
    share = Share(seen.patients.consented, seen.patients.enrolled)
    return by_share("consents", share, "enrolled patients have one", _NOBODY)


def _npi(seen: Seen) -> Finding:
    people = seen.set_up.practitioners
    if not people:
        return gap("There is no practitioner.")
    without = [one.name for one in people if not (one.is_licensed and one.has_npi)]
    if not without:
        return met(f"All {len(people)} have both.")
    detail = f"Missing for: {listed(without)}."
    return gap(detail) if len(without) == len(people) else partly(detail)


def _fresh(seen: Seen) -> Finding:
    if seen.imported is None:
        return gap("Nothing was ever imported.")
    days = seen.imported.days_ago
    detail = f"The last import was {days} days ago." if days != 1 else "It was yesterday."
    return met(detail) if days <= FRESH_DAYS else gap(detail)


def _import_problems(seen: Seen) -> Finding:
    if seen.imported is None:
        return _too_early("Nothing was imported yet.")
    count = seen.imported.problems
    return gap(f"It reported {count} problems.") if count else met("It reported no problems.")


RULES: Final[Mapping[str, Callable[[Seen], Finding]]] = MappingProxyType(
    {
        "playbook_check": _check,
        "playbook_proof": _proof,
        "second_approver": _approvers,
        "agreed": _agreed,
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
        "room": _room,
        "second_person": _second,
        "absences": _absences,
        "protected_time": _protected,
        "consents": _consents,
        "npi": _npi,
        "import_fresh": _fresh,
        "import_problems": _import_problems,
    }
)


def find(item: Item, seen: Seen, answers: Mapping[str, Entry], now: datetime) -> Finding:
    """Say how one item stands."""
    if item.after_a_month and seen.month is None:
        return _too_early(_NO_MONTH)
    if item.is_asked:
        return judge_answer(item, answers.get(item.id), now)
    if item.required:
        return review_required.RULES[item.id](seen.set_up)
    return RULES[item.id](seen)


def review(
    seen: Seen,
    entries: Iterable[Entry],
    now: datetime,
    *,
    owner: PersonId | None,
    due_on: date | None,
) -> tuple[Line, ...]:
    """
    Go through the whole list.

    `entries` are in the order in which they were written. `owner` sees to a gap for which nobody
    was named, `due_on` is the day for one without a day.
    """
    written = tuple(entries)
    answers = newest_answers(written)
    lines = (
        Line(item, find(item, seen, answers, now), answers.get(item.id) if item.is_asked else None)
        for item in ITEMS
    )
    return tuple(assign(line, written, owner, due_on) for line in lines)
