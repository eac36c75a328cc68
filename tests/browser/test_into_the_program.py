"""Somebody is taken into the program: enrolled, asked, consents, and has a plan that counts."""

import re
from collections.abc import Callable

from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

SignIn = Callable[..., Page]
PLAN = {
    "Expected outcome and prognosis": "Stable with regular care",
    "Symptom management": "Call when dizzy",
    "Community and social services": "none needed",
    "Coordination with others outside the practice": "none needed",
    "Cognitive and functional assessment": "Independent",
    "Caregiver assessment": "Daughter helps",
    "Environment at home": "Safe",
    "Preventive care": "Influenza vaccination",
    "Next periodic review": "2027-06-01",
}


def open_next_step(page: Page, patient: str, title: str) -> None:
    """Go to what the patient's page names as the next step."""
    page.goto(patient)
    page.locator(".glance").get_by_role("link", name=title).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)


def fill_what_is_needed(page: Page) -> None:
    for one in page.locator("fieldset:has(.needed):has(input[type=radio])").all():
        one.get_by_role("radio").first.check()
    for label in page.locator("label:has(.needed)").all():
        field = page.locator(f"[id='{label.get_attribute('for')}']")
        if not field.input_value():
            if field.get_attribute("type") == "date":
                field.fill("2026-12-03")
            else:
                field.fill("Talked about it with the patient and the daughter.")


def finish(page: Page, outcome: str) -> None:
    fill_what_is_needed(page)
    page.get_by_role("button", name=outcome, exact=True).click()
    expect(page.get_by_role("status").filter(has_text="done:").first).to_contain_text(outcome)


def test_somebody_is_enrolled_consents_and_has_a_plan(signed_in: SignIn) -> None:
    page = signed_in("dana")
    page.goto("/candidates")
    page.locator("[data-open]").nth(1).click()
    name = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("button", name="Enroll").click()
    expect(page.get_by_role("status")).to_contain_text("1 enrolled")
    page.goto("/patients")
    page.get_by_label("Find").fill(name.partition(",")[0])
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name=name).first.click()
    page.wait_for_url(re.compile(r"/patients/[0-9a-f]{32}$"))
    patient = page.url

    open_next_step(page, patient, "Confirm that the patient is eligible")
    finish(page, "Eligible")
    open_next_step(page, patient, "Introduce the program")
    finish(page, "Wants to hear more")

    open_next_step(page, patient, "Explain the program and record consent")
    fill_what_is_needed(page)
    page.get_by_role("button", name="Consent given", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("missing or wrong")
    for statement in page.locator("input[name=statement]").all():
        statement.check()
    finish(page, "Consent given")
    page.goto(f"{patient}?show=consent")
    expect(page.get_by_role("heading", name="Accepted")).to_be_visible()
    assert page.locator(".tag", has_text=re.compile("^read$")).count() == 4

    page.goto(f"{patient}?show=plan")
    page.get_by_text("Write the plan").click()
    for label, text in PLAN.items():
        page.get_by_label(label).fill(text)
    page.get_by_label("Problem list").fill("diabetes\nhypertension")
    page.get_by_label("Medication management").fill("none needed")
    goal = page.get_by_role("group", name="Measurable treatment goals").locator(".row").first
    for label, text in (("Goal", "Walk"), ("Measured by", "steps"), ("Target", "4000")):
        goal.get_by_label(label, exact=True).fill(text)
    page.get_by_label("What is done").first.fill("Monthly call")
    page.get_by_role("button", name="Keep it as version 1").click()
    expect(page.get_by_text("The goal 'Walk' is not measurable: a day missing.")).to_be_visible()
    expect(page.get_by_text("Nobody is responsible for 'Monthly call'.")).to_be_visible()
    page.get_by_text("Change the plan").click()
    page.get_by_label("By when").first.fill("2027-03-01")
    page.get_by_label("Who", exact=True).first.fill("coordinator")
    assert Axe().run(page)["violations"] == []
    page.get_by_role("button", name="Keep it as the next version").click()
    page.get_by_label("How it was given").select_option("portal")
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_text("Complete, current and shared.")).to_be_visible()


def test_an_address_and_a_language_are_put_right(signed_in: SignIn) -> None:
    page = signed_in("jonas")
    page.goto("/patients?status=active")
    page.locator("[data-open]").last.click()
    page.wait_for_url(re.compile(r"/patients/[0-9a-f]{32}$"))
    page.goto(f"{page.url}?show=details")
    page.get_by_label("City").fill("New Elm")
    page.get_by_label("Language").select_option("vi")
    page.get_by_role("button", name="Put it right").click()
    expect(page.get_by_role("status")).to_contain_text("It is put right.")
    expect(page.get_by_label("City")).to_have_value("New Elm")
    page.get_by_text("What was put right before").click()
    expect(page.get_by_text("New Elm", exact=False).first).to_be_visible()


def test_what_was_typed_when_the_session_ends_is_shown_to_be_copied(signed_in: SignIn) -> None:
    page = signed_in("jonas")
    page.goto("/patients?status=active")
    page.locator("[data-open]").first.click()
    page.wait_for_url(re.compile(r"/patients/[0-9a-f]{32}$"))
    page.goto(f"{page.url}?show=outside")
    page.get_by_label("What", exact=True).select_option("admission")
    page.get_by_label("What was said").fill("St. Mary, told by the daughter")
    page.context.clear_cookies()
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are no longer signed in.")
    expect(page.get_by_label("Detail")).to_have_value("St. Mary, told by the daughter")
