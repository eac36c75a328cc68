"""What the readiness review is worked out from, read from the set-up and the record."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ccm_flow.adapters.calendars import build_calendar
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.pool import vendor_of
from ccm_flow.adapters.db.review_month import last_month_seen
from ccm_flow.adapters.db.review_people import patients_seen, roles_that_sign_in, who_may
from ccm_flow.adapters.db.review_set_up import Ground, holders, read_ground, set_up_of
from ccm_flow.adapters.db.tables import (
    ImportRunRow,
    PersonRow,
    PlaybookProofRow,
    PlaybookVersionRow,
)
from ccm_flow.app.care import ClinicView
from ccm_flow.app.review import CheckPlaybook
from ccm_flow.core.access import AccessRole, Permission
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.core.review_seen import (
    ImportSeen,
    Means,
    PatientsSeen,
    PlaybookSeen,
    Seen,
)

_LEADS = frozenset({AccessRole.OPERATIONS_LEAD, AccessRole.VENDOR_MANAGER})


@dataclass(frozen=True)
class Texts:
    """What is looked at beside the record: the scripts, and the check of playbooks."""

    scripts: Mapping[str, Collection[str]]
    """The languages of each script."""
    check: CheckPlaybook


def seen_at(
    engine: Engine, clinic: ClinicView, running: Month, now: datetime, texts: Texts
) -> Seen:
    """Collect everything that the review's rules ask about a clinic, as of now."""
    month = last_month_seen(engine, clinic.clinic, running, now)
    with reading(engine) as session:
        # Playbooks as the next month would have them: one published for it counts already.
        ground = read_ground(session, clinic.clinic, running.next, now)
        patients = patients_seen(session, clinic.clinic, running, now)
        return Seen(
            set_up=set_up_of(ground),
            playbooks=tuple(
                _playbook(session, clinic.clinic, plan, texts.check)
                for plan in ground.plans.values()
            ),
            month=month,
            imported=_imported(session, clinic.clinic, now),
            patients=patients,
            means=_means(session, clinic, ground, patients, running, texts=texts),
        )


def _playbook(session: Session, clinic: ClinicId, plan: Plan, check: CheckPlaybook) -> PlaybookSeen:
    source = session.get_one(PlaybookVersionRow, plan.sha256).source
    proofs = select(PlaybookProofRow.holds).where(
        PlaybookProofRow.clinic_id == clinic, PlaybookProofRow.sha256 == plan.sha256
    )
    newest = session.exec(proofs.order_by(col(PlaybookProofRow.at).desc())).first()
    title = f"{plan.title}, version {plan.version}"
    return PlaybookSeen(title, check(clinic, source), newest)


def _imported(session: Session, clinic: ClinicId, now: datetime) -> ImportSeen | None:
    query = (
        select(ImportRunRow)
        .where(ImportRunRow.clinic_id == clinic, col(ImportRunRow.finished_at).is_not(None))
        .order_by(col(ImportRunRow.started_at).desc())
    )
    row = session.exec(query).first()
    if row is None or row.finished_at is None:
        return None
    return ImportSeen(max(0, (now - row.finished_at).days), len(row.problems))


def _means(
    session: Session,
    clinic: ClinicView,
    ground: Ground,
    patients: PatientsSeen,
    running: Month,
    *,
    texts: Texts,
) -> Means:
    profile: Mapping[str, Any] = ground.row.profile or {}
    vendor = vendor_of(session, clinic.clinic, ground.today)
    people = roles_that_sign_in(session, ground.row, frozenset({vendor} if vendor else ()))
    monthly = ground.plans.get(PlaybookKind.MONTHLY)
    owner = session.get_one(PersonRow, clinic.program_owner)
    calls = (profile.get("outreach") or {}).get("calls")
    return Means(
        calls_from=calls or ground.row.phone or "",
        says_outreach_number=bool(calls),
        contact_hours=monthly is not None and monthly.contact is not None,
        script_languages=_written(monthly, texts.scripts),
        staff_languages=_spoken(ground),
        documentation_time=bool(
            profile.get("documentation") or (monthly is not None and monthly.documentation)
        ),
        has_vendor=vendor is not None,
        approvers=len(who_may(people, Permission.APPROVE_PLAYBOOKS)),
        leads=sum(bool(roles & _LEADS) for roles in people.values()),
        owners=sum(AccessRole.CLINIC_OWNER in roles for roles in people.values()),
        owner_has_email=bool(owner.email),
        wanted_minutes=_wanted(monthly, patients.enrolled),
        kept_minutes=_kept(ground, clinic, monthly, running.next),
    )


def _written(plan: Plan | None, scripts: Mapping[str, Collection[str]]) -> frozenset[str]:
    """Give the languages in which every script of the monthly playbook is there."""
    steps = plan.steps if plan is not None else ()
    named = {step.script for step in steps} | {
        variant.script for step in steps for variant in step.variants
    }
    found = [frozenset(scripts.get(name, ())) for name in sorted(filter(None, named))]
    return frozenset.intersection(*found) if found else frozenset()


def _spoken(ground: Ground) -> frozenset[str] | None:
    people = ground.pool.people if ground.pool is not None else ()
    spoken = frozenset(tag for one in people for tag in one.languages)
    return spoken or None


def _wanted(plan: Plan | None, enrolled: int) -> int:
    """Give the least minutes of a month: what each month's bill asks for, times the patients."""
    if plan is None or plan.readiness is None:
        return 0
    return enrolled * plan.readiness.minimum_minutes


def _kept(ground: Ground, clinic: ClinicView, plan: Plan | None, month: Month) -> int | None:
    """Give the minutes that the playbook's protected time comes to in a month."""
    if plan is None or ground.pool is None or not plan.protected_time:
        return None
    calendar = build_calendar(clinic.hours, month.first_day, month.last_day)
    working = sum(
        calendar.is_business_day(month.first_day.replace(day=number))
        for number in range(1, month.last_day.day + 1)
    )
    weeks = working / max(1, len(clinic.hours.working_days))
    total = 0.0
    for kept in plan.protected_time:
        times = working if kept.per == "business day" else weeks
        people = len(holders(ground.pool, kept.role, ground.today))
        total += people * times * kept.amount.total_seconds() / 60
    return int(total) or None
