"""A newcomer signs in, looks around, and moves the demo's clock."""

import re
from collections.abc import Callable

from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served

SignIn = Callable[..., Page]


def test_the_clock_moves_the_whole_clinic_on(signed_in: SignIn) -> None:
    page = signed_in("dana")
    before = page.locator(".demo-bar strong").inner_text()
    page.get_by_role("button", name="To the next morning").click()
    expect(page.locator(".demo-bar strong")).not_to_have_text(before)
    page.get_by_role("button", name="To the next deadline").click()
    page.goto("/work?whose=all")
    expect(page.get_by_role("heading", name="Now")).to_be_visible()


def test_the_list_is_walked_with_the_keyboard(signed_in: SignIn) -> None:
    page = signed_in("dana")
    page.goto("/work?whose=all")
    page.keyboard.press("j")
    expect(page.locator("[data-current] [data-open]")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("Find")).to_be_focused()


def test_news_comes_by_itself_and_leaves_everybody_where_they_are(signed_in: SignIn) -> None:
    """What a colleague does is on the list at once, and the row one has walked to stays chosen."""
    mine, theirs = signed_in("dana"), signed_in("dana")
    mine.goto("/work?whose=all")
    rows = mine.locator("[data-row]", has_text=re.compile("attempt . of"))
    address = rows.first.locator("[data-open]").get_attribute("href") or ""
    other = mine.locator(f"[data-open]:not([href='{address}'])").first.get_attribute("href") or ""
    for _ in range(mine.locator("[data-row]").count()):
        mine.keyboard.press("j")
        if mine.locator("[data-current] [data-open]").get_attribute("href") == other:
            break
    said = mine.locator("#work").inner_text()
    theirs.goto(address)
    theirs.get_by_role("button", name="No answer").click()
    expect(theirs.get_by_role("status").filter(has_text="is kept").first).to_be_visible()
    expect(mine.locator("#work")).not_to_have_text(said, timeout=20_000)
    expect(mine.locator("[data-current] [data-open]")).to_have_attribute("href", other)
    mine.goto("/account")
    mine.get_by_role("button", name="Switch them off here").click()
    mine.goto("/work?whose=all")
    mine.keyboard.press("j")
    expect(mine.locator("[data-current]")).to_have_count(0)


def test_a_step_is_opened_and_ended_with_the_keyboard_alone(signed_in: SignIn) -> None:
    page = signed_in("dana")
    page.goto("/work?whose=all")
    row = page.locator("[data-row]", has_text=re.compile("attempt . of")).first
    wanted = row.locator("[data-open]").get_attribute("href")
    for _ in range(page.locator("[data-row]").count()):
        page.keyboard.press("j")
        if page.locator("[data-current] [data-open]").get_attribute("href") == wanted:
            break
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(re.escape(wanted or "")))
    ending = page.get_by_role("button", name="No answer")
    expect(ending).to_be_visible()
    for _ in range(150):
        page.keyboard.press("Tab")
        if ending.evaluate("button => button === document.activeElement"):
            break
    expect(ending).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="is kept").first).to_be_visible()


def test_the_way_in_has_no_barrier_and_fits_a_telephone(browser: Browser, served: Served) -> None:
    context = browser.new_context(base_url=served.address, viewport={"width": 390, "height": 900})
    page = context.new_page()
    for path in ("/sign-in", "/invitation/no-such-invitation"):
        page.goto(path)
        assert Axe().run(page)["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    context.close()


def test_signing_in_and_the_list_work_without_scripts(signed_in: SignIn) -> None:
    page = signed_in("dana", scripts=False)
    page.get_by_label("Whose").select_option("all")
    page.get_by_role("button", name="Show").click()
    assert page.locator("[data-row]").count() > 0


def test_no_page_has_a_barrier_that_axe_finds(signed_in: SignIn) -> None:
    page = signed_in("dana")
    for path in ("/work", "/work?whose=all", "/account"):
        page.goto(path)
        found = Axe().run(page)["violations"]
        assert [(path, one["id"], one["nodes"][0]["html"]) for one in found] == []


def test_nothing_is_wider_than_a_telephone(signed_in: SignIn) -> None:
    page = signed_in("dana", width=390)
    for path in ("/work", "/work?whose=all", "/account"):
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, path
