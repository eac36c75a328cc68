"""
Takes a picture of every page, as the demo clinic shows it.

    make screenshots                     # all pages, all widths and colours: about five minutes
    make screenshots ARGS="step board"   # the pages whose names hold one of these words

The pictures go to `docs/pictures/all/`, which is not kept; those of the README and the guides to
`docs/pictures/`. Needs Debian's `chromium`. It serves a demo clinic of its own and stops it.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from ccm_flow.core.month import Month
from ccm_flow.web.patient_tabs import Tab

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "docs" / "pictures"
EVERYTHING = KEPT / "all"
MONTH = Month(2026, 12)
LEAD, BILLER, COORDINATOR = "dana", "bea", "maria"
WIDTHS = (1440, 390)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
COLOURS = 250
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
OF_GUIDES = {
    "work-all": 760,
    "step": 900,
    "patient-month": 820,
    "readiness": 760,
    "playbook-draft": 900,
    "playbook-review": 700,
    "closed-billing": 700,
    "closed-line": 800,
}
"""Pages that documents show, with the height of their pictures; 1440 wide, light."""


@dataclass
class Clinic:
    """A demo clinic that is served, and the pages of it."""

    address: str
    home: Path
    password: str
    pages: dict[str, str] = field(default_factory=dict)
    """The path of each page by the name of its picture."""


@contextmanager
def served() -> Iterator[Clinic]:
    """Serve a demo clinic in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="ccm-pictures-", ignore_cleanup_errors=True) as name:
        known = {key: value for key, value in os.environ.items() if not key.startswith("CCM_")}
        process = subprocess.Popen(
            [sys.executable, "-m", "ccm_flow", "serve", "--port", "0"],
            cwd=name,
            env={**known, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            home = Path(name) / ".ccm"
            address = _address(process)
            sign_ins = json.loads((home / "demo-sign-ins.json").read_text())
            yield Clinic(address, home, sign_ins["password"])
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)


def _address(process: "subprocess.Popen[str]") -> str:
    for line in process.stdout or ():
        found = re.search(r"CCM Flow is at (http://\S+?)/ ", line)
        if found:
            return found[1]
    raise SystemExit("The demo clinic ended before it was served.")


def sign_in(browser: Browser, clinic: Clinic, who: str) -> Page:
    """Sign somebody in, in a browser of their own."""
    page = browser.new_context(base_url=clinic.address).new_page()
    page.goto("/sign-in")
    page.get_by_label("Sign-in name").fill(who)
    page.get_by_label("Password").fill(clinic.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/work*")
    return page


def first(page: Page, path: str, link: str) -> str:
    """Give where the first such link of a page leads."""
    page.goto(path)
    return page.locator(link).first.get_attribute("href") or path


def find_pages(page: Page, clinic: Clinic) -> None:
    """Find a page of every kind, as the clinic's lead sees them."""
    month = f"/clinics/riverside/months/{MONTH}"
    patient = first(page, "/patients?status=active", "[data-open]")
    version = first(page, "/playbooks", "a:text-is('Monthly chronic care loop')")
    page.goto("/work?whose=all")
    steps = [one.get_attribute("href") or "" for one in page.locator("[data-open]").all()]
    by_kind = {path.rpartition("/")[2].partition("~")[0]: path for path in reversed(steps)}
    clinic.pages |= {"work": "/work", "work-all": "/work?whose=all"}
    clinic.pages |= {f"step-{kind}": path for kind, path in by_kind.items()}
    clinic.pages |= {
        "step": by_kind.get("outreach", steps[0]),
        "other-work": "/work/other",
        "timer": "/time/timer",
        "patients": "/patients",
        **{f"patient-{tab}": f"{patient}?show={tab}" for tab in Tab},
        "candidates": "/candidates",
        "candidate": first(page, "/candidates", "[data-open]"),
        "board": month,
        **{part: f"{month}/{part}" for part in ("readiness", "leaks", "drift", "billing")},
        "capacity": "/capacity",
        "playbooks": "/playbooks",
        "playbook-version": version,
        "messages": "/messages?every=1",
        "digest": "/digest",
        "people": "/people",
        "person": "/people/riverside.jonas",
        "connections": "/connections",
        "api": "/api",
        "access-log": "/access-log",
        "account": "/account",
        "problem": "/no-such-page",
    }
    page.goto("/playbooks")
    page.get_by_role("button", name=re.compile("Begin a draft from Monthly")).first.click()
    page.wait_for_url(re.compile("/playbooks/drafts/"))
    draft = page.url.removeprefix(clinic.address)
    clinic.pages |= {"playbook-draft": draft, "playbook-review": f"{draft}/review"}


def close_month(page: Page, clinic: Clinic) -> None:
    """Let the month go by and close it, as the biller."""
    page.goto("/account")
    while "January" not in page.locator(".demo-bar strong").inner_text():
        page.get_by_role("button", name="To the next morning").click()
    billing = f"/clinics/riverside/months/{MONTH}/billing"
    page.goto(billing)
    page.get_by_label("Why close it all the same").fill("The staff of the demo is away.")
    page.get_by_role("button", name=re.compile("^Close ")).click()
    page.get_by_role("button", name=re.compile("^Approve all")).click()
    line = first(page, billing, ".patients tbody th a")
    clinic.pages = {"closed-billing": billing, "closed-line": line}
    clinic.pages |= {"late-work": "/work?whose=all", "closed-board": billing.rpartition("/")[0]}


def rehearse(page: Page, clinic: Clinic) -> None:
    """Rehearse a draft of the enrollment, whose November is over."""
    page.goto("/playbooks")
    page.get_by_role("button", name=re.compile("Begin a draft from Enrollment")).first.click()
    page.wait_for_url(re.compile("/playbooks/drafts/"))
    form = f"{page.url.removeprefix(clinic.address)}/rehearse"
    page.goto(form)
    page.get_by_role("button", name=re.compile("^Rehearse on")).click()
    page.get_by_role("heading", name="Figures").wait_for(timeout=120_000)
    clinic.pages |= {"rehearse": form, "rehearsal": page.url.removeprefix(clinic.address)}


def shoot(page: Page, pages: dict[str, str], words: list[str]) -> None:
    """Take pictures of pages at every width, in light and in dark."""
    wanted = {
        name: path
        for name, path in pages.items()
        if not words or any(word in name for word in words)
    }
    for name, path in wanted.items():
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        page.emulate_media(color_scheme="light")
        page.goto(path, wait_until="load")
        if name in OF_GUIDES:
            page.set_viewport_size({"width": WIDTHS[0], "height": OF_GUIDES[name]})
            page.screenshot(path=KEPT / f"{name}.png")
            make_small(KEPT / f"{name}.png")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                file = EVERYTHING / f"{name}-{width}-{scheme}.png"
                page.screenshot(path=file, full_page=True)
        print(name, flush=True)


def make_small(file: Path) -> None:
    """Leave a picture 250 colours: pages have no more that matter."""
    with Image.open(file) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(file, optimize=True)


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 2)[1])
    parser.add_argument("word", nargs="*", help="a part of a page's name")
    words = parser.parse_args().word
    EVERYTHING.mkdir(exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with served() as clinic, sync_playwright() as playwright:
        environ = {**os.environ, "CCM_HOME": str(clinic.home), "PYTHONPATH": str(ROOT)}
        grant = [sys.executable, "-m", "ccm_flow", "account", "grant", LEAD, "administrator"]
        subprocess.run(grant, env=environ, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        nobody = browser.new_context(base_url=clinic.address).new_page()
        shoot(nobody, {"sign-in": "/sign-in"}, words)
        coordinator = sign_in(browser, clinic, COORDINATOR)
        shoot(coordinator, {"work-own": "/work", "digest-own": "/digest"}, words)
        lead, biller = sign_in(browser, clinic, LEAD), sign_in(browser, clinic, BILLER)
        find_pages(lead, clinic)
        rehearse(lead, clinic)
        shoot(lead, clinic.pages, words)
        close_month(biller, clinic)
        shoot(biller, clinic.pages, words)
        browser.close()


if __name__ == "__main__":
    main()
