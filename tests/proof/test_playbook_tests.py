"""The language in which authors test their playbooks: what it says when something is not so."""

import pytest

from ccm_flow.proof import PlaybookTests, render_tests, run_playbook_tests
from ccm_flow.proof import tests_as_json as as_json
from tests.proof.helpers import PLAYBOOKS, calendar_of, loader, run_file

HEAD = """\
playbook: ccm_monthly.yaml
month: 2026-12
clinic: {opens: "08:30", closes: "17:00", closures: [2026-12-24]}
team: {coordinator: Ann, nurse: Nat}
facts: {consent: true}
tests:
  - name: One test
    steps:
"""


def run(*lines: str, head: str = HEAD) -> PlaybookTests:
    """Run one test with these lines."""
    text = head + "".join(f"      - {line}\n" for line in lines)
    return run_playbook_tests(text, "my.tests.yaml", loader(PLAYBOOKS), calendar_of)


def test_a_failure_shows_what_was_expected_and_found_at_its_line() -> None:
    """With the caret under the words that do not hold."""
    tests = run(
        "Dec 1 10:00: prepare prepared",
        "expect: outreach owned by coordinator; medication_review owned by coordinator",
    )
    assert not tests.passed
    assert render_tests(tests).splitlines() == [
        "  FAIL  One test",
        "my.tests.yaml:10:48: error PT501: Dec 1 10:00: expected medication_review owned by "
        "coordinator; found: medication_review open owned by nurse due Dec 14 17:00.",
        "   10 |       - expect: outreach owned by coordinator; medication_review owned by "
        "coordinator",
        "      | " + " " * 47 + "^" * 38,
        "my.tests.yaml: 0 passed, 1 failed.",
    ]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("expect: outreach open", "it never opened; open: prepare"),
        ("expect: prepare owned by coordinator due Dec 4", "due Dec 3 17:00"),
        ("expect: prepare owned by Ann due Dec 3 16:00", "due Dec 3 17:00"),
        ("expect: prepare owned by nurse", "open owned by coordinator"),
        ("expect: prepare late", "prepare open owned by coordinator"),
        ("expect: prepare done prepared", "prepare open owned by coordinator"),
        ("expect: prepare skipped", "prepare open owned by coordinator"),
        ("expect: prepare not open", "prepare open owned by coordinator"),
        ("expect: nobody owns prepare", "prepare open owned by coordinator"),
        ("expect: prepare never opened", "prepare open owned by coordinator"),
        ("expect: prepare opened twice", "opened 1 times"),
        ("expect: nothing open", "open: prepare"),
        ("expect: only prepare, outreach open", "open: prepare"),
        ("expect: ended ready", "not ended; open: prepare"),
        ("expect: paused", "found: running"),
        ("expect: refused", "it was taken"),
        ("expect: no blockers", "the month was not checked yet"),
        ("expect: outreach next attempt Dec 4", "no attempt is planned"),
        ("expect: reminded coordinator about prepare", "nobody was told anything"),
        ("Dec 1 10:00: outreach reached", "'outreach' has not opened yet"),
        ("Dec 1 10:00: prepare prepared by biller", "is refused (wrong_role)"),
        ("Dec 1 10:00: resume", "is refused (not_paused)"),
        ("Dec 1 10:00: {do: prepare prepared, refused: wrong_role}", "it was taken"),
    ],
)
def test_what_is_not_so_is_told(line: str, found: str) -> None:
    """Every form of expectation says what there is instead."""
    tests = run("Dec 1 09:00: null", line)
    assert [found in each.message for each in tests.outcomes[0].failures] == [True], render_tests(
        tests
    )


@pytest.mark.parametrize(
    "line",
    [
        "expect: only prepare open; prepare owned by Ann due day 3 on time; not checked; running",
        "day 1 10:00: prepare prepared",
        "business day 2: null",
        "business day -2: null",
        "month end 09:00: null",
        "Jan 4: null",
        "Dec 1 10:00: urgent escalation happens for nurse because chest pain",
        "Dec 1 10:00: extend prepare by 5 business days because many new patients",
        "Dec 1 10:00: give prepare to Nat because day off",
        "Dec 1 10:00: prepare prepared by program_lead",
        "Dec 1 10:00: {do: skip prepare, refused: not_optional}",
        "Dec 1 10:00: {minutes: 12, risk: high}",
        "Dec 1 10:00: patient withdraws because moved away",
        "Dec 1 10:00: close month",
    ],
)
def test_every_form_is_understood(line: str) -> None:
    """And holds."""
    tests = run(line)
    assert tests.passed, render_tests(tests)


