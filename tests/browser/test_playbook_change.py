"""A deadline is changed: written, checked, compared, approved by another person, published."""

import re
from collections.abc import Callable

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from ccm_flow.web.words import month_name
from tests.browser.conftest import Served

SignIn = Callable[..., Page]
OLD, WRONG, NEW = "due: 2 business days", "due: 3 busness days", "due: 3 business days"


def begin(page: Page) -> None:
    page.goto("/playbooks")
    page.get_by_role("button", name=re.compile("Begin a draft from Monthly")).first.click()
    page.wait_for_url(re.compile("/playbooks/drafts/"))


def type_over(page: Page, old: str, new: str) -> None:
    page.get_by_role("textbox", name="The playbook's text").click()
    page.keyboard.press("Control+Home")
    page.keyboard.press("Control+f")
    page.keyboard.type(old)
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.type(new)
    page.keyboard.press("Escape")  # a list of completions may be open


def test_a_deadline_is_changed_and_published_for_the_next_month(signed_in: SignIn) -> None:
    lead = signed_in("dana")
    begin(lead)
    type_over(lead, OLD, WRONG)
    expect(lead.locator(".cm-lintRange-error")).to_be_visible()
    expect(lead.locator("#problems .tag")).to_have_text("error")
    picture = lead.get_by_role("img", name="The flow as saved")
    before = picture.get_attribute("src")
    type_over(lead, WRONG, NEW)
    expect(lead.locator("#verdict")).to_contain_text("Good")
    expect(lead.locator(".cm-lintRange-error")).to_have_count(0)
    expect(lead.locator("#said")).to_contain_text("Saved")
    expect(picture).not_to_have_attribute("src", before or "")

    lead.get_by_role("link", name="Review and publish").click()
    changes = lead.locator("section", has=lead.get_by_role("heading", name="What changes"))
    expect(changes).to_contain_text("3 business days")
    expect(changes).to_contain_text("2 business days")
    lead.get_by_label("What is it for?").fill("More time for the charts")
    lead.get_by_role("button", name="Ask for approval").click()
    expect(lead.get_by_text("waits for approval")).to_be_visible()
    expect(lead.get_by_role("button", name="Approve")).to_have_count(0)
    address = lead.url

    practitioner = signed_in("chen")
    practitioner.goto("/playbooks")
    row = practitioner.get_by_role("row").filter(has_text="waits for approval").first
    row.get_by_role("link").first.click()
    practitioner.goto(address)
    expect(practitioner.get_by_text("More time for the charts")).to_be_visible()
    practitioner.get_by_label("Remark").fill("No month is closed yet to rehearse it on")
    practitioner.get_by_role("button", name="Approve").click()
    expect(practitioner.get_by_text("Approved.")).to_be_visible()

    lead.goto(address)
    month = month_name(lead.get_by_label("In use from").input_value())
    lead.get_by_role("button", name="Publish").click()
    expect(lead.get_by_text(f"Published, from {month} on.")).to_be_visible()
    lead.goto("/playbooks")
    in_use = lead.get_by_role("region", name="In use")
    expect(in_use.get_by_role("row").filter(has_text="comes").first).to_contain_text(month)


def test_what_was_typed_after_the_session_ended_is_not_lost(
    signed_in: SignIn, served: Served
) -> None:
    page = signed_in("dana")
    begin(page)
    address = page.url
    page.context.clear_cookies()
    type_over(page, "title: Monthly", "title: Our")
    expect(page.locator("#said")).to_contain_text("You are no longer signed in")
    page.goto("/sign-in")
    page.get_by_label("Sign-in name").fill("dana")
    page.get_by_label("Password").fill(served.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/work*")
    page.goto(address)
    expect(page.locator(".cm-content")).to_contain_text("title: Our")
    expect(page.locator("#said")).to_contain_text("Saved")


def test_the_editor_completes_from_the_schema(signed_in: SignIn) -> None:
    page = signed_in("dana")
    begin(page)
    type_over(page, "phase: outreach", "phase: outreach\nexpe")
    page.keyboard.press("Control+Space")
    expect(page.get_by_role("option", name="expected")).to_be_visible()
    page.keyboard.press("Escape")


def test_without_scripts_the_check_comes_with_saving(signed_in: SignIn) -> None:
    page = signed_in("dana", scripts=False)
    begin(page)
    field = page.get_by_label("The playbook's text")
    field.fill(field.input_value().replace(OLD, WRONG, 1))
    page.get_by_role("button", name="Save and check").click()
    expect(page.locator("#problems")).to_contain_text("busness")
    expect(page.locator("#verdict")).to_contain_text("1 error")


@pytest.mark.parametrize("width", [1440, 390])
def test_no_playbook_page_has_a_barrier_or_is_too_wide(signed_in: SignIn, width: int) -> None:
    page = signed_in("dana", width=width)
    begin(page)
    draft = page.url
    page.goto("/playbooks")
    version = page.get_by_role("region", name="In use").get_by_role("link").first
    for path in ("/playbooks", version.get_attribute("href") or "", draft, f"{draft}/review"):
        page.goto(path)
        found = Axe().run(page)["violations"]
        assert [(path, one["id"], one["nodes"][0]["html"]) for one in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
