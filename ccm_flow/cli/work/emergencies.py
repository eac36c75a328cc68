"""Listing who took emergency access."""

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.emergency_store import SqlEmergencies
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, open_set_up
from ccm_flow.cli.work.tables import Listing

_LISTED = 1000


def list_emergencies(clinic: str | None, *, as_json: bool) -> None:
    """List emergency access at a clinic, the newest first; patients by their ids."""
    base = open_set_up()
    view = choose_clinic(base, clinic)
    zone = clinic_zone(view.hours.time_zone)
    lines = SqlEmergencies(base.engine).lines([view.clinic], [], _LISTED)
    if as_json:
        emit({"clinic": view.clinic, "emergencies": [line.access for line in lines]})
        return
    if not lines:
        say(f"Nobody took emergency access at {view.name}.")
        return
    table = Listing("When", "Who", "Patient", "Why", "Looks", keep=["When"], numbers=["Looks"])
    for line in lines:
        begun = line.access.begun_at.astimezone(zone)
        table.add(
            f"{begun:%Y-%m-%d %H:%M}",
            line.person_name,
            line.access.patient[:8],
            line.access.because,
            line.looks,
        )
    table.print()
