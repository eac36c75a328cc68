"""Enrolling those who may be offered the program."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.eligibility_store import SqlEligibilityStore
from ccm_flow.adapters.db.enrollment_store import enroll as enroll_patients
from ccm_flow.adapters.db.views import find_cycles
from ccm_flow.adapters.ehr.condition_groups import load_condition_groups
from ccm_flow.app.act import Desk
from ccm_flow.app.care import ClinicView
from ccm_flow.app.eligible import Judged, judge_everybody
from ccm_flow.app.enroll_patients import Enrolling, enroll_candidates
from ccm_flow.app.view_text import words
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, month_at, open_set_up, with_desk, zone_of
from ccm_flow.cli.work.tables import Listing
from ccm_flow.core.ids import EnrollmentId, PatientId
from ccm_flow.core.plan import PlaybookKind

_SETTLE_SECONDS: Final = 30
"""How long to wait until what was started is on the work queue."""


def enroll(clinic_id: str | None, limit: int | None, *, dry_run: bool, as_json: bool) -> None:
    """Enroll candidates and start their enrollment."""
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    judged = _judge(base, clinic)
    fit = [one for one in judged if one.verdict.is_candidate][:limit]
    others = [one for one in judged if not one.verdict.is_candidate]
    done = Enrolling((), 0)
    if not dry_run:
        done = _enroll(base, clinic, [one.patient for one in fit])
    outcome = {
        "clinic": clinic.clinic,
        "dry_run": dry_run,
        "candidates": sum(one.verdict.is_candidate for one in judged),
        "enrolled": len(done.enrolled),
        "enrollments_started": done.started,
        "already_in_the_program": 0 if dry_run else len(fit) - len(done.enrolled),
        "not_enrolled": len(others),
        "reasons": _reasons(others),
    }
    if as_json:
        emit({**outcome, "patients_not_enrolled": [_other(one) for one in others]})
    else:
        _show_enrolled(clinic, outcome, fit if dry_run else [], others)


def _judge(base: Base, clinic: ClinicView) -> list[Judged]:
    zone = zone_of(clinic)
    today = base.clock.now().astimezone(zone).date()
    store = SqlEligibilityStore(base.engine)
    return judge_everybody(store, clinic.clinic, load_condition_groups(), today, zone)


def _enroll(base: Base, clinic: ClinicView, patients: Sequence[PatientId]) -> Enrolling:
    """Enroll only once the server is there, so that nobody is enrolled and left lying."""
    month = month_at(clinic, base.clock.now())
    base.record.plan_for(clinic.clinic, PlaybookKind.ENROLLMENT, month)
    keep = partial(enroll_patients, base.engine)

    async def work(desk: Desk) -> Enrolling:
        done = await enroll_candidates(
            desk, keep, clinic.clinic, patients, month=month, make_calendar=month_calendar
        )
        new = [one.enrollment for one in done.enrolled]
        await _until_listed(base, new if clinic.active else [])
        return done

    return with_desk(base, work)


async def _until_listed(base: Base, enrolled: Sequence[EnrollmentId]) -> None:
    """Wait until what was started is written down, so that the next `ccm queue` shows it."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + _SETTLE_SECONDS
    for enrollment in enrolled:
        while loop.time() < give_up and not await asyncio.to_thread(
            find_cycles, base.engine, enrollment
        ):
            await asyncio.sleep(0.05)


def _reasons(others: Sequence[Judged]) -> dict[str, int]:
    counted = Counter(reason.value for one in others for reason in one.verdict.reasons)
    return dict(counted.most_common())


def _other(one: Judged) -> dict[str, object]:
    return {
        "patient": one.patient,
        "mrn": one.record.mrn,
        "patient_name": _name(one),
        "reasons": one.verdict.reasons,
        "conditions": one.verdict.groups,
    }


def _name(one: Judged) -> str:
    return f"{one.record.family_name}, {one.record.given_name}"


def _show_enrolled(
    clinic: ClinicView,
    outcome: Mapping[str, object],
    fit: Sequence[Judged],
    others: Sequence[Judged],
) -> None:
    if outcome["dry_run"]:
        say(f"{clinic.name}: {len(fit)} would be enrolled, if they are not yet.")
        listing = Listing("Patient", "Conditions", keep=["Patient"])
        for one in fit:
            listing.add(_name(one), ", ".join(map(words, one.verdict.groups)))
        listing.print()
    else:
        say(
            f"{clinic.name}: {outcome['enrolled']} enrolled, "
            f"{outcome['already_in_the_program']} in the program already, "
            f"{outcome['enrollments_started']} enrollments started."
        )
    if not clinic.active:
        say("The clinic is paused, so nothing was started.")
    if not others:
        return
    say(f"\nNot enrolled: {len(others)}")
    for reason, count in _reasons(others).items():
        say(f"  {count:>4}  {words(reason)}")
    say()
    listing = Listing("Patient", "Record", "Why not", keep=["Patient"])
    for one in others:
        listing.add(_name(one), one.record.mrn[:12], "; ".join(map(words, one.verdict.reasons)))
    listing.print()
