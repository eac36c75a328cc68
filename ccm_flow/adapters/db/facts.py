"""What the care record knows that playbooks may ask about."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.care_plan_rows import plans_that_count
from ccm_flow.adapters.db.conflict_facts import count_conflicts
from ccm_flow.adapters.db.consents import consents_in_force
from ccm_flow.adapters.db.note_facts import unsigned_notes
from ccm_flow.adapters.db.patient_edit_store import edits_where
from ccm_flow.adapters.db.patient_rows import chronic_records
from ccm_flow.adapters.db.rationales import stated_tiers
from ccm_flow.adapters.db.tables import ClinicRow, EncounterRow, EnrollmentRow, PatientRow
from ccm_flow.adapters.db.time_counting import CountedMonth, count_minutes
from ccm_flow.adapters.ehr.condition_groups import load_condition_groups
from ccm_flow.app.candidates import judge_record
from ccm_flow.app.patient_edits import PatientEdit
from ccm_flow.app.statuses import PatientField
from ccm_flow.core.consent import InForce
from ccm_flow.core.eligibility import VISIT_KINDS, VISIT_LOOK_BACK
from ccm_flow.core.facts import Facts
from ccm_flow.core.ids import EnrollmentId, PatientId
from ccm_flow.core.minutes import Counted
from ccm_flow.core.month import Month
from ccm_flow.core.patient_facts import RiskTier

HIGH_RISK_GROUPS: Final = 4
"""From so many active condition groups on, a patient counts as high risk until a person says."""
_REMEMBERED: Final = 50_000


def gather_facts(session: Session, enrollment: EnrollmentId, month: Month, now: datetime) -> Facts:
    """
    Collect the facts of one enrollment for a month, as of now.

    Raises:
        KeyError: there is no such enrollment.
    """
    return gather_all_facts(session, col(EnrollmentRow.id) == enrollment, month, now)[enrollment]


def gather_all_facts(
    session: Session,
    scope: ColumnElement[bool],
    month: Month,
    now: datetime,
    known: "MonthKnown | None" = None,
) -> dict[EnrollmentId, Facts]:
    """
    Collect the facts of all enrollments that `scope` chooses.

    The number of queries does not depend on how many there are. Whoever has read
    consents and time of the month already hands them over as `known`.
    """
    people = _people(session, scope, now)
    who = col(PatientRow.id).in_(select(EnrollmentRow.patient_id).where(scope).correlate(None))
    known = known or MonthKnown.read(session, scope, month)
    given, judged = known.given, known.counted
    unsigned = unsigned_notes(session, scope, month)
    plans = plans_that_count(session, scope, now)
    charts = _charts(session, people)
    conflicts = count_conflicts(session, scope, month)
    tiers = stated_tiers(session, who)
    edits = edits_where(session, who)
    found = dict[EnrollmentId, Facts]()
    for id_, one in people.items():
        chart = charts[one.patient, one.content_hash, one.today]
        counted = judged[id_].counted if id_ in judged else Counted()
        edited = _edited(edits.get(one.patient, []))
        found[id_] = {
            "minutes": counted.minutes,
            "practitioner_minutes": counted.practitioner_minutes,
            "unsigned_notes": unsigned.get(id_, 0),
            "consent": id_ in given,
            "care_plan": id_ in plans,
            "initiating_visit": _visited(one, chart.visits, now),
            "conditions": chart.groups,
            "coverage": chart.covered,
            "conflicts": conflicts.get(id_, 0),
            "risk": _risk(tiers.get(one.patient), chart.groups),
            "language": _short(edited.get(PatientField.LANGUAGE) or chart.language) or "en",
            "preferred_channel": edited.get(PatientField.PREFERRED_CHANNEL) or "any",
        }
    return found


@dataclass(frozen=True, slots=True)
class MonthKnown:
    """Consents in force and counted time of a month, which more than the facts rest on."""

    given: Mapping[EnrollmentId, InForce]
    counted: Mapping[EnrollmentId, CountedMonth]

    @classmethod
    def read(cls, session: Session, scope: ColumnElement[bool], month: Month) -> "MonthKnown":
        """Read both for the enrollments that `scope` chooses."""
        given = consents_in_force(session, scope, month)
        return cls(given, count_minutes(session, month, scope, given))


@dataclass(frozen=True, slots=True)
class _Person:
    """Whose facts are collected."""

    patient: PatientId
    content_hash: str
    """Of what was imported about them."""
    today: date
    """At their clinic."""
    enrolled_at: datetime
    visit_at: datetime | None
    """The initiating visit, where staff recorded it."""


def _people(
    session: Session, scope: ColumnElement[bool], now: datetime
) -> dict[EnrollmentId, _Person]:
    query = (
        select(  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
            EnrollmentRow.id,
            EnrollmentRow.patient_id,
            PatientRow.content_hash,
            ClinicRow.time_zone,
            EnrollmentRow.created_at,
            EnrollmentRow.initiating_visit_at,
        )
        .join(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .join(ClinicRow, col(ClinicRow.id) == col(EnrollmentRow.clinic_id))
        .where(scope)
    )
    return {
        id_: _Person(patient, content_hash, _today(now, zone), created_at, visit_at)
        for id_, patient, content_hash, zone, created_at, visit_at in session.exec(query)
    }


@lru_cache(maxsize=64)
def _today(now: datetime, zone: str) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


def _edited(edits: list[PatientEdit]) -> dict[PatientField, str]:
    """Give what people of the clinic say about a patient, the latest word for each field."""
    latest = {edit.field: edit.value for edit in edits}
    return {field: value for field, value in latest.items() if isinstance(value, str)}


def _short(language: str) -> str:
    """Give the language of a tag without its country: playbooks ask for `es`, not `es-MX`."""
    return language.partition("-")[0].lower()


def _risk(stated: RiskTier | None, groups: int) -> str:
    """Give the tier the practitioner stated; until then many conditions make it high."""
    if stated is not None:
        return stated.value
    return RiskTier.HIGH if groups >= HIGH_RISK_GROUPS else RiskTier.STANDARD


def _visited(one: _Person, visits: Sequence[datetime], now: datetime) -> bool:
    """Tell whether the patient was seen in the year before enrolling, or for this program."""
    if one.visit_at is not None:
        return True
    past = bisect_right(visits, now)
    return past > 0 and visits[past - 1] >= min(one.enrolled_at, now) - VISIT_LOOK_BACK


@dataclass(frozen=True, slots=True)
class _Chart:
    """What follows from the imported record."""

    groups: int
    """Chronic condition groups."""
    covered: bool
    """By Part B."""
    language: str
    visits: tuple[datetime, ...]
    """When the patient was seen, the earliest first."""


_Key = tuple[PatientId, str, date]
_charted: dict[_Key, _Chart] = {}


def _charts(session: Session, people: Mapping[EnrollmentId, _Person]) -> dict[_Key, _Chart]:
    """Judge the imported records, once a day for each imported content."""
    keys = {(one.patient, one.content_hash, one.today) for one in people.values()}
    found = {key: chart for key in keys if (chart := _charted.get(key)) is not None}
    missing = {key[0]: key for key in keys - found.keys()}
    if missing:
        which = col(PatientRow.id).in_(missing)
        visits = _visits(session, which)
        for patient, record in chronic_records(session, which):
            verdict = judge_record(record, load_condition_groups(), missing[patient][2])
            found[missing[patient]] = _Chart(
                groups=len(verdict.groups),
                covered=verdict.coverage is not None,
                language=record.language,
                visits=tuple(visits[patient]),
            )
        if len(_charted) > _REMEMBERED:
            _charted.clear()
        _charted.update(found)
    return found


def _visits(session: Session, which: ColumnElement[bool]) -> Mapping[PatientId, list[datetime]]:
    """Give when the patients that `which` chooses were seen, the earliest first."""
    query = (
        select(EncounterRow.patient_id, EncounterRow.starts_at)
        .join(PatientRow, col(PatientRow.id) == col(EncounterRow.patient_id))
        .where(which, col(EncounterRow.kind).in_(VISIT_KINDS))
        .order_by(col(EncounterRow.starts_at))
    )
    found: dict[PatientId, list[datetime]] = defaultdict(list)
    for patient, at in session.exec(query):
        if at is not None:
            found[PatientId(patient)].append(at)
    return found
