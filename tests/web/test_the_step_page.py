"""A step is done on its page: nothing typed is lost, nothing counts twice, nobody else sees it."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlmodel import Session, select, update
from starlette.testclient import TestClient

from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.enrollment_store import enroll
from ccm_flow.adapters.db.patient_store import SqlPatientStore
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.tables import (
    AccessLogRow,
    ClickRow,
    EnrollmentRow,
    NoteRow,
    StepRow,
    TimeEntryRow,
    TimerRow,
    WebSessionRow,
)
from ccm_flow.adapters.shipped import shipped
from ccm_flow.app.accounts import AccessEvent
from ccm_flow.app.act import Desk
from ccm_flow.app.records import PatientRecord
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.month import Month
from ccm_flow.core.state import StepStatus
from ccm_flow.demo.run import load_playbook
from tests.support.engine_flow import EngineFlow
from tests.support.set_up import MovableClock
from tests.web.conftest import Site

ELM = ClinicId("elm")
MONTH = Month(2026, 12)
SUMMARY = "Feels well, walks every day, no new symptoms."
CALL = {"f.spoke_with": "patient", "f.summary": SUMMARY}


@dataclass
class Desks:
    """The clinic Elm in its month, with a flow that a test can take away."""

    site: Site
    flow: EngineFlow
    clock: MovableClock
    cycles: list[str]

    def at(self, number: int, key: str) -> str:
        """Name a step's page."""
        return f"/steps/{self.cycles[number]}/{key}"

    def send(self, browser: TestClient, page: str, action: str = "finish", **form: str) -> "Answer":
        """Send the page's form, with a click id as the page has one."""
        shown = browser.get(page)
        click = re.search(r'name="click" value="(\w+)"', shown.text)
        data = {"click": click[1] if click else "c1", **form}
        answer = browser.post(f"{page}/{action}", data=data)
        return Answer(answer.status_code, answer.text, answer.headers.get("location", ""))

    def prepared(self, number: int) -> str:
        """Do the first step of a month; gives the page of the call that follows."""
        browser = self.site.signed_in("elm.maria")
        done = self.send(browser, self.at(number, "prepare"), outcome="prepared", **REVIEWED)
        assert done.status == 303, done.text
        return self.at(number, "outreach")

    def rows(self, table: type, *where: object) -> list:  # type: ignore[type-arg]
        """Read rows of a table."""
        with Session(self.site.parts.base.engine) as session:
            return list(session.exec(select(table).where(*where)))  # type: ignore[arg-type]

    def pass_by(self, span: timedelta) -> None:
        """Let time pass, for people and for the flow."""
        self.site.clock.pass_by(span)
        self.clock.instant += span


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    text: str
    to: str


REVIEWED: dict[str, str] = {}


@pytest.fixture
def desks(site: Site) -> Desks:
    """Open December for two patients of Elm."""
    return opened(site, shipped("playbooks") / "ccm_monthly.yaml")


def opened(site: Site, playbook: Path) -> Desks:
    """Open December by a playbook."""
    base = site.parts.base
    plan, source = load_playbook(playbook)
    store, now = SqlClinicStore(base.engine), site.clock.at
    store.publish(ELM, plan, source, Month(2026, 1), now)
    form = plan.note_forms.get("chart_review")
    for one in form.fields if form else ():
        REVIEWED[f"f.{one.id}"] = _filled(one.type, one.choices)
    records = SqlPatientStore(base.engine)
    ids = [
        records.save(ELM, PatientRecord("test", str(n), f"MRN{n}", f"Family{n}", "Given"), now)
        for n in range(2)
    ]
    enroll(base.engine, ELM, ids, "CCM", now)
    with writing(base.engine) as session:
        session.exec(update(EnrollmentRow).values(status=EnrollmentStatus.ACTIVE))
    clock = MovableClock(now)
    flow = EngineFlow(base.engine, clock)
    flow.desk = Desk(base.record, flow, site.clock)
    asyncio.run(flow.open_month(ELM, MONTH))

    async def desk() -> Desk:
        assert flow.desk is not None
        return flow.desk

    site.parts.desk = desk  # type: ignore[method-assign]
    with Session(base.engine) as session:
        cycles = sorted(session.exec(select(StepRow.cycle_id).distinct()))
    return Desks(site, flow, clock, list(cycles))