def test_reported_refusals_may_be_expected_in_the_next_line() -> None:
    """It reads like a conversation."""
    assert run("Dec 1 10:00: resume", "expect: refused not_paused").passed


@pytest.mark.parametrize(
    ("line", "code", "column", "hint"),
    [
        ("Dec 1 10:00: outrech reached", "PT303", 22, "Did you mean 'outreach'?"),
        ("Dec 1 10:00: outreach reachd", "PT305", 31, "Did you mean 'reached'?"),
        ("Dec 1 10:00: outreach reached by nurs", "PT304", 42, "Did you mean 'nurse'?"),
        ("Dec 1 10:00: discharg happens", "PT306", 22, "Did you mean 'discharge'?"),
        ("Dec 1 10:00: outreach no_answer via fone", "PT307", 45, "Did you mean 'phone'?"),
        ("Dec 1 10:00: call the patient", "PT302", 22, "STEP OUTCOME"),
        ("Dez 1 10:00: null", "PT301", 9, "Did you mean 'dec'?"),
        ("Dec 32: null", "PT301", 9, "Write `Dec 3 10:00`"),
        ("Dec 1 25:00: null", "PT301", 9, "Write `Dec 3 10:00`"),
        ("tomorrow: null", "PT301", 9, "Write `Dec 3 10:00`"),
        ("Dec 1 10:00: {do: prepare prepared, minuts: 3}", "PT102", 45, "Did you mean 'minutes'?"),
        ("Dec 1 10:00: {minutes: many}", "PT105", 32, "countable work"),
        ("expect: outreach is fine", "PT401", 17, "STEP owned by ROLE"),
        ("expect: ended redy", "PT402", 23, "Did you mean 'ready'?"),
        ("expect: blockers minuts", "PT403", 26, "Did you mean 'minutes'?"),
        ("expect: prepare owned by nurs", "PT304", 34, "Did you mean 'nurse'?"),
        ("prepare prepared", "PT112", 9, "Write `- Dec 2 10:00"),
    ],
)
def test_mistakes_are_shown_where_they_are(line: str, code: str, column: int, hint: str) -> None:
    """With a suggestion; and no test is run."""
    tests = run(line)
    assert tests.outcomes == ()
    (problem,) = tests.problems
    assert (problem.code, problem.line, problem.column) == (code, 9, column), problem.render()
    assert hint in problem.hint


def test_lines_are_in_the_order_of_time() -> None:
    """A line before the one above it is a mistake."""
    tests = run("Dec 3 10:00: null", "Dec 2 10:00: null")
    assert [(each.code, each.line) for each in tests.problems] == [("PT111", 10)]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("playbook: ccm_monthly.yaml", "playbook: none.yaml", "PT106"),
        ("playbook: ccm_monthly.yaml", "title: x", "PT106"),
        ("month: 2026-12", "month: 2026-13", "PT103"),
        ("month: 2026-12", "monht: 2026-12", "PT102"),
        ('opens: "08:30"', 'opens: "8h30"', "PT103"),
        ("2026-12-24", "2026-12-42", "PT103"),
        ("nurse: Nat", "nuse: Nat", "PT102"),
        ("consent: true", "consent: 3", "PT105"),
        ("consent: true", "konsent: true", "PT104"),
        ("name: One test", "title: One test", "PT109"),
    ],
)
def test_the_head_of_a_file_is_checked(old: str, new: str, code: str) -> None:
    """Before anything is run."""
    tests = run("Dec 1 10:00: prepare prepared", head=HEAD.replace(old, new))
    assert code in [problem.code for problem in tests.problems]


def test_bad_yaml_is_a_problem_too() -> None:
    """In the language's own words."""
    tests = run("expect: blockers: minutes")
    assert [problem.code for problem in tests.problems] == ["PB101"]


def test_results_are_plain_values_in_json() -> None:
    """For other programs."""
    given = as_json(run_file(PLAYBOOKS / "enrollment.tests.yaml"))
    assert given["passed"] is True
    assert given["playbook"] == "enrollment"
    assert given["tests"][0]["line"] > 1
