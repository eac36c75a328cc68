"""An administrator lets somebody in, and shuts them out again."""

import re
import subprocess
import sys
from collections.abc import Callable

import pyotp
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from ccm_flow.adapters.processes.settings import importing
from tests.browser.conftest import Served
from tests.cli.conftest import clean_environ

SignIn = Callable[..., Page]
PAGES = (
    "/people",
    "/people/riverside.jonas",
    "/access-log",
    "/connections",
    "/api",
    "/messages",
    "/messages?every=1",
    "/digest",
)
WORDS = "four unrelated quiet words"


def ccm(served: Served, *arguments: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "ccm_flow", *arguments],
        env={**importing(clean_environ()), "CCM_HOME": str(served.home)},
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout


def administrator(served: Served, signed_in: SignIn, **options: int) -> Page:
    """Sign the demo's lead in as an administrator too, made from the command line."""
    ccm(served, "account", "grant", "dana", "administrator")
    return signed_in("dana", **options)


def test_somebody_is_invited_sets_up_codes_and_is_shut_out(
    served: Served, signed_in: SignIn, browser: Browser
) -> None:
    page = administrator(served, signed_in)
    page.goto("/people")
    page.get_by_label("Name", exact=True).fill("Olive Owner")
    page.get_by_label("E-mail address").fill("olive@riverside.test")
    page.get_by_label("Role").select_option(label="Clinic owner, for Riverside Primary Care")
    page.get_by_role("button", name="Invite").click()
    link = page.get_by_label("Link").input_value()

    context = browser.new_context(base_url=served.address)
    other = context.new_page()
    other.goto(link)
    other.get_by_label("Password").fill(WORDS)
    other.get_by_label("The same again").fill(WORDS)
    other.get_by_role("button", name="Set the password").click()
    other.wait_for_url("**/work*")
    other.goto("/account")
    other.get_by_role("button", name="Set up").click()
    secret = other.locator("code").inner_text()
    other.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).now())
    other.get_by_label("Present password").fill(WORDS)
    other.get_by_role("button", name="Use one-time codes").click()
    expect(other.get_by_role("status")).to_contain_text("One-time codes are set up")

    page.goto("/people")
    page.get_by_role("link", name="Olive Owner").click()
    page.get_by_role("button", name="Disable the account").click()
    expect(page.get_by_role("status")).to_contain_text("disabled")
    other.goto("/work")
    expect(other).to_have_url(re.compile("/sign-in"))
    context.close()


def test_no_page_has_a_barrier_that_axe_finds(served: Served, signed_in: SignIn) -> None:
    page = administrator(served, signed_in)
    for path in PAGES:
        page.goto(path)
        found = Axe().run(page)["violations"]
        assert [(path, one["id"], one["nodes"][0]["html"]) for one in found] == []


def test_nothing_is_wider_than_a_telephone(served: Served, signed_in: SignIn) -> None:
    page = administrator(served, signed_in, width=390)
    for path in PAGES:
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, path
