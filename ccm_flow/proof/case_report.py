"""Shows how a file of playbook tests went."""

from typing import Any

from ccm_flow.language import Problem
from ccm_flow.proof.case_run import PlaybookTests, TestOutcome


def render_tests(tests: PlaybookTests) -> str:
    """Show each test in one line, and below it what was expected and what was found."""
    if tests.problems:
        return "\n\n".join(problem.render() for problem in tests.problems)
    failed = sum(not outcome.passed for outcome in tests.outcomes)
    lines = [_outcome(outcome) for outcome in tests.outcomes]
    passed = len(tests.outcomes) - failed
    summary = f"{tests.file}: {passed} passed" + (f", {failed} failed" if failed else "")
    return "\n".join([*lines, f"{summary}."])


def _outcome(outcome: TestOutcome) -> str:
    if outcome.passed:
        return f"  ok    {outcome.name}"
    return "\n".join([f"  FAIL  {outcome.name}", *(each.render() for each in outcome.failures)])


def tests_as_json(tests: PlaybookTests) -> dict[str, Any]:
    """Give a file's tests as plain values."""
    return {
        "file": tests.file,
        "playbook": tests.playbook,
        "passed": tests.passed,
        "problems": [_problem(problem) for problem in tests.problems],
        "tests": [
            {
                "name": outcome.name,
                "line": outcome.line,
                "passed": outcome.passed,
                "failures": [_problem(problem) for problem in outcome.failures],
            }
            for outcome in tests.outcomes
        ],
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
        "hint": problem.hint,
    }
