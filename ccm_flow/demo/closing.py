"""The end of the demo: its month is closed, approved and handed over, on disk."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from ccm_flow.adapters.db.views import patient_month
from ccm_flow.adapters.db.views_staff import staff_of
from ccm_flow.adapters.documents.lines_csv import lines_csv
from ccm_flow.adapters.documents.packet_json import packet_json
from ccm_flow.adapters.documents.packet_pdf import packet_pdf
from ccm_flow.adapters.fhir_export.bundle import bundle_json, month_bundle
from ccm_flow.app.close_month import Closed, Closing, approve_lines, close_month
from ccm_flow.app.hand_off import HandOff, OnePacket, claim_lines, packets
from ccm_flow.bootstrap import Base, hand_off
from ccm_flow.core.handoff import LineState
from ccm_flow.core.ids import ClinicId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind

PACKETS: Final = 4
"""So many packets are written as an example; `ccm packet --all` writes the others."""
_ANYWAY: Final = "The demo closes its month with whatever its simulated staff left open."


@dataclass(frozen=True, slots=True)
class ClosedDemo:
    """What came of closing the demo's month."""

    month: Month
    lines: int
    approved: int
    held_back: int
    """Lines that give no code, or on which the record has changed."""
    not_ready: int
    unsettled: tuple[str, ...]
    accepted: int
    codes: dict[str, int]
    """Units by code."""
    allowed: Decimal
    """What Medicare would allow for the approved lines, as far as amounts are known."""
    packets: int
    folder: str
    """Where packets, claim lines and a FHIR bundle lie."""


def close_demo(
    base: Base, clinic: ClinicId, month: Month, tell: Callable[[str], None]
) -> ClosedDemo:
    """Close a month that is over, approve its lines and write examples of every document."""
    hand, now = hand_off(base, clinic), base.clock.now()
    by = _biller(base, clinic)
    tell("Closing the month")
    closing = Closing(clinic, month, by, month.next.first_day, _ANYWAY)
    closed = close_month(hand.store, hand.rules, closing, now)
    approval = approve_lines(hand.store, clinic, month, by=by, now=now)
    tell("Writing packets")
    folder = base.settings.home / "hand-off"
    written = _write(base, hand, clinic, month, folder)
    return _result(hand, closed, len(approval.held), written, folder, clinic=clinic)


def _biller(base: Base, clinic: ClinicId) -> PersonId:
    """Give the clinic's biller; the program owner where there is none."""
    staff = staff_of(base.engine, clinic)
    billers = [one.person for one in staff if "biller" in one.roles]
    return billers[0] if billers else base.record.clinic(clinic).program_owner


def _write(base: Base, hand: HandOff, clinic: ClinicId, month: Month, folder: Path) -> int:
    """Write some packets, all claim lines and one bundle; the answer counts the packets."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = base.clock.now()
    everybody = packets(hand, clinic, month, now)
    made = [one for one in everybody if one.view and one.view.line.is_approved][:PACKETS]
    for one in made:
        name = f"{month}-{one.handle}"
        (folder / f"{name}.json").write_bytes(packet_json(one.sealed))
        (folder / f"{name}.pdf").write_bytes(packet_pdf(one.sealed))
    rows = claim_lines(everybody)
    (folder / f"{month}-lines.csv").write_bytes(lines_csv(rows))
    for one in made[:1]:
        (folder / f"{month}-{one.handle}.fhir.json").write_bytes(_bundle(base, one, month, now))
    return len(made)


def _bundle(base: Base, one: OnePacket, month: Month, now: datetime) -> bytes:
    view = patient_month(base.engine, one.enrollment, month, now=now, kind=PlaybookKind.MONTHLY)
    return bundle_json(month_bundle(one.sealed, view.steps, f"{one.enrollment}:{month}"))


def _result(
    hand: HandOff,
    closed: Closed,
    held_back: int,
    written: int,
    folder: Path,
    *,
    clinic: ClinicId,
) -> ClosedDemo:
    approved = [line for line in hand.store.lines(clinic, closed.month) if line.is_approved]
    codes: dict[str, int] = {}
    for one in (one for line in approved for one in line.result.lines):
        codes[one.code] = codes.get(one.code, 0) + one.units
    amounts = (one.amount for line in approved for one in line.result.lines)
    return ClosedDemo(
        month=closed.month,
        lines=closed.made,
        approved=len(approved),
        held_back=held_back,
        not_ready=closed.not_ready,
        unsettled=closed.unsettled,
        accepted=sum(line.state is LineState.ACCEPTED for line in approved),
        codes=dict(sorted(codes.items())),
        allowed=sum((amount for amount in amounts if amount is not None), Decimal(0)),
        packets=written,
        folder=str(folder),
    )
