"""Writing months as FHIR bundles."""

from pathlib import Path

from ccm_flow.adapters.db.views import patient_month
from ccm_flow.adapters.fhir_export.bundle import bundle_json, month_bundle
from ccm_flow.app.hand_off import OnePacket
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import open_set_up
from ccm_flow.cli.work.files import write_file
from ccm_flow.cli.work.packets import choose_packets
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind


def export_fhir(
    who: str | None,
    text: str,
    out: Path,
    clinic_id: str | None,
    *,
    everybody: bool,
    as_json: bool,
) -> None:
    """Write one patient's bundle, or those of a whole month."""
    month = Month.parse(text)
    base = open_set_up()
    made = choose_packets(base, who, month, clinic_id, everybody=everybody)
    written = [write_bundle(base, one, month, out) for one in made]
    if as_json:
        emit({"month": month, "folder": str(out), "bundles": written})
        return
    for one in written:
        say(f"{one['file']}: {one['resources']} resources")
    if not written:
        say(f"Nobody has a line in {month}. Lines are made by `ccm close --month {month}`.")


def write_bundle(base: Base, one: OnePacket, month: Month, out: Path) -> dict[str, object]:
    """Write one patient's bundle; its name holds nothing about the patient."""
    view = patient_month(
        base.engine, one.enrollment, month, now=base.clock.now(), kind=PlaybookKind.MONTHLY
    )
    bundle = month_bundle(one.sealed, view.steps, f"{one.enrollment}:{month}")
    file = out / f"{month}-{one.handle}.fhir.json"
    write_file(file, bundle_json(bundle))
    return {"patient": one.handle, "file": str(file), "resources": len(bundle["entry"])}
