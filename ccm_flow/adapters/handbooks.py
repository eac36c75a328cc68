"""Putting a handbook together from plan, clinic, scripts and pictures."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Engine

from ccm_flow.adapters.db.views import staff_of
from ccm_flow.adapters.shipped import shipped
from ccm_flow.adapters.templates import load_templates, render_script
from ccm_flow.app.care import ClinicView
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.ids import RoleId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.drawing.calendar_svg import month_calendar_svg
from ccm_flow.drawing.flow_svg import draw_svg
from ccm_flow.drawing.handbook import ClinicPage, make_handbook
from ccm_flow.drawing.handbook_html import handbook_html
from ccm_flow.drawing.handbook_pages import Handbook
from ccm_flow.drawing.handbook_pdf import handbook_pdf
from ccm_flow.language.template_fields import FIELDS


def handbook_of(
    plan: Plan,
    clinic: ClinicPage | None,
    month: Month,
    days: WorkCalendar,
    drawings: Sequence[str] = (),
) -> Handbook:
    """Give all that a handbook says."""
    return make_handbook(
        plan,
        clinic=clinic,
        month=(month, days),
        drawings=drawings,
        scripts=_scripts(plan, clinic.name if clinic else None),
    )


def write_handbook(
    plan: Plan, clinic: ClinicPage | None, month: Month, days: WorkCalendar, *, as_pdf: bool
) -> bytes:
    """Give the handbook as bytes."""
    if as_pdf:
        return handbook_pdf(handbook_of(plan, clinic, month, days))
    drawings = (draw_svg(plan), month_calendar_svg(plan, month, days))
    template = (shipped("templates") / "handbook" / "handbook.html.j2").read_text("utf-8")
    return handbook_html(handbook_of(plan, clinic, month, days, drawings), template).encode()


def clinic_page(engine: Engine, clinic: ClinicView) -> ClinicPage:
    """Describe a clinic with the people who hold its roles."""
    people: dict[RoleId, list[str]] = {}
    for person in staff_of(engine, clinic.clinic):
        for role in person.roles:
            people.setdefault(role, []).append(person.name)
    hours = clinic.hours
    days = ", ".join(
        day.title()
        for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
        if day in hours.working_days
    )
    text = f"{days}, {hours.opens:%H:%M} to {hours.closes:%H:%M}, {hours.time_zone}"
    return ClinicPage(clinic.name, text, people)


def _scripts(plan: Plan, clinic: str | None) -> Mapping[str, str]:
    """Fill the scripts in with placeholders, in the clinic's own name where it is known."""
    templates = load_templates(shipped("templates"))
    names = {step.script for step in plan.steps if step.script}
    fields = {
        group: {name: f"[{group} {name.replace('_', ' ')}]" for name in names_}
        for group, names_ in FIELDS.items()
    }
    if clinic is not None:
        fields["clinic"]["name"] = clinic
    return {
        name: render_script(templates, name, "en", fields)
        for name in sorted(names)
        if name in templates.scripts
    }
