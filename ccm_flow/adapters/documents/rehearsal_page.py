"""A rehearsal as one HTML page that stands alone, to be read by whoever owns the clinic."""

from collections.abc import Mapping, Sequence
from typing import Final

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from ccm_flow.adapters.shipped import shipped
from ccm_flow.app.rehearse import RehearsalResult, StaffDay
from ccm_flow.core.ids import EnrollmentId, RoleId
from ccm_flow.core.plan import Plan
from ccm_flow.rehearsal.assumptions import MEANING
from ccm_flow.rehearsal.comparing import Change
from ccm_flow.rehearsal.measures import SHARES, Metric
from ccm_flow.rehearsal.words import amount, ending, span, wording

_HEIGHT: Final = 60
_WIDTH: Final = 300


def rehearsal_page(result: RehearsalResult, plan: Plan, names: Mapping[EnrollmentId, str]) -> str:
    """Write the page; `names` has those whom the reader may see by name."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    words = wording(result.kind)
    template = (shipped("templates") / "rehearsal" / "report.html.j2").read_text("utf-8")
    return environment.from_string(template).render(
        result=result,
        names=names,
        words=words,
        meaning=MEANING,
        amount=amount,
        span=span,
        ending=ending,
        sentence=words.sentence(result.patients, result.effects, is_thin=result.is_thin),
        roles=_roles(result, plan),
        steps={step.id: step.title for step in plan.steps},
        share_bars=share_bars,
        day_bars=day_bars,
    )


def _roles(
    result: RehearsalResult, plan: Plan
) -> Sequence[tuple[str, Sequence[StaffDay], int, int]]:
    """Give each role's title, days, and minutes as they were and as they would be."""
    titles = {role.id: role.title for role in plan.roles}
    found: dict[RoleId, list[StaffDay]] = {}
    for day in result.staff:
        found.setdefault(day.role, []).append(day)
    return [
        (
            titles.get(role, role.replace("_", " ").capitalize()),
            days,
            round(sum(day.old for day in days) / 60),
            round(sum(day.new for day in days) / 60),
        )
        for role, days in found.items()
    ]


def share_bars(changes: Sequence[Change], titles: Mapping[Metric, str]) -> Markup:
    """Draw the shares: the recorded month above the rehearsed one. Numbers alone, nothing typed."""
    shown = [one for one in changes if one.metric in SHARES]
    parts = []
    for place, one in enumerate(shown):
        for row, (kind, value) in enumerate((("was", one.old), ("would", one.new))):
            wide = round(_WIDTH * (value or 0), 1)
            top = place * 34 + row * 12
            parts.append(f'<rect class="{kind}" x="0" y="{top}" width="{wide}" height="10"/>')
    told = "; ".join(
        f"{titles[one.metric]} {amount(one.metric, one.old)}, then {amount(one.metric, one.new)}"
        for one in shown
    )
    svg = (
        f'<svg role="img" aria-label="{told}." viewBox="0 0 {_WIDTH} {len(shown) * 34}" '
        f'class="shares">{"".join(parts)}</svg>'
    )
    return Markup(svg)  # noqa: S704 - made of numbers and fixed words


def day_bars(days: Sequence[StaffDay]) -> Markup:
    """Draw a role's days: as it was behind as it would be."""
    most = max((max(day.old, day.new) for day in days), default=0) or 1
    parts = []
    for place, day in enumerate(days):
        for kind, seconds, x, width in (
            ("was", day.old, place, 0.45),
            ("would", day.new, place + 0.45, 0.4),
        ):
            tall = round(_HEIGHT * seconds / most, 2)
            parts.append(
                f'<rect class="{kind}" x="{round(x, 2)}" y="{round(_HEIGHT - tall, 2)}" '
                f'width="{width}" height="{tall}"/>'
            )
    label = (
        f"Minutes by day from {days[0].day} to {days[-1].day}, at most {round(most / 60)} a day."
        if days
        else "No work."
    )
    svg = (
        f'<svg role="img" aria-label="{label}" viewBox="0 0 {len(days) or 1} {_HEIGHT}" '
        f'preserveAspectRatio="none" class="days">{"".join(parts)}</svg>'
    )
    return Markup(svg)  # noqa: S704 - made of numbers and dates
