"""Taking bundles apart: every resource that matters, and the names others refer to it by."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ccm_flow.adapters.ehr.fhir_values import Resource, first, part, rows, text
from ccm_flow.app.records import ImportProblem

_DEEPEST = 8
_OWNER_FIELDS = ("subject", "patient", "beneficiary")


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource and where it was found."""

    resource: Resource
    full_url: str
    file: str
    place: str
    """Which entry of the file, e.g. `entry 12 (Condition)`."""

    @property
    def kind(self) -> str:
        """The resource type; empty when it has none."""
        return text(self.resource.get("resourceType"))

    @property
    def id(self) -> str:
        """The resource's own id, else the UUID that the bundle knows it by."""
        return text(self.resource.get("id")) or self.full_url.removeprefix("urn:uuid:")


def owner_reference(entry: Entry) -> Resource:
    """Give a resource's reference to its patient, whatever the field is called."""
    for name in _OWNER_FIELDS:
        if name in entry.resource:
            return part(entry.resource[name])
    return {}


def entries(
    resource: Resource, file: str, within: str = "", depth: int = 0
) -> Iterator[Entry | ImportProblem]:
    """Give every resource of a bundle, also those of bundles inside it."""
    listed = resource.get("entry", [])
    if not isinstance(listed, list) or depth > _DEEPEST:
        fix = "Ask the sender for a bundle with a plain list of entries."
        yield ImportProblem(
            file, within, "This bundle's entries cannot be read.", fix, skipped=True
        )
        return
    for number, row in enumerate(listed, start=1):
        inner = part(part(row).get("resource"))
        kind = text(inner.get("resourceType"))
        place = f"{within}entry {number} ({kind})" if kind else f"{within}entry {number}"
        if kind == "Bundle":
            yield from entries(inner, file, f"{within}entry {number}, ", depth + 1)
        elif kind:
            yield Entry(inner, text(part(row).get("fullUrl")), file, place)
        elif _should_hold_something(part(row)):
            yield ImportProblem(
                file,
                place,
                "This entry holds no FHIR resource (resourceType is missing).",
                "Ask the sender what it should be; the rest was read.",
            )


def _should_hold_something(row: Resource) -> bool:
    """Tell requests and bare answers (GET, DELETE, links) from broken entries."""
    method = text(part(row.get("request")).get("method")).upper()
    is_answer = "response" in row or "search" in row
    return "resource" in row or not (method in {"GET", "DELETE", "HEAD"} or is_answer)


def names_of(entry: Entry) -> Iterator[str]:
    """Give every way in which others may refer to a resource."""
    own = text(entry.resource.get("id"))
    if entry.full_url:
        yield entry.full_url
    if own:
        yield f"{entry.kind}/{own}"
        yield f"urn:uuid:{own}"
    for identifier in rows(entry.resource.get("identifier")):
        value = text(identifier.get("value"))
        if value:
            yield f"{entry.kind}?identifier={text(identifier.get('system'))}|{value}"


def forms_of(reference: Any, kind: str) -> list[str]:
    """Give the names to look up for a reference, the most exact one first."""
    pointer = part(reference)
    target = text(pointer.get("reference")).split("/_history/")[0]
    forms = [target] if target else []
    pieces = target.split("/")
    if len(pieces) > 2:  # absolute: the same server's bundle may hold it as Type/id
        forms.append("/".join(pieces[-2:]))
    identifier = first(pointer.get("identifier"))
    if text(identifier.get("value")):
        system = text(identifier.get("system"))
        forms.append(f"{kind}?identifier={system}|{text(identifier['value'])}")
    return forms
