"""One patient's packet and steps as FHIR R4 resources."""

import uuid
from collections.abc import Iterable, Iterator
from typing import Any, Final

from ccm_flow.app.views_patient import StepView
from ccm_flow.core.canonical import Plain, plain
from ccm_flow.core.state import StepStatus

Resource = dict[str, Any]
_HL7: Final = "http://terminology.hl7.org/CodeSystem"
_SYSTEMS: Final = {
    "snomed": "http://snomed.info/sct",
    "icd10": "http://hl7.org/fhir/sid/icd-10-cm",
}
_CPT: Final = "http://www.ama-assn.org/go/cpt"
_HCPCS: Final = "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
_TASK: Final = {
    StepStatus.OPEN: "in-progress",
    StepStatus.DONE: "completed",
    StepStatus.SKIPPED: "cancelled",
    StepStatus.EXPIRED: "failed",
    StepStatus.WITHDRAWN: "cancelled",
}
_CONSENT: Final = {"accepted": "active", "declined": "rejected", "revoked": "inactive"}
_SEX: Final = ("male", "female", "other")


class Exporter:
    """Makes the resources of one packet; ids depend on the patient and the month alone."""

    def __init__(self, content: Plain, steps: Iterable[StepView], key: str) -> None:
        self._content = content
        self._steps = tuple(steps)
        self._key = key
        self._staff: dict[str, str] = {}
        self.patient = self._name("Patient", 0)
        self._clinic = self._name("Organization", 0)

    def resources(self) -> list[Resource]:
        """Give everything, the patient first."""
        parts = [
            *self._front(),
            *self._conditions(),
            *self._consents(),
            *self._care_plan(),
            *self._tasks(),
            *self._contacts(),
            *self._charges(),
        ]
        everything = [*parts, *self._practitioners()]
        whole = [*everything, self._provenance(everything)]
        return [self._tagged(resource) for resource in whole]

    def _name(self, kind: str, number: object) -> str:
        """Name a resource, the same way each time."""
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"fhir/{self._key}/{kind}/{number}"))

    def _resource(self, kind: str, number: object, **values: Any) -> Resource:
        return _full({"resourceType": kind, "id": self._name(kind, number), **values})

    def _tagged(self, resource: Resource) -> Resource:
        """Mark what is made up as test data, wherever it ends up."""
        if not self._content["demo"]:
            return resource
        tag = {"system": f"{_HL7}/v3-ActReason", "code": "HTEST", "display": "test health data"}
        return {**resource, "meta": {"tag": [tag]}}

    def _ref(self, id_: str) -> dict[str, str]:
        return {"reference": f"urn:uuid:{id_}"}

    @property
    def _subject(self) -> dict[str, str]:
        return self._ref(self.patient)

    def _person(self, name: str) -> dict[str, str]:
        """Refer to somebody of the staff, who gets a resource of their own."""
        id_ = self._staff.setdefault(name, self._name("Practitioner", name))
        return {**self._ref(id_), "display": name}

    def _front(self) -> Iterator[Resource]:
        patient, clinic = self._content["patient"], self._content["clinic"]
        given, _, family = patient["name"].rpartition(" ")
        yield self._resource(
            "Patient",
            0,
            identifier=[
                {
                    "type": {"coding": [{"system": f"{_HL7}/v2-0203", "code": "MR"}]},
                    "value": patient["mrn"],
                }
            ],
            name=[_full({"text": patient["name"], "family": family, "given": given.split()})],
            gender=patient["sex"] if patient["sex"] in _SEX else "unknown",
            birthDate=patient["birth_date"],
            telecom=[{"system": "phone", "value": patient["phone"]}] if patient["phone"] else [],
            address=[{"text": patient["address"]}] if patient["address"] else [],
            managingOrganization=self._ref(self._clinic),
        )
        yield self._resource("Organization", 0, name=clinic["name"])

    def _conditions(self) -> Iterator[Resource]:
        for number, one in enumerate(self._content["eligibility"]["conditions"]):
            coding = _full(
                {
                    "system": _SYSTEMS.get(one["code_system"]),
                    "code": one["code"],
                    "display": one["display"],
                }
            )
            yield self._resource(
                "Condition",
                number,
                clinicalStatus=_coded(f"{_HL7}/condition-clinical", "active"),
                code={"coding": [coding], "text": one["display"]},
                subject=self._subject,
                onsetDateTime=one["since"],
            )

    def _consents(self) -> Iterator[Resource]:
        for number, one in enumerate(self._content["consents"]):
            yield self._resource(
                "Consent",
                number,
                status=_CONSENT[one["answer"]],
                scope=_coded(f"{_HL7}/consentscope", "treatment"),
                category=[{"text": f"{self._content['program']}, {one['mode']}: {one['wording']}"}],
                patient=self._subject,
                dateTime=one["taken_at"],
                performer=[self._subject],
                organization=[self._ref(self._clinic)],
                policyRule={"text": "; ".join(one["statements"]) or one["wording"]},
                provision=_full(
                    {"period": _full({"start": one["effective_from"], "end": one["last_day"]})}
                ),
            )

    def _care_plan(self) -> Iterator[Resource]:
        plan = self._content["care_plan"]
        if plan is None:
            return
        goals = []
        for number, one in enumerate(plan["goals"]):
            goals.append(self._ref(self._name("Goal", number)))
            target = _full({"detailString": one["target"], "dueDate": one["by"]})
            measure = {"measure": {"text": one["measure"]}} if one["measure"] else {}
            yield self._resource(
                "Goal",
                number,
                lifecycleStatus="active",
                description={"text": one["goal"]},
                subject=self._subject,
                target=[{**measure, **target}] if measure else [],
            )
        yield self._resource(
            "CarePlan",
            0,
            status="active",
            intent="plan",
            title=f"Care plan, version {plan['version']}",
            subject=self._subject,
            created=plan["written_at"],
            author=self._person(plan["written_by"]),
            goal=goals,
            activity=[
                {"detail": {"status": "in-progress", "description": f"{title}: {line}"}}
                for title, lines in plan["elements"]
                for line in lines
            ],
            note=[
                {"text": f"Given to the {share['to_whom']}: {share['how']}", "time": share["at"]}
                for share in plan["shares"]
            ],
        )

    def _tasks(self) -> Iterator[Resource]:
        for step in self._steps:
            outcome = step.outcome_title or step.because
            limits = {"period": {"end": plain(step.due_at)}} if step.due_at else None
            yield self._resource(
                "Task",
                step.key,
                status=_TASK[step.status],
                intent="order",
                description=step.title,
                statusReason={"text": outcome} if outcome else None,
                **{"for": self._subject},
                authoredOn=plain(step.opened_at),
                lastModified=plain(step.ended_at or step.opened_at),
                owner=self._person(step.owner_name),
                restriction=limits,
            )

    def _contacts(self) -> Iterator[Resource]:
        for number, one in enumerate(self._content["contacts"]):
            by, medium = self._person(one["by"]), one["channel"]
            encounter = None
            if one["reached"]:
                encounter = self._ref(self._name("Encounter", number))
                yield self._resource(
                    "Encounter",
                    number,
                    status="finished",
                    **{"class": {"system": f"{_HL7}/v3-ActCode", "code": "VR"}},
                    subject=self._subject,
                    participant=[{"individual": by}],
                    period={"start": one["at"]},
                    serviceProvider=self._ref(self._clinic),
                )
            yield self._resource(
                "Communication",
                number,
                status="completed" if one["reached"] else "not-done",
                statusReason=None if one["reached"] else {"text": one["result"]},
                subject=self._subject,
                topic={"text": one["what"]},
                encounter=encounter,
                medium=[{"text": medium}] if medium else [],
                sent=one["at"],
                sender=by,
                recipient=[self._subject],
            )

    def _charges(self) -> Iterator[Resource]:
        codes = self._content["codes"]
        billable = "billable" if codes["approved_by"] else "planned"
        for number, one in enumerate(codes["lines"]):
            system = _HCPCS if one["code"][0].isalpha() else _CPT
            amount = {"value": float(one["amount"]), "currency": "USD"} if one["amount"] else None
            yield self._resource(
                "ChargeItem",
                number,
                status=billable,
                code={"coding": [{"system": system, "code": one["code"]}], "text": one["title"]},
                subject=self._subject,
                occurrenceDateTime=one["on"],
                quantity={"value": one["units"]},
                priceOverride=amount,
                performingOrganization=self._ref(self._clinic),
                enterer=self._person(codes["approved_by"]) if codes["approved_by"] else None,
                note=[{"text": sentence} for sentence in one["reasoning"]],
            )

    def _practitioners(self) -> Iterator[Resource]:
        signer = self._content["practitioner"]
        self._person(signer["name"])
        for name, id_ in self._staff.items():
            npi = signer["npi"] if name == signer["name"] else None
            yield _full(
                {
                    "resourceType": "Practitioner",
                    "id": id_,
                    "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": npi}]
                    if npi
                    else [],
                    "name": [{"text": name}],
                }
            )

    def _provenance(self, everything: Iterable[Resource]) -> Resource:
        """Say who wrote all of it; it is recorded as of the ledger's last line."""
        ledger = self._content["ledger"]
        recorded = ledger[-1]["at"] if ledger else f"{self._content['month']}-01T00:00:00Z"
        return self._resource(
            "Provenance",
            0,
            target=[self._ref(resource["id"]) for resource in everything],
            recorded=recorded,
            agent=[{"who": self._ref(self._clinic)}],
        )


def _coded(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def _full(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not known: FHIR has no empty values."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}