def _filled(kind: str, choices: tuple[str, ...]) -> str:
    known = {"yes_no": "yes", "number": "1", "date": "2026-12-01"}
    return choices[0] if choices else known.get(kind, "Looked at everything there is in the chart.")


def test_finishing_a_step_shows_the_next_one_and_what_was_done(desks: Desks) -> None:
    maria = desks.site.signed_in("elm.maria")
    done = desks.send(maria, desks.at(0, "prepare"), outcome="prepared", minutes="5", **REVIEWED)
    assert done.status == 303
    assert re.fullmatch(r"/steps/[^/]+/\w+\?done=\w+", done.to)
    next_page = maria.get(done.to).text
    assert "Review the chart and plan the month for Family" in next_page
    assert "done: Prepared" in next_page
    (entry,) = desks.rows(TimeEntryRow)
    assert entry.seconds == 300


def test_a_step_that_asks_for_no_note_is_shown_and_finished(site: Site, tmp_path: Path) -> None:
    text = (shipped("playbooks") / "ccm_monthly.yaml").read_text(encoding="utf-8")
    (tmp_path / "ccm_monthly.yaml").write_text(text.replace("    note: chart_review\n", "", 1))
    desks = opened(site, tmp_path / "ccm_monthly.yaml")
    maria = desks.site.signed_in("elm.maria")
    page = desks.at(0, "prepare")
    assert maria.get(page).status_code == 200
    assert desks.send(maria, page, outcome="prepared").status == 303


def test_every_outcome_says_beforehand_what_follows(desks: Desks) -> None:
    call = desks.prepared(0)
    text = desks.site.signed_in("elm.maria").get(call).text
    assert "opens Follow up on the concern, owner Nat Kim" in text
    assert "next attempt by phone from Thu, Dec 3" in text


def test_an_attempt_without_contact_needs_no_note_and_plans_the_next(desks: Desks) -> None:
    call = desks.prepared(0)
    maria = desks.site.signed_in("elm.maria")
    tried = desks.send(maria, call, outcome="no_answer")
    assert tried.status == 303
    assert "Next attempt by phone from Thu, Dec 3" in maria.get(tried.to).text
    assert "No answer" not in maria.get("/work").text  # it waits, and says so on its row
    (step,) = desks.rows(StepRow, StepRow.key == "outreach")
    assert (step.status, step.attempts_made) == (StepStatus.OPEN, 1)


def test_a_note_that_lacks_something_comes_back_with_all_problems_and_all_that_was_typed(
    desks: Desks,
) -> None:
    call = desks.prepared(0)
    maria = desks.site.signed_in("elm.maria")
    typed = {"f.summary": "Too short", "f.pain": "12", "note": "And more", "minutes": "soon"}
    back = desks.send(maria, call, outcome="reached", **typed)
    assert back.status == 422
    assert "4 things are missing or wrong." in back.text
    for field in ("spoke_with", "summary", "pain", "minutes"):
        assert f'id="no-{field}"' in back.text
    for value in ("Too short", 'value="12"', "And more", 'value="soon"'):
        assert value in back.text
    again = maria.get(call).text
    assert "Too short" in again
    assert "And more" in again
    assert desks.rows(NoteRow, NoteRow.step_key == "outreach") == []


