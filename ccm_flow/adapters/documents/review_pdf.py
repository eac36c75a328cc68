"""A readiness review as a PDF, to be signed off in a meeting."""

from collections.abc import Iterable
from io import BytesIO

from reportlab.lib.pagesizes import letter
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, SimpleDocTemplate, Spacer

from ccm_flow.adapters.documents.pdf_parts import (
    MARGIN,
    QUIET,
    QUIET_SMALL,
    TITLE,
    Edge,
    edged_canvas,
    heading,
    table,
    text,
)
from ccm_flow.app.review import Review
from ccm_flow.core.review import AREA_TITLES, STANDING_WORDS, Area, Line


def review_pdf(found: Review) -> bytes:
    """Lay a review out; equal reviews give equal bytes."""
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=letter,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=20 * mm,
        title=f"Readiness review, {found.name}",
        subject="Care management program",
        invariant=1,
    )
    edge = Edge(f"{found.name}: readiness review, {found.day}", "No patient is named in it.")
    document.build(list(_story(found)), canvasmaker=edged_canvas(edge))
    return out.getvalue()


def _story(found: Review) -> Iterable[Flowable]:
    yield text(found.name, QUIET)
    yield text(f"Readiness review: {percent(found.total.percent)}", TITLE)
    yield Spacer(1, 3 * mm)
    yield text(_first_month(found))
    yield Spacer(1, 3 * mm)
    yield table(
        ["Area", "Score", "Points", "Open"],
        [_area(found, area) for area in Area],
        [0.4, 0.2, 0.2, 0.2],
    )
    for area in Area:
        yield from heading(f"{AREA_TITLES[area]}: {percent(found.areas[area].percent)}")
        yield table(
            ["How it stands", "Item", "What was found"],
            [
                (STANDING_WORDS[line.finding.standing], _title(line), line.finding.detail)
                for line in found.of(area)
            ],
            [0.14, 0.4, 0.46],
        )
    yield from heading(f"To do: {len(found.open)}")
    yield table(
        ["Item", "Who", "Until", "How"],
        [_to_do(found, line) for line in found.open],
        [0.34, 0.16, 0.14, 0.36],
    )
    yield text(
        "A star: nobody named them or set the day; it is the program owner, and the usual day. "
        "Score: an item's weight when it is met, half of it when partly; what is not known gives "
        "nothing; what it is too early for is left out.",
        QUIET_SMALL,
    )


def _area(found: Review, area: Area) -> tuple[object, ...]:
    one = found.areas[area]
    points = f"{one.points:g} of {one.possible}"
    still = sum(line.is_open for line in found.of(area))
    return AREA_TITLES[area], percent(one.percent), points, still


def _title(line: Line) -> str:
    return line.item.title + (" (required)" if line.item.required else "")


def _to_do(found: Review, line: Line) -> tuple[object, ...]:
    who = found.name_of(line.owner) + ("" if line.owner_was_named else " *")
    until = f"{line.due_on}{'' if line.due_was_set else ' *'}"
    return line.item.title, who, until, found.mend_of(line).replace("`", "")


def _first_month(found: Review) -> str:
    if found.has_run:
        return "Months have been opened here; what is open stops none of them."
    if found.stops:
        missing = "; ".join(line.item.title for line in found.stops)
        return f"The first month is not opened while these are not met: {missing}."
    return "The first month can be opened."


def percent(share: int | None) -> str:
    """Write a share; words where there is nothing to have yet."""
    return "too early" if share is None else f"{share} %"
