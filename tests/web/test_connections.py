"""Who may connect other programs, and what the page shows and never shows again."""

from ccm_flow.core.access import AccessRole, Grant
from ccm_flow.core.ids import PersonId
from ccm_flow.core.webhooks import HookEvent
from tests.support.set_up import CLINIC
from tests.web.api_site import ANN, LEE, PAT, Api

BOSS = PersonId("oak.bill")
WANTED = {
    "clinic": CLINIC,
    "click": "c1",
    "name": "Lab interface",
    "person": ANN,
    "days": "30",
    "scope": ["write:happenings", "read:work"],
}


def test_a_token_is_shown_once_works_and_is_revoked(api: Api) -> None:
    lee = api.site.signed_in(LEE)
    made = lee.post("/connections/tokens", data=WANTED)
    secret = made.text.split("<code>ccm_")[1].split("<")[0]
    assert api.program(f"ccm_{secret}").get("queue").status_code == 200
    assert secret not in lee.get("/connections").text
    again = lee.post("/connections/tokens", data=WANTED)
    assert "made already" in again.text
    [token] = api.tokens.of(CLINIC)
    assert (token.person, token.created_by) == (ANN, LEE)
    lee.post("/connections/tokens/revoke", data={"clinic": CLINIC, "token": token.id})
    assert api.program(f"ccm_{secret}").get("queue").status_code == 401


def test_what_was_typed_stays_when_it_is_refused(api: Api) -> None:
    lee = api.site.signed_in(LEE)
    answer = lee.post("/connections/tokens", data={**WANTED, "person": PAT})
    assert answer.status_code == 422
    assert "No token acts for a practitioner" in answer.text
    assert 'value="Lab interface"' in answer.text
    assert 'value="read:work" checked' in answer.text
    assert api.tokens.of(CLINIC) == []


def test_who_does_the_work_makes_no_connections(api: Api) -> None:
    for path in ("/connections", "/connections/tokens"):
        browser = api.site.signed_in(ANN)
        asked = browser.get(path) if path == "/connections" else browser.post(path, data=WANTED)
        assert asked.status_code == 404


def test_a_lead_of_another_clinic_finds_nothing(api: Api) -> None:
    browser = api.site.signed_in("oak.lee")
    assert browser.post("/connections/tokens", data=WANTED).status_code == 404
    lee = api.site.signed_in(LEE)
    lee.post("/connections/tokens", data=WANTED)
    [token] = api.tokens.of(CLINIC)
    mine = {"clinic": "oak", "token": token.id}
    assert browser.post("/connections/tokens/revoke", data=mine).status_code == 409
    assert api.tokens.of(CLINIC)[0].revoked_at is None


def test_an_administrator_revokes_everywhere_and_gives_away_no_patients(api: Api) -> None:
    api.site.parts.accounts.grant(BOSS, Grant(AccessRole.ADMINISTRATOR), api.site.clock.now())
    boss = api.site.signed_in(BOSS)
    refused = boss.post("/connections/tokens", data=WANTED)
    assert refused.status_code == 422
    assert "you may not do it yourself" in refused.text
    fine = boss.post("/connections/tokens", data={**WANTED, "scope": ["read:playbooks"]})
    assert fine.status_code == 200
    [token] = api.tokens.of(CLINIC)
    boss.post("/connections/tokens/revoke", data={"clinic": CLINIC, "token": token.id})
    assert api.tokens.of(CLINIC)[0].revoked_at is not None


def test_an_address_inside_the_network_is_refused_and_stays_typed(api: Api) -> None:
    lee = api.site.signed_in(LEE)
    form = {"clinic": CLINIC, "click": "c2", "event": [event.value for event in HookEvent]}
    bad = lee.post("/connections/endpoints", data={**form, "url": "https://10.0.0.1/x"})
    assert bad.status_code == 422
    assert 'value="https://10.0.0.1/x"' in bad.text
    good = lee.post("/connections/endpoints", data={**form, "url": "https://example.org/x"})
    assert "whsec_" in good.text
    shown = lee.get("/connections").text
    assert "https://example.org/x" in shown
    assert "whsec_" not in shown


def test_the_api_page_lists_every_operation(api: Api) -> None:
    text = api.site.signed_in(ANN).get("/api").text
    for path in ("/queue", "/events/{kind}", "/time/entries/{entry}/correct"):
        assert path in text
