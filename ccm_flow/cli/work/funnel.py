"""The way into the program, for people."""

from zoneinfo import ZoneInfo

from ccm_flow.adapters.db.views_funnel import funnel as read_funnel
from ccm_flow.app.view_text import clinic_time, words
from ccm_flow.app.views_funnel import FunnelView
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, open_set_up
from ccm_flow.cli.work.tables import LATE, QUIET, Listing


def funnel(clinic_id: str | None, *, as_json: bool) -> None:
    """Show every stage, and everybody who is on the way."""
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    view = read_funnel(base.engine, clinic.clinic, now=base.clock.now())
    if as_json:
        emit(view)
    else:
        _show(view)


def show_stages(view: FunnelView) -> None:
    """Print how many reached each stage."""
    zone = ZoneInfo(view.time_zone)
    say(f"{view.clinic_name}: the way into the program ({clinic_time(view.as_of, zone)})")
    say()
    numbers = ["Reached", "Here now", "Left", "Of those before", "Median days"]
    listing = Listing("Stage", *numbers, numbers=numbers)
    for one in view.stages:
        share = "-" if one.share is None else f"{one.share:.0%}"
        days = "-" if one.median_days is None else f"{one.median_days:.1f}"
        listing.add(words(one.stage), one.reached, one.here, one.left, share, days)
    listing.print()


def _show(view: FunnelView) -> None:
    show_stages(view)
    zone = ZoneInfo(view.time_zone)
    if not view.patients:
        return
    late = sum(row.late for row in view.patients)
    say(f"\nOn the way: {len(view.patients)}, {late} late")
    listing = Listing("Step", "Patient", "Stage", "Owner", "Due", keep=["Step", "Due"])
    for row in view.patients:
        style = LATE if row.late else QUIET if row.due_at is None else ""
        listing.add(
            row.handle,
            row.patient_name,
            words(row.stage),
            row.owner_name or "nothing is open",
            clinic_time(row.due_at, zone),
            style=style,
        )
    listing.print()
