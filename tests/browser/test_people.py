"""An administrator lets somebody in, and shuts them out again."""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable

import pyotp
import pytest
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
    "/emergency-access",
    "/emergency",
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


@pytest.mark.parametrize("width", [1440, 390])
def test_who_has_to_see_a_patient_now_says_why_and_reads_their_record(
    served: Served, browser: Browser, width: int
) -> None:
    name = f"night-{width}"
    opened = ccm(served, "account", "open", name, "--username", name, "--name", "Nora Night")
    person = next(
        one["person"]
        for one in json.loads(ccm(served, "account", "list", "--json"))["people"]
        if one["username"] == name
    )
    ccm(served, "account", "grant", person, "administrator")
    with sqlite3.connect(served.home / "ccm.db") as record:
        query = "SELECT mrn, family_name FROM patient JOIN enrollment ON patient_id = patient.id"
        mrn, family_name = record.execute(query).fetchone()
    context = browser.new_context(base_url=served.address, viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(re.findall(r"/invitation/\S+", opened)[0])
    page.get_by_label("Password").fill(WORDS)
    page.get_by_label("The same again").fill(WORDS)
    page.get_by_role("button", name="Set the password").click()
    page.goto("/account")
    page.get_by_role("link", name="Emergency access").click()
    assert Axe().run(page)["violations"] == []
    page.get_by_label("Record number").fill(mrn)
    page.get_by_label("Why you need it now").fill("In our emergency room; nobody answers.")
    page.get_by_role("button", name="Open the record").click()
    expect(page.get_by_role("status")).to_contain_text("Emergency access until")
    expect(page.get_by_role("heading", level=1)).to_contain_text(family_name)
    assert Axe().run(page)["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto("/emergency-access")
    expect(page.get_by_role("table")).to_contain_text("nobody answers")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
