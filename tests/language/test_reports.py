"""Problems for other programs."""

import json
from urllib.parse import unquote

from ccm_flow.language import CODES, check_text, problems_json, problems_sarif

TEXT = "playbook: Bad\nversion: 1\nprogram: CCM\nowner: lead\nnonsense: 1\nroles: [a]\nsteps: []\n"
PROBLEMS = check_text(TEXT, "my playbooks/ü.yaml").problems


def test_json_says_all_that_a_person_sees() -> None:
    values = json.loads(json.dumps(problems_json(PROBLEMS)))
    assert len(values) == len(PROBLEMS) > 3
    assert values[0] == {
        "code": "PB203",
        "severity": "error",
        "file": "my playbooks/ü.yaml",
        "line": 1,
        "column": 1,
        "end_column": 2,
        "path": "",
        "message": "The playbook has no 'closes'.",
        "hint": "Add `closes:`, e.g. `closes: month end + 3 business days`.",
        "doc": "docs/messages.md#pb203",
    }


def test_sarif_has_one_run_with_a_rule_for_each_code() -> None:
    log = json.loads(json.dumps(problems_sarif(PROBLEMS)))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({problem.code for problem in PROBLEMS})
    for result, problem in zip(run["results"], PROBLEMS, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == problem.code
        assert result["level"] in ("error", "warning")
        assert result["message"]["text"].startswith(problem.message)
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert unquote(place["artifactLocation"]["uri"]) == problem.file
        assert " " not in place["artifactLocation"]["uri"]
        assert place["region"]["startLine"] == problem.line
        assert 0 < place["region"]["startColumn"] < place["region"]["endColumn"]


def test_an_absolute_file_becomes_a_uri() -> None:
    (problem, *_) = check_text("", "/tmp/a b.yaml").problems  # noqa: S108 - only a name
    (run,) = problems_sarif([problem])["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "file:///tmp/a%20b.yaml"


def test_no_problems_are_a_log_too() -> None:
    assert problems_json([]) == []
    (run,) = problems_sarif([])["runs"]
    assert run["results"] == []


def test_every_code_has_a_place_in_the_documentation() -> None:
    assert {problem.doc for problem in PROBLEMS} <= {
        f"docs/messages.md#{code.lower()}" for code in CODES
    }
