"""Billed services from claims: other rules ask who billed what, and when."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import tzinfo
from typing import Any, Final

from ccm_flow.adapters.ehr.fhir_bundle import Entry
from ccm_flow.adapters.ehr.fhir_values import Resource, first, local_day, part, rows, text
from ccm_flow.app.records import ServiceRecord

CLAIMS: Final = ("ExplanationOfBenefit", "Claim")
"""A statement of benefits says what was settled, so it goes before the claim it answers."""
Find = Callable[[Any, str, Entry], Entry | None]
_HCPCS: Final = re.compile(r"[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4}")
_SYSTEMS: Final = ("hcpcs", "/cpt", "2.16.840.1.113883.6.285", "2.16.840.1.113883.6.12")
_WITHDRAWN: Final = frozenset({"cancelled", "draft", "entered-in-error"})


def has_services(claim: Resource) -> bool:
    """Tell whether a claim bills anything by a HCPCS or CPT code."""
    return any(_code(item) for item in rows(claim.get("item")))


def services(find: Find, found: Iterable[Entry], zone: tzinfo) -> Iterator[ServiceRecord]:
    """Give the services of a patient's claims; a claim and its settlement are one service."""
    claims = sorted(
        (item for item in found if item.kind in CLAIMS), key=lambda item: CLAIMS.index(item.kind)
    )
    settled: set[tuple[object, ...]] = set()
    for claim in claims:
        for service in _of_claim(find, claim, zone):
            what = (service.code, service.starts_on, service.ends_on)
            if claim.kind == "ExplanationOfBenefit":
                settled.add(what)
            elif what in settled:
                continue
            yield service


def undated(found: Iterable[Entry], zone: tzinfo) -> Iterator[Entry]:
    """Give the claims of which an item bills a code and says no day that can be read."""
    for claim in found:
        if claim.kind in CLAIMS and _counts(claim.resource):
            items = rows(claim.resource.get("item"))
            if any(_code(one) and _days(one, claim.resource, zone)[0] is None for one in items):
                yield claim


def _counts(claim: Resource) -> bool:
    return text(claim.get("status")) not in _WITHDRAWN and text(claim.get("use")) in {"", "claim"}


def _of_claim(find: Find, claim: Entry, zone: tzinfo) -> Iterator[ServiceRecord]:
    resource = claim.resource
    if not _counts(resource):
        return
    for number, item in enumerate(rows(resource.get("item")), start=1):
        code, (starts_on, ends_on) = _code(item), _days(item, resource, zone)
        if not code or starts_on is None:
            continue
        yield ServiceRecord(
            source_id=f"{claim.kind}/{claim.id or claim.place}/{_sequence(item, number)}",
            code=code,
            starts_on=starts_on,
            ends_on=max(starts_on, ends_on or starts_on),
            practitioner=_practitioner(find, claim, item),
        )


def _sequence(item: Resource, number: int) -> int:
    given = item.get("sequence")
    return given if isinstance(given, int) else number


def _code(item: Resource) -> str:
    for row in rows(part(item.get("productOrService")).get("coding")):
        system, code = text(row.get("system")).lower(), text(row.get("code")).upper()
        if any(known in system for known in _SYSTEMS) and _HCPCS.fullmatch(code):
            return code
    return ""


def _days(item: Resource, claim: Resource, zone: tzinfo) -> tuple[Any, Any]:
    if text(item.get("servicedDate")):
        on = local_day(item["servicedDate"], zone)
        return on, on
    period = part(item.get("servicedPeriod")) or part(claim.get("billablePeriod"))
    return local_day(period.get("start"), zone), local_day(period.get("end"), zone)


def _practitioner(find: Find, claim: Entry, item: Resource) -> str:
    """Name who did it: the item's member of the care team, else the claim's provider."""
    numbers = item.get("careTeamSequence")
    wanted = numbers if isinstance(numbers, list) else []
    team = rows(claim.resource.get("careTeam"))
    chosen = next((row for row in team if row.get("sequence") in wanted), {})
    for pointer in (part(chosen.get("provider")), part(claim.resource.get("provider"))):
        name = _name(find, claim, pointer)
        if name:
            return name
    return ""


def _name(find: Find, claim: Entry, pointer: Resource) -> str:
    if text(pointer.get("display")):
        return text(pointer["display"])
    for kind in ("Practitioner", "Organization"):
        held = find(pointer, kind, claim)
        name = held.resource.get("name") if held is not None else None
        if isinstance(name, str):
            return name.strip()
        person = first(name)
        given = person.get("given")
        words = [text(word) for word in given] if isinstance(given, list) else []
        known = " ".join(word for word in [*words, text(person.get("family"))] if word)
        if known or text(person.get("text")):
            return known or text(person["text"])
    return text(first(pointer.get("identifier")).get("value"))
