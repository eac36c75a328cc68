"""A simulation as one HTML page that stands alone."""

from collections.abc import Sequence
from typing import Final

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from ccm_flow.adapters.shipped import shipped
from ccm_flow.core.assumptions import Assumptions
from ccm_flow.core.ids import RoleId
from ccm_flow.rehearsal.report import MonthResult, SimulationResult

LINES: Final = (
    ("Patients", "patients", "{:,}"),
    ("Ready", "ready", "{:.1%}"),
    ("Steps on time", "on_time", "{:.1%}"),
    ("Steps never done", "missed", "{:.1%}"),
    ("Patients reached", "reached", "{:.1%}"),
    ("Contacts each", "contacts", "{:.2f}"),
    ("Attempts each", "attempts", "{:.2f}"),
    ("Escalations each", "escalations", "{:.2f}"),
    ("Minutes each", "minutes", "{:.1f}"),
)
"""The figures of a month: the title, the attribute of `MonthResult`, how it is written."""
_HEIGHT: Final = 50


def simulation_page(results: Sequence[SimulationResult], assumptions: Assumptions) -> str:
    """Show one simulation, or several ways of staffing one after the other."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = (shipped("templates") / "simulation" / "report.html.j2").read_text("utf-8")
    return environment.from_string(template).render(
        results=results,
        first=results[0],
        lines=LINES,
        figure=figure,
        bars=_bars,
        basis=sorted(assumptions.basis.items()),
    )


def figure(month: MonthResult, name: str, form: str) -> str:
    """Write one figure of a month; a dash where there is none."""
    value = getattr(month, name)
    return "-" if value is None else form.format(value)


def _bars(result: SimulationResult, role: RoleId) -> Markup:
    """Draw a role's days: what was worked before what was kept. Numbers alone, nothing typed."""
    days = [one for one in result.days if one.role == role]
    first, last = result.days[0].day, result.days[-1].day
    most = max((max(one.minutes, one.protected or 0) for one in days), default=0) or 1
    parts = []
    for one in days:
        for kind, minutes in (("kept", one.protected or 0), ("worked", one.minutes)):
            tall = round(_HEIGHT * minutes / most, 2)
            parts.append(
                f'<rect class="{kind}" x="{(one.day - first).days}" '
                f'y="{round(_HEIGHT - tall, 2)}" width="0.8" height="{tall}"/>'
            )
    label = f"Minutes worked by day from {first} to {last}, at most {most} a day."
    svg = (
        f'<svg role="img" aria-label="{label}" viewBox="0 0 {(last - first).days + 1} {_HEIGHT}" '
        f'preserveAspectRatio="none">{"".join(parts)}</svg>'
    )
    return Markup(svg)  # noqa: S704 - made of numbers and dates
