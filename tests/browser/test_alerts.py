"""Somebody takes an alert in the browser, at a desk and on a telephone."""

from collections.abc import Callable
from datetime import timedelta

from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlmodel import col, select

from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.keep_alerts import keep
from ccm_flow.adapters.db.tables import AlertRow, StepRow
from ccm_flow.bootstrap import Settings, open_base
from ccm_flow.core.alerts import AlertAct, AlertEvent, AlertKind
from ccm_flow.core.ids import OrganizationId, PersonId, RoleId
from ccm_flow.core.words import Urgency
from tests.browser.conftest import Served

SignIn = Callable[..., Page]
TOM = PersonId("riverside.tom")
RIVERSIDE = OrganizationId("riverside")


def raise_alert(served: Served, id_: str) -> list[str]:
    """Put an alert for Tom beside the demo's own; gives the pages on which it is seen."""
    base = open_base(Settings.from_environ({"CCM_HOME": str(served.home)}))
    now = base.clock.now()
    with writing(base.engine) as session:
        step = session.exec(select(StepRow).order_by(col(StepRow.opened_at).desc())).first()
        assert step is not None
        enrollment = step.cycle_id.split(":")[1]
        row = AlertRow(
            id=id_,
            clinic_id=step.clinic_id,
            enrollment_id=enrollment,
            cycle_id=step.cycle_id,
            step_key=step.key,
            kind=AlertKind.QUESTION,
            urgency=Urgency.URGENT,
            sender_id=step.owner_id,
            from_organization_id=RIVERSIDE,
            to_organization_id=RIVERSIDE,
            addressee_id=TOM,
            role=RoleId("nurse"),
            raised_at=now,
            reply_due_at=now + timedelta(hours=2),
            source_event=-int(id_[:6], 16),
        )
        session.add(row)
        session.flush()
        until = now + timedelta(days=3)
        keep(session, row, AlertEvent(AlertAct.GIVEN, now, TOM, "it is for them", until))
        pages = [
            "/alerts",
            "/alerts?every=1",
            f"/alerts/{id_}",
            f"/patients/{enrollment}?show=alerts",
            f"/steps/{step.cycle_id}/{step.key}",
        ]
    base.engine.dispose()
    return pages


def test_an_alert_is_seen_and_taken(served: Served, signed_in: SignIn) -> None:
    pages = raise_alert(served, "a1" * 16)
    page = signed_in("tom")
    for path in pages:
        page.goto(path)
        found = Axe().run(page)["violations"]
        assert [(path, one["id"], one["nodes"][0]["html"]) for one in found] == []
    page.goto("/alerts")
    page.get_by_role("link", name="Question").first.click()
    expect(page.get_by_text("Shown to Tom Adeyemi RN")).to_be_visible()
    page.get_by_role("button", name="I take it").click()
    expect(page.get_by_role("status")).to_contain_text("It is recorded that you take it")
    expect(page.get_by_text("Tom Adeyemi RN takes it")).to_be_visible()
    expect(page.get_by_role("button", name="I take it")).to_have_count(0)


def test_alerts_are_not_wider_than_a_telephone(served: Served, signed_in: SignIn) -> None:
    page = signed_in("tom", width=390)
    for path in raise_alert(served, "b2" * 16):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
