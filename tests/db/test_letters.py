"""The monthly letter goes to those who asked, once, and tells nothing about a patient."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
import yaml
from sqlalchemy import Engine, update
from sqlmodel import col

from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.letter_store import SqlLetters
from ccm_flow.adapters.db.people_store import SqlPeople
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.tables import CycleRow, PersonRow
from ccm_flow.adapters.db.views_scorecard import scorecard
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.app.letters import MOST_TRIES, can_be_told, send_letters
from ccm_flow.app.mail import Letter, MailError
from ccm_flow.app.scorecard import Scorecard
from ccm_flow.core.ids import ClinicId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.state import CycleStatus
from tests.web.conftest import CLINIC
from tests.web.records import Records, make_records

ELM, DECEMBER = ClinicId("elm"), Month(2026, 12)
MARIA, LEE = PersonId("elm.maria"), PersonId("elm.lee")
JANUARY = datetime(2027, 1, 4, 15, tzinfo=UTC)
LINK = "https://ccm.test"


@dataclass
class Post:
    """Keeps what it is given, or refuses."""

    refuses: bool = False
    letters: list[Letter] = field(default_factory=list)

    def send(self, letter: Letter) -> None:
        if self.refuses:
            raise MailError("not now")
        self.letters.append(letter)


@pytest.fixture
def there(engine: Engine) -> Records:
    """Make a clinic whose December runs, with two people who have addresses."""
    said = yaml.safe_load(CLINIC.format(id="elm"))
    SqlClinicStore(engine).apply(ClinicFile.model_validate(said), JANUARY)
    made = make_records(engine, "elm")
    with writing(engine) as session:
        session.exec(update(PersonRow).values(email=col(PersonRow.id) + "@elm.test"))
    for person in (MARIA, LEE):
        SqlPeople(engine).open_account(person, person, JANUARY)
        SqlLetters(engine).choose(ELM, person, wanted=True, now=JANUARY - timedelta(days=40))
    return made


def end_month(engine: Engine) -> None:
    with writing(engine) as session:
        session.exec(update(CycleRow).values(status=CycleStatus.ENDED, disposition="ready"))


def send(engine: Engine, post: Post, now: datetime = JANUARY) -> int:
    def card_of(clinic: ClinicId, month: Month) -> Scorecard:
        return scorecard(engine, clinic, month, now)

    return send_letters(SqlLetters(engine), post, LINK, card_of, now)


@pytest.mark.parametrize(
    ("today", "running", "told"),
    [
        (date(2026, 12, 31), 0, False),
        (date(2027, 1, 1), 0, True),
        (date(2027, 1, 9), 1, False),
        (date(2027, 1, 10), 1, True),
    ],
)
def test_a_month_is_told_when_nobody_runs_and_at_the_latest_on_the_10th(
    today: date, running: int, told: bool
) -> None:
    assert can_be_told(today, DECEMBER, running) is told


def test_who_asked_gets_one_letter_with_numbers_and_a_link_alone(
    engine: Engine, there: Records
) -> None:
    post = Post()
    assert send(engine, post) == 0  # a patient's month still runs
    end_month(engine)
    assert [send(engine, post), send(engine, post)] == [2, 0]
    assert {letter.to for letter in post.letters} == {"elm.maria@elm.test", "elm.lee@elm.test"}
    for letter in post.letters:
        assert f"{LINK}/clinics/elm/months/2026-12/scorecard" in letter.text
        assert "1  ended ready for billing" in letter.text
        assert not there.secrets_in(letter.subject + letter.text)
    assert send(engine, post, JANUARY + timedelta(days=20)) == 0


@pytest.mark.usefixtures("there")
def test_who_no_longer_wants_it_or_may_not_see_the_month_gets_none(engine: Engine) -> None:
    end_month(engine)
    SqlLetters(engine).choose(ELM, MARIA, wanted=False, now=JANUARY)
    SqlPeople(engine).disable(LEE, JANUARY)
    post = Post()
    assert send(engine, post) == 0
    assert not SqlLetters(engine).wants(ELM, MARIA)


@pytest.mark.usefixtures("there")
def test_a_mail_server_that_refuses_is_asked_again_later_and_not_for_ever(engine: Engine) -> None:
    end_month(engine)
    post = Post(refuses=True)
    assert send(engine, post) == 0
    post.refuses = False
    assert send(engine, post, JANUARY + timedelta(minutes=1)) == 0
    assert send(engine, post, JANUARY + timedelta(minutes=11)) == 2
    SqlLetters(engine).choose(ELM, PersonId("elm.nat"), wanted=True, now=JANUARY)
    SqlPeople(engine).open_account(PersonId("elm.nat"), "nat", JANUARY)
    post.refuses = True
    for number in range(MOST_TRIES + 2):
        send(engine, post, JANUARY + timedelta(hours=number + 1))
    post.refuses = False
    assert send(engine, post, JANUARY + timedelta(days=2)) == 0
