"""A biller closes December, approves it, reads a packet and returns a month with a question."""

import io
import re
from collections.abc import Callable, Iterator

import pypdf
import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from ccm_flow.adapters.processes.server_program import ServerProgram
from tests.browser.conftest import Served, serve_demo

SignIn = Callable[..., Page]
HOME = "/clinics/riverside/months/2026-12"
QUESTION = "On which day was the patient called?"


@pytest.fixture(scope="module")
def served(server_program: ServerProgram) -> Iterator[Served]:
    """Serve a clinic of its own: these tests move its clock beyond the month."""
    with serve_demo() as one:
        yield one


def look(page: Page, path: str) -> None:
    """Make sure that a page has no barrier and fits a telephone."""
    page.goto(path)
    found = Axe().run(page)["violations"]
    assert [(path, one["id"], one["nodes"][0]["html"]) for one in found] == []
    page.set_viewport_size({"width": 390, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    page.set_viewport_size({"width": 1440, "height": 900})


def test_a_billers_month_end(signed_in: SignIn) -> None:
    page = signed_in("bea")
    page.get_by_role("link", name="Month", exact=True).click()
    expect(page.get_by_role("heading", name="The month")).to_be_visible()
    for view in ("", "/readiness", "/leaks", "/drift", "/billing"):
        look(page, HOME + view)
    page.goto(f"{HOME}/readiness")
    expect(page.get_by_role("heading", name="What stops them")).to_be_visible()

    page.goto("/account")
    clock = page.locator(".demo-bar strong")
    for _ in range(25):
        if "January" in clock.inner_text():
            break
        before = clock.inner_text()
        page.get_by_role("button", name="To the next morning").click()
        expect(clock).not_to_have_text(before, timeout=60_000)

    page.get_by_role("link", name="Billing", exact=True).click()
    expect(page).to_have_url(re.compile(f"{HOME}/billing$"))
    reason = page.get_by_label("Why close it all the same")
    expect(reason).to_be_visible()
    reason.fill("The staff of the demo is away.")
    page.get_by_role("button", name="Close December 2026").click()
    expect(page.get_by_role("status")).to_contain_text("The month is closed.")
    page.get_by_role("button", name=re.compile("^Approve all")).click()
    expect(page.get_by_role("status")).to_contain_text("Approved")
    look(page, f"{HOME}/billing")

    line = _line_to_decide(page)
    look(page, line)
    page.goto(line)
    page.get_by_role("button", name="Accept for billing").click()
    expect(page.locator("h1 + p, .head").first).to_contain_text("accepted")
    expect(page.get_by_role("button", name="Accept for billing")).to_have_count(0)

    page.goto(f"{HOME}/billing")
    line = _line_to_decide(page)
    packet = page.request.get(f"{line}/packet.pdf")
    text = "".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(packet.body())).pages)
    assert "99490" in text

    page.get_by_label("What do you want to know").fill(QUESTION)
    page.get_by_role("button", name="Return").click()
    expect(page.get_by_text(QUESTION)).to_be_visible()
    page.goto(f"{HOME}/billing")
    expect(page.get_by_text(f"Asked: {QUESTION}")).to_be_visible()

    lead = signed_in("dana")
    lead.goto("/work?whose=all")
    expect(lead.get_by_role("link", name="Answer the biller's question").first).to_be_visible()


def _line_to_decide(page: Page) -> str:
    links = page.locator(".patients tbody th a")
    for path in [one.get_attribute("href") or "" for one in links.all()]:
        page.goto(path)
        if page.get_by_role("button", name="Return").count():
            return path
    raise AssertionError("no line waits for the biller")
