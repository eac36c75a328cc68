"""A packet as a PDF, laid out from its JSON: the same content, the same hash."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from reportlab.lib.pagesizes import letter
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, SimpleDocTemplate, Spacer

from ccm_flow.adapters.documents.pdf_parts import (
    BODY,
    H3,
    MARGIN,
    QUIET,
    QUIET_SMALL,
    SMALL,
    TITLE,
    Edge,
    edged_canvas,
    facts,
    heading,
    table,
    text,
)
from ccm_flow.app.packet import Sealed
from ccm_flow.core.canonical import Plain

DEMO_MARK = "DEMO, made-up patient: never to be billed"


def packet_pdf(sealed: Sealed) -> bytes:
    """Lay a packet out; equal packets give equal bytes."""
    content = sealed.content
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=letter,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=20 * mm,
        title=f"Evidence packet {content['month']}",
        subject="Care management, one calendar month",
        invariant=1,
    )
    patient = content["patient"]
    born = _day(patient["birth_date"]) or "not known"
    edge = Edge(
        f"{patient['name']}, born {born}, record {patient['mrn']}: {content['month']}",
        f"SHA-256 of the content: {sealed.sha256}",
        DEMO_MARK if content["demo"] else None,
    )
    story = list(_Layout(content, ZoneInfo(content["clinic"]["time_zone"])).story())
    document.build(story, canvasmaker=edged_canvas(edge))
    return out.getvalue()


def _day(value: str | None) -> str:
    return f"{date.fromisoformat(value):%b %-d, %Y}" if value else ""


def length(seconds: int) -> str:
    """Write a length to the second: `12:05`."""
    sign = "-" if seconds < 0 else ""
    hours, rest = divmod(abs(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{sign}{hours}:{minutes:02d}:{left:02d}" if hours else f"{sign}{minutes}:{left:02d}"


@dataclass(frozen=True, slots=True)
class _Layout:
    """Sets one packet, section by section, in the packet's order."""

    content: Plain
    zone: ZoneInfo

    def story(self) -> Iterable[Flowable]:
        yield from self._front()
        yield from self._eligibility()
        yield from self._plan()
        yield from self._consents()
        yield from self._contacts()
        yield from self._time()
        yield from self._notes()
        yield from self._codes()
        yield from self._ledger()

    def _at(self, value: str | None) -> str:
        if not value:
            return ""
        local = datetime.fromisoformat(value).astimezone(self.zone)
        return f"{local:%b %-d, %Y %H:%M}"

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
                ("Born", _day(patient["birth_date"])),
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
                    _day(one["since"]),
                )
                for one in found["conditions"]
            ],
            (0.23, 0.41, 0.22, 0.14),
        )
        yield Spacer(1, 5)
        by = f" ({found['risk_by']}, {self._at(found['risk_at'])})" if found["risk_by"] else ""
        period = " to ".join(
            part for part in (_day(found["coverage_from"]), _day(found["coverage_until"])) if part
        )
        yield facts(
            [
                ("Risk rationale", (found["risk_rationale"] or "none documented") + by),
                ("Coverage", f"{found['coverage']} {period}".strip()),
                ("Initiating visit", _day(found["initiating_visit"]) or "none on record"),
            ]
        )

    def _plan(self) -> Iterable[Flowable]:
        plan = self.content["care_plan"]
        yield from heading("3. Care plan")
        if plan is None:
            yield text("No care plan is on record.")
            return
        approved = (
            f"{plan['approved_by']}, {self._at(plan['approved_at'])}"
            if plan["approved_by"]
            else "by nobody yet"
        )
        yield facts(
            [
                ("Version", f"{plan['version']}, {plan['written_by']}"),
                ("Written", self._at(plan["written_at"])),
                ("Approved", approved),
            ]
        )
        if plan["goals"]:
            yield text("Measurable goals", H3)
            yield table(
                ("Goal", "Measured by", "Target", "By"),
                [(g["goal"], g["measure"], g["target"], _day(g["by"])) for g in plan["goals"]],
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
            [
                (one["to_whom"], one["how"], one["by"], self._at(one["at"]))
                for one in plan["shares"]
            ],
            (0.2, 0.3, 0.27, 0.23),
        )

    def _consents(self) -> Iterable[Flowable]:
        yield from heading("4. Consent")
        if not self.content["consents"]:
            yield text("No consent is on record.")
        for one in self.content["consents"]:
            rows = [
                ("Answer", f"{one['answer']}, {one['mode']}"),
                ("Taken", f"{self._at(one['taken_at'])} by {one['taken_by']}"),
                ("In force from", _day(one["effective_from"])),
                ("Last day", _day(one["last_day"])),
                ("Wording", one["wording"]),
                ("Statements made", "\n".join(f"• {line}" for line in one["statements"])),
                ("For the services of", one["practitioner"]),
                ("Signature", one["signature"]),
                ("Note", one["note"]),
            ]
            yield KeepTogether([facts(rows), Spacer(1, 6)])

    def _contacts(self) -> Iterable[Flowable]:
        yield from heading("5. Services: contacts and attempts")
        if not self.content["contacts"]:
            yield text("No contact and no attempt is on record.")
            return
        yield table(
            ("When", "What", "Channel", "Result", "Reached", "By"),
            [
                (
                    self._at(one["at"]),
                    one["what"],
                    one["channel"],
                    one["result"],
                    "yes" if one["reached"] else "no",
                    one["by"],
                )
                for one in self.content["contacts"]
            ],
            (0.19, 0.28, 0.1, 0.17, 0.09, 0.17),
        )

    def _time(self) -> Iterable[Flowable]:
        yield from heading("6. Time log")
        counted = self.content["counted_seconds"]
        yield text(
            f"Counted: {counted // 60} whole minutes, from {length(counted)} of exact time "
            "summed and rounded down once. “Lag” is how long after the work it was entered."
        )
        yield Spacer(1, 4)
        yield table(
            ("Start", "End", "Length", "Who", "Activity", "Source, lag", "Counts"),
            [self._entry(one) for one in self.content["time"]],
            (0.165, 0.07, 0.075, 0.19, 0.18, 0.17, 0.15),
            one_line=frozenset({0, 1, 2}),
        )

    def _entry(self, one: Plain) -> tuple[str, ...]:
        end = self._at(one["ended_at"]).rpartition(" ")[2]
        who = ", ".join(part for part in (one["person"], one["credential"]) if part)
        lag = f"{one['source']}, {length(max(0, one['lag_seconds']))}"
        counts = "yes" if one["counted"] else f"no: {one['why_not']}"
        if one["reason"]:
            counts += f" ({one['reason']})"
        start = self._at(one["started_at"])
        return (start, end, length(one["seconds"]), who, one["activity"], lag, counts)

    def _notes(self) -> Iterable[Flowable]:
        yield from heading("7. Notes")
        if not self.content["notes"]:
            yield text("No note of this month is on record.")
        numbers = {one["id"]: str(i) for i, one in enumerate(self.content["notes"], start=1)}
        for one in self.content["notes"]:
            yield KeepTogether(list(self._note(one, numbers)))

    def _note(self, one: Plain, numbers: dict[str, str]) -> Iterable[Flowable]:
        amends = f", amends note {numbers.get(one['amends'], '')}" if one["amends"] else ""
        title = f"{numbers[one['id']]}. {one['kind'].capitalize()}{amends}"
        yield text(title, H3)
        signed = (
            f"signed by {one['signed_by']}, {self._at(one['signed_at'])}"
            if one["signed_by"]
            else "NOT SIGNED"
        )
        cosigned = (
            f"; co-signed by {one['cosigned_by']}, {self._at(one['cosigned_at'])}"
            if one["cosigned_by"]
            else ""
        )
        written = f"{one['author']}, {self._at(one['written_at'])}"
        yield text(f"{written}; {signed}{cosigned}", QUIET_SMALL)
        if one["because"]:
            yield text(f"Amended because: {one['because']}", SMALL)
        if one["text"]:
            yield text(one["text"], SMALL)
        for name, value in one["fields"]:
            yield text(f"{name.capitalize()}: {value}", SMALL)

    def _codes(self) -> Iterable[Flowable]:
        codes = self.content["codes"]
        yield from heading("8. Codes and why")
        if not codes["lines"]:
            yield text("This month gives no code.")
        yield table(
            ("Code", "Service", "Units", "Date of service", "Allowed amount"),
            [
                (one["code"], one["title"], one["units"], _day(one["on"]), _amount(one))
                for one in codes["lines"]
            ],
            (0.1, 0.44, 0.1, 0.18, 0.18),
        )
        yield Spacer(1, 4)
        for sentence in codes["reasoning"]:
            yield KeepTogether([text(sentence, SMALL), Spacer(1, 2.5)])
        for sentence in codes["blocked"]:
            yield text(f"Not billed: {sentence}", SMALL)
        approved = (
            f"{codes['approved_by']}, {self._at(codes['approved_at'])}"
            if codes["approved_by"]
            else "by nobody yet"
        )
        yield Spacer(1, 4)
        yield facts(
            [
                ("State", codes["state"]),
                ("Approved", approved),
                ("Rules", f"{codes['rules']}, SHA-256 {codes['rules_sha256']}"),
                ("Facts", f"SHA-256 {codes['facts_sha256']}"),
                ("Changed since", "\n".join(codes["changed"])),
            ]
        )

    def _ledger(self) -> Iterable[Flowable]:
        yield from heading("9. Ledger")
        yield text(
            "What the ledger holds of this month and record, in order. Each line's SHA-256 is "
            "taken over the line and the hash before it; the JSON has them in full.",
            BODY,
        )
        yield Spacer(1, 4)
        rows: list[tuple[Any, ...]] = [
            (
                self._at(one["at"]),
                one["number"],
                _event(one),
                one["actor"] or "",
                one["sha256"][:16],
            )
            for one in self.content["ledger"]
        ]
        yield table(
            ("When", "Number", "What", "By", "SHA-256 begins"),
            rows,
            (0.2, 0.09, 0.34, 0.18, 0.19),
            one_line=frozenset({0, 1, 4}),
        )


def _amount(one: Plain) -> str:
    if one["amount"] is None:
        return "not known"
    return f"{'about ' if one['approximate'] else ''}${one['amount']}"


def _event(one: Plain) -> str:
    """Say what a line of the ledger is about, in a few words."""
    step = one["detail"].get("step")
    key = step.get("key") if isinstance(step, dict) else step
    kind = str(one["kind"]).replace("_", " ")
    return f"{kind}: {str(key).replace('_', ' ')}" if key else kind
