"""A patient's page: who sees which part, what forms do, and that each counts once."""

import re
from datetime import datetime, timedelta

import pytest
from sqlmodel import func, select
from starlette.testclient import TestClient

from ccm_flow.adapters.db.consent_acts import accept
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.note_store import NoteFilter, SqlNoteStore
from ccm_flow.adapters.db.tables import (
    AccessLogRow,
    ConsentRow,
    HappeningRow,
    NoteRow,
    PatientEditRow,
    RiskRationaleRow,
    TimeEntryRow,
)
from ccm_flow.app.care import Work
from ccm_flow.core.access import AccessRole, Grant
from ccm_flow.core.consent import EVERY_STATEMENT
from ccm_flow.core.ids import CycleId, EnrollmentId, PersonId
from ccm_flow.web.patient_tabs import Tab
from tests.support.open_month import keep
from tests.support.web_patients import ELM, EVIL, MONTH, add_patients, counted
from tests.web.conftest import Site

MARIA, LEE, PAT, OWNER = "elm.maria", "elm.lee", "elm.pat", "oak.bill"
FIELDS = {"spoke_with": "patient", "summary": "Feels well and takes all medicines."}


@pytest.fixture
def patient(site: Site) -> str:
    """Give a patient with a running month."""
    (enrollment,) = add_patients(site.parts.base.engine, site.clock.at)
    site.clock.pass_by(timedelta(hours=3))
    return enrollment


@pytest.fixture
def owner(site: Site) -> TestClient:
    """Give a browser of a clinic's owner, who reads and changes nothing."""
    grant = Grant(AccessRole.CLINIC_OWNER, clinic=ELM)
    site.parts.accounts.grant(PersonId(OWNER), grant, site.clock.at)
    return site.signed_in(OWNER)


def count(site: Site, table: type) -> int:
    with reading(site.parts.base.engine) as session:
        return session.exec(select(func.count()).select_from(table)).one()


def write_note(site: Site, patient: str, *, sign: bool = False, text: str = "Call.") -> str:
    work = Work(note=text, fields=FIELDS, sign=sign)
    cycle = CycleId(f"monthly:{patient}:{MONTH}")
    engine = site.parts.base.engine
    keep(engine, cycle, work, at=site.clock.at, by="maria", click=f"c{text}")
    wanted = NoteFilter(ELM, EnrollmentId(patient))
    return next(one.id for one in SqlNoteStore(engine).notes(wanted) if one.text == text)


