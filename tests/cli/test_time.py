"""Time through the commands: each one a process of its own, nothing kept between them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer.main
from sqlmodel import select, update

from ccm_flow.adapters.db.engine import open_database, writing
from ccm_flow.adapters.db.enrollment_store import enroll
from ccm_flow.adapters.db.tables import PatientRow, TimerRow
from ccm_flow.cli.main import app
from ccm_flow.core.ids import ClinicId, PatientId
from tests.cli.conftest import CLINIC, Place

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
EARLY = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def clinic(place: Place, few: Path) -> tuple[Place, str]:
    """Give a clinic with patients in the program, and one of them."""
    (place.folder / "clinic.yaml").write_text(CLINIC)
    place.did("clinic", "clinic.yaml")
    place.did("import", few)
    engine = open_database(f"sqlite:///{place.home / 'ccm.db'}")
    with writing(engine) as session:
        patients = [PatientId(one) for one in session.exec(select(PatientRow.id))]
    enrolled = enroll(engine, ClinicId("elm"), patients[:2], "CCM", EARLY)
    engine.dispose()
    return place, enrolled[0].enrollment[:6]


def test_a_timer_lives_on_between_processes(clinic: tuple[Place, str]) -> None:
    place, patient = clinic
    place.did("time", "start", patient, "--activity", "refill", "--by", "maria")
    again = place.ccm("time", "start", patient, "--activity", "results", "--by", "maria")
    assert again.code == 4
    assert "Maria Lopez's timer has been running since" in again.err
    assert "--switch" in again.err
    (timer,) = place.did("time", "list", "--json").data["timers"]
    assert (timer["person"], timer["activity"]) == ("elm.maria", "refill")
    _long_ago(place)
    late = place.ccm("time", "stop", "--by", "maria")
    assert late.code == 4
    assert "--until" in late.err
    place.did("time", "discard", "--because", "Went home", "--by", "maria")
    assert place.ccm("time", "stop", "--by", "maria").code == 4
    assert place.did("time", "list", "--json").data["timers"] == []


def _long_ago(place: Place) -> None:
    engine = open_database(f"sqlite:///{place.home / 'ccm.db'}")
    with writing(engine) as session:
        session.exec(update(TimerRow).values(started_at=EARLY))
    engine.dispose()


def test_time_is_entered_shown_and_corrected(clinic: tuple[Place, str]) -> None:
    place, patient = clinic
    add = ["time", "add", patient, "--activity", "refill", "--by", "maria", "--because", "paper"]
    day = "2026-03-09T10:00"
    (kept,) = place.did(*add, "--minutes", 6, "--started", day, "--json").data
    assert (kept["seconds"], kept["late"], kept["month"]) == (360, True, "2026-03")
    clash = place.ccm(*add, "--minutes", 6, "--started", "2026-03-09T10:05")
    assert clash.code == 4
    assert "It overlaps an entry of Maria Lopez" in clash.err
    place.did(
        *("time", "correct", kept["handle"], "--seconds", 400),
        *("--because", "From the phone's log", "--by", "lee"),
    )
    text = place.did("time", "list", "--month", "2026-03", "--patient", patient).out
    assert "Mon Mar 9: 6:40, of which 0:00 counts" in text
    assert "a correction took its place" in text
    assert "no consent was in force then" in text
    assert '"From the phone\'s log"' in text


BAD = [
    (["--started", "noon", "--minutes", "5"], 2, "'noon' is not a time"),
    (["--started", "2026-03-08T02:30", "--minutes", "5"], 2, "the clocks went forward"),
    (["--started", "2025-11-02T01:30", "--minutes", "5"], 2, "came twice"),
    (["--started", "2026-03-09T10:00"], 2, "How long did it take?"),
    (["--started", "2026-03-09T10:00", "--minutes", "241"], 2, "longer than 4 hours"),
    (["--started", "2099-03-09T10:00", "--minutes", "5"], 2, "in the future"),
    (["--started", "2026-03-09T10:00", "--minutes", "5"], 2, "needs a reason"),
    (["--started", "10:00", "--minutes", "5", "--program", "XYZ"], 2, "not a program"),
]


@pytest.mark.parametrize(("arguments", "code", "said"), BAD)
def test_bad_time_is_refused_in_a_sentence_and_nothing_is_kept(
    clinic: tuple[Place, str], arguments: list[str], code: int, said: str
) -> None:
    place, patient = clinic
    ran = place.ccm("time", "add", patient, "--activity", "refill", "--by", "maria", *arguments)
    assert ran.code == code
    assert said in ran.err
    assert place.dump()["time_entry"] == []


def test_the_kinds_of_work_say_whether_they_count(place: Place) -> None:
    listed = {
        one["activity"]: one["counts"] for one in place.did("time", "activities", "--json").data
    }
    assert listed["refill"]
    assert not listed["administration"]


def test_an_empty_month_has_nothing_to_audit(clinic: tuple[Place, str]) -> None:
    place, _ = clinic
    assert "Nothing stands out" in place.did("time", "audit").out


def test_a_clinic_without_credentials_is_told_what_that_means(place: Place) -> None:
    (place.folder / "clinic.yaml").write_text(CLINIC.replace(", credential: ma", ""))
    assert "no credential is given for maria" in place.did("clinic", "clinic.yaml").out


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("credential: np", "credential: nurse", "is not a credential"),
        ("credential: np", 'credential: np, npi: "1234567890"', "is not an NPI"),
        ("credential: rn", 'credential: rn, npi: "1234567893"', "only a practitioner has an NPI"),
    ],
)
def test_a_wrong_licence_is_refused(place: Place, was: str, now: str, said: str) -> None:
    (place.folder / "clinic.yaml").write_text(CLINIC.replace(was, now, 1))
    ran = place.ccm("clinic", "clinic.yaml")
    assert ran.code == 2
    assert said in ran.err


def test_a_step_whose_time_overlaps_is_done_and_the_person_is_told(
    clinic_home: Place, fresh_step: Callable[[], str]
) -> None:
    first, second = fresh_step(), fresh_step()
    fields = ["--field", "conditions=diabetes and hypertension", "--field", "coverage=yes"]
    done = ["--outcome", "eligible", "--minutes", 30, "--by", "lee", *fields]
    clinic_home.did("complete", first, *done)
    ran = clinic_home.did("complete", second, *done)
    assert "Eligible, done by Lee Moss" in ran.out
    assert "The time is kept but does not count: it overlaps an entry of Lee Moss" in ran.out


def test_every_time_command_and_option_is_documented() -> None:
    group = typer.main.get_command(app).commands["time"]  # type: ignore[attr-defined]
    parts = re.split(r"^### `ccm ", PAGE, flags=re.MULTILINE)
    for name, command in group.commands.items():
        section = next((part for part in parts if part.startswith(f"time {name}")), "")
        assert f"    ccm time {name}" in section, name
        options = [option for one in command.params for option in one.opts if option[:2] == "--"]
        missing = [one for one in options if one not in section and one != "--help"]
        assert missing == [], name
