"""The lines of a closed month, on the screen and in a file."""

from collections.abc import Sequence
from pathlib import Path

import typer

from ccm_flow.adapters.documents.lines_csv import lines_csv
from ccm_flow.app.billing import LineView, line_views
from ccm_flow.app.close_month import NotClosedError
from ccm_flow.app.hand_off import claim_lines, packets
from ccm_flow.bootstrap import hand_off
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, open_set_up
from ccm_flow.cli.work.files import write_file
from ccm_flow.cli.work.tables import LATE, Listing
from ccm_flow.core.claim_lines import ClaimLine
from ccm_flow.core.handoff import LineAct, LineState
from ccm_flow.core.month import Month


def lines(text: str, clinic_id: str | None, csv: Path | None, *, as_json: bool) -> None:
    """Show a month's lines, and write those that go out."""
    month = Month.parse(text)
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    hand, now = hand_off(base, clinic.clinic), base.clock.now()
    views = line_views(hand.store, clinic.clinic, month, now)
    if not views and not hand.store.history(clinic.clinic, month):
        raise NotClosedError(month)
    rows: list[ClaimLine] = []
    changed = False
    if csv is not None:
        rows = claim_lines(packets(hand, clinic.clinic, month, now))
        write_file(csv, lines_csv(rows))
        changed = any(row.changed_since_approval for row in rows)
    if as_json:
        emit({"month": month, "lines": [_plain(view) for view in views], "written": rows})
    else:
        say(f"{clinic.name}, {month}: {len(views)} lines\n")
        _show(views)
        if csv is not None:
            say(f"\n{len(rows)} rows of approved lines written to {csv}.")
        if changed:
            say("Some have changed since they were approved; look at them before you send them.")
    if changed:
        raise typer.Exit(1)


def _show(views: Sequence[LineView]) -> None:
    listing = Listing(
        "Name",
        "Patient",
        "State",
        "Codes",
        "Allowed",
        "Remarks",
        keep=["Name", "State"],
    )
    for view in views:
        result = view.line.result
        codes = ", ".join(f"{line.code} x {line.units}" for line in result.lines) or "none"
        amount = "not known" if result.amount is None else f"${result.amount}"
        listing.add(
            view.handle,
            view.patient_name,
            view.line.state.value,
            codes,
            amount,
            "; ".join([*_question(view), *view.changed]),
            style=LATE if view.changed else "",
        )
    listing.print()


def _question(view: LineView) -> list[str]:
    """Give what the biller asked, while it is not answered."""
    if view.line.state is not LineState.RETURNED:
        return []
    asked = [one for one in view.line.decisions if one.act is LineAct.RETURNED and one.because]
    return [f"asked: {asked[-1].because}"] if asked else []


def _plain(view: LineView) -> dict[str, object]:
    line = view.line
    return {
        "patient": view.handle,
        "patient_name": view.patient_name,
        "mrn": view.mrn,
        "line": line.id,
        "revision": line.revision,
        "state": line.state,
        "codes": [
            {"code": one.code, "units": one.units, "on": one.on} for one in line.result.lines
        ],
        "amount": line.result.amount,
        "facts_sha256": line.facts_sha256,
        "rules": line.rules,
        "decisions": line.decisions,
        "changed": view.changed,
    }
