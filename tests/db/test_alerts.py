"""Alerts from one organization to the other: delivered, seen, taken, answered; each once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from ccm_flow.adapters.db.alert_store import SqlAlerts
from ccm_flow.adapters.db.audit_store import SqlAuditRecord
from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.endpoint_store import SqlEndpoints
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.outbox_store import SqlOutbox
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.staffing_store import SqlStaffing
from ccm_flow.adapters.db.tables import AlertEventRow, LedgerEventRow, MessageRow
from ccm_flow.adapters.db.views_alerts import alert, alerts
from ccm_flow.adapters.db.views_clinics import clinics_now
from ccm_flow.adapters.db.views_scorecard import scorecard
from ccm_flow.adapters.sealing import Sealer
from ccm_flow.app.act import Desk, act, finish_step
from ccm_flow.app.alerts import (
    AlertOverError,
    AlertQuery,
    AlertView,
    NotYoursToTakeError,
    look_after_alerts,
    mail_alerts,
)
from ccm_flow.app.care import Click, Work
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.app.mail import Letter, MailError
from ccm_flow.app.webhooks import NewEndpoint
from ccm_flow.core.alerts import AlertAct, AlertKind
from ccm_flow.core.assignment import Absence
from ccm_flow.core.events import Triggered
from ccm_flow.core.ids import ClickId, CycleId, OutcomeId, PersonId, StepKey
from ccm_flow.core.plan import Trigger, Urgency
from ccm_flow.core.scorecard import Count
from ccm_flow.core.webhooks import HookEvent
from tests.support.engine_flow import EngineFlow
from tests.support.set_up import CLINIC, MONTH, MovableClock, person, set_up_clinic

OPEN = datetime(2037, 12, 1, 15, tzinfo=UTC)
"""A Tuesday, 10:00 at the clinic."""
CLOSED = datetime(2037, 12, 2, 1, tzinfo=UTC)
VERA = PersonId("carebridge.vera")
PAT, PIA, LEE = person("pat"), person("pia"), person("lee")
ANSWER = StepKey("clinical_escalation")
ALERTS = {"clinic": {"on_call": [{"name": "Night line", "phone": "555 0199"}]}}


def clinic_file(**more: object) -> ClinicFile:
    doctors = [("pat", "Pat"), ("pia", "Pia")]
    staff: list[dict[str, object]] = [
        {"id": "nat", "name": "Nat", "roles": ["nurse"], "credential": "rn"},
        {"id": "bob", "name": "Bob", "roles": ["biller"]},
        {"id": "lee", "name": "Lee", "roles": ["program_lead"], "credential": "rn"},
        *(
            {
                "id": id_,
                "name": name,
                "roles": ["practitioner"],
                "credential": "physician",
                "email": f"{id_}@elm.example",
            }
            for id_, name in doctors
        ),
        {
            "id": "vera",
            "name": "Vera",
            "roles": ["coordinator"],
            "credential": "ma",
            "organization": "carebridge",
        },
    ]
    said: dict[str, object] = {
        "clinic": CLINIC,
        "name": "Elm Street Clinic",
        "time_zone": "America/New_York",
        "program_owner": "lee",
        "vendor": {"id": "carebridge", "name": "CareBridge"},
        "staff": staff,
    }
    return ClinicFile.model_validate(said | more)


class Post:
    """A mail server that takes letters, or not."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.refuses = False

    def send(self, letter: Letter) -> None:
        if self.refuses:
            raise MailError("The e-mail was not sent (SMTPServerDisconnected).")
        self.letters.append(letter)


