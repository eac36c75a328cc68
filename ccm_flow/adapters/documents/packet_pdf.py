"""A packet as a PDF, laid out from its JSON: the same content, the same hash."""

from io import BytesIO
from zoneinfo import ZoneInfo

from reportlab.lib.pagesizes import letter
from reportlab.lib.units import mm
from reportlab.platypus import SimpleDocTemplate

from ccm_flow.adapters.documents.packet_pages import day
from ccm_flow.adapters.documents.packet_person import PersonPages
from ccm_flow.adapters.documents.packet_work import WorkPages
from ccm_flow.adapters.documents.pdf_parts import MARGIN, Edge, edged_canvas
from ccm_flow.app.packet_seal import Sealed

DEMO_MARK = "DEMO, made-up patient: never to be billed"


def packet_pdf(sealed: Sealed) -> bytes:
    """Lay a packet out; equal packets give equal bytes."""
    content = sealed.content
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=letter,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=20 * mm,
        title=f"Evidence packet {content['month']}",
        subject="Care management, one calendar month",
        invariant=1,
    )
    patient = content["patient"]
    born = day(patient["birth_date"]) or "not known"
    edge = Edge(
        f"{patient['name']}, born {born}, record {patient['mrn']}: {content['month']}",
        f"SHA-256 of the content: {sealed.sha256}",
        DEMO_MARK if content["demo"] else None,
    )
    zone = ZoneInfo(content["clinic"]["time_zone"])
    story = [*PersonPages(content, zone).sections(), *WorkPages(content, zone).sections()]
    document.build(story, canvasmaker=edged_canvas(edge))
    return out.getvalue()
