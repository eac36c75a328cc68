"""
Whether a patient may be offered chronic care management, and on what evidence.

Medicare asks for two or more chronic conditions expected to last a year or until death that put
the patient at significant risk (Noridian CCM). CMS publishes no closed list of conditions, so the
groups are data; the risk rationale stays with the practitioner. The verdict never says more than
the record shows: it finds candidates, and a person decides.
"""

from datetime import date, timedelta
from typing import Final

from ccm_flow.core.condition_groups import (
    ConditionGroup,
    ConditionGroups,
    Excludes,
    ExcludingServices,
    Lasts,
)
from ccm_flow.core.month import Month
from ccm_flow.core.patient_facts import (
    PART_B_KINDS,
    ConditionFact,
    CoverageFact,
    CoverageKind,
    EncounterFact,
    PatientFacts,
    RationaleFact,
    latest_start,
)
from ccm_flow.core.verdict import (
    Eligibility,
    Evidence,
    Finding,
    Need,
    Notice,
    Persistence,
    Reason,
)

__all__ = ["CoverageKind", "Eligibility", "Need", "Notice", "Reason", "judge"]

NEEDED_GROUPS: Final = 2
VISIT_LOOK_BACK: Final = timedelta(days=365)
"""Seen within a year: no separate initiating visit (NGS Care Management)."""
VISIT_KINDS: Final = frozenset({"ambulatory", "home", "virtual"})
HOSPICE_LOOK_BACK: Final = timedelta(days=60)
"""Our caution, not a rule of Medicare's: after a recent hospice stay a person looks first."""
DIALYSIS_LOOK_BACK: Final = timedelta(days=31)
_TWELVE_MONTHS: Final = timedelta(days=365)


def judge(facts: PatientFacts, rules: ConditionGroups, on: date) -> Eligibility:
    """
    Say whether a patient is a candidate on a day, and why not.

    Two codes of one group are one condition: diabetes with three complications is diabetes.
    Every reason is given, so that staff see at once whether one of them can be put right. A
    missing risk rationale or initiating visit is a step still to take, never a reason.
    """
    counted, set_aside = _conditions(facts.conditions, rules, on)
    insurance = _coverage(facts.coverages, on)
    part_b = insurance if insurance is not None and insurance.kind in PART_B_KINDS else None
    too_few = len({row.group for row in counted}) < NEEDED_GROUPS
    against = {
        Reason.DECEASED: _death(facts, on),
        Reason.IN_HOSPICE: _hospice(facts, on),
        Reason.IN_NURSING_FACILITY: _nursing_facility(facts, on),
        Reason.TOO_FEW_CONDITIONS: () if too_few else None,
        Reason.NO_PART_B: () if part_b is None else None,
        **{_REASON_OF[rule.excludes]: _service(facts, rule, on) for rule in rules.services},
    }
    visit = _last_visit(facts, on)
    kidneys = _kidney_failure(facts, rules, on)
    return Eligibility(
        on=on,
        reasons=tuple(reason for reason, found in against.items() if found is not None),
        evidence=counted,
        coverage=part_b,
        insured_by=insurance if part_b is None else None,
        set_aside=set_aside,
        needs=_needs(facts.rationale, visit, counted, on),
        notices=(Notice.KIDNEY_FAILURE,) if kidneys else (),
        last_visit_on=visit.since if visit else None,
        findings=(
            *(row for found in against.values() if found for row in found),
            *((_insurance(insurance),) if insurance else ()),
            *((visit,) if visit else ()),
            *((_rationale(facts.rationale),) if facts.rationale else ()),
            *kidneys,
        ),
    )


_REASON_OF: Final = {
    Excludes.ESRD_MONTHLY: Reason.ESRD_MONTHLY,
    Excludes.ANOTHER_PRACTITIONER: Reason.ANOTHER_PRACTITIONER,
}
Rows = tuple[Finding, ...]
"""What speaks for a reason; None stands for a reason that does not hold."""


def _conditions(
    conditions: tuple[ConditionFact, ...], rules: ConditionGroups, on: date
) -> tuple[tuple[Evidence, ...], tuple[Evidence, ...]]:
    counted: dict[tuple[str, str], Evidence] = {}
    set_aside: dict[tuple[str, str], Evidence] = {}
    for fact in sorted(conditions, key=_by_onset):
        group = rules.find(fact.system, fact.code) if fact.is_active(on) else None
        if group is None:
            continue
        # The same code recorded again is no further evidence; the earliest onset stays.
        rows = counted if group.counts else set_aside
        rows.setdefault((group.id, fact.code), _evidence(fact, group, on))
    return _ordered(counted), _ordered(set_aside)


def _evidence(fact: ConditionFact, group: ConditionGroup, on: date) -> Evidence:
    return Evidence(
        group=group.id,
        group_title=group.title,
        system=fact.system,
        code=fact.code,
        display=fact.display,
        onset_on=fact.onset_on,
        persistence=_persistence(group.lasts, fact.onset_on, on),
        source=fact.source,
    )


def _persistence(lasts: Lasts | None, onset: date | None, on: date) -> Persistence | None:
    if lasts is None:
        return None
    if lasts is Lasts.UNTIL_DEATH:
        return Persistence.LIFELONG
    if onset is None:
        return Persistence.UNDATED
    return Persistence.SHOWN if onset <= on - _TWELVE_MONTHS else Persistence.EXPECTED


