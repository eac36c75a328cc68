"""Writing evidence packets."""

from pathlib import Path

from ccm_flow.adapters.documents.packet_json import packet_json
from ccm_flow.adapters.documents.packet_pdf import packet_pdf
from ccm_flow.app.hand_off import OnePacket, packets
from ccm_flow.bootstrap import Base, hand_off
from ccm_flow.cli.work.billing_context import find_month
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, open_set_up
from ccm_flow.cli.work.files import write_file
from ccm_flow.cli.work.words import BadWordError
from ccm_flow.core.month import Month


def packet(
    who: str | None,
    text: str,
    out: Path,
    clinic_id: str | None,
    *,
    everybody: bool,
    as_json: bool,
) -> None:
    """Write one patient's packet, or those of a whole month."""
    month = Month.parse(text)
    base = open_set_up()
    made = choose_packets(base, who, month, clinic_id, everybody=everybody)
    written = [write_packet(one, month, out) for one in made]
    if as_json:
        emit({"month": month, "folder": str(out), "packets": written})
        return
    for one in written:
        say(f"{one['pdf']} and .json, sha256 {one['sha256']}")
    if not written:
        say(f"Nobody has a line in {month}. Lines are made by `ccm close --month {month}`.")


def choose_packets(
    base: Base, who: str | None, month: Month, clinic_id: str | None, *, everybody: bool
) -> list[OnePacket]:
    """
    Make the packets that somebody asks for; nobody has to guess whose they are.

    Raises:
        BadWordError: neither a patient nor everybody was named, or both.
    """
    if (who is None) is not everybody:
        raise BadWordError("Say whose.", "Name one patient, or say --all.")
    now = base.clock.now()
    if who is not None:
        ref = find_month(base, who, month, clinic=clinic_id)
        return packets(hand_off(base, ref.clinic), ref.clinic, month, now, [ref.enrollment])
    clinic = choose_clinic(base, clinic_id).clinic
    return packets(hand_off(base, clinic), clinic, month, now)


def write_packet(one: OnePacket, month: Month, out: Path) -> dict[str, str]:
    """Write a packet's two files; their names hold nothing about the patient."""
    pdf, data = out / f"{month}-{one.handle}.pdf", out / f"{month}-{one.handle}.json"
    write_file(data, packet_json(one.sealed))
    write_file(pdf, packet_pdf(one.sealed))
    return {
        "patient": one.handle,
        "pdf": str(pdf),
        "json": str(data),
        "sha256": one.sealed.sha256,
    }
