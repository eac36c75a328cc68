"""What holds for every page: headers, forms from elsewhere, routes without a rule."""

from pathlib import Path

import pytest
from fastapi import APIRouter

from ccm_flow.web.app import GROUPS, OpenRouteError, needs_of
from ccm_flow.web.security import LARGEST_BODY
from tests.web.conftest import Site

MARIA = "elm.maria"


def test_every_answer_forbids_foreign_content_and_later_copies(site: Site) -> None:
    for path in ("/sign-in", "/work", "/nowhere"):
        headers = site.browser().get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"


def test_no_route_is_open_by_mistake() -> None:
    assert sum(len(list(needs_of(group))) for group in GROUPS) > 5
    careless = APIRouter()
    careless.get("/open")(lambda: "")
    with pytest.raises(OpenRouteError):
        list(needs_of(careless))


def test_a_form_from_another_site_is_refused(site: Site) -> None:
    browser = site.signed_in(MARIA)
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.test"}):
        assert browser.post("/sign-out", headers=headers).status_code == 403
    assert browser.get("/work").status_code == 200


def test_a_form_without_its_token_or_with_another_sessions_is_refused(site: Site) -> None:
    browser, other = site.signed_in(MARIA), site.signed_in("elm.nat")
    for token in ("", "0" * 64, other.headers["x-form-token"]):
        answer = browser.post("/sign-out", headers={"x-form-token": token})
        assert answer.status_code == 403
        assert "earlier session" in answer.text
    assert browser.get("/work").status_code == 200


def test_more_than_fits_is_refused_before_it_is_read(site: Site) -> None:
    browser = site.signed_in(MARIA)
    answer = browser.post("/account/password", content=b"x" * (LARGEST_BODY + 1))
    assert answer.status_code == 413


def test_another_clinic_does_not_exist(site: Site) -> None:
    browser = site.signed_in(MARIA)
    answer = browser.post("/account/clinic", data={"clinic": "oak"})
    assert answer.status_code == 404


def test_a_missing_page_is_a_sentence(site: Site) -> None:
    answer = site.signed_in(MARIA).get("/nowhere")
    assert answer.status_code == 404
    assert "There is no such page." in answer.text


@pytest.mark.parametrize(("path", "said"), [("/healthz", "ok\n"), ("/readyz", "ready\n")])
def test_a_load_balancer_is_told_how_it_stands_and_nothing_else(
    site: Site, path: str, said: str
) -> None:
    answer = site.browser().get(path)
    assert (answer.status_code, answer.text) == (200, said)


def test_without_the_record_the_application_is_not_ready(site: Site) -> None:
    with site.parts.base.engine.begin() as connection:
        file = connection.engine.url.database
    assert file is not None
    site.parts.base.engine.dispose()
    Path(file).write_bytes(b"no database")
    assert site.browser().get("/readyz").status_code == 503
    assert site.browser().get("/healthz").status_code == 200
