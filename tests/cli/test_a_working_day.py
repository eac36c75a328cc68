"""People work through the commands: against a real server, each command a process."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Place

ELIGIBLE = [
    "--outcome",
    "eligible",
    "--field",
    "conditions=diabetes and hypertension, in the problem list",
    "--field",
    "coverage=yes",
]


def test_status_ends_cleanly_ten_times_in_a_row(clinic_home: Place) -> None:
    codes = [clinic_home.from_scratch("status").code for _ in range(10)]
    assert codes == [0] * 10


def test_status_tells_programs_what_runs(clinic_home: Place) -> None:
    data = clinic_home.did("status", "--json").data
    assert data["ready"]
    assert data["server_answers"]
    assert set(data["children"]) == {"server", "worker"}


def test_a_second_start_is_refused_and_the_first_goes_on(clinic_home: Place) -> None:
    ran = clinic_home.ccm("start")
    assert ran.code == 3
    assert "already running" in ran.err
    assert clinic_home.ccm("status").code == 0


def test_enrolling_again_changes_nothing(clinic_home: Place, many: Path) -> None:
    before = clinic_home.dump()["enrollment"]
    data = clinic_home.did("enroll", "--json").data
    assert (data["enrolled"], data["enrollments_started"]) == (0, 0)
    assert data["not_enrolled"] + data["already_in_the_program"] == len(list(many.iterdir()))
    assert sum(data["reasons"].values()) >= data["not_enrolled"]
    assert clinic_home.dump()["enrollment"] == before


def test_a_completed_step_leads_to_the_next_and_stands_in_the_timeline(
    clinic_home: Place, fresh_step: Callable[[], str]
) -> None:
    step = fresh_step()
    ran = clinic_home.did(
        "complete", step, *ELIGIBLE, "--minutes", 4, "--note", "ok", "--by", "lee"
    )
    assert "Eligible, done by Lee Moss" in ran.out
    assert "Introduce the program: opened for" in ran.out
    handle = step.partition(".")[0]
    data = clinic_home.did("patient", handle, "--json").data
    assert [one["status"] for one in data["steps"]] == ["done", "open"]
    assert data["steps"][0]["timing"] == "met"
    assert data["minutes"] == 4
    assert data["notes"] == 1
    text = clinic_home.did("patient", handle).out
    assert "What happened (America/New_York)" in text
    assert "interested, not_interested, unreachable, no_answer, left_message" in text


def test_an_attempt_leaves_the_step_open_with_the_next_one_planned(
    clinic_home: Place, fresh_step: Callable[[], str]
) -> None:
    start = fresh_step().partition(".")[0]
    clinic_home.did("complete", f"{start}.identify", *ELIGIBLE, "--by", "lee")
    clinic_home.did(
        "complete",
        f"{start}.introduce",
        "--outcome",
        "no_answer",
        "--channel",
        "phone",
        "--by",
        "lee",
    )
    rows = clinic_home.did("queue", "--json").data["steps"]
    row = next(row for row in rows if row["handle"] == f"{start}.introduce")
    assert (row["attempt"], row["attempts_allowed"]) == (2, 4)
    assert [why["kind"] for why in row["why"]] == ["attempt_planned"]


def test_consent_is_not_recorded_beside_a_step_that_asks_for_it(
    clinic_home: Place, fresh_step: Callable[[], str]
) -> None:
    start = fresh_step().partition(".")[0]
    clinic_home.did("complete", f"{start}.identify", *ELIGIBLE, "--by", "lee")
    introduced = ("--outcome", "interested", "--channel", "phone", "--by", "lee")
    note = ("--field", "spoke_with=patient", "--field", "answer=Gladly")
    clinic_home.did("complete", f"{start}.introduce", *introduced, *note)
    agreed = ("--accept", "--statements", "all", "--signature", "Yes", "--by", "lee")
    ran = clinic_home.ccm("consent", start, *agreed)
    assert ran.code == 4
    assert f"ccm complete {start}.consent --outcome consented" in ran.err
    assert clinic_home.did("consent", start, "--json").data["answers"] == []


REFUSALS = [
    (["--outcome", "reached", "--by", "lee"], "'reached' is not an outcome"),
    (["--outcome", "eligible", "--by", "bill"], "belongs to the coordinator"),
    (["--outcome", "eligible", "--by", "zed"], "Nobody at 'elm' is called 'zed'"),
]


@pytest.mark.parametrize(("arguments", "said"), REFUSALS)
def test_a_refused_completion_leaves_no_trace(
    clinic_home: Place, fresh_step: Callable[[], str], arguments: list[str], said: str
) -> None:
    step = fresh_step()
    before = clinic_home.dump()
    ran = clinic_home.ccm("complete", step, "--minutes", 9, "--note", "x", *arguments)
    assert ran.code == 4
    assert said in ran.err
    assert clinic_home.dump() == before


@pytest.mark.parametrize(
    "arguments", [["--channel", "pigeon"], ["--consent", "nodded"], ["--minutes", "-3"]]
)
def test_a_word_that_is_none_is_bad_input(
    clinic_home: Place, fresh_step: Callable[[], str], arguments: list[str]
) -> None:
    step = fresh_step()
    before = clinic_home.dump()
    ran = clinic_home.ccm("complete", step, "--outcome", "eligible", "--by", "lee", *arguments)
    assert ran.code == 2
    assert clinic_home.dump() == before


def test_a_second_completion_and_a_closed_cycle_are_refused_without_a_trace(
    clinic_home: Place, fresh_step: Callable[[], str]
) -> None:
    step = fresh_step()
    finish = ["complete", step, "--outcome", "not_eligible", "--minutes", 3, "--by", "lee"]
    clinic_home.did(*finish)
    before = clinic_home.dump()
    again = clinic_home.ccm(*finish)
    assert again.code == 4
    assert "done already as 'not_eligible'" in again.err
    assert "closed for the patient (not enrolled)" in again.err
    handle = step.partition(".")[0]
    for command in ("pause", "withdraw", "escalate"):
        ran = clinic_home.ccm(command, handle, "--because", "x", "--by", "lee")
        assert ran.code == 4
        assert "No month is running" in ran.err
    assert clinic_home.dump() == before


def test_the_same_click_sent_again_counts_once(
    clinic_home: Place, fresh_step: Callable[[], str]
) -> None:
    command = ["complete", fresh_step(), *ELIGIBLE, "--minutes", 5, "--by", "lee"]
    first = clinic_home.did(*command, "--json").data
    click = first[0]["click"]
    before = clinic_home.dump()
    second = clinic_home.did(*command, "--json", "--click", click).data
    assert second == first
    assert clinic_home.dump() == before


def test_pausing_stops_the_clock_and_resuming_starts_it(
    clinic_home: Place, fresh_step: Callable[[], str]
) -> None:
    handle = fresh_step().partition(".")[0]
    clinic_home.did("pause", handle, "--because", "Admitted", "--by", "maria")
    last = clinic_home.did("queue", "--json").data["steps"][-1]
    assert last["handle"] == f"{handle}.identify"
    assert (last["due_at"], last["why"][0]["kind"]) == (None, "paused")
    again = clinic_home.ccm("pause", handle, "--because", "Admitted", "--by", "maria")
    assert again.code == 4
    assert "already paused" in again.err
    clinic_home.did("resume", handle, "--because", "Home", "--by", "maria")
    data = clinic_home.did("patient", handle, "--json").data
    assert data["cycle"]["status"] == "running"
    assert data["steps"][0]["due_at"] is not None


def test_a_step_changes_hands_and_gets_more_time(
    clinic_home: Place, fresh_step: Callable[[], str]
) -> None:
    step = fresh_step()
    clinic_home.did("reassign", step, "--to", "nat", "--because", "Ill", "--by", "lee")
    mine = clinic_home.did("queue", "--owner", "nat", "--json").data["steps"]
    assert step in [row["handle"] for row in mine]
    was = next(row["due_at"] for row in mine if row["handle"] == step)
    clinic_home.did("extend", step, "6 business days", "--because", "Holiday", "--by", "lee")
    rows = clinic_home.did("queue", "--role", "nurse", "--json").data["steps"]
    assert next(row["due_at"] for row in rows if row["handle"] == step) > was
    other = clinic_home.ccm("reassign", step, "--to", "bill", "--by", "lee")
    assert other.code == 4
    assert "no role in this playbook" in other.err


def test_withdrawing_ends_the_enrollment(clinic_home: Place, fresh_step: Callable[[], str]) -> None:
    handle = fresh_step().partition(".")[0]
    clinic_home.did("withdraw", handle, "--because", "Moves away", "--by", "lee")
    data = clinic_home.did("patient", handle, "--json").data
    assert data["enrollment"]["status"] == "withdrawn"
    assert data["cycle"]["disposition"] == "withdrawn"


def test_the_queue_reads_well_at_80_columns_and_in_a_pipe(clinic_home: Place) -> None:
    steps = clinic_home.did("queue", "--json").data["steps"]
    narrow = clinic_home.ccm("queue", COLUMNS="80").out
    assert max(map(len, narrow.splitlines())) <= 80
    piped = clinic_home.did("queue").out.splitlines()
    for row in steps:
        assert row["handle"] in narrow
        line = next(line for line in piped if line.startswith(row["handle"]))
        assert row["patient_name"] in line
        assert row["owner_name"] in line
    assert not set("│┃━─┏└") & set(narrow)


def test_a_patient_is_found_by_record_number_and_whole_cycle_name(clinic_home: Place) -> None:
    row = clinic_home.did("queue", "--json").data["steps"][0]
    by_mrn = clinic_home.did("patient", row["mrn"], "--json").data
    assert by_mrn["enrollment"]["enrollment"] == row["enrollment"]
    whole = f"{row['cycle']}/{row['key']}"
    ran = clinic_home.ccm("complete", whole, "--outcome", "nonsense", "--by", "lee")
    assert "'nonsense' is not an outcome" in ran.err


def test_the_month_reports_every_patient_once(clinic_home: Place) -> None:
    data = clinic_home.did("month", "--kind", "enrollment", "--json").data
    enrollments = [row["enrollment"] for row in data["rows"]]
    assert len(enrollments) == len(set(enrollments)) == data["totals"]["patients"]
    assert sum(data["by_state"].values()) == data["totals"]["patients"]
    assert sum(row["minutes"] for row in data["rows"]) == data["totals"]["minutes"]


def test_opening_a_month_for_nobody_says_so(clinic_home: Place) -> None:
    data = clinic_home.did("open-month", "--json").data
    assert data["started"] == 0
    assert json.dumps(data)


def test_an_unknown_cycle_cannot_be_escalated(clinic_home: Place) -> None:
    ran = clinic_home.ccm("escalate", "zz.outreach", "--because", "x", "--by", "lee")
    assert ran.code == 4


def test_a_note_that_lacks_something_is_kept_as_a_draft_and_finished_later(
    clinic_home: Place, fresh_step: Callable[[], str]
) -> None:
    step = fresh_step()
    begun = ["complete", step, "--outcome", "eligible", "--by", "lee", "--note", "Looked"]
    ran = clinic_home.ccm(*begun, "--field", "conditions=diabetes and hypertension")
    assert ran.code == 4
    assert "'Coverage checked' must be filled in." in ran.err
    assert "kept as a draft" in ran.err
    clinic_home.did(*begun[:6], "--field", "coverage=yes")
    (note,) = clinic_home.did("note", "list", "--patient", step.split(".")[0], "--json").data
    assert note["text"] == "Looked"
    assert note["fields"] == {"conditions": "diabetes and hypertension", "coverage": True}
    assert note["signature"]["holds"]


def test_a_note_is_signed_later_amended_and_co_signed(
    clinic_home: Place, fresh_step: Callable[[], str]
) -> None:
    step = fresh_step()
    patient = step.split(".")[0]
    clinic_home.did("complete", step, *ELIGIBLE, "--by", "maria", "--no-sign")
    unsigned = ("note", "list", "--unsigned", "--patient", patient, "--json")
    (note,) = clinic_home.did(*unsigned).data
    other = clinic_home.ccm("note", "sign", note["handle"], "--by", "ben")
    assert (other.code, "The note is Maria Lopez's" in other.err) == (4, True)
    clinic_home.did("note", "sign", note["handle"], "--by", "maria")
    clinic_home.did("note", "cosign", note["handle"], "--by", "pat")
    why = ["--text", "Also asthma", "--because", "Forgotten", "--by", "maria"]
    clinic_home.did("note", "amend", note["handle"], *why)
    text = clinic_home.did("note", "show", note["handle"]).out
    assert text.index("Co-signed") < text.index("Added because: Forgotten")
    (original,) = clinic_home.did(*unsigned).data
    assert [one["text"] for one in original["amendments"]] == ["Also asthma"]


def test_a_care_plan_is_drafted_finished_shared_and_shown(
    clinic_home: Place, fresh_step: Callable[[], str]
) -> None:
    patient = fresh_step().split(".")[0]
    assert clinic_home.ccm("care-plan", "show", patient).code == 4
    draft = clinic_home.did("care-plan", "draft", patient).out
    assert "(to be confirmed)" in draft
    file = clinic_home.folder / "plan.yaml"
    file.write_text(draft)
    write = ("care-plan", "write", patient, "plan.yaml", "--by", "nat")
    ran = clinic_home.ccm(*write)
    assert ran.code == 1
    assert "to be confirmed." in ran.out
    file.write_text("problems: 3\nreview_on: soon\n")
    before = clinic_home.dump()
    bad = clinic_home.ccm(*write)
    assert bad.code == 2
    assert "(problems)" in bad.err
    assert "(review_on)" in bad.err
    assert clinic_home.dump() == before
    file.write_text(json.dumps(COMPLETE))
    clinic_home.did(*write)
    assert clinic_home.ccm("care-plan", "show", patient).code == 1
    given = ("--to", "patient", "--how", "portal", "--by", "maria")
    clinic_home.did("care-plan", "share", patient, *given)
    clinic_home.did("care-plan", "approve", patient, "--by", "pat")
    assert "Complete, current and shared." in clinic_home.did("care-plan", "show", patient).out
    data = clinic_home.did("care-plan", "show", patient, "--json").data
    assert (data["counts"], [one["version"] for one in data["versions"]]) == (True, [2, 1])


COMPLETE = {
    "problems": ["diabetes"],
    "outcome": "Stable",
    "goals": [{"goal": "Sugar", "measure": "HbA1c", "target": "below 7.5", "by": "2099-01-01"}],
    "symptoms": ["Call for dizziness"],
    "interventions": [{"what": "Monthly call", "who": "coordinator"}],
    "medicines": ["metformin"],
    "services": ["none needed"],
    "coordination": ["none needed"],
    "function": "Independent",
    "caregiver": "None needed",
    "environment": "Safe",
    "prevention": ["influenza vaccination"],
    "review_on": "2099-01-01",
}


def test_a_script_speaks_in_the_clinics_name_and_says_what_is_not_on_file(
    clinic_home: Place, fresh_step: Callable[[], str]
) -> None:
    start = fresh_step().partition(".")[0]
    clinic_home.did("complete", f"{start}.identify", *ELIGIBLE, "--by", "lee")
    ran = clinic_home.did("script", f"{start}.introduce")
    assert "Elm Street Clinic" in ran.out
    spanish = clinic_home.did("script", f"{start}.introduce", "--language", "es", "--json").data
    assert spanish["language"] == "es"
    assert "[clinic phone]" in spanish["text"]
    assert spanish["not_on_file"] == ["clinic.phone"]
    none = clinic_home.ccm("script", f"{start}.identify")
    assert (none.code, "has no script" in none.err) == (4, True)
