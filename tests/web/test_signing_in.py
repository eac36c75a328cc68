"""Nobody gets in without both proofs; nobody is told which one was wrong."""

from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from sqlmodel import Session, select

from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.tables import AccessLogRow, PersonRow, WebSessionRow
from ccm_flow.core.access import AccessRole, Grant
from ccm_flow.core.ids import PersonId
from ccm_flow.core.sign_in import ABSOLUTE_LIMIT, FREE_TRIES, IDLE_LIMIT, LONGEST_WAIT
from ccm_flow.web.security import form_token
from ccm_flow.web.visit import COOKIE
from tests.support.web_patients import ELM
from tests.web.conftest import PASSWORD, Site

MARIA = PersonId("elm.maria")


def try_password(site: Site, password: str, username: str = MARIA) -> int:
    browser = site.browser()
    form = site.public_form(browser)
    return browser.post(
        "/sign-in", data={**form, "username": username, "password": password}
    ).status_code


def test_the_right_password_leads_to_the_page_that_was_wanted(site: Site) -> None:
    site.account(MARIA)
    browser = site.browser()
    asked = browser.get("/account")
    assert asked.headers["location"] == "/sign-in?next=%2Faccount"
    form = {**site.public_form(browser), "username": "ELM.Maria ", "password": PASSWORD}
    answer = browser.post("/sign-in", data={**form, "next": "/account"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert "Maria Lopez" in browser.get("/account").text


@pytest.mark.parametrize("target", ["https://elsewhere.test/", "//elsewhere.test", "/\\elsewhere"])
def test_signing_in_never_leads_to_another_site(site: Site, target: str) -> None:
    site.account(MARIA)
    browser = site.browser()
    form = {**site.public_form(browser), "username": MARIA, "password": PASSWORD, "next": target}
    assert browser.post("/sign-in", data=form).headers["location"] == "/"


def test_a_wrong_name_and_a_wrong_password_read_the_same(site: Site) -> None:
    site.account(MARIA)
    browser = site.browser()
    form = site.public_form(browser)
    pages = [
        browser.post("/sign-in", data={**form, "username": name, "password": word})
        for name, word in ((MARIA, "wrong"), ("nobody", PASSWORD))
    ]
    assert {page.status_code for page in pages} == {401}
    assert pages[0].text.replace(MARIA, "nobody") == pages[1].text
    assert COOKIE not in browser.cookies


def test_too_many_wrong_tries_make_everybody_wait_and_then_the_right_one_counts(
    site: Site,
) -> None:
    site.account(MARIA)
    assert {try_password(site, "wrong") for _ in range(FREE_TRIES)} == {401}
    assert try_password(site, PASSWORD) == 401
    site.clock.pass_by(LONGEST_WAIT)
    assert try_password(site, PASSWORD) == 303


@pytest.mark.parametrize("step", [IDLE_LIMIT, ABSOLUTE_LIMIT])
def test_a_session_ends_when_nobody_uses_it(site: Site, step: timedelta) -> None:
    browser = site.signed_in(MARIA)
    assert browser.get("/work").status_code == 200
    site.clock.pass_by(step)
    assert browser.get("/work").headers["location"].startswith("/sign-in")


def test_a_busy_session_ends_all_the_same_after_its_longest_time(site: Site) -> None:
    browser = site.signed_in(MARIA)
    rest = ABSOLUTE_LIMIT
    while rest > timedelta(0):
        assert browser.get("/work").status_code == 200
        step = min(rest, IDLE_LIMIT / 2)
        site.clock.pass_by(step)
        rest -= step
    assert browser.get("/work").status_code == 303


def test_signing_out_ends_the_session_on_the_server(site: Site) -> None:
    browser = site.signed_in(MARIA)
    token = browser.cookies[COOKIE]
    browser.post("/sign-out")
    browser.cookies.set(COOKIE, token)
    assert browser.get("/work").status_code == 303


def test_the_browsers_secret_is_kept_nowhere(site: Site) -> None:
    browser = site.signed_in(MARIA)
    with Session(site.parts.base.engine) as session:
        kept = session.exec(select(WebSessionRow.token_hash)).all()
    assert browser.cookies[COOKIE] not in kept


def test_with_one_time_codes_the_password_alone_opens_nothing(site: Site) -> None:
    site.account(MARIA)
    secret = pyotp.random_base32()
    site.parts.accounts.set_totp(MARIA, secret)
    browser = site.browser()
    form = {**site.public_form(browser), "username": MARIA, "password": PASSWORD}
    browser.post("/sign-in", data=form)
    assert browser.get("/work").headers["location"] == "/sign-in/code"
    page = browser.get("/sign-in/code").text
    token = page.split('name="form_token" value="')[1].split('"')[0]
    code = pyotp.TOTP(secret).at(int(site.clock.now().timestamp()))
    wrong = browser.post("/sign-in/code", data={"form_token": token, "code": "000000"})
    assert wrong.status_code == 401
    right = {"form_token": token, "code": code}
    assert browser.post("/sign-in/code", data=right).status_code == 303
    assert browser.get("/work").status_code == 200


def test_codes_are_set_up_and_replaced_with_the_password_alone_in_hand(site: Site) -> None:
    site.account(MARIA)
    browser = site.signed_in(MARIA)
    token = form_token(browser.cookies[COOKIE])

    def ask(password: str, code: str | None = None) -> int:
        offered = browser.post("/account/code/new", data={"form_token": token}).text
        secret = offered.split('name="secret" value="')[1].split('"')[0]
        right = pyotp.TOTP(secret).at(int(site.clock.now().timestamp()))
        form = {"form_token": token, "secret": secret, "code": code or right}
        return browser.post("/account/code", data={**form, "password": password}).status_code

    def secret_now() -> str | None:
        account = site.parts.accounts.by_person(MARIA)
        assert account is not None
        return account.totp_secret

    assert (ask("a wrong password"), secret_now()) == (422, None)
    assert (ask(PASSWORD, "000000"), secret_now()) == (422, None)
    assert ask(PASSWORD) == 303
    first = secret_now()
    assert first is not None
    assert (ask(""), secret_now()) == (422, first)


def test_a_one_time_code_works_once(site: Site) -> None:
    site.account(MARIA)
    assert site.parts.accounts.use_totp_step(MARIA, 10)
    assert not site.parts.accounts.use_totp_step(MARIA, 10)
    assert not site.parts.accounts.use_totp_step(MARIA, 9)


def test_an_invitation_sets_a_password_once(site: Site) -> None:
    site.parts.accounts.open_account(MARIA, "maria@elm.test", site.clock.now())
    link = f"/invitation/{site.parts.door.invite(MARIA, None, site.clock.now())}"
    browser = site.browser()
    form = site.public_form(browser)
    assert browser.get(link).status_code == 200
    weak = browser.post(link, data={**form, "password": "short", "again": "short"})
    assert "at least 12" in weak.text
    good = {**form, "password": PASSWORD, "again": PASSWORD}
    assert browser.post(link, data=good).status_code == 303
    assert browser.get("/work").status_code == 200
    assert site.browser().get(link).status_code == 409


def test_an_invitation_ends_after_three_days_or_with_the_next_one(site: Site) -> None:
    site.parts.accounts.open_account(MARIA, "maria@elm.test", site.clock.now())
    first = site.parts.door.invite(MARIA, None, site.clock.now())
    second = site.parts.door.invite(MARIA, None, site.clock.now())
    assert site.browser().get(f"/invitation/{first}").status_code == 409
    site.clock.pass_by(timedelta(days=3))
    assert site.browser().get(f"/invitation/{second}").status_code == 409


def test_a_new_password_ends_every_other_session(site: Site) -> None:
    here, there = site.signed_in(MARIA), site.signed_in(MARIA)
    new = "seven other quiet words"
    form = {"old": PASSWORD, "new": new, "again": new}
    assert here.post("/account/password", data=form).status_code == 303
    assert here.get("/work").status_code == 200
    assert there.get("/work").status_code == 303
    assert try_password(site, PASSWORD) == 401
    assert try_password(site, new) == 303


def test_somebody_who_left_cannot_sign_in(site: Site) -> None:
    site.account(MARIA)
    with writing(site.parts.base.engine) as session:
        session.get_one(PersonRow, MARIA).active = False
    assert try_password(site, PASSWORD) == 401


def test_signing_in_and_failing_are_in_the_access_log(site: Site) -> None:
    site.account(MARIA)
    try_password(site, "wrong")
    try_password(site, PASSWORD)
    with Session(site.parts.base.engine) as session:
        told = [row.what for row in session.exec(select(AccessLogRow).order_by(AccessLogRow.at))]
    assert sorted(told) == ["sign_in_failed", "signed_in"]


def test_behind_https_cookies_are_sent_nowhere_else(make_site: Callable[..., Site]) -> None:
    site = make_site(secure=True)
    answer = site.browser().get("/sign-in")
    assert "Secure" in answer.headers["set-cookie"]
    assert "max-age" in answer.headers["strict-transport-security"]
    site.parts.base.engine.dispose()


@pytest.mark.parametrize(
    ("role", "page"),
    [
        (AccessRole.COORDINATOR, "/work"),
        (AccessRole.CLINIC_OWNER, "/work"),
        (AccessRole.ADMINISTRATOR, "/people"),
    ],
)
def test_everybody_begins_where_their_work_is(site: Site, role: AccessRole, page: str) -> None:
    person = PersonId("oak.bill")
    site.parts.accounts.grant(person, Grant(role, clinic=ELM), site.clock.at)
    browser = site.signed_in(person)
    browser.post("/account/clinic", data={"clinic": ELM})
    begun = browser.get("/")
    assert begun.headers["location"] == page
    assert browser.get(page).status_code == 200


def test_who_is_not_signed_in_signs_in_first(site: Site) -> None:
    assert site.browser().get("/").headers["location"].startswith("/sign-in")