def test_the_same_form_sent_twice_counts_once(desks: Desks) -> None:
    call = desks.prepared(0)
    maria = desks.site.signed_in("elm.maria")
    form = {"click": "c" * 32, "outcome": "reached", "minutes": "7", **CALL}
    first, second = (maria.post(f"{call}/finish", data=form) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert len(desks.rows(NoteRow, NoteRow.step_key == "outreach")) == 1
    assert len(desks.rows(TimeEntryRow)) == 1


def test_the_second_person_is_told_who_was_faster_and_loses_nothing(desks: Desks) -> None:
    call = desks.prepared(0)
    maria, lee = (desks.site.signed_in(f"elm.{who}") for who in ("maria", "lee"))
    assert lee.get(call).status_code == 200
    desks.send(maria, call, outcome="reached", **CALL)
    late = lee.post(f"{call}/finish", data={"click": "x", "outcome": "reached", "note": "Mine"})
    assert late.status_code == 409
    assert "Maria Lopez finished this step today 10:00 as “Reached”." in late.text
    assert "Mine" in late.text
    assert "Mine" in lee.get(call).text
    assert len(desks.rows(NoteRow, NoteRow.step_key == "outreach")) == 1


def test_while_the_server_is_away_everything_is_kept_and_the_list_says_so(desks: Desks) -> None:
    call = desks.prepared(0)
    maria = desks.site.signed_in("elm.maria")
    desks.flow.away = True
    sent = desks.send(maria, call, outcome="reached", minutes="6", **CALL)
    assert (sent.status, sent.to) == (303, call)
    assert "waiting for the server" in maria.get(call).text
    assert "sent, waiting for the server" in maria.get("/work").text
    assert [note.text for note in desks.rows(NoteRow, NoteRow.step_key == "outreach")] == [""]


def test_the_timer_survives_and_stops_with_the_step(desks: Desks) -> None:
    call = desks.prepared(0)
    maria = desks.site.signed_in("elm.maria")
    for _ in range(2):  # two clicks start one timer
        assert desks.send(maria, call, "timer", timer="start", note="Half a").status == 303
    desks.pass_by(timedelta(minutes=9))
    shown = maria.get(call).text
    assert 'data-elapsed="540"' in shown
    assert "Half a" in shown
    assert "Your timer" in maria.get("/account").text
    desks.send(maria, call, outcome="reached", **CALL)
    (entry,) = desks.rows(TimeEntryRow)
    assert (entry.seconds, entry.step_key) == (540, "outreach")
    assert all(timer.ended_at for timer in desks.rows(TimerRow))


def test_a_timer_elsewhere_is_said_and_can_be_switched(desks: Desks) -> None:
    maria = desks.site.signed_in("elm.maria")
    first, second = desks.at(0, "prepare"), desks.at(1, "prepare")
    desks.send(maria, first, "timer", timer="start")
    desks.pass_by(timedelta(minutes=3))
    assert "Stop it and start here" in maria.get(second).text
    desks.send(maria, second, "timer", timer="switch")
    assert len(desks.rows(TimeEntryRow)) == 1
    assert "Stop the timer" in maria.get(second).text


def test_a_timer_that_ran_too_long_asks_when_the_work_ended(desks: Desks) -> None:
    maria = desks.site.signed_in("elm.maria")
    page = desks.at(0, "prepare")
    desks.send(maria, page, "timer", timer="start")
    desks.pass_by(timedelta(hours=3))
    maria = desks.site.signed_in("elm.maria")
    assert desks.send(maria, page, "timer", timer="stop").to == "/time/timer"
    assert maria.post("/time/timer", data={"what": "stop"}).status_code == 422
    ended = maria.post("/time/timer", data={"what": "stop", "until": "2026-12-01T10:20"})
    assert ended.status_code == 303
    assert [entry.seconds for entry in desks.rows(TimeEntryRow)] == [1200]


def test_a_draft_outlives_the_session(desks: Desks) -> None:
    call = desks.prepared(0)
    maria = desks.site.signed_in("elm.maria")
    saved = maria.post(f"{call}/draft", data={"note": "Said she"}, headers={"x-by-itself": "1"})
    assert saved.status_code == 204
    with writing(desks.site.parts.base.engine) as session:
        session.exec(update(WebSessionRow).values(ended_at=desks.site.clock.at))
    lost = maria.post(f"{call}/finish", data={"outcome": "reached"})
    assert lost.status_code == 303
    assert lost.headers["location"].startswith("/sign-in?next=%2Fsteps%2F")
    assert "Said she" in desks.site.signed_in("elm.maria").get(call).text


def test_a_page_that_asks_by_itself_keeps_no_session_going(desks: Desks) -> None:
    call = desks.prepared(0)
    maria = desks.site.signed_in("elm.maria")
    maria.get(call)
    before = max(row.last_seen_at for row in desks.rows(WebSessionRow))
    desks.pass_by(timedelta(minutes=5))
    assert maria.post(f"{call}/here").status_code == 200
    assert max(row.last_seen_at for row in desks.rows(WebSessionRow)) == before


def test_who_else_has_the_step_open_is_told(desks: Desks) -> None:
    call = desks.prepared(0)
    maria, nat = (desks.site.signed_in(f"elm.{who}") for who in ("maria", "nat"))
    assert "open too" not in maria.post(f"{call}/here").text
    assert "Maria Lopez has this step open too." in nat.post(f"{call}/here").text


@pytest.mark.parametrize("action", ["", "/finish", "/draft", "/timer", "/escalate", "/here"])
def test_another_clinics_step_does_not_exist(desks: Desks, action: str) -> None:
    stranger = desks.site.signed_in("oak.maria")
    page = desks.at(0, "prepare")
    answer = stranger.post(page + action) if action else stranger.get(page)
    assert answer.status_code == 404
    assert "Family" not in answer.text


@pytest.mark.parametrize("page", ["/steps/no:such:2026-12/prepare", "/steps/{}/no_such_step"])
def test_a_step_that_is_not_there_does_not_exist(desks: Desks, page: str) -> None:
    maria = desks.site.signed_in("elm.maria")
    assert maria.get(page.format(desks.cycles[0])).status_code == 404


def test_looking_at_a_step_is_in_the_access_log_once(desks: Desks) -> None:
    maria = desks.site.signed_in("elm.maria")
    maria.get(desks.at(0, "prepare"))
    seen = desks.rows(AccessLogRow, AccessLogRow.what == AccessEvent.PATIENT_SEEN)
    assert len(seen) == 1


def test_a_form_from_an_earlier_session_is_refused(desks: Desks) -> None:
    maria = desks.site.signed_in("elm.maria")
    maria.headers["x-form-token"] = "0" * 64
    assert maria.post(f"{desks.at(0, 'prepare')}/finish").status_code == 403


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "x" * 1_000_000, "Ω\u202e|;--'\""], ids=str.__len__
)
def test_whatever_is_typed_is_kept_and_shown_as_text(desks: Desks, text: str) -> None:
    call = desks.prepared(0)
    maria = desks.site.signed_in("elm.maria")
    back = desks.send(maria, call, outcome="reached", note=text)
    assert back.status == 422
    assert "<script>alert" not in back.text
    assert desks.send(maria, call, outcome="no_answer", note=text).status == 303
    (note,) = desks.rows(NoteRow, NoteRow.step_key == "outreach")
    assert len(note.text) == len(text)


