"""The rules of the readiness review for what can be worked out; see `review_items` for the list."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from ccm_flow.core import review_care, review_required
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
from ccm_flow.core.review_care import NO_MONTH, NOBODY, by_share, too_early
from ccm_flow.core.review_items import ITEMS
from ccm_flow.core.review_required import gap, listed, met, partly
from ccm_flow.core.review_seen import RoleSeen, Seen, Share

FRESH_DAYS: Final = 35
"""An import that is older than this is no longer fresh: a month and some days."""
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
        return too_early(f"{kept} minutes a month are kept; {NOBODY.lower()}")
    detail = (
        f"{kept} minutes a month are kept; {seen.patients.enrolled} patients need "
        f"{wanted} at the least."
    )
    return met(detail) if kept >= wanted else gap(detail)


# --- consent and EHR ---


def _consents(seen: Seen) -> Finding:
    share = Share(seen.patients.consented, seen.patients.enrolled)
    return by_share("consents", share, "enrolled patients have one", NOBODY)


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
        return too_early("Nothing was imported yet.")
    count = seen.imported.problems
    return gap(f"It reported {count} problems.") if count else met("It reported no problems.")


RULES: Final[Mapping[str, Callable[[Seen], Finding]]] = MappingProxyType(
    {
        **review_care.RULES,
        "playbook_check": _check,
        "playbook_proof": _proof,
        "second_approver": _approvers,
        "agreed": _agreed,
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
        return too_early(NO_MONTH)
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
