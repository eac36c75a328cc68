"""The second half of a packet's PDF: contacts, time, notes, codes and the ledger."""

from collections.abc import Iterable
from typing import Any

from reportlab.platypus import Flowable, KeepTogether, Spacer

from ccm_flow.adapters.documents.packet_pages import Pages, day, length
from ccm_flow.adapters.documents.pdf_parts import (
    BODY,
    H3,
    QUIET_SMALL,
    SMALL,
    facts,
    heading,
    table,
    text,
)
from ccm_flow.core.canonical import Plain


class WorkPages(Pages):
    """Sets what was done in the month."""

    def sections(self) -> Iterable[Flowable]:
        """Set the sections in their order."""
        yield from self._contacts()
        yield from self._time()
        yield from self._notes()
        yield from self._codes()
        yield from self._ledger()

    def _contacts(self) -> Iterable[Flowable]:
        yield from heading("5. Services: contacts and attempts")
        if not self.content["contacts"]:
            yield text("No contact and no attempt is on record.")
            return
        yield table(
            ("When", "What", "Channel", "Result", "Reached", "By"),
            [
                (
                    self.at(one["at"]),
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
        end = self.at(one["ended_at"]).rpartition(" ")[2]
        who = ", ".join(part for part in (one["person"], one["credential"]) if part)
        lag = f"{one['source']}, {length(max(0, one['lag_seconds']))}"
        counts = "yes" if one["counted"] else f"no: {one['why_not']}"
        if one["reason"]:
            counts += f" ({one['reason']})"
        start = self.at(one["started_at"])
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
            f"signed by {one['signed_by']}, {self.at(one['signed_at'])}"
            if one["signed_by"]
            else "NOT SIGNED"
        )
        cosigned = (
            f"; co-signed by {one['cosigned_by']}, {self.at(one['cosigned_at'])}"
            if one["cosigned_by"]
            else ""
        )
        written = f"{one['author']}, {self.at(one['written_at'])}"
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
                (one["code"], one["title"], one["units"], day(one["on"]), _amount(one))
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
            f"{codes['approved_by']}, {self.at(codes['approved_at'])}"
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
                self.at(one["at"]),
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
