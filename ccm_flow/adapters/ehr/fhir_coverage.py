"""What kind of insurance a FHIR Coverage is: no two senders say it in the same place."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo

from ccm_flow.adapters.ehr.fhir_bundle import Entry
from ccm_flow.adapters.ehr.fhir_shelf import Shelf
from ccm_flow.adapters.ehr.fhir_values import (
    Resource,
    coding,
    first,
    instant,
    local_day,
    part,
    rows,
    text,
)
from ccm_flow.app.records import CoverageRecord
from ccm_flow.core.eligibility import CoverageKind

_SOPT = "https://nahdo.org/sopt"
"""Source of Payment Typology: 1 Medicare, 11 its managed care, 14 dual, 2 Medicaid."""
_NONE = ("no_insurance", "no insurance", "uninsured", "self-pay", "self pay", "selfpay")
_OTHER = ("tricare", "champva", "veteran", "indian health", "workers")


def coverages(shelf: Shelf, found: Iterable[Entry]) -> Iterator[CoverageRecord]:
    """Give a patient's coverages; without any Coverage, what the newest claim was paid by."""
    listed = list(found)
    given = [_coverage(shelf, item) for item in listed if item.kind == "Coverage"]
    usable = [row for row in given if row is not None]
    if usable:
        yield from usable
        return
    statements = [item for item in listed if item.kind == "ExplanationOfBenefit"]
    from_claims = _newest_payer(statements, shelf.zone)
    if from_claims is not None:
        yield from_claims


def _coverage(shelf: Shelf, entry: Entry) -> CoverageRecord | None:
    resource = entry.resource
    period = part(resource.get("period"))
    status = text(resource.get("status"))
    if status in {"entered-in-error", "draft"} or (status == "cancelled" and "end" not in period):
        return None
    plan = _class(resource, "plan")
    # CMS gives everybody a Part C row; without a period it says that there is no such plan.
    if plan == "part c" and not period:
        return None
    payer = _payer(shelf, entry)
    return CoverageRecord(
        source_id=entry.id or entry.place,
        payer=payer,
        kind=_kind(resource, payer, plan),
        member_id=text(resource.get("subscriberId")) or _member(resource),
        starts_on=local_day(period.get("start"), shelf.zone),
        ends_on=local_day(period.get("end"), shelf.zone),
    )


def _newest_payer(claims: Iterable[Entry], zone: tzinfo) -> CoverageRecord | None:
    """
    Read the payer from the coverage inside each claim's statement.

    The history mixes payers, so the newest statement wins; the coverage is taken to have begun
    with the first of the unbroken run of statements that the same payer ends.
    """
    named = sorted((paid for claim in claims if (paid := _paid_by(claim))[1]), key=_by_time)
    if not named:
        return None
    payer, began = named[-1][1], ""
    for when, name in reversed(named):
        if name != payer:
            break
        began = when
    return CoverageRecord(
        source_id="claims",
        payer=payer,
        kind=kind_of_words(payer),
        starts_on=local_day(began, zone),
    )


def _by_time(paid: tuple[str, str]) -> tuple[datetime, str]:
    return instant(paid[0]) or datetime.min.replace(tzinfo=UTC), paid[1]


def _paid_by(claim: Entry) -> tuple[str, str]:
    resource = claim.resource
    when = text(resource.get("created")) or text(part(resource.get("billablePeriod")).get("start"))
    inside = {
        f"#{text(row.get('id'))}": row
        for row in rows(resource.get("contained"))
        if text(row.get("resourceType")) == "Coverage"
    }
    pointer = part(first(resource.get("insurance")).get("coverage"))
    held = inside.get(text(pointer.get("reference")), {})
    payer = text(first(held.get("payor")).get("display")) or text(pointer.get("display"))
    return when, payer


def _payer(shelf: Shelf, entry: Entry) -> str:
    resource = entry.resource
    payor = first(resource.get("payor"))
    named = text(payor.get("display")) or text(part(payor.get("identifier")).get("value"))
    if not named:
        organization = shelf.find(payor, "Organization", entry)
        named = text(organization.resource.get("name")) if organization else ""
    group = next((value for kind, value in _classes(resource) if kind == "group"), "")
    plan = next((value for kind, value in _classes(resource) if kind == "plan"), "")
    if group.lower() == "medicare":
        return f"{group} {plan}".strip()
    return named or text(part(resource.get("type")).get("text")) or "unknown payer"


def _kind(resource: Resource, payer: str, plan: str) -> CoverageKind:
    if _class(resource, "group") == "medicare" and plan.startswith("part "):
        return {
            "part b": CoverageKind.MEDICARE_PART_B,
            "part c": CoverageKind.MEDICARE_ADVANTAGE,
        }.get(plan, CoverageKind.OTHER)
    concept = part(resource.get("type"))
    sopt = coding(concept, _SOPT)
    if text(sopt.get("system")) == _SOPT:
        kind = _kind_of_sopt(text(sopt.get("code")))
        if kind is not None:
            return kind
    types = [text(row.get("display")) for row in rows(concept.get("coding"))]
    if any(text(row.get("code")) == "pay" for row in rows(concept.get("coding"))):
        return CoverageKind.NONE
    names = [value for _, value in _classes(resource)]
    return kind_of_words(" | ".join([payer, text(concept.get("text")), *types, *names]))


def _kind_of_sopt(code: str) -> CoverageKind | None:
    for prefix, kind in (
        ("14", CoverageKind.DUAL),
        ("11", CoverageKind.MEDICARE_ADVANTAGE),
        ("1", CoverageKind.MEDICARE_PART_B),
        ("2", CoverageKind.MEDICAID),
        ("81", CoverageKind.NONE),
    ):
        if code.startswith(prefix):
            return kind
    return None


def kind_of_words(words: str) -> CoverageKind:
    """Tell the kind of insurance from what people call it."""
    said = words.lower().replace("&", "and")
    # The agency that pays Medicare has Medicaid in its name.
    said = said.replace("centers for medicare and medicaid services", "medicare")
    tests = (
        (CoverageKind.NONE, any(word in said for word in _NONE)),
        (CoverageKind.DUAL, "dual" in said or ("medicare" in said and "medicaid" in said)),
        (CoverageKind.COMMERCIAL, "medigap" in said or "supplement" in said),
        (CoverageKind.MEDICARE_ADVANTAGE, "medicare" in said and _is_managed(said)),
        (CoverageKind.OTHER, "medicare part a" in said or "medicare part d" in said),
        (CoverageKind.MEDICARE_PART_B, "medicare" in said),
        (CoverageKind.MEDICAID, "medicaid" in said or "masshealth" in said),
        (CoverageKind.OTHER, "unknown payer" in said or any(word in said for word in _OTHER)),
    )
    return next((kind for kind, holds in tests if holds), CoverageKind.COMMERCIAL)


def _is_managed(said: str) -> bool:
    return any(word in said for word in ("advantage", "part c", "hmo", "ppo", "managed"))


def _classes(resource: Resource) -> Iterator[tuple[str, str]]:
    for row in rows(resource.get("class")):
        kind = text(coding(row.get("type")).get("code"))
        yield kind, text(row.get("value"))


def _class(resource: Resource, kind: str) -> str:
    return next((value.lower() for name, value in _classes(resource) if name == kind), "")


def _member(resource: Resource) -> str | None:
    for row in rows(resource.get("identifier")):
        if text(coding(row.get("type")).get("code")) in {"MB", "MC"}:
            return text(row.get("value")) or None
    return None
