"""A draft's whole way before approval: written, checked, rehearsed on a month that is over."""

import re
from collections.abc import Callable

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

SignIn = Callable[..., Page]


def rehearsed(page: Page) -> str:
    """Rehearse a draft of the enrollment, whose November is over, and give its review's address."""
    page.goto("/playbooks")
    page.get_by_role("button", name=re.compile("Begin a draft from Enrollment")).first.click()
    page.wait_for_url(re.compile("/playbooks/drafts/"))
    page.get_by_role("link", name="Review and publish").click()
    way = page.get_by_role("navigation", name="The way of a change")
    expect(way.get_by_role("listitem")).to_have_count(9)
    expect(way.get_by_role("listitem").filter(has_text="Check")).to_contain_text("good")
    review = page.url
    way.get_by_role("link", name="Rehearse").click()
    page.get_by_role("button", name=re.compile("^Rehearse on November 2026")).click()
    expect(page.get_by_role("heading", name="Figures")).to_be_visible(timeout=120_000)
    return review


def no_barrier(page: Page, width: int) -> None:
    found = Axe().run(page)["violations"]
    assert [(page.url, one["id"], one["nodes"][0]["html"]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url


@pytest.mark.parametrize("width", [1440, 390])
def test_a_draft_is_rehearsed_and_its_report_read(signed_in: SignIn, width: int) -> None:
    page = signed_in("dana", width=width)
    review = rehearsed(page)
    report = page.url
    expect(page.get_by_role("row", name=re.compile("Patients reached"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("Care coordinator: minutes"))).to_be_visible()
    expect(page.get_by_role("region", name="What was taken for granted")).to_be_visible()
    no_barrier(page, width)
    page.goto(review)
    way = page.get_by_role("navigation", name="The way of a change")
    expect(way.get_by_role("listitem").filter(has_text="Rehearse")).to_contain_text("done")
    no_barrier(page, width)
    page.goto(f"{review.removesuffix('/review')}/rehearse")
    no_barrier(page, width)
    page.goto(report)
    expect(page.get_by_role("heading", name="Figures")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_a_slider_changes_the_months_ahead(signed_in: SignIn, width: int) -> None:
    page = signed_in("dana", width=width)
    page.goto("/capacity")
    told = page.locator(".told")
    slider = page.get_by_label("Patients", exact=True)
    slider.fill("200")
    expect(page.locator("output[for=patients]")).to_have_text("200")
    expect(page).to_have_url(re.compile("patients=200"))
    expect(page.get_by_role("region", name="What this rests on")).to_contain_text("what-if")
    expect(told).to_be_visible()
    no_barrier(page, width)


def test_without_scripts_a_button_works_it_out(signed_in: SignIn) -> None:
    page = signed_in("dana", scripts=False)
    page.goto("/capacity")
    page.get_by_label("Patients", exact=True).fill("120")
    page.get_by_role("button", name="Work it out").click()
    expect(page.get_by_role("region", name="What this rests on")).to_contain_text("what-if")
