"""The first half of a packet's PDF: the patient, need, eligibility, care plan and consent."""

from collections.abc import Iterable
from datetime import date

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Spacer

from ccm_flow.adapters.documents.packet_pages import Pages, day, length
from ccm_flow.adapters.documents.pdf_parts import (
    H3,
    QUIET,
    QUIET_SMALL,
    SMALL,
    TITLE,
    facts,
    heading,
    table,
    text,
)
from ccm_flow.core.canonical import Plain


class PersonPages(Pages):
    """Sets what is known of the patient."""

    def sections(self) -> Iterable[Flowable]:
        """Set the sections in their order."""
        yield from self._front()
        yield from self._eligibility()
        yield from self._plan()
        yield from self._consents()

    def _front(self) -> Iterable[Flowable]:
        content, patient = self.content, self.content["patient"]
        month = date.fromisoformat(f"{content['month']}-01")
        yield Spacer(1, 4 * mm)
        yield text(f"{content['clinic']['name']}: evidence packet", QUIET)
        yield text(f"{patient['name']}, {month:%B %Y}", TITLE)
        yield Spacer(1, 3 * mm)
        practitioner = content["practitioner"]
        signer = ", ".join(
            part for part in (practitioner["name"], practitioner["credential"]) if part
        )
        npi = f", NPI {practitioner['npi']}" if practitioner["npi"] else ""
        minutes = content["counted_seconds"] // 60
        yield facts(
            [
                ("Patient", patient["name"]),
                ("Born", day(patient["birth_date"])),
                ("Sex", patient["sex"]),
                ("Record number", patient["mrn"]),
                ("Insured by", patient["payer"]),
                ("Member id", patient["member_id"]),
                ("Address", patient["address"]),
                ("Phone", patient["phone"]),
                ("Program", content["program"]),
                ("Billing practitioner", f"{signer}{npi}"),
                ("Counted time", f"{minutes} whole minutes ({length(content['counted_seconds'])})"),
                ("Codes", self._codes_in_short()),
                ("Times", f"are those of the clinic ({content['clinic']['time_zone']})"),
            ]
        )
        yield from heading("1. Need")
        yield text(content["need"])

    def _codes_in_short(self) -> str:
        codes = self.content["codes"]
        listed = ", ".join(f"{one['code']} x {one['units']}" for one in codes["lines"])
        return f"{listed or 'none'} ({codes['state']})"

    def _eligibility(self) -> Iterable[Flowable]:
        found = self.content["eligibility"]
        yield from heading("2. Eligibility")
        yield table(
            ("Condition", "On record as", "Code", "Since"),
            [
                (
                    one["group"],
                    one["display"],
                    f"{one['code_system'].replace('_', ' ').upper()} {one['code']}",
                    day(one["since"]),
                )
                for one in found["conditions"]
            ],
            (0.23, 0.41, 0.22, 0.14),
        )
        yield Spacer(1, 5)
        by = f" ({found['risk_by']}, {self.at(found['risk_at'])})" if found["risk_by"] else ""
        period = " to ".join(
            part for part in (day(found["coverage_from"]), day(found["coverage_until"])) if part
        )
        yield facts(
            [
                ("Risk rationale", (found["risk_rationale"] or "none documented") + by),
                ("Coverage", f"{found['coverage']} {period}".strip()),
                ("Initiating visit", day(found["initiating_visit"]) or "none on record"),
            ]
        )

    def _plan(self) -> Iterable[Flowable]:
        plan = self.content["care_plan"]
        yield from heading("3. Care plan")
        if plan is None:
            yield text("No care plan is on record.")
            return
        approved = (
            f"{plan['approved_by']}, {self.at(plan['approved_at'])}"
            if plan["approved_by"]
            else "by nobody yet"
        )
        yield facts(
            [
                ("Version", f"{plan['version']}, {plan['written_by']}"),
                ("Written", self.at(plan["written_at"])),
                ("Approved", approved),
            ]
        )
        if plan["goals"]:
            yield text("Measurable goals", H3)
            yield table(
                ("Goal", "Measured by", "Target", "By"),
                [(g["goal"], g["measure"], g["target"], day(g["by"])) for g in plan["goals"]],
                (0.4, 0.24, 0.22, 0.14),
            )
        for title, lines in plan["elements"]:
            yield KeepTogether([text(title, H3), *(text(line, SMALL) for line in lines)])
        yield KeepTogether([text("Given to the patient or caregiver", H3), self._shares(plan)])
        for sentence in plan["missing"]:
            yield text(f"Not complete: {sentence}", QUIET_SMALL)

    def _shares(self, plan: Plain) -> Flowable:
        if not plan["shares"]:
            return text("There is no proof that it was shared.", SMALL)
        return table(
            ("To", "How", "By", "When"),
            [(one["to_whom"], one["how"], one["by"], self.at(one["at"])) for one in plan["shares"]],
            (0.2, 0.3, 0.27, 0.23),
        )

    def _consents(self) -> Iterable[Flowable]:
        yield from heading("4. Consent")
        if not self.content["consents"]:
            yield text("No consent is on record.")
        for one in self.content["consents"]:
            rows = [
                ("Answer", f"{one['answer']}, {one['mode']}"),
                ("Taken", f"{self.at(one['taken_at'])} by {one['taken_by']}"),
                ("In force from", day(one["effective_from"])),
                ("Last day", day(one["last_day"])),
                ("Wording", one["wording"]),
                ("Statements made", "\n".join(f"• {line}" for line in one["statements"])),
                ("For the services of", one["practitioner"]),
                ("Signature", one["signature"]),
                ("Note", one["note"]),
            ]
            yield KeepTogether([facts(rows), Spacer(1, 6)])
