"""A patient's month as a bundle of the type collection."""

import json
from collections.abc import Iterable

from ccm_flow.adapters.fhir_export.resources import Exporter, Resource
from ccm_flow.app.packet_seal import Sealed
from ccm_flow.app.views_patient import StepView


def month_bundle(sealed: Sealed, steps: Iterable[StepView], key: str) -> Resource:
    """
    Give a packet as a FHIR R4 bundle; every reference resolves inside it.

    `key` names the patient's month, so that the same month has the same ids each time.
    """
    resources = Exporter(sealed.content, steps, key).resources()
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "identifier": {"system": "urn:ccm-flow:packet-sha256", "value": sealed.sha256},
        "entry": [
            {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}
            for resource in resources
        ],
    }


def bundle_json(bundle: Resource) -> bytes:
    """Write a bundle."""
    return (json.dumps(bundle, indent=1, ensure_ascii=False) + "\n").encode()
