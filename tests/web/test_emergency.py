"""Who has to see a patient now says why, reads for an hour, and everybody who watches knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from httpx import Response
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from ccm_flow.adapters.db.people_store import SqlPeople
from ccm_flow.adapters.db.tables import AccessLogRow, EmergencyAccessRow, MessageRow, PatientRow
from ccm_flow.app.mail import Letter, MailError
from ccm_flow.core.access import AccessRole, Grant
from ccm_flow.core.ids import ClinicId
from tests.web.conftest import Site
from tests.web.records import Records, make_records
from tests.web.roles import OWN, sign_in_as

WHY = "She lies in our emergency room and nobody reaches the clinic."


@dataclass
class Night:
    """An administrator, who sees no patient, and the patient they have to see."""

    site: Site
    there: Records
    mrn: str
    browser: TestClient

    def ask(self, browser: TestClient | None = None, **changes: str) -> Response:
        values: Mapping[str, str] = {
            "clinic": OWN,
            "mrn": self.mrn,
            "because": WHY,
            "click": "c1",
            **changes,
        }
        return (browser or self.browser).post("/emergency", data=values)

    @property
    def page(self) -> str:
        return f"/patients/{self.there.enrollment}"

    def rows(self, table: type) -> list[object]:
        with Session(self.site.parts.base.engine) as session:
            return list(session.exec(select(table)).all())


@pytest.fixture
def night(site: Site) -> Night:
    there = make_records(site.parts.base.engine, OWN)
    with Session(site.parts.base.engine) as session:
        mrn = session.get_one(PatientRow, there.patient).mrn
    return Night(site, there, mrn, sign_in_as(site, AccessRole.ADMINISTRATOR))


def test_with_a_reason_somebody_reads_one_record_for_an_hour_and_changes_nothing(
    night: Night,
) -> None:
    assert night.browser.get(night.page).status_code == 404
    assert "Why you need it now" in night.browser.get("/emergency").text
    answer = night.ask()
    assert (answer.status_code, answer.headers["location"]) == (303, night.page)
    shown = night.browser.get(night.page)
    assert shown.status_code == 200
    assert "Emergency access until" in shown.text
    assert night.there.secrets_in(shown.text)
    assert "<form" not in shown.text.partition("<main")[2]
    assert night.browser.get("/patients").status_code == 404
    changed = night.browser.post(f"{night.page}/details", data={"phone": "1", "click": "c2"})
    assert changed.status_code == 404
    for _ in range(3):  # the session goes on, the access does not
        assert night.browser.get(night.page).status_code == 200
        night.site.clock.pass_by(timedelta(minutes=20))
    assert night.browser.get(night.page).status_code == 404


def test_it_opens_no_other_patient(night: Night) -> None:
    other = make_records(night.site.parts.base.engine, "oak")
    night.ask()
    assert night.browser.get(f"/patients/{other.enrollment}").status_code == 404


def test_each_look_is_marked_in_the_access_log(night: Night) -> None:
    night.ask()
    night.browser.get(night.page)
    with Session(night.site.parts.base.engine) as session:
        query = select(AccessLogRow).where(AccessLogRow.patient_id == night.there.patient)
        lines = session.exec(query.order_by(col(AccessLogRow.at))).all()
        assert {line.what for line in lines} == {"emergency_taken", "patient_seen"}
        assert all(line.detail["emergency"] for line in lines)
    lee = night.site.signed_in("elm.lee")
    assert "under emergency access" in lee.get("/access-log").text


def test_those_who_watch_over_access_are_told_and_find_who_when_and_why(night: Night) -> None:
    lee = night.site.signed_in("elm.lee")
    night.site.account("elm.maria")
    night.ask()
    night.browser.get(night.page)
    told = {row.to_person for row in night.rows(MessageRow) if row.kind == "emergency_access"}
    assert told == {"elm.lee"}
    assert "Somebody took emergency access to a patient" in lee.get("/messages").text
    listed = lee.get("/emergency-access").text
    assert WHY in listed
    assert night.there.secrets_in(listed)
    for_administrators = night.browser.get("/emergency-access").text
    assert WHY in for_administrators
    assert not night.there.secrets_in(for_administrators)


def test_sent_twice_it_counts_once(night: Night) -> None:
    night.ask()
    assert night.ask().status_code == 303
    assert len(night.rows(EmergencyAccessRow)) == 1


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"because": "now"}, 422, "Say in a sentence"),
        ({"because": ""}, 422, "The reason is missing"),
        ({"mrn": "no-such-number"}, 409, "Nobody of that record number"),
    ],
)
def test_what_is_refused_comes_back_as_it_was_typed(
    night: Night, changes: dict[str, str], status: int, said: str
) -> None:
    answer = night.ask(**changes)
    assert answer.status_code == status
    assert said in answer.text
    assert all(text in answer.text for text in changes.values())
    assert night.rows(EmergencyAccessRow) == []


def test_record_numbers_cannot_be_tried_out(night: Night) -> None:
    for number in range(10):
        night.ask(mrn=f"guess-{number}")
    refused = night.ask()
    assert "many times" in refused.text
    assert night.rows(EmergencyAccessRow) == []
    missed = [row for row in night.rows(AccessLogRow) if row.what == "refused"]
    assert len(missed) == 10


def test_a_clinic_that_is_not_related_does_not_exist_in_an_emergency_either(night: Night) -> None:
    stranger = night.site.signed_in("oak.maria")
    assert OWN not in stranger.get("/emergency").text
    assert night.ask(stranger).status_code == 409
    assert night.rows(EmergencyAccessRow) == []


def test_who_sees_the_patients_anyway_has_no_emergency(night: Night) -> None:
    assert night.ask(night.site.signed_in("elm.maria")).status_code == 409
    assert night.rows(EmergencyAccessRow) == []


@dataclass
class Postbox:
    """Takes letters, or refuses them."""

    refuses: bool = False
    letters: list[Letter] = field(default_factory=list)

    def send(self, letter: Letter) -> None:
        if self.refuses:
            raise MailError("away")
        self.letters.append(letter)


@pytest.mark.parametrize("refuses", [False, True])
def test_e_mails_name_no_patient_and_a_mail_server_that_is_away_stops_nobody(
    night: Night, refuses: bool
) -> None:
    box, parts = Postbox(refuses), night.site.parts
    parts.post, parts.public_url = box, "https://ccm.test"
    store, now = SqlPeople(parts.base.engine), night.site.clock.now()
    owner = store.new_person("Olga Owner", "olga@elm.example", ClinicId(OWN), now)
    store.grant(owner, Grant(AccessRole.CLINIC_OWNER, clinic=ClinicId(OWN)), now)
    night.site.account(owner)
    assert night.ask().status_code == 303
    assert night.browser.get(night.page).status_code == 200
    assert [letter.to for letter in box.letters] == ([] if refuses else ["olga@elm.example"])
    assert not any(night.there.secrets_in(letter.text) for letter in box.letters)
