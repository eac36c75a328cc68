"""Telling other FHIR versions from R4 by shapes that R4 does not have."""

from ccm_flow.adapters.ehr.fhir_bundle import Entry


def version_of(entry: Entry) -> str:
    """Name the version of a resource that cannot be R4; empty when it can."""
    resource, kind = entry.resource, entry.kind
    if kind in {"MedicationOrder", "ProcedureRequest", "ReferralRequest"}:
        return "DSTU2 or STU3"
    if kind == "Condition" and isinstance(resource.get("clinicalStatus"), str):
        return "STU3"
    if kind in {"Condition", "MedicationRequest", "Observation"} and "context" in resource:
        return "STU3"
    if kind == "MedicationRequest" and "medication" in resource:
        return "R5"
    return "R5" if kind == "Encounter" and isinstance(resource.get("class"), list) else ""