def test_what_no_database_keeps_is_refused_and_given_back_without_it(desks: Desks) -> None:
    call = desks.prepared(0)
    maria = desks.site.signed_in("elm.maria")
    token = maria.headers.pop("x-form-token")
    sent = {"outcome": "no_answer", "note": "rang\x00twice", "form_token": token}
    refused = maria.post(f"{call}/finish", data=sent)
    assert refused.status_code == 422
    assert ">rangtwice</textarea>" in refused.text
    assert desks.rows(NoteRow, NoteRow.step_key == "outreach") == []
    assert maria.get("/patients/%00").status_code == 404


@pytest.mark.parametrize("outcome", ["", "no_such", "unreachable"])
def test_an_outcome_that_is_none_is_refused_before_anything_is_kept(
    desks: Desks, outcome: str
) -> None:
    call = desks.prepared(0)
    maria = desks.site.signed_in("elm.maria")
    clicks = len(desks.rows(ClickRow))
    back = desks.send(maria, call, outcome=outcome, note="Kept")
    assert back.status == 422
    assert "Kept" in back.text
    assert len(desks.rows(ClickRow)) == clicks


def test_a_question_opens_a_step_for_the_practitioner(desks: Desks) -> None:
    call = desks.prepared(0)
    maria = desks.site.signed_in("elm.maria")
    lacks = desks.send(maria, call, "escalate", note="Half")
    assert lacks.status == 422
    assert "What is the question?" in lacks.text
    assert "Half" in lacks.text
    asked = desks.send(
        maria, call, "escalate", **{"x.question": "Weight up 3 kg", "x.urgency": "urgent"}
    )
    assert asked.to == f"{call}?said=escalated"
    (question,) = desks.rows(StepRow, StepRow.step_id == "clinical_escalation")
    assert (question.owner_id, question.urgency) == ("elm.pat", "urgent")


def test_what_is_typed_into_the_small_forms_is_a_draft_until_it_is_sent(desks: Desks) -> None:
    call = desks.prepared(0)
    maria = desks.site.signed_in("elm.maria")
    desks.send(maria, call, "draft", **{"x.question": "Weight up?", "x.put_off_because": "Ill"})
    assert "Weight up?" in maria.get(call).text
    desks.send(maria, call, "escalate", note="Half", **{"x.question": "Weight up?"})
    after = maria.get(call).text
    assert "Half" in after
    assert ">Weight up?</textarea>" not in after