class Place:
    """A clinic where a vendor's coordinator works, with one running month."""

    def __init__(self, engine: Engine, **more: object) -> None:
        self.engine = engine
        self.clock = MovableClock()
        self.flow = EngineFlow(engine, self.clock)
        self.desk = self.flow.desk = Desk(SqlCareRecord(engine), self.flow, self.clock)
        (self.enrollment,) = set_up_clinic(engine)
        SqlClinicStore(engine).apply(clinic_file(**more), self.clock.now())
        self.store = SqlAlerts(engine)
        self.post = Post()
        self.cycle = CycleId(f"monthly:{self.enrollment}:{MONTH}")

    async def ask(self, at: datetime = OPEN, urgency: Urgency = Urgency.URGENT) -> AlertView:
        await self.flow.open_month(CLINIC, MONTH)
        self.flow.move_to(at)
        event = Triggered(Trigger.ESCALATION, VERA, "Weight up 3 kg", urgency)
        await act(self.desk, Click(ClickId("ask"), self.cycle, VERA, event))
        self.look()
        return self.the(AlertKind.QUESTION)

    async def answer(self) -> None:
        work = Work(
            note="Double the diuretic.",
            fields={"question": "Weight", "answer": "Double it"},
            sign=True,
        )
        outcome = OutcomeId("answered")
        await finish_step(
            self.desk,
            click=ClickId("answer"),
            cycle=self.cycle,
            step=ANSWER,
            outcome=outcome,
            by=PAT,
            work=work,
        )
        self.look()

    def look(self, later: timedelta = timedelta(0)) -> int:
        """Let the worker look after alerts, a while later."""
        if later:
            self.flow.move_to(self.clock.now() + later)
        return look_after_alerts(self.store, self.clock.now())

    def mail(self) -> int:
        return mail_alerts(self.store, self.post, "https://ccm.test/alerts", self.clock.now())

    def all(self) -> list[AlertView]:
        return alerts(self.engine, AlertQuery((CLINIC,)))

    def the(self, kind: AlertKind) -> AlertView:
        (found,) = (one for one in self.all() if one.alert.kind is kind)
        return alert(self.engine, found.alert.id, (CLINIC,))

    def acts(self, kind: AlertKind = AlertKind.QUESTION) -> Sequence[str]:
        return [one.act.value for one in self.the(kind).events]


@pytest.fixture
def place(engine: Engine) -> Place:
    return Place(engine)


async def test_a_question_to_the_clinic_is_given_shown_mailed_taken_and_answered(
    place: Place,
) -> None:
    asked = await place.ask()
    assert (asked.stands.holder, asked.stands.until) == (PAT, OPEN + timedelta(minutes=30))
    assert asked.alert.to_organization == "elm"
    assert (place.mail(), place.mail()) == (1, 0)
    (letter,) = place.post.letters
    assert letter.to == "pat@elm.example"
    assert "Weight" not in letter.text
    for _ in range(2):
        place.store.note_shown([asked.alert.id], PAT, place.clock.now())
    place.store.note_shown([asked.alert.id], VERA, place.clock.now())  # who asked proves nothing
    taken = place.store.acknowledge(asked.alert.id, PAT, place.clock.now())
    assert place.store.acknowledge(asked.alert.id, PIA, place.clock.now()) == taken
    await place.answer()
    ways = ["raised", "given", "mailing", "mailed", "shown", "acknowledged", "answered"]
    assert place.acts() == ways
    back = place.the(AlertKind.ANSWER)
    assert (back.alert.to_organization, back.stands.holder) == ("carebridge", VERA)
    place.store.acknowledge(back.alert.id, VERA, place.clock.now())
    assert not [one for one in place.all() if one.stands.is_waiting]


async def test_everything_that_happens_to_an_alert_is_in_the_chained_ledger(place: Place) -> None:
    asked = await place.ask()
    place.look(timedelta(minutes=31))
    place.store.acknowledge(asked.alert.id, PIA, place.clock.now())
    with reading(place.engine) as session:
        lines = session.exec(
            select(LedgerEventRow)
            .where(col(LedgerEventRow.kind).startswith("alert_"))
            .order_by(col(LedgerEventRow.id))
        ).all()
    assert [line.kind.removeprefix("alert_") for line in lines] == place.acts()
    assert "Weight" not in str([line.detail for line in lines])
    audit = SqlAuditRecord(place.engine)
    assert not audit.check_chain(CLINIC, None)[1]
    assert not list(audit.check_record(CLINIC))


