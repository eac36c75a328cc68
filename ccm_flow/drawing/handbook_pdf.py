"""The handbook as a typeset PDF, without any HTML engine."""

from collections.abc import Iterable, Sequence
from html import escape
from io import BytesIO
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    HRFlowable,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from ccm_flow.drawing.fonts import BOLD, REGULAR, use_roboto, writable
from ccm_flow.drawing.handbook_pages import Handbook, RolePage, StepPage

_INK, _SOFT, _LINE = HexColor("#17202b"), HexColor("#566273"), HexColor("#d3d9e1")
_MARGIN = 18 * mm
_WIDTH = letter[0] - 2 * _MARGIN - 12  # the frame's own padding
_BODY = ParagraphStyle("body", fontName=REGULAR, fontSize=9.5, leading=13, textColor=_INK)
_SMALL = ParagraphStyle("small", _BODY, fontSize=8.5, leading=11.5)
_QUIET = ParagraphStyle("quiet", _BODY, textColor=_SOFT)
_H1 = ParagraphStyle("h1", _BODY, fontName=BOLD, fontSize=22, leading=27)
_H2 = ParagraphStyle(
    "h2", _BODY, fontName=BOLD, fontSize=14, leading=18, spaceBefore=16, spaceAfter=6
)
_H3 = ParagraphStyle(
    "h3", _BODY, fontName=BOLD, fontSize=10.5, leading=14, spaceBefore=9, spaceAfter=2
)


def handbook_pdf(book: Handbook) -> bytes:
    """Give the same content as the page, as a PDF; equal books give equal bytes."""
    use_roboto()
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=letter,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=book.title,
        subject="Standard operating procedure",
        invariant=1,
    )
    document.build(list(_story(book)), onFirstPage=_foot(book), onLaterPages=_foot(book))
    return out.getvalue()


def _foot(book: Handbook) -> Any:
    def draw(canvas: Any, document: Any) -> None:
        canvas.setFont(REGULAR, 8)
        canvas.setFillColor(_SOFT)
        about = book.about.split(". ", maxsplit=1)[0]
        canvas.drawString(_MARGIN, 10 * mm, writable(f"{book.title} ({about})"))
        canvas.drawRightString(letter[0] - _MARGIN, 10 * mm, f"Page {document.page}")

    return draw


def _story(book: Handbook) -> Iterable[Flowable]:
    yield _text(book.title, _H1)
    if book.clinic is not None:
        hours = f", {book.clinic.hours}" if book.clinic.hours else ""
        yield _text(f"{book.clinic.name}{hours}", _QUIET)
    yield _text(book.about, _QUIET)
    yield from _heading("Who does what")
    for role in book.roles:
        yield from _role(role)
    if book.dates:
        yield from _heading(f"Dates in {book.month}")
        yield _table(book.dates, (0.15, 0.12, 0.73))
    yield from _heading("The steps")
    for phase, steps in book.phases:
        yield CondPageBreak(40 * mm)
        yield _text(phase, ParagraphStyle("phase", _H3, textColor=_SOFT))
        for step in steps:
            yield _step(step)
    yield from _back(book)


def _back(book: Handbook) -> Iterable[Flowable]:
    if book.ready:
        yield from _heading("When a month is ready")
        yield _text(book.ready, _BODY)
        yield _table(book.requirements, (0.45, 0.55), head=("A month needs", "When it is missing"))
    if book.scripts:
        yield from _heading("Scripts")
    for name, text in book.scripts:
        yield CondPageBreak(25 * mm)
        yield _text(name, _H3)
        yield from (_text(line, _BODY) if line.strip() else Spacer(1, 5) for line in _lines(text))
    if book.notes:
        yield from _heading("Notes")
    for note in book.notes:
        yield KeepTogether([_text(note.title, _H3), _table(note.fields, (0.5, 0.5))])
    yield from _heading("Words")
    yield _table(book.glossary, (0.2, 0.8))


def _heading(text: str) -> list[Flowable]:
    rule = HRFlowable(width="100%", thickness=1, color=_INK, spaceBefore=14, spaceAfter=0)
    return [CondPageBreak(35 * mm), rule, _text(text, ParagraphStyle("h", _H2, spaceBefore=6))]


def _role(role: RolePage) -> Iterable[Flowable]:
    people = f" ({role.people})" if role.people else ""
    yield CondPageBreak(30 * mm)
    yield _text(role.title + people, _H3)
    if role.protected:
        yield _text(f"Protected time: {role.protected}.", _BODY)
    if role.steps:
        yield _table(role.steps, (0.5, 0.5), head=("Does", "Due"))
    if role.told:
        yield Spacer(1, 6)
        yield _table(role.told, (0.5, 0.5), head=("Hears of", "When, and what then happens"))


def _step(step: StepPage) -> Flowable:
    rows = [
        ("Owner", f"<b>{_safe(step.owner)}</b>"),
        ("Due", f"<b>{_safe(step.due)}</b>"),
        ("Opens", _safe(step.opens)),
        *((label, _safe(text)) for label, text in step.facts),
        ("If it is not done", _listed(step.ladder)),
        ("It ends as", _listed(step.outcomes)),
    ]
    cells = [[_text(label, _QUIET_SMALL), Paragraph(text, _SMALL)] for label, text in rows]
    body = Table(cells, colWidths=[0.2 * _WIDTH, 0.8 * _WIDTH])
    body.setStyle(_style(lines=False))
    return KeepTogether([_text(f"{step.number}. {step.title}", _H3), body, Spacer(1, 4)])


_QUIET_SMALL = ParagraphStyle("quiet small", _SMALL, textColor=_SOFT)


def _listed(pairs: Sequence[tuple[str, str]]) -> str:
    lines = [f"<b>{_safe(one)}</b>{': ' if two else ''}{_safe(two)}" for one, two in pairs]
    return "<br/>".join(lines)


def _table(
    rows: Sequence[Sequence[str]], parts: Sequence[float], head: Sequence[str] = ()
) -> Table:
    cells = [[_text(cell, _SMALL) for cell in row] for row in rows]
    if head:
        cells.insert(0, [_text(cell, _QUIET_SMALL) for cell in head])
    widths = [part * _WIDTH for part in parts]
    table = Table(cells, colWidths=widths, repeatRows=1 if head else 0, hAlign="LEFT")
    table.setStyle(_style(lines=True))
    return table


def _style(*, lines: bool) -> TableStyle:
    commands: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 2 if lines else 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3 if lines else 1),
    ]
    if lines:
        commands.append(("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE))
    return TableStyle(commands)


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(_safe(text), style)


def _lines(text: str) -> list[str]:
    return text.strip().splitlines()


def _safe(text: str) -> str:
    return escape(writable(text), quote=False)