def test_a_deadline_is_moved_by_those_who_may(desks: Desks) -> None:
    page = desks.at(0, "prepare")
    form = {"x.count": "4", "x.unit": "days", "x.extend_because": "On holiday"}
    maria, lee = (desks.site.signed_in(f"elm.{who}") for who in ("maria", "lee"))
    assert desks.send(maria, page, "extend", **form).status == 404
    (before,) = desks.rows(StepRow, StepRow.cycle_id == desks.cycles[0])
    assert desks.send(lee, page, "extend", **form).status == 303
    (after,) = desks.rows(StepRow, StepRow.cycle_id == desks.cycles[0])
    assert after.due_at > before.due_at


def test_ones_own_step_is_handed_over_put_off_and_taken_back(desks: Desks) -> None:
    page = desks.at(0, "prepare")
    maria = desks.site.signed_in("elm.maria")
    form = {"x.to": "elm.lee|program_lead", "x.hand_over_because": "Away"}
    assert desks.send(maria, page, "hand-over", **form).status == 303
    (step,) = desks.rows(StepRow, StepRow.cycle_id == desks.cycles[0])
    assert step.owner_id == "elm.lee"
    passed = {"x.until": "2026-11-01T10:00", "x.put_off_because": "Later"}
    assert desks.send(maria, desks.at(1, "prepare"), "put-off", **passed).status == 422
    ahead = {"x.until": "2026-12-02T09:00", "x.put_off_because": "Later"}
    assert desks.send(maria, desks.at(1, "prepare"), "put-off", **ahead).to == "/work"


def test_a_page_asks_the_database_the_same_number_of_times_whatever_is_on_file(
    desks: Desks,
) -> None:
    maria = desks.site.signed_in("elm.maria")
    call = desks.prepared(0)
    few = _queries(desks, lambda: maria.get(call))
    for _ in range(3):
        desks.send(maria, call, outcome="no_answer")
    desks.prepared(1)
    assert _queries(desks, lambda: maria.get(call)) <= few + 1


def _queries(desks: Desks, look: Callable[[], object]) -> int:
    engine, seen = desks.site.parts.base.engine, []

    def count(_c: object, _u: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        look()
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(seen)


def test_other_work_is_kept_with_its_reason_and_clashes_are_shown(desks: Desks) -> None:
    desks.pass_by(timedelta(hours=3))
    maria = desks.site.signed_in("elm.maria")
    found = maria.post("/work/other/find", data={"find": "family0"})
    (enrollment,) = re.findall(r"enrollment=(\w+)", found.text)
    form = {"enrollment": enrollment, "activity": "coordination", "text": "Called the pharmacy"}
    lacks = maria.post("/work/other", data=form)
    assert lacks.status_code == 422
    assert "How many minutes" in lacks.text
    assert "Called the pharmacy" in lacks.text
    for _ in range(2):  # a form that is sent twice counts once
        kept = maria.post("/work/other", data=form | {"minutes": "10", "click": "c1"})
        assert kept.headers["location"] == "/work/other?said=logged"
    (entry,) = desks.rows(TimeEntryRow)
    assert (entry.seconds, entry.step_key, entry.reason) == (600, None, "Called the pharmacy")
    clash = maria.post("/work/other", data=form | {"minutes": "5"})
    assert clash.status_code == 422
    assert "It overlaps an entry of Maria Lopez" in clash.text


def test_late_work_asks_why_it_comes_late(desks: Desks) -> None:
    desks.pass_by(timedelta(days=3))
    maria = desks.site.signed_in("elm.maria")
    enrollment = desks.cycles[0].split(":")[1]
    form = {
        "enrollment": enrollment,
        "activity": "coordination",
        "text": "Called the pharmacy",
        "minutes": "10",
        "started": "2026-12-01T14:00",
    }
    late = maria.post("/work/other", data=form)
    assert late.status_code == 422
    assert "more than 24 hours" in late.text
    assert maria.post("/work/other", data=form | {"late": "Forgot"}).status_code == 303
    (entry,) = desks.rows(TimeEntryRow)
    assert entry.reason == "Called the pharmacy (entered late: Forgot)"


def test_other_work_for_another_clinics_patient_does_not_exist(desks: Desks) -> None:
    stranger = desks.site.signed_in("oak.maria")
    enrollment = desks.cycles[0].split(":")[1]
    assert stranger.get(f"/work/other?enrollment={enrollment}").status_code == 404
    assert "Family" not in stranger.post("/work/other/find", data={"find": "family"}).text
    assert stranger.post("/work/other", data={"enrollment": enrollment}).status_code == 404