@pytest.mark.parametrize(
    ("table", "column"), [("alert", "reply_due_at"), ("alert_event", "person_id")]
)
async def test_the_database_refuses_to_change_or_delete_what_happened(
    place: Place, table: str, column: str
) -> None:
    await place.ask()
    changes = (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = NULL")  # noqa: S608 - our own names
    for command in changes:
        with pytest.raises(DBAPIError), writing(place.engine) as session:
            session.connection().execute(text(command))


async def test_what_nobody_takes_goes_on_by_itself_once_for_two_workers(place: Place) -> None:
    asked = await place.ask()
    place.clock.instant = OPEN + timedelta(minutes=31)
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: place.look(), range(8)))
    given = [one for one in place.the(AlertKind.QUESTION).events if one.act is AlertAct.GIVEN]
    assert [one.person for one in given] == [PAT, PIA]
    place.look(timedelta(minutes=31))
    place.look(timedelta(minutes=31))
    stands = place.the(AlertKind.QUESTION).stands
    assert stands.tried == (PAT, PIA, LEE)
    assert stands.gave_up
    with reading(place.engine) as session:
        told = session.exec(select(MessageRow).where(MessageRow.kind == "alert")).all()
    assert {(one.to_person, one.text_code) for one in told} == {
        (PAT, "alert_question"),
        (PIA, "alert_question"),
        (LEE, "alert_question"),
        (VERA, "alert_unacknowledged"),
    }
    place.store.acknowledge(asked.alert.id, LEE, place.clock.now())  # late, and still on record


async def test_a_worker_that_was_away_for_long_goes_on_where_it_stopped(place: Place) -> None:
    await place.ask()
    place.look(timedelta(hours=2))
    assert place.the(AlertKind.QUESTION).stands.tried == (PAT, PIA)


async def test_somebody_who_is_away_is_passed_over(place: Place) -> None:
    staffing, now = SqlStaffing(place.engine), place.clock.now()
    staffing.keep_absence(PAT, Absence(OPEN.date()), "holiday", LEE, now)
    asked = await place.ask()
    assert asked.stands.holder == PIA


@pytest.mark.parametrize("urgency", list(Urgency))
async def test_while_the_clinic_is_closed_urgent_alerts_go_to_who_is_on_call(
    engine: Engine, urgency: Urgency
) -> None:
    place = Place(engine, alerts=ALERTS)
    asked = await place.ask(CLOSED, urgency)
    if urgency is Urgency.ROUTINE:
        assert asked.stands.holder == PAT
        assert asked.stands.until == datetime(2037, 12, 2, 18, tzinfo=UTC)
        return
    assert asked.stands.phone == "555 0199"
    with pytest.raises(NotYoursToTakeError):
        place.store.acknowledge(asked.alert.id, VERA, CLOSED)
    taken = place.store.acknowledge(asked.alert.id, VERA, CLOSED, spoke_with="Dr. Night")
    assert taken.because == "called 555 0199, Dr. Night takes it"


async def test_the_clinics_question_to_the_vendor_runs_on_the_vendors_own_clock(
    engine: Engine,
) -> None:
    side = {
        "time_zone": "America/Chicago",
        "hours": {"start": "07:00", "end": "19:00"},
        "reply": {"routine": "3 business hours"},
    }
    place = Place(engine, alerts={"vendor": side})
    await place.flow.open_month(CLINIC, MONTH)
    at = datetime(2037, 12, 2, 0, 30, tzinfo=UTC)  # 18:30 in Chicago, the clinic is closed
    place.flow.move_to(at)
    to = SqlCareRecord(engine).cycle(place.cycle).plan.by_id
    event = Triggered(Trigger.ESCALATION, PAT, "Call her", Urgency.ROUTINE, to["outreach"].owner)
    await act(place.desk, Click(ClickId("ask"), place.cycle, PAT, event))
    place.look()
    asked = place.the(AlertKind.QUESTION)
    assert (asked.stands.holder, asked.alert.to_organization) == (VERA, "carebridge")
    assert asked.alert.reply_due_at == datetime(2037, 12, 2, 15, 30, tzinfo=UTC)
    assert asked.stands.until == datetime(2037, 12, 2, 16, 30, tzinfo=UTC)