def local(at: datetime) -> str:
    """Write an instant as a form sends it: New York is five hours behind in December."""
    return (at - timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M")


def time_form(site: Site, click: str = "t1", **other: str) -> dict[str, str]:
    started = local(site.clock.at - timedelta(hours=1))
    return {
        "click": click,
        "started": started,
        "minutes": "12",
        "activity": "monthly_call",
        "because": "",
        **other,
    }


@pytest.mark.parametrize("tab", list(Tab))
def test_whoever_may_see_a_part_sees_it_without_anything_running(
    site: Site, patient: str, tab: Tab
) -> None:
    write_note(site, patient, text=f"Note {EVIL}")
    answer = site.signed_in(LEE).get(f"/patients/{patient}?show={tab}")
    assert answer.status_code == 200
    assert EVIL not in answer.text
    assert "&lt;script&gt;" in answer.text


@pytest.mark.parametrize("person", ["elm.maria", "elm.nat", "elm.pat", "elm.bill"])
def test_who_looked_is_not_for_everybody(site: Site, patient: str, person: str) -> None:
    browser = site.signed_in(person)
    assert "Who looked" not in browser.get(f"/patients/{patient}").text
    assert browser.get(f"/patients/{patient}?show=access").status_code == 404


def test_every_look_is_written_down(site: Site, patient: str, owner: TestClient) -> None:
    site.signed_in(MARIA).get(f"/patients/{patient}")
    site.signed_in("oak.maria").get(f"/patients/{patient}")
    shown = owner.get(f"/patients/{patient}?show=access").text
    looks = shown.split("<tbody>")[1]
    assert sorted(re.findall(r"<td>([^<]+)</td>", looks)) == ["Bill Oz", "Maria Lopez"]
    assert count(site, AccessLogRow) >= 2


@pytest.mark.parametrize("tab", list(Tab))
def test_an_owner_reads_everything_and_has_no_forms(
    site: Site, patient: str, owner: TestClient, tab: Tab
) -> None:
    write_note(site, patient, sign=True)
    shown = owner.get(f"/patients/{patient}?show={tab}")
    assert shown.status_code == 200
    assert set(re.findall(r'method="post" action="([^"]+)"', shown.text)) <= {
        "/account/clinic",
        "/sign-out",
    }


ACTS: list[tuple[str, bool]] = [
    ("happenings", False),
    ("time", False),
    ("details", False),
    ("consent/revoke", False),
    ("care-plan/approve", False),
    ("risk", False),
    ("pause", True),
    ("resume", True),
    ("practitioner", True),
]


@pytest.mark.parametrize(("act", "leads"), ACTS)
def test_an_act_is_refused_to_whoever_may_not_do_it(
    site: Site, patient: str, owner: TestClient, act: str, leads: bool
) -> None:
    assert owner.post(f"/patients/{patient}/{act}").status_code == 404
    assert site.signed_in("oak.lee").post(f"/patients/{patient}/{act}").status_code == 404
    mine = site.signed_in(MARIA).post(f"/patients/{patient}/{act}").status_code
    assert (mine == 404) is leads


@pytest.mark.parametrize(
    "path",
    ["nobody", "%25", "' or 1=1", "monthly:x:2026-12", "?of=x", "?of=2031-01", "?of=2026-12.x"],
)
def test_what_is_not_there_is_not_found(site: Site, patient: str, path: str) -> None:
    there = f"/patients/{patient}{path}" if path[0] == "?" else f"/patients/{path}"
    assert site.signed_in(LEE).get(there).status_code == 404


def test_unknown_words_in_the_address_do_no_harm(site: Site, patient: str) -> None:
    browser = site.signed_in(LEE)
    assert browser.get(f"/patients/{patient}?show=nonsense&done=nonsense").status_code == 200
    assert browser.get(f"/patients/{patient}?show=history&before=0").status_code == 422


@pytest.mark.parametrize("tab", list(Tab))
def test_a_part_takes_as_many_queries_for_ten_notes_as_for_one(
    site: Site, patient: str, tab: Tab
) -> None:
    browser, engine = site.signed_in(LEE), site.parts.base.engine
    write_note(site, patient, text="Note 0.")
    with counted(engine) as few:
        browser.get(f"/patients/{patient}?show={tab}")
    for number in range(1, 10):
        write_note(site, patient, text=f"Note {number}.")
        site.clock.pass_by(timedelta(minutes=1))
    browser.get("/account")  # the session is seen again, which takes a query of its own
    with counted(engine) as many:
        browser.get(f"/patients/{patient}?show={tab}")
    assert len(many) == len(few)


def test_time_sent_twice_is_kept_once(site: Site, patient: str) -> None:
    browser, form = site.signed_in(MARIA), time_form(site)
    for _ in range(2):
        answer = browser.post(f"/patients/{patient}/time", data=form)
        assert answer.headers["location"] == f"/patients/{patient}?show=time&done=time"
    assert count(site, TimeEntryRow) == 1
    assert "12:00" in browser.get(f"/patients/{patient}?show=time").text


def test_what_was_typed_is_in_the_form_again_with_every_problem_on_top(
    site: Site, patient: str
) -> None:
    form = time_form(site, minutes="<b>many", because=f"why {EVIL}", activity="")
    answer = site.signed_in(MARIA).post(f"/patients/{patient}/time", data=form)
    assert answer.status_code == 422
    assert "How long it took must be whole minutes" in answer.text
    assert "The kind of work is missing." in answer.text
    for value in ("&lt;b&gt;many", "why &lt;script&gt;", form["started"]):
        assert value in answer.text
    assert count(site, TimeEntryRow) == 0


def test_time_that_breaks_a_rule_is_refused_with_the_rule(site: Site, patient: str) -> None:
    ahead = local(site.clock.at + timedelta(days=2))
    form = time_form(site, started=ahead)
    answer = site.signed_in(MARIA).post(f"/patients/{patient}/time", data=form)
    assert "It lies in the future." in answer.text
    assert answer.status_code == 422


def test_a_correction_is_a_new_entry_and_the_old_one_stays(site: Site, patient: str) -> None:
    browser = site.signed_in(MARIA)
    browser.post(f"/patients/{patient}/time", data=time_form(site))
    with reading(site.parts.base.engine) as session:
        entry = session.exec(select(TimeEntryRow.id)).one()
    form = {"click": "k", "minutes": "7", "activity": "monthly_call", "because": "typed wrong"}
    for _ in range(2):
        answer = browser.post(f"/patients/{patient}/time/{entry}", data=form)
        assert answer.headers["location"].endswith("done=corrected")
    with reading(site.parts.base.engine) as session:
        rows = {row.corrects: row.seconds for row in session.exec(select(TimeEntryRow))}
    assert rows == {None: 720, entry: 420}
    shown = browser.get(f"/patients/{patient}?show=time").text
    assert "a correction took its place" in shown


def test_an_entry_of_another_patient_is_not_there(site: Site, patient: str) -> None:
    engine = site.parts.base.engine
    other = next(one for one in add_patients(engine, site.clock.at, 2) if one != patient)
    browser = site.signed_in(MARIA)
    site.clock.pass_by(timedelta(hours=3))
    browser = site.signed_in(MARIA)
    browser.post(f"/patients/{other}/time", data=time_form(site))
    with reading(engine) as session:
        entry = session.exec(select(TimeEntryRow.id)).one()
    form = {"click": "k", "minutes": "7", "activity": "monthly_call", "because": "wrong"}
    assert browser.post(f"/patients/{patient}/time/{entry}", data=form).status_code == 404


def test_a_note_is_signed_by_its_author_alone(site: Site, patient: str) -> None:
    note = write_note(site, patient)
    there = f"/patients/{patient}/notes/{note}/sign"
    refused = site.signed_in("elm.nat").post(there)
    assert refused.status_code == 409
    assert "nobody else signs it" in refused.text
    assert "ccm note" not in refused.text
    for _ in range(2):
        done = site.signed_in(MARIA).post(there)
        assert done.headers["location"].endswith("done=signed")


def test_a_second_signature_is_a_practitioners(site: Site, patient: str) -> None:
    note = write_note(site, patient, sign=True)
    there = f"/patients/{patient}/notes/{note}/cosign"
    assert site.signed_in("elm.nat").post(there).status_code == 409
    for _ in range(2):
        done = site.signed_in(PAT).post(there)
        assert done.headers["location"].endswith("done=cosigned")
    assert "Co-signed by Pat Roy" in site.signed_in(LEE).get(f"/patients/{patient}?show=notes").text


def test_an_addition_is_kept_once_and_below_its_note(site: Site, patient: str) -> None:
    note = write_note(site, patient, sign=True)
    form = {"click": "a1", "text": "Also walks more.", "because": "forgotten"}
    for _ in range(2):
        site.signed_in("elm.nat").post(f"/patients/{patient}/notes/{note}/amend", data=form)
    assert count(site, NoteRow) == 2
    shown = site.signed_in("elm.nat").get(f"/patients/{patient}?show=notes").text
    assert "Added because: forgotten" in shown
    assert (
        "Added to a signed note"
        in site.signed_in(LEE).get(f"/patients/{patient}?show=history").text
    )


def test_a_note_of_another_patient_is_not_there(site: Site, patient: str) -> None:
    note = write_note(site, patient)
    other = next(
        one for one in add_patients(site.parts.base.engine, site.clock.at, 2) if one != patient
    )
    assert site.signed_in(MARIA).post(f"/patients/{other}/notes/{note}/sign").status_code == 404
    assert site.signed_in(MARIA).post(f"/patients/{patient}/notes/no/sign").status_code == 404


def test_what_happened_is_kept_while_the_server_is_away(site: Site, patient: str) -> None:
    browser = site.signed_in(MARIA)
    form = {"click": "h1", "kind": "admission", "at": "", "detail": f"St. Mary {EVIL}"}
    for _ in range(2):
        answer = browser.post(f"/patients/{patient}/happenings", data=form)
        assert answer.headers["location"] == f"/patients/{patient}?show=outside&done=kept"
    assert count(site, HappeningRow) == 1
    shown = browser.get(answer.headers["location"]).text
    assert "waits for the server" in shown
    assert EVIL not in shown
    ids = re.findall(r"happenings/([^/]+)/take-back", shown)
    back = {"click": "h2", "because": "wrong patient"}
    browser.post(f"/patients/{patient}/happenings/{ids[0]}/take-back", data=back)
    assert "wrong patient" in browser.get(f"/patients/{patient}?show=outside").text


def test_leaving_the_program_is_recorded_by_a_lead(site: Site, patient: str) -> None:
    form = {"click": "w1", "kind": "withdrawal", "at": "", "detail": "moves away"}
    browser = site.signed_in(MARIA)
    assert browser.post(f"/patients/{patient}/happenings", data=form).status_code == 404
    assert count(site, HappeningRow) == 0
    assert "Withdrawal" not in browser.get(f"/patients/{patient}?show=outside").text
    done = site.signed_in(LEE).post(f"/patients/{patient}/happenings", data=form)
    assert done.headers["location"].endswith("done=kept")
    assert count(site, HappeningRow) == 1


def test_a_pause_that_could_not_be_passed_on_says_so_and_keeps_the_reason(
    site: Site, patient: str
) -> None:
    form = {"click": "p1", "because": "on holiday"}
    answer = site.signed_in(LEE).post(f"/patients/{patient}/pause", data=form)
    assert answer.status_code == 503
    assert 'value="on holiday"' in answer.text


def test_only_what_is_different_is_put_right(site: Site, patient: str) -> None:
    browser = site.signed_in(MARIA)
    form = {"phone": "555-0199", "language": "en-US", "preferred_channel": "", "contact_hours": ""}
    done = browser.post(f"/patients/{patient}/details", data=form)
    assert done.headers["location"].endswith("done=edited")
    again = browser.post(f"/patients/{patient}/details", data=form)
    assert again.headers["location"].endswith("done=nothing")
    assert count(site, PatientEditRow) == 1
    bad = browser.post(f"/patients/{patient}/details", data={**form, "language": "<x>"})
    assert bad.status_code == 422
    assert 'value="&lt;x&gt;"' in bad.text
    assert "Put right: phone" in browser.get(f"/patients/{patient}?show=history").text


def test_the_risk_is_stated_by_practitioners_once(site: Site, patient: str) -> None:
    form = {"click": "r1", "tier": "high", "text": "Heart failure may worsen at any time."}
    assert site.signed_in(MARIA).post(f"/patients/{patient}/risk", data=form).status_code == 409
    for _ in range(2):
        site.signed_in(PAT).post(f"/patients/{patient}/risk", data=form)
    assert count(site, RiskRationaleRow) == 1
    short = site.signed_in(PAT).post(
        f"/patients/{patient}/risk", data={"click": "r2", "tier": "high", "text": "bad"}
    )
    assert "too short to be a reason" in short.text


def test_consent_is_taken_back_once_and_the_last_day_is_shown(site: Site, patient: str) -> None:
    accept(
        site.parts.base.engine,
        EnrollmentId(patient),
        "first",
        Work(statements=EVERY_STATEMENT),
        by=PersonId(MARIA),
        at=site.clock.at,
    )
    browser, form = site.signed_in(MARIA), {"click": "v1", "because": "enough of it"}
    site.clock.pass_by(timedelta(minutes=1))
    for _ in range(2):
        answer = browser.post(f"/patients/{patient}/consent/revoke", data=form)
        assert answer.headers["location"].endswith("done=revoked")
    assert count(site, ConsentRow) == 2
    shown = browser.get(f"/patients/{patient}?show=consent").text
    assert "until Dec 31, 2026" in shown
    assert shown.count(">read</span>") == len(EVERY_STATEMENT)


def test_a_practitioner_of_the_clinic_takes_over(site: Site, patient: str) -> None:
    lead = site.signed_in(LEE)
    there = f"/patients/{patient}/practitioner"
    refused = lead.post(there, data={"to": "elm.maria", "because": "x"})
    assert "is no practitioner here" in refused.text
    assert lead.post(there, data={"to": "oak.pat", "because": "x"}).status_code == 404
    same = lead.post(there, data={"to": "elm.pat", "because": "x"})
    assert same.headers["location"].endswith("done=nothing")


def test_a_form_that_is_too_long_is_refused_and_nothing_is_lost(site: Site, patient: str) -> None:
    note = write_note(site, patient, sign=True)
    form = {"click": "a", "text": "x" * 5000, "because": "y"}
    answer = site.signed_in(MARIA).post(f"/patients/{patient}/notes/{note}/amend", data=form)
    assert answer.status_code == 422
    assert "longer than 4000 characters" in answer.text
    assert "x" * 5000 in answer.text
