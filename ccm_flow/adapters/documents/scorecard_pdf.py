"""A clinic's scorecard of a month as a PDF; numbers alone."""

from collections.abc import Iterable
from io import BytesIO

from reportlab.lib.pagesizes import letter
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, SimpleDocTemplate, Spacer

from ccm_flow.adapters.documents.pdf_parts import (
    MARGIN,
    QUIET,
    TITLE,
    Edge,
    edged_canvas,
    heading,
    table,
    text,
)
from ccm_flow.app.scorecard import Scorecard
from ccm_flow.app.scorecard_text import alarm_text, share_text
from ccm_flow.core.scorecard import GROUPS, TITLES


def scorecard_pdf(card: Scorecard) -> bytes:
    """Lay a scorecard out; equal scorecards give equal bytes."""
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=letter,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=20 * mm,
        title=f"Scorecard {card.month}, {card.name}",
        subject="Care management, one calendar month",
        invariant=1,
    )
    edge = Edge(f"{card.name}: scorecard {card.month}", "No patient is named in it.")
    document.build(list(_story(card)), canvasmaker=edged_canvas(edge))
    return out.getvalue()


def _story(card: Scorecard) -> Iterable[Flowable]:
    yield text(card.name, QUIET)
    yield text(f"Scorecard {card.month}", TITLE)
    yield Spacer(1, 3 * mm)
    ready, on_time = share_text(card.ready_percent), share_text(card.on_time_percent)
    yield text(f"Ready: {ready}. On time: {on_time}. Minutes: {card.minutes}.")
    for alarm in card.alarms:
        yield text(alarm_text(alarm))
    for title, counts in GROUPS:
        yield from heading(title)
        rows = [(TITLES[count], card.count(count)) for count in counts]
        yield table(["What", "Number"], rows, [0.7, 0.3])
    yield from heading("Deadlines by who was responsible")
    parties = [
        (
            one.name,
            one.tally.on_time,
            one.tally.late,
            one.tally.missed,
            share_text(one.tally.percent),
        )
        for one in card.parties
    ]
    yield table(
        ["Who", "On time", "Late", "Missed", "Share"], parties, [0.4, 0.15, 0.15, 0.15, 0.15]
    )
