"""A coordinator works: opens a step, does it, lands on the next; and what happens when it fails."""

import re
from collections.abc import Callable

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

SignIn = Callable[..., Page]
STAFF = ("maria", "jonas", "priya", "nell", "tom", "sofia", "chen", "dana", "bea")
CALL = "Monthly check-in call"
REVIEW = "Review the chart and plan the month"


def open_a_step(sign_in: SignIn, title: str, **options: object) -> Page:
    """Find somebody with such a step on their list, as that person, and open it."""
    for username in STAFF:
        page = sign_in(username, **options)
        rows = page.locator("[data-open]", has_text=title)
        if rows.count():
            rows.first.click()
            expect(page.get_by_role("heading", level=1)).to_contain_text(title)
            return page
        page.context.close()
    pytest.skip(f"nobody has '{title}' to do now")


def fill_the_note(page: Page) -> None:
    """Fill in every field that is required."""
    needed: Locator = page.locator("fieldset:has(.needed)")
    for one in needed.all():
        one.get_by_role("radio").first.check()
    for label in page.locator("label:has(.needed)").all():
        page.locator(f"#{label.get_attribute('for')}").fill(
            "Looked at everything there is; nothing new since last month."
        )


def test_an_attempt_shows_the_next_before_and_after(signed_in: SignIn) -> None:
    page = open_a_step(signed_in, CALL)
    expect(page.locator(".outcomes")).to_contain_text(
        re.compile(r"next attempt by \w+ from|the last attempt: ends as")
    )
    page.get_by_role("button", name="No answer").click()
    expect(page.get_by_role("status").filter(has_text="is kept").first).to_be_visible()


def test_a_step_is_opened_timed_written_up_and_finished(signed_in: SignIn) -> None:
    page = open_a_step(signed_in, CALL)
    page.get_by_role("button", name="Start the timer").click()
    expect(page.get_by_role("button", name="Stop the timer")).to_be_visible()
    expect(page.locator(".timer-badge")).to_contain_text(CALL)
    expect(page.get_by_role("region", name="What to say")).to_contain_text("Riverside")
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("region", name="What to say")).to_contain_text("Buen")
    page.get_by_role("button", name="Reached", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("missing or wrong")
    fill_the_note(page)
    page.get_by_role("button", name="Reached", exact=True).click()
    expect(page.get_by_role("status").filter(has_text=f"{CALL} for")).to_contain_text("Reached")
    expect(page.locator(".timer-badge")).to_have_count(0)


def test_a_concern_is_put_to_the_practitioner_with_its_clock(signed_in: SignIn) -> None:
    page = open_a_step(signed_in, "Review")
    page.get_by_text("Ask somebody").click()
    expect(page.get_by_text("Urgent: answer by")).to_be_visible()
    page.get_by_label("The question").fill("Weight up 3 kg in a week. Change the dose?")
    page.get_by_text("Urgent: answer by").click()
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="The question is with")).to_be_visible()


def test_a_draft_survives_a_reload_and_an_ended_session(signed_in: SignIn) -> None:
    page = open_a_step(signed_in, "Review")
    note = page.get_by_label("Anything else")
    note.fill("Said her ankles are")
    note.blur()
    expect(page.get_by_text("Draft saved")).to_be_visible()
    page.reload()
    expect(note).to_have_value("Said her ankles are")
    address = page.url
    page.context.clear_cookies()
    page.goto(address)
    expect(page).to_have_url(re.compile("/sign-in"))
    assert page.get_by_label("Password").count() == 1


def test_two_have_a_step_open_and_the_second_hears_who_was_faster(signed_in: SignIn) -> None:
    page = open_a_step(signed_in, REVIEW)
    lead = signed_in("dana")
    lead.goto(page.url.partition("?")[0])
    expect(lead.get_by_text("has this step open too.")).to_be_visible()
    fill_the_note(lead)
    fill_the_note(page)
    page.get_by_role("button", name="Prepared").click()
    expect(page.get_by_role("status").filter(has_text=f"{REVIEW} for").first).to_be_visible()
    with lead.expect_response(lambda answer: answer.url.endswith("/finish")) as answer:
        lead.get_by_role("button", name="Prepared").click()
    assert answer.value.status == 409
    expect(lead.get_by_role("alert")).to_contain_text("finished this step")


def test_other_work_is_logged_from_anywhere(signed_in: SignIn) -> None:
    page = signed_in("maria")
    page.get_by_role("link", name="Log other work").click()
    page.get_by_label("Patient").fill("a")
    page.get_by_role("button", name="Find").click()
    page.locator("main ul a").first.click()
    page.get_by_label("Kind of work").select_option("coordination")
    page.get_by_label("What you did").fill("Talked with the pharmacy")
    page.get_by_label("Minutes").fill("0.1")
    page.get_by_role("button", name="Keep the time").click()
    expect(page.get_by_role("status").or_(page.get_by_role("alert"))).to_have_text(
        re.compile("The time is kept|It overlaps")
    )


def test_a_step_is_done_without_scripts_and_with_the_keyboard_alone(signed_in: SignIn) -> None:
    page = open_a_step(signed_in, "Review", scripts=False, width=390)
    page.get_by_label("Anything else").fill("Typed without scripts")
    page.get_by_role("button", name="Start the timer").press("Enter")
    expect(page.get_by_label("Anything else")).to_have_value("Typed without scripts")
    expect(page.get_by_text(re.compile(r"since today \d"))).to_be_visible()
    page.get_by_role("button", name="Stop the timer").press("Enter")
    fill_the_note(page)
    page.locator(".outcomes button").last.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("done:")


def test_the_pages_have_no_barriers_and_fit_a_telephone(signed_in: SignIn) -> None:
    page = signed_in("dana", width=390)
    page.goto("/work?whose=all")
    steps = [link.get_attribute("href") for link in page.locator("[data-open]").all()]
    by_key = {str(path).rpartition("/")[2].partition("~")[0]: str(path) for path in steps}
    for path in (*by_key.values(), "/work/other", "/time/timer"):
        page.goto(path)
        for summary in page.locator("summary").all():
            summary.click()
        found = Axe().run(page)["violations"]
        assert [(path, one["id"], one["nodes"][0]["html"]) for one in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
