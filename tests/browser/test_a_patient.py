"""People look at a patient and write into the record."""

import re
from collections.abc import Callable

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from ccm_flow.web.patient_tabs import Tab

SignIn = Callable[..., Page]


def open_patient(page: Page, number: int = 0) -> str:
    """Open one of the active patients of the demo; give the page's path."""
    page.goto("/patients?status=active")
    page.locator("[data-open]").nth(number).click()
    page.wait_for_url(re.compile(r"/patients/[0-9a-f]{32}$"))
    return page.url.partition("?")[0]


def test_a_patient_is_found_by_name_and_their_month_is_seen(signed_in: SignIn) -> None:
    page = signed_in("jonas")
    page.goto("/patients?status=active")
    name = page.locator("[data-open]").first.inner_text()
    page.get_by_label("Find").fill(name.partition(",")[0])
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name=name).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator(".timeline .row").first).to_be_visible()
    page.get_by_text("The same as a table").click()
    expect(page.get_by_role("region", name="Steps as a table")).to_be_visible()
    page.get_by_label("Month", exact=True).select_option(index=1)
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("Steps of November 2026")).to_be_visible()


def test_a_note_is_added_to_and_the_addition_is_signed(signed_in: SignIn) -> None:
    page = signed_in("jonas")
    here = open_patient(page, 1)
    page.goto(f"{here}?show=notes")
    note = page.locator("article.note").first
    note.get_by_text("Add to this note").click()
    note.get_by_label("What is to be added").fill("The daughter helps with the pills.")
    note.get_by_label("Why", exact=True).fill("said at the end of the call")
    note.get_by_role("button", name="Keep the addition").click()
    added = page.locator(".amendment").first
    expect(added).to_contain_text("The daughter helps with the pills.")
    added.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("The note is signed.")
    expect(page.locator(".amendment").first).to_contain_text("unchanged since")
    page.goto(f"{here}?show=history")
    expect(page.locator(".history")).to_contain_text("Added to a signed note")


def test_time_is_corrected_and_the_old_entry_stays(signed_in: SignIn) -> None:
    page = signed_in("jonas")
    here = open_patient(page, 2)
    page.goto(f"{here}?show=time")
    entry = page.locator(".entry").filter(has=page.locator("details")).first
    entry.locator("summary").click()
    entry.get_by_label("Minutes it really took").fill("2")
    entry.get_by_label("Why", exact=True).fill("the timer ran on")
    entry.get_by_role("button", name="Keep the correction").click()
    expect(page.get_by_role("status")).to_contain_text("A new entry stands")
    expect(page.locator(".entries").first).to_contain_text("a correction took its place")


def test_an_admission_stops_the_clocks_and_taking_it_back_starts_them(signed_in: SignIn) -> None:
    page = signed_in("jonas")
    here = open_patient(page, 3)
    page.goto(f"{here}?show=outside")
    page.get_by_label("What", exact=True).select_option("admission")
    page.get_by_label("What was said").fill("St. Mary, told by the daughter")
    page.get_by_role("button", name="Record it").click()
    expect(page.locator(".happening").first).to_contain_text("St. Mary, told by the daughter")
    page.goto(here)
    expect(page.locator(".tags")).to_contain_text("paused")
    page.goto(f"{here}?show=outside")
    page.get_by_text("It was told by mistake").click()
    page.get_by_label("Why", exact=True).fill("it was her sister")
    page.get_by_role("button", name="Take it back").click()
    expect(page.locator(".happening").first).to_contain_text("it was her sister")
    page.goto(here)
    expect(page.locator(".tags")).not_to_contain_text("paused")


def test_a_lead_stops_the_clocks_and_lets_them_run_again(signed_in: SignIn) -> None:
    page = signed_in("dana")
    open_patient(page, 4)
    page.get_by_label("Why", exact=True).fill("travels for two weeks")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("status")).to_contain_text("The clocks stand still")
    page.get_by_label("Why", exact=True).fill("is back")
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("status")).to_contain_text("The clocks run again")


def test_the_record_is_written_without_scripts(signed_in: SignIn) -> None:
    page = signed_in("sofia", scripts=False)
    here = open_patient(page, 5)
    page.goto(f"{here}?show=plan")
    page.get_by_role("button", name="Approve version").click()
    expect(page.locator(".versions")).to_contain_text("Approved by Dr. Sofia Marin")
    page.goto(f"{here}?show=details")
    page.get_by_label("Which risk, and from what").fill("Heart failure may worsen at any time.")
    page.get_by_role("button", name="State it").click()
    expect(page.locator(".risk").first).to_contain_text("Heart failure may worsen at any time.")


def test_somebody_who_may_be_offered_the_program_is_enrolled(signed_in: SignIn) -> None:
    page = signed_in("dana")
    page.goto("/candidates")
    page.locator("[data-open]").first.click()
    expect(page.get_by_role("region", name="Evidence")).to_be_visible()
    page.get_by_role("button", name="Enroll").click()
    expect(page.get_by_role("status")).to_contain_text("1 enrolled")


@pytest.mark.parametrize("width", [1440, 390])
def test_every_part_fits_and_has_no_barrier_that_axe_finds(signed_in: SignIn, width: int) -> None:
    page = signed_in("dana", width=width)
    here = open_patient(page, 6)
    lists = ["/patients", "/candidates", "/candidates?verdict=not_eligible"]
    for path in (*lists, *(f"{here}?show={tab}" for tab in Tab)):
        page.goto(path)
        closed = page.locator("details:not([open]) > summary")
        while closed.count():
            closed.first.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        found = Axe().run(page)["violations"]
        assert [(path, one["id"], one["nodes"][0]["html"]) for one in found] == []