async def test_who_sent_it_cannot_take_it_and_what_is_over_cannot_be_taken(place: Place) -> None:
    asked = await place.ask()
    with pytest.raises(NotYoursToTakeError):
        place.store.acknowledge(asked.alert.id, VERA, place.clock.now())
    await place.answer()
    with pytest.raises(AlertOverError):
        place.store.acknowledge(asked.alert.id, PIA, place.clock.now())


async def test_a_mail_server_that_refuses_is_asked_again_and_each_refusal_is_kept(
    place: Place,
) -> None:
    await place.ask()
    place.post.refuses = True
    assert place.mail() == place.mail() == 0
    place.post.refuses = False
    place.clock.instant += timedelta(minutes=6)
    assert place.mail() == 1
    assert place.acts()[2:] == ["mailing", "mail_refused", "mailing", "mailed"]


async def test_an_email_whose_worker_died_is_sent_again(place: Place) -> None:
    await place.ask()
    assert len(place.store.take_mailings(place.clock.now())) == 1  # and then nobody came back
    assert place.mail() == 0
    place.clock.instant += timedelta(minutes=11)
    assert place.mail() == 1


async def test_other_systems_are_told_and_the_alert_shows_it(place: Place) -> None:
    sealer = Sealer([b"k" * 32])
    wanted = frozenset({HookEvent.ALERT_GIVEN, HookEvent.ALERT_ACKNOWLEDGED})
    new = NewEndpoint(CLINIC, "https://example.org/hooks", wanted, None)
    SqlEndpoints(place.engine, sealer).add(new, place.clock.now())
    asked = await place.ask()
    place.store.acknowledge(asked.alert.id, PAT, place.clock.now())
    SqlOutbox(place.engine, sealer).fill(place.clock.now())
    hooks = place.the(AlertKind.QUESTION).hooks
    assert {one.event for one in hooks} == set(wanted)


async def test_the_ladder_tells_the_other_organization_with_an_alert(place: Place) -> None:
    await place.flow.open_month(CLINIC, MONTH)
    place.flow.move_to(OPEN + timedelta(days=20))
    place.look()
    notices = [one for one in place.all() if one.alert.kind is AlertKind.NOTICE]
    assert notices
    assert {one.alert.to_organization for one in notices} == {"elm"}


async def test_in_house_nothing_crosses_and_nothing_is_raised(engine: Engine) -> None:
    place = Place(engine)
    await place.flow.open_month(CLINIC, MONTH)
    place.flow.move_to(OPEN)
    event = Triggered(Trigger.ESCALATION, person("nat"), "A question", Urgency.URGENT)
    await act(place.desk, Click(ClickId("ask"), place.cycle, person("nat"), event))
    place.look()
    assert not [one for one in place.all() if one.alert.kind is AlertKind.QUESTION]


async def test_alerts_are_counted_on_the_scorecard_and_on_the_vendors_page(place: Place) -> None:
    await place.ask()
    place.look(timedelta(minutes=31))
    place.clock.instant += timedelta(hours=1)
    card = scorecard(place.engine, CLINIC, MONTH, place.clock.now())
    assert (card.count(Count.ALERTS), card.count(Count.LATE_ALERTS)) == (1, 1)
    (now,) = clinics_now(place.engine, [CLINIC], place.clock.now())
    assert (now.pulse.alerts, now.pulse.late_alerts) == (1, 1)


async def test_the_events_are_numbered_without_a_gap(place: Place) -> None:
    await place.ask()
    place.look(timedelta(minutes=31))
    with reading(place.engine) as session:
        rows = session.exec(select(AlertEventRow).order_by(col(AlertEventRow.number))).all()
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