def _by_onset(fact: ConditionFact) -> tuple[date, str, str, str]:
    return fact.onset_on or date.max, fact.code, fact.display, fact.source


def _ordered(rows: dict[tuple[str, str], Evidence]) -> tuple[Evidence, ...]:
    def place(row: Evidence) -> tuple[str, date, str]:
        return row.group, row.onset_on or date.max, row.code

    return tuple(sorted(rows.values(), key=place))


def _coverage(coverages: tuple[CoverageFact, ...], on: date) -> CoverageFact | None:
    """
    Choose the coverage that counts on a day: Part B if any, otherwise the latest to start.

    A Part B row beside a Medicare Advantage row of the same day means an Advantage plan (the plan
    pays Part B services), so the Advantage row wins.
    """

    def rank(item: CoverageFact) -> tuple[int, date, str, str]:
        is_advantage = item.kind is CoverageKind.MEDICARE_ADVANTAGE
        first = 2 if is_advantage else int(item.kind in PART_B_KINDS)
        return first, item.starts_on or date.min, item.payer, item.source

    return max((item for item in coverages if item.covers(on)), key=rank, default=None)


def _insurance(item: CoverageFact) -> Finding:
    text = f"{item.payer} ({item.kind.value.replace('_', ' ')})"
    return Finding("coverage", text, item.starts_on, item.ends_on, source=item.source)


def _death(facts: PatientFacts, on: date) -> Rows | None:
    if facts.deceased_on is None or facts.deceased_on > on:
        return None
    return (Finding("death", "Died", facts.deceased_on),)


def _hospice(facts: PatientFacts, on: date) -> Rows | None:
    stays = [
        one
        for one in facts.encounters
        if one.kind == "hospice"
        and one.starts_on <= on
        and (one.ends_on is None or one.ends_on >= on - HOSPICE_LOOK_BACK)
    ]
    return _stays(stays)


def _nursing_facility(facts: PatientFacts, on: date) -> Rows | None:
    return _stays([one for one in facts.encounters if one.kind == "snf" and one.reaches(on)])


def _stays(stays: list[EncounterFact]) -> Rows | None:
    latest = latest_start(stays)
    return None if latest is None else (_encounter("stay", latest),)


def _encounter(kind: str, one: EncounterFact) -> Finding:
    return Finding(kind, one.display or one.kind, one.starts_on, one.ends_on, source=one.source)


def _service(facts: PatientFacts, rule: ExcludingServices, on: date) -> Rows | None:
    month = Month.of(on)
    rows = tuple(
        Finding("service", rule.title, one.starts_on, one.ends_on, one.code, one.source)
        for one in sorted(facts.services, key=lambda one: (one.starts_on, one.code, one.source))
        if one.code in rule.codes and one.touches(month) and not (rule.only_others and one.own)
    )
    return rows or None


def _last_visit(facts: PatientFacts, on: date) -> Finding | None:
    """Give the latest visit up to a day, whether the record system or the staff knows of it."""
    seen = [one for one in facts.encounters if one.kind in VISIT_KINDS and one.starts_on <= on]
    latest, recorded = latest_start(seen), facts.initiating_visit_on
    if recorded is not None and recorded <= on and (not latest or recorded >= latest.starts_on):
        return Finding("visit", "Initiating visit", recorded, recorded, source="staff")
    return _encounter("visit", latest) if latest else None


def _needs(
    rationale: RationaleFact | None, visit: Finding | None, counted: tuple[Evidence, ...], on: date
) -> tuple[Need, ...]:
    seen = visit is not None and visit.since is not None and visit.since >= on - VISIT_LOOK_BACK
    # A group is borne out by any one of its codes; two such groups are enough.
    sure = {
        row.group for row in counted if row.persistence in (Persistence.LIFELONG, Persistence.SHOWN)
    }
    open_ = {
        Need.RISK_RATIONALE: rationale is None,
        Need.INITIATING_VISIT: not seen,
        Need.EXPECTED_DURATION: len({row.group for row in counted}) >= NEEDED_GROUPS > len(sure),
    }
    return tuple(need for need, is_open in open_.items() if is_open)


def _rationale(rationale: RationaleFact) -> Finding:
    return Finding("rationale", rationale.text, rationale.recorded_on, source=rationale.by)


def _kidney_failure(facts: PatientFacts, rules: ConditionGroups, on: date) -> Rows:
    """Give end-stage renal disease and the latest dialysis visit, when its name says so."""
    failed = [
        Finding("condition", fact.display, fact.onset_on, fact.abated_on, fact.code, fact.source)
        for fact in sorted(facts.conditions, key=_by_onset)
        if rules.kidney_failure.hold(fact.system, fact.code) and fact.is_active(on)
    ]
    dialysis = latest_start(
        one
        for one in facts.encounters
        if on - DIALYSIS_LOOK_BACK <= one.starts_on <= on
        and any(word in one.display.lower() for word in rules.dialysis_words)
    )
    if not failed:
        return ()
    return (failed[0], *((_encounter("dialysis", dialysis),) if dialysis else ()))
