"""The handbook says what runs, on the page and in the PDF alike."""

from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from ccm_flow.core.month import Month
from ccm_flow.drawing.flow_svg import draw_svg
from ccm_flow.drawing.fonts import writable
from ccm_flow.drawing.handbook import ClinicPage, Handbook, make_handbook
from ccm_flow.drawing.handbook_html import handbook_html
from ccm_flow.drawing.handbook_pdf import handbook_pdf
from ccm_flow.language.overlay_files import resolve_file
from tests.support.clinic import calendar

ROOT = Path(__file__).parents[2]
TEMPLATE = (ROOT / "templates/handbook/handbook.html.j2").read_text()
SHIPPED = sorted(
    path for path in (ROOT / "playbooks").rglob("*.yaml") if not path.name.endswith(".tests.yaml")
)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def text_of(page: str) -> str:
    parser = _Text()
    parser.feed(page)
    return " ".join("".join(parser.found).split())


def book_of(path: Path, scripts: dict[str, str] | None = None) -> Handbook:
    plan = resolve_file(path).plan
    assert plan is not None
    month = (Month(2026, 12), calendar("2026-11-20", "2027-02-15"))
    clinic = ClinicPage("Lakeside <Clinic>", "Monday to Friday", {plan.roles[0].id: ["Ana Ortiz"]})
    return make_handbook(
        plan, clinic=clinic, month=month, drawings=[draw_svg(plan)], scripts=scripts
    )


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_step_owner_deadline_and_rung_is_on_the_page(path: Path) -> None:
    plan = resolve_file(path).plan
    assert plan is not None
    book = book_of(path)
    shown = text_of(handbook_html(book, TEMPLATE))
    pages = [step for _, steps in book.phases for step in steps]
    assert {page.title for page in pages} == {step.title for step in plan.steps}
    assert [page.number for page in pages] == list(range(1, len(plan.steps) + 1))
    for page in pages:
        assert page.owner in shown
        assert page.due in shown
        for when, what in page.ladder:
            assert f"{when}: {what}" in shown


def test_texts_are_escaped_and_pictures_are_not() -> None:
    book = book_of(ROOT / "playbooks/ccm_monthly.yaml", {"outreach/monthly_call": "<b>Hello</b>"})
    page = handbook_html(book, TEMPLATE)
    assert "Lakeside &lt;Clinic&gt;" in page
    assert "&lt;b&gt;Hello&lt;/b&gt;" in page
    assert "<figure><svg" in page
    assert "<script" not in page


def test_the_pdf_is_one_and_the_same_each_time() -> None:
    book = book_of(ROOT / "playbooks/ccm_monthly.yaml", {"outreach/monthly_call": "→ Hello 漢"})
    made = handbook_pdf(book)
    assert made.startswith(b"%PDF-")
    assert made == handbook_pdf(book)
    assert len(made) > 10_000


def test_each_role_knows_what_it_does_and_hears() -> None:
    book = book_of(ROOT / "playbooks/ccm_monthly.yaml")
    coordinator = book.roles[0]
    assert coordinator.people == "Ana Ortiz"
    assert ("Monthly check-in call", "by business day 12") in coordinator.steps
    lead = next(role for role in book.roles if role.title == "Program lead")
    assert ("Monthly check-in call", "when it is due: the program lead is told") in lead.told


@pytest.mark.parametrize("name", ["Luis Juárez", "Łukasz Żółć", "Ελένη Παπαδάκη"])
def test_the_pdf_writes_names_with_their_own_letters(name: str) -> None:
    plan = resolve_file(ROOT / "playbooks/ccm_monthly.yaml").plan
    assert plan is not None
    clinic = ClinicPage("Elm", people={plan.roles[0].id: [name]})
    reader = PdfReader(BytesIO(handbook_pdf(make_handbook(plan, clinic=clinic))))
    assert name in " ".join(page.extract_text() for page in reader.pages)


def test_what_the_typeface_lacks_is_shown_as_a_replacement() -> None:
    assert writable("漢 Ana → 3\n") == "\N{REPLACEMENT CHARACTER} Ana to 3\n"
