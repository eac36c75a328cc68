"""An identity signs in only with an answer that is fresh, signed, ours, and begun here."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient

from ccm_flow.adapters.sign_on_settings import SignOnSettings, SignOnSettingsError
from ccm_flow.adapters.single_sign_on import SignOn
from ccm_flow.app.people import PeopleOffice
from ccm_flow.app.single_sign_on import WAY_LASTS
from ccm_flow.core.ids import PersonId
from tests.web.conftest import Site
from tests.web.provider import Provider, running

MARIA, NAT = PersonId("elm.maria"), PersonId("elm.nat")


@pytest.fixture
def provider(site: Site, tmp_path: Path) -> Iterator[Provider]:
    with running(Provider(now=site.clock.now())) as made:
        secret = tmp_path / "secret"
        secret.write_text("a secret of the test")
        settings = SignOnSettings.from_environ(
            {
                "CCM_OIDC_ISSUER": made.issuer,
                "CCM_OIDC_CLIENT_ID": "ccm",
                "CCM_OIDC_CLIENT_SECRET_FILE": str(secret),
                "CCM_PUBLIC_URL": "http://ccm.test",
            }
        )
        assert settings is not None
        site.parts.sign_on = SignOn(settings)
        yield made


def begin(site: Site, provider: Provider) -> tuple[TestClient, str]:
    """Go to the provider and say yes there; gives the browser and where it is sent back to."""
    browser = site.browser()
    sent = browser.get("/sign-in/single?next=/account")
    assert sent.headers["location"].startswith(f"{provider.issuer}/authorize?")
    code, state = provider.consent(sent.headers["location"])
    return browser, f"/sign-in/single/back?state={state}&code={code}"


def test_a_verified_address_that_is_the_sign_in_name_binds_and_signs_in(
    site: Site, provider: Provider
) -> None:
    site.account(MARIA)
    browser, back = begin(site, provider)
    answer = browser.get(back)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert "Maria Lopez" in browser.get("/account").text
    provider.claims = {"email": "changed@elsewhere.test"}
    browser, back = begin(site, provider)
    assert browser.get(back).status_code == 303


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"aud": "another"},
        {"aud": ["ccm", "another"], "azp": "another"},
        {"iss": "https://elsewhere.test"},
        {"exp": 1},
        {"iat": 1},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": "nobody@elm.test"},
    ],
)
def test_an_answer_that_does_not_fit_is_refused(
    site: Site, provider: Provider, claims: dict[str, Any]
) -> None:
    site.account(MARIA)
    provider.claims = claims
    browser, back = begin(site, provider)
    answer = browser.get(back)
    assert answer.status_code == 401
    assert browser.get("/work").headers["location"].startswith("/sign-in")


def test_an_answer_that_another_key_signed_is_refused(site: Site, provider: Provider) -> None:
    site.account(MARIA)
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "one"})
    browser, back = begin(site, provider)
    assert browser.get(back).status_code == 401


def test_a_state_works_once_in_its_own_browser_and_not_for_long(
    site: Site, provider: Provider
) -> None:
    site.account(MARIA)
    browser, back = begin(site, provider)
    assert site.browser().get(back).status_code == 401  # and it is used up by that
    assert browser.get(back).status_code == 401
    browser, back = begin(site, provider)
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 401
    browser, back = begin(site, provider)
    site.clock.pass_by(WAY_LASTS + timedelta(seconds=1))
    assert browser.get(back).status_code == 401
    assert browser.get("/sign-in/single/back?state=made-up&code=x").status_code == 401


def test_what_an_administrator_bound_counts_and_a_disabled_account_does_not(
    site: Site, provider: Provider
) -> None:
    site.account(NAT)
    office, now = PeopleOffice(site.parts.people, site.parts.door), site.clock.now()
    office.bind(NAT, f"{provider.issuer} subject-1", None, now)
    browser, back = begin(site, provider)
    browser.get(back)
    assert "Nat Kim" in browser.get("/account").text
    office.disable(NAT, None, now)
    browser, back = begin(site, provider)
    assert browser.get(back).status_code == 401


def test_without_settings_there_is_no_such_way(site: Site) -> None:
    assert site.browser().get("/sign-in/single").status_code == 404
    assert "organization" not in site.browser().get("/sign-in").text


@pytest.mark.parametrize(
    "environ",
    [
        {"CCM_OIDC_ISSUER": "https://id.test"},
        {
            "CCM_OIDC_ISSUER": "http://id.test",
            "CCM_OIDC_CLIENT_ID": "ccm",
            "CCM_OIDC_CLIENT_SECRET_FILE": "/nowhere",
            "CCM_PUBLIC_URL": "https://ccm.test",
        },
    ],
)
def test_half_a_set_up_is_refused(environ: dict[str, str]) -> None:
    with pytest.raises(SignOnSettingsError):
        SignOnSettings.from_environ(environ)
