"""What all typeset documents share: styles, tables, the page's edge."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    HRFlowable,
    Paragraph,
    Table,
    TableStyle,
)

from ccm_flow.drawing.fonts import BOLD, REGULAR, use_roboto, writable

use_roboto()
INK, SOFT, LINE = HexColor("#17202b"), HexColor("#566273"), HexColor("#d3d9e1")
SHADE, ALARM = HexColor("#f1f4f7"), HexColor("#b3261e")
MARGIN = 17 * mm
WIDTH = letter[0] - 2 * MARGIN - 12
"""Of the text; the frame has a padding of its own."""
BODY = ParagraphStyle("body", fontName=REGULAR, fontSize=9.5, leading=13.2, textColor=INK)
SMALL = ParagraphStyle("small", BODY, fontSize=8, leading=10.6)
QUIET = ParagraphStyle("quiet", BODY, textColor=SOFT)
QUIET_SMALL = ParagraphStyle("quiet small", SMALL, textColor=SOFT)
TITLE = ParagraphStyle("title", BODY, fontName=BOLD, fontSize=21, leading=26)
H2 = ParagraphStyle("h2", BODY, fontName=BOLD, fontSize=12.5, leading=16, spaceAfter=4)
H3 = ParagraphStyle("h3", BODY, fontName=BOLD, fontSize=9.5, leading=13, spaceBefore=6)


@dataclass(frozen=True, slots=True)
class Edge:
    """What stands at the edge of every page."""

    left: str
    below: str
    """The line under it, e.g. the document's hash."""
    alarm: str | None = None
    """Across the top of every page; nothing when None."""


def edged_canvas(edge: Edge) -> type[Canvas]:
    """Make a canvas that draws the edge of every page, and of how many pages it is one."""

    class Edged(Canvas):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - named by the PDF library
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._pages, start=1):
                self.__dict__.update(page)
                _draw_edge(self, edge, f"Page {number} of {len(self._pages)}")
                super().showPage()
            super().save()

    return Edged


def _draw_edge(canvas: Canvas, edge: Edge, page: str) -> None:
    canvas.setStrokeColor(LINE)
    canvas.line(MARGIN, 15 * mm, letter[0] - MARGIN, 15 * mm)
    canvas.setFillColor(SOFT)
    canvas.setFont(REGULAR, 7.5)
    canvas.drawString(MARGIN, 11.2 * mm, writable(edge.left))
    canvas.drawRightString(letter[0] - MARGIN, 11.2 * mm, page)
    canvas.setFont(REGULAR, 6.5)
    canvas.drawString(MARGIN, 7.8 * mm, writable(edge.below))
    if edge.alarm is not None:
        canvas.setFillColor(ALARM)
        canvas.rect(0, letter[1] - 9 * mm, letter[0], 9 * mm, stroke=0, fill=1)
        canvas.setFillColor(HexColor("#ffffff"))
        canvas.setFont(BOLD, 10)
        canvas.drawCentredString(letter[0] / 2, letter[1] - 6.2 * mm, writable(edge.alarm))


def text(content: object, style: ParagraphStyle = BODY) -> Paragraph:
    """Set a text as it is; nothing in it is markup."""
    return Paragraph(escape(writable(str(content)), quote=False).replace("\n", "<br/>"), style)


def heading(words: str) -> list[Flowable]:
    """Begin a section; never at the very foot of a page."""
    rule = HRFlowable(width="100%", thickness=0.9, color=INK, spaceBefore=13, spaceAfter=5)
    return [CondPageBreak(38 * mm), rule, text(words, H2)]


def facts(rows: Sequence[tuple[str, object]]) -> Table:
    """Set names and values beside each other; what is empty is left out."""
    cells = [
        [text(name, QUIET_SMALL), text(value, SMALL)]
        for name, value in rows
        if value not in (None, "")
    ]
    made = Table(cells, colWidths=[0.22 * WIDTH, 0.78 * WIDTH], hAlign="LEFT")
    made.setStyle(TableStyle([*_TIGHT, ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5)]))
    return made


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[object]],
    parts: Sequence[float],
    *,
    one_line: frozenset[int] = frozenset(),
) -> Table:
    """
    Set rows under a head that comes again on every page; `parts` are shares of the width.

    What is in the columns `one_line` surely fits and is not broken, which is much faster to set.
    """
    cells: list[list[object]] = [[text(cell, QUIET_SMALL) for cell in head]]
    for row in rows:
        texts = ["" if cell is None else str(cell) for cell in row]
        cells.append(
            [
                writable(cell) if number in one_line else text(cell, SMALL)
                for number, cell in enumerate(texts)
            ]
        )
    made = Table(cells, colWidths=[part * WIDTH for part in parts], repeatRows=1, hAlign="LEFT")
    made.setStyle(
        TableStyle(
            [
                *_TIGHT,
                ("FONT", (0, 1), (-1, -1), REGULAR, SMALL.fontSize, SMALL.leading),
                ("TEXTCOLOR", (0, 1), (-1, -1), INK),
                ("BACKGROUND", (0, 0), (-1, 0), SHADE),
                ("LEFTPADDING", (0, 0), (-1, -1), 3),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
            ]
        )
    )
    return made


_TIGHT: list[tuple[Any, ...]] = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
]
