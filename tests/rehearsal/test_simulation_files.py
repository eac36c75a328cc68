"""Behaviour files and staff files: every mistake at its place, all of them at once."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from ccm_flow.adapters.shipped import shipped
from ccm_flow.adapters.simulation_files import PRESETS, default_behaviour, staff_file
from ccm_flow.core.behaviour import Behaviour
from ccm_flow.core.credentials import Credential
from ccm_flow.core.ids import PersonId, RoleId, StepId
from ccm_flow.core.plan import Channel
from ccm_flow.demo.staff import MONTHLY_STAFF
from ccm_flow.language.behaviour_read import read_behaviour
from ccm_flow.language.sim_codes import SIM_CODES
from ccm_flow.language.staff_read import read_staff
from tests.rehearsal.questions import monthly_plan

ROOT = Path(__file__).parents[2]
BEHAVIOUR = "behaviour: ours\nsources: {seen: We counted.}\n"
EVERYBODY = "{coordinator: 60, nurse: 60, practitioner: 20, biller: 20, program_lead: 20}"
TEAM = f"staff: ours\npeople:\n  - {{id: ann, roles: {EVERYBODY}}}\n"


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("reached: {fone: {percent: 5, source: seen}}", "SM304", 11),
        ("reached: {phone: {percent: 120, source: seen}}", "SM206", 28),
        ("reached: {phone: {percent: 5, source: heard}}", "SM301", 39),
        ("late: {percent: 3}", "SM203", 7),
        ("late: {percent: often, source: seen}", "SM202", 17),
        ("chart: {cosent: {percent: 3, source: seen}}", "SM201", 9),
        ("credentials: {nurse: {credential: md, source: seen}}", "SM304", 35),
        ("outcomes: {outreach: {weights: {reached: 0}, source: seen}}", "SM503", 32),
        ("outcomes: {outreach: {weights: {answered: 1}, source: seen}}", "SM309", 33),
        ("minutes: {outrech: {minutes: 15, source: seen}}", "SM309", 11),
        ('reached: {text: {percent: 5, source: seen, hours: [{from: "25:00", percent: 1}]}}',
         "SM403", 59),
        ('reached: {text: {percent: 5, source: seen, hours: [{from: noon, percent: 1}]}}',
         "SM401", 59),
    ],
)  # fmt: skip
def test_a_mistake_in_a_behaviour_file_is_at_its_place(line: str, code: str, column: int) -> None:
    found = read_behaviour(BEHAVIOUR + line, "ours.yaml", plan=monthly_plan())
    assert [(one.code, one.line, one.column) for one in found.problems] == [(code, 3, column)]
    assert (found.value is None) is (code != "SM309")


@pytest.mark.parametrize(
    ("person", "code", "column"),
    [
        ("{id: bob, roles: {nurse: 0}}", "SM501", 22),
        ("{id: ann, roles: {nurse: 5}}", "SM305", 10),
        ("{id: Bob, roles: {nurse: 5}}", "SM204", 10),
        ("{id: bob, roles: {nurse: 5}, hours: 17:00-09:00}", "SM402", 41),
        ("{id: bob, roles: {nurse: 5}, hours: 09:00-25:00}", "SM403", 41),
        ("{id: bob, roles: {nurse: 5}, hours: all day}", "SM401", 41),
        ("{id: bob, roles: {nurse: 70}, hours: 09:00-10:00}", "SM502", 22),
        ("{id: bob, roles: {nurse: 5}, days: [mon, fry]}", "SM304", 46),
        ("{id: bob, roles: {nurse: 5}, days: [mon, mon]}", "SM305", 46),
        ("{id: bob, roles: {nurse: 5}, organization: us}", "SM304", 48),
        ("{id: bob, roles: {nurse: 5}, cost_per_hour: -3}", "SM401", 49),
        ("{id: bob, roles: {cook: 5}}", "SM309", 23),
        ("{id: bob, roles: {nurse: 5}, absences: [{from: 2026-12-24, to: 2026-12-20}]}",
         "SM402", 68),
        ("{id: bob, roles: {nurse: 5}, absences: [{from: Xmas, to: 2026-12-20}]}", "SM401", 52),
        ("{id: bob}", "SM203", 5),
    ],
)  # fmt: skip
def test_a_team_that_cannot_be_is_an_error_at_its_place(
    person: str, code: str, column: int
) -> None:
    found = read_staff(f"{TEAM}  - {person}\n", "ours.yaml", monthly_plan())
    assert [(one.code, one.line, one.column) for one in found.problems] == [(code, 4, column)]
    assert (found.value is None) is (code != "SM309")


def test_a_role_that_nobody_holds_is_named_with_a_step_that_would_wait_for_ever() -> None:
    found = read_staff(TEAM.replace("biller: 20, ", ""), "ours.yaml", monthly_plan())
    assert [one.code for one in found.problems] == ["SM303"]
    assert "'biller'" in found.problems[0].message
    assert found.problems[0].place == "ours.yaml:2:1"


def test_all_mistakes_are_told_at_once() -> None:
    text = "staff: x\npeople:\n  - {id: A, roles: {}}\n  - {id: A, roles: {nurse: 1}, days: []}\n"
    found = read_staff(text, "x.yaml", monthly_plan())
    assert {one.code for one in found.errors} >= {"SM204", "SM501", "SM305", "SM303"}
    assert found.value is None


@pytest.mark.parametrize("text", ["", "- 1", "staff: x", "a: &a [*a]", "\x00", "{", "staff: !x y"])
def test_whatever_the_text_the_answer_is_a_problem(text: str) -> None:
    for read in (read_staff(text, "x.yaml"), read_behaviour(text, "x.yaml")):
        assert read.errors
        assert all(one.code in SIM_CODES for one in read.problems)


def test_what_a_file_leaves_out_is_as_in_the_shipped_one() -> None:
    line = "late: {percent: 1, source: seen}\ndelays: {nurse: {hours: 9, source: seen}}\n"
    ours = read_behaviour(BEHAVIOUR + line, "ours.yaml", default_behaviour()).value
    shipped_one = default_behaviour()
    assert ours is not None
    assert ours.behaviour.late == 0.01
    assert ours.behaviour.delays[RoleId("nurse")] == timedelta(hours=9)
    assert ours.behaviour.delays[RoleId("practitioner")] == timedelta(hours=3)
    assert ours.behaviour.reach_by == shipped_one.behaviour.reach_by
    assert ours.basis["late"] == "We counted."
    assert ours.basis["forgotten"] == shipped_one.basis["forgotten"]


def test_contact_by_phone_depends_on_the_hour() -> None:
    phone = default_behaviour().behaviour.reach_by[Channel.PHONE]
    assert [phone.at(60 * hour) for hour in (9, 11, 15, 16)] == [0.58, 0.62, 0.62, 0.68]


def test_every_default_has_a_source_and_stands_in_the_document() -> None:
    text = (ROOT / "docs" / "simulation.md").read_text(encoding="utf-8")
    basis = default_behaviour().basis
    assert all(basis.values())
    assert [setting for setting in basis if f"`{setting}`" not in text] == []
    assert [code for code in SIM_CODES if f"### {code}\n" not in text] == []


@pytest.mark.parametrize("name", PRESETS)
def test_the_shipped_teams_work_the_shipped_monthly_playbook(name: str) -> None:
    found = staff_file(Path(name), monthly_plan())
    assert found.problems == ()
    assert found.value is not None
    assert all(one.cost_per_hour is None for one in found.value.people), "no wage is made up"


def test_a_team_is_read_as_it_is_written() -> None:
    text = (
        "staff: ours\npanel: 250\nhours: 08:00-16:30\npeople:\n"
        f"  - {{id: ann, name: Ann Roy, roles: {EVERYBODY}, credential: rn, cost_per_hour: 28.50,"
        " organization: vendor, days: [tue], absences: [{from: 2026-12-01, to: 2026-12-02}]}\n"
    )
    staff = read_staff(text, "ours.yaml", monthly_plan()).value
    assert staff is not None
    (ann,) = staff.people
    assert (staff.panel, staff.teams(251), ann.id) == (250, 2, PersonId("ann"))
    assert (ann.starts, ann.ends, ann.weekdays) == (480, 990, frozenset([1]))
    assert (ann.credential, ann.cost_per_hour) == (Credential.RN, Decimal("28.50"))
    assert ann.protected[RoleId("nurse")] == 60
    assert staff.scaled(125).people[0].protected[RoleId("nurse")] == 30


def test_the_demo_behaves_as_it_did_before_there_were_files() -> None:
    assert (MONTHLY_STAFF.no_shows, MONTHLY_STAFF.spread) == (0.0, Behaviour().spread)
    assert not MONTHLY_STAFF.reach_by
    assert not MONTHLY_STAFF.work
    assert StepId("outreach") in MONTHLY_STAFF.outcomes


def test_the_shipped_files_are_found_where_they_are_shipped() -> None:
    folder = shipped("rules")
    assert (folder / "behaviour" / "default.yaml").is_file()
    assert sorted(file.stem for file in (folder / "staff").glob("*.yaml")) == sorted(PRESETS)
