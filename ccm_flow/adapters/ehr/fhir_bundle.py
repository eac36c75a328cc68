"""Taking bundles apart: every resource that matters, each under the patient it belongs to."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ccm_flow.adapters.ehr.fhir_values import Resource, first, part, rows, text
from ccm_flow.app.records import ImportProblem

CLINICAL = frozenset(
    {
        "Condition",
        "Coverage",
        "Encounter",
        "ExplanationOfBenefit",
        "MedicationRequest",
        "MedicationStatement",
    }
)
_LOOKED_UP = frozenset({"Patient", "Medication", "Organization"})
_DEEPEST = 8
_OWNER_FIELDS = ("subject", "patient", "beneficiary")


@dataclass(frozen=True)
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


@dataclass
class Pool:
    """Resources that may refer to each other: one bundle, or all loose files of a folder."""

    patients: list[Entry] = field(default_factory=list)
    clinical: list[Entry] = field(default_factory=list)
    _by_reference: dict[str, Entry] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Take in a resource; kinds that nothing is read from are let go."""
        if entry.kind in _LOOKED_UP:
            for name in _names(entry):
                self._by_reference.setdefault(name, entry)
        if entry.kind == "Patient":
            self.patients.append(entry)
        elif entry.kind in CLINICAL:
            self.clinical.append(entry)

    def merge(self, other: "Pool") -> None:
        """Take in everything that another pool holds."""
        self.patients += other.patients
        self.clinical += other.clinical
        for name, entry in other._by_reference.items():
            self._by_reference.setdefault(name, entry)

    def find(self, reference: Any, kind: str) -> Entry | None:
        """Follow a reference of any form; None when it leads nowhere or to another kind."""
        for name in _forms(part(reference), kind):
            found = self._by_reference.get(name)
            if found is not None and found.kind == kind:
                return found
        return None

    def owner(self, entry: Entry) -> Entry | None:
        """Give the patient a clinical resource belongs to."""
        return self.find(owner_reference(entry), "Patient")


def owner_reference(entry: Entry) -> Resource:
    """Give a resource's reference to its patient, whatever the field is called."""
    for name in _OWNER_FIELDS:
        if name in entry.resource:
            return part(entry.resource[name])
    return {}


def entries(resource: Resource, file: str, depth: int = 0) -> Iterator[Entry | ImportProblem]:
    """Give every resource of a bundle, also those of bundles inside it."""
    listed = resource.get("entry")
    for number, row in enumerate(listed if isinstance(listed, list) else [], start=1):
        inner = part(part(row).get("resource"))
        kind = text(inner.get("resourceType"))
        place = f"entry {number} ({kind})" if kind else f"entry {number}"
        if kind == "Bundle" and depth < _DEEPEST:
            yield from entries(inner, file, depth + 1)
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


def _names(entry: Entry) -> Iterator[str]:
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


def _forms(reference: Resource, kind: str) -> Iterator[str]:
    """Give the names to look up for a reference, the most exact one first."""
    target = text(reference.get("reference")).split("/_history/")[0]
    if target:
        yield target
        pieces = target.split("/")
        if len(pieces) > 2:  # absolute: the same server's bundle may hold it as Type/id
            yield "/".join(pieces[-2:])
    identifier = first(reference.get("identifier"))
    if text(identifier.get("value")):
        yield f"{kind}?identifier={text(identifier.get('system'))}|{text(identifier['value'])}"
