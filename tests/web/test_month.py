"""A clinic's month in the browser: who sees it, who closes it, and that nothing counts twice."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event
from sqlmodel import select
from starlette.testclient import TestClient

from ccm_flow.adapters.db.billing_store import SqlBillingStore
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.month_record import SqlMonthRecord
from ccm_flow.adapters.db.tables import AccessLogRow, LineActRow, PatientRow
from ccm_flow.adapters.db.views_board import month_figures
from ccm_flow.adapters.db.views_leaks import leak_report
from ccm_flow.app.readiness import look_at_blockers, look_at_month
from ccm_flow.bootstrap import month_place
from ccm_flow.core.drift import last_months
from ccm_flow.core.handoff import LineState
from ccm_flow.core.ids import EnrollmentId
from ccm_flow.core.leaks import Leak
from tests.support import billed
from tests.support.billed import AFTER, ELM, MONTH
from tests.support.web_patients import add_patients
from tests.web.conftest import Site

HOME = f"/clinics/elm/months/{MONTH}"
VIEWS = ("", "/readiness", "/leaks", "/drift", "/billing")


@pytest.fixture
def enrolled(make_site: Callable[..., Site]) -> Iterator[tuple[Site, list[EnrollmentId]]]:
    """Give a site whose clinic has three patients: two ready, one short of minutes."""
    site = make_site()
    engine = site.parts.base.engine
    found = billed.set_up(engine, 3)
    for number, enrollment in enumerate(found):
        billed.play(engine, enrollment)
        billed.work(engine, enrollment, [5] if number == 2 else (12, 13), signed=number != 2)
    site.clock.at = AFTER
    yield site, found
    engine.dispose()


def queries(engine: Engine, act: Callable[[], object]) -> int:
    count = 0

    def add(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(engine, "before_cursor_execute", add)
    act()
    event.remove(engine, "before_cursor_execute", add)
    return count


def close(browser: TestClient, because: str = "the nurse is away") -> int:
    return browser.post(f"{HOME}/billing/close", data={"because": because}).status_code


def states(site: Site) -> list[LineState]:
    return [one.state for one in SqlBillingStore(site.parts.base.engine).lines(ELM, MONTH)]


def test_every_page_of_the_month_is_shown(enrolled: tuple[Site, list[EnrollmentId]]) -> None:
    site, (first, *_) = enrolled
    browser = site.signed_in("elm.bob")
    for view in (*VIEWS, f"/billing/{first}"):
        page = browser.get(HOME + view)
        assert page.status_code == 200, view
        assert "<script>" not in page.text
        assert " style=" not in page.text
    for leak in Leak:
        assert browser.get(f"{HOME}/leaks", params={"kind": leak}).status_code == 200


def test_the_counts_of_the_board_are_everybody(enrolled: tuple[Site, list[EnrollmentId]]) -> None:
    site, _ = enrolled
    text = site.signed_in("elm.ann").get(HOME).text
    assert sum(int(one) for one in re.findall(r'class="number">(\d+)</span>', text)) == 3


def test_the_board_finds_what_readiness_finds(site: Site) -> None:
    base = site.parts.base
    add_patients(base.engine, site.clock.now(), 3)
    site.clock.pass_by(timedelta(days=3))
    record, place = SqlMonthRecord(base.engine), month_place(base.record.clinic(ELM), MONTH)
    now = site.clock.now()
    whole = {one.enrollment: one for one in look_at_month(record, place, MONTH, now).patients}
    for busy in ((), [one.cycle for one in whole.values()]):
        found = look_at_blockers(record, place, MONTH, now, busy)
        assert {one.enrollment for one in found} == whole.keys()
        for one in found:
            asked = whole[one.enrollment]
            assert one.minimum_minutes == asked.minimum_minutes
            assert [line.detail for line in one.missing] == [line.detail for line in asked.blockers]
            assert one.next == (None if busy else asked.blockers[0])


@pytest.mark.parametrize("view", VIEWS)
def test_another_clinics_month_is_not_there(site: Site, view: str) -> None:
    browser = site.signed_in("elm.bill")
    assert browser.get(f"/clinics/elm/months/2026-12{view}").status_code == 200
    assert browser.get(f"/clinics/oak/months/2026-12{view}").status_code == 404
    assert browser.get(f"/clinics/elm/months/2026-13{view}").status_code == 404


@pytest.mark.parametrize("act", ["close", "approve", "reopen"])
@pytest.mark.parametrize(("person", "status"), [("elm.maria", 404), ("elm.pat", 404)])
def test_only_who_may_close_a_month_closes_it(
    site: Site, act: str, person: str, status: int
) -> None:
    form = {"because": "x", "click": "c"}
    browser = site.signed_in(person)
    assert browser.post(f"{HOME}/billing/{act}", data=form).status_code == status


def test_a_month_that_is_not_over_is_not_closed(site: Site) -> None:
    answer = site.signed_in("elm.bill").post(f"{HOME}/billing/close", data={"because": "early"})
    assert answer.status_code == 409
    assert "is not over" in answer.text


def test_what_is_not_settled_takes_a_reason_and_loses_nothing_typed(
    enrolled: tuple[Site, list[EnrollmentId]],
) -> None:
    site, _ = enrolled
    browser = site.signed_in("elm.bob")
    refused = browser.post(f"{HOME}/billing/close", data={"because": "  "})
    assert refused.status_code == 409
    assert "5 of 20 minutes" in refused.text
    assert close(browser) == 303
    assert states(site) == [LineState.DRAFT, LineState.DRAFT]
    assert "the nurse is away" in browser.get(f"{HOME}/billing").text


def test_closing_and_approving_twice_counts_once(
    enrolled: tuple[Site, list[EnrollmentId]],
) -> None:
    site, _ = enrolled
    browser = site.signed_in("elm.bob")
    assert [close(browser), close(browser)] == [303, 303]
    for _ in range(2):
        assert browser.post(f"{HOME}/billing/approve", data={"click": "c"}).status_code == 303
    assert states(site) == [LineState.APPROVED, LineState.APPROVED]
    with reading(site.parts.base.engine) as session:
        assert len(session.exec(select(LineActRow)).all()) == 2


def test_what_changed_since_approval_is_said_in_words(
    enrolled: tuple[Site, list[EnrollmentId]],
) -> None:
    site, (first, *_) = enrolled
    browser = site.signed_in("elm.bob")
    close(browser)
    browser.post(f"{HOME}/billing/approve", data={"click": "c", "only": first})
    billed.work(site.parts.base.engine, first, [20], first_day=20, id_="late")
    for page in (f"{HOME}/billing", f"{HOME}/billing/{first}"):
        assert "counted time: was 25 min 00 s" in browser.get(page).text
    assert browser.post(f"{HOME}/billing/reopen", data={"because": ""}).status_code == 409
    assert browser.post(f"{HOME}/billing/reopen", data={"because": "late"}).status_code == 303


def test_a_return_without_a_question_and_strangers_lines_are_refused(
    enrolled: tuple[Site, list[EnrollmentId]],
) -> None:
    site, (first, *_) = enrolled
    browser = site.signed_in("elm.bob")
    close(browser)
    line = f"{HOME}/billing/{first}"
    empty = browser.post(f"{line}/return", data={"click": "c", "because": " "})
    assert (empty.status_code, "Say what you want to know" in empty.text) == (409, True)
    away = browser.post(f"{line}/return", data={"click": "c", "because": "which day?"})
    assert away.status_code == 503
    assert browser.get(f"{HOME}/billing/nobody").status_code == 404
    assert site.signed_in("elm.lee").post(f"{line}/accept", data={"click": "c"}).status_code == 404


def test_documents_come_as_files_and_every_look_is_on_record(
    enrolled: tuple[Site, list[EnrollmentId]],
) -> None:
    site, (first, *_) = enrolled
    browser = site.signed_in("elm.bob")
    close(browser)
    line = f"{HOME}/billing/{first}"
    files = {
        f"{line}/packet.pdf": b"%PDF",
        f"{line}/packet.json": b"{",
        f"{line}/fhir.json": b"{",
        f"{HOME}/billing/lines.csv": b"clinic,mrn",
    }
    for path, start in files.items():
        answer = browser.get(path)
        assert answer.content.startswith(start), path
        disposition = answer.headers["content-disposition"]
        with reading(site.parts.base.engine) as session:
            names = [patient.family_name for patient in session.exec(select(PatientRow))]
        assert not any(name in disposition for name in names)
    with reading(site.parts.base.engine) as session:
        seen = session.exec(select(AccessLogRow).where(AccessLogRow.what == "patient_seen")).all()
    assert len(seen) == 3 + 2


def test_what_patients_are_called_stays_text(enrolled: tuple[Site, list[EnrollmentId]]) -> None:
    site, (first, *_) = enrolled
    with reading(site.parts.base.engine) as session:
        patient = session.exec(select(PatientRow)).first()
        assert patient is not None
    with site.parts.base.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE patient SET family_name = '<script>alert(1)</script>'", ()
        )
    browser = site.signed_in("elm.bob")
    for view in (*VIEWS, f"/billing/{first}"):
        assert "<script>alert" not in browser.get(HOME + view).text


def test_leaks_and_figures_take_the_same_queries_for_one_patient_and_for_three(
    enrolled: tuple[Site, list[EnrollmentId]],
) -> None:
    site, found = enrolled
    engine, months = site.parts.base.engine, last_months(MONTH, 12)

    def counts() -> tuple[int, int]:
        return (
            queries(engine, lambda: leak_report(engine, ELM, MONTH)),
            queries(engine, lambda: month_figures(engine, ELM, months, AFTER)),
        )

    three = counts()
    billed.work(engine, found[0], [5] * 9, first_day=12, id_="more", signed=False)
    assert counts() == three
    figures = month_figures(engine, ELM, months, AFTER + timedelta(days=1))[-1]
    assert (figures.patients, figures.contacts) == (3, 3)
    assert len(leak_report(engine, ELM, MONTH).rows[Leak.UNSIGNED_NOTES]) == 10
