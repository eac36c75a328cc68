"""The pages made from the language: nothing is undocumented, and they cannot drift."""

import json
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from ccm_flow.language import CODES, check_text, json_schema
from ccm_flow.language.document import Document
from ccm_flow.language.reference import out_of_date
from ccm_flow.language.reference_page import SECTIONS, reference_page
from ccm_flow.language.report import Report
from ccm_flow.language.schema import read_source
from ccm_flow.language.source import PlaybookSource
from ccm_flow.language.source_base import ACT_PATTERN, BUDGET_PATTERN, DATE_PATTERN, RUNG_PATTERN
from ccm_flow.language.templates import Templates
from ccm_flow.language.yaml_reader import read_yaml

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(
    path for path in (ROOT / "playbooks").rglob("*.yaml") if not path.name.endswith(".tests.yaml")
)


def test_the_generated_pages_are_up_to_date() -> None:
    """Run `python -m ccm_flow.language.reference` after a change of the language."""
    assert out_of_date(ROOT) == []


@pytest.mark.parametrize("model", [model for _, model in SECTIONS], ids=lambda m: m.__name__)
def test_every_setting_is_described_and_on_the_page(model: type[BaseModel]) -> None:
    page = reference_page()
    for name, field in model.model_fields.items():
        assert field.description, f"{model.__name__}.{name}"
        assert f"| `{field.alias or name}` |" in page


def test_every_model_has_its_section() -> None:
    models = {model.__name__ for _, model in SECTIONS}
    assert models == {"PlaybookSource", *PlaybookSource.model_json_schema()["$defs"]}


def test_every_code_has_its_heading_and_an_example() -> None:
    page = (ROOT / "docs" / "messages.md").read_text(encoding="utf-8")
    parts = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    assert [part.split("\n")[0] for part in parts] == list(CODES)
    for part in parts:
        assert "```text\n" in part, f"{part[:5]} has no example"


def test_the_page_of_messages_holds_nothing_invisible() -> None:
    page = (ROOT / "docs" / "messages.md").read_text(encoding="utf-8")
    assert all(c.isprintable() or c == "\n" for c in page)


def test_the_schema_offers_words_and_small_grammars() -> None:
    schema = json_schema()
    step = schema["$defs"]["StepSource"]["properties"]
    assert "escalation" in step["on"]["enum"]
    assert step["every"]["anyOf"][0]["pattern"] == BUDGET_PATTERN
    assert step["ladder"]["items"]["propertyNames"]["pattern"] == RUNG_PATTERN


def test_the_schema_can_offer_a_playbooks_own_names() -> None:
    file = ROOT / "playbooks" / "ccm_monthly.yaml"
    document = read_yaml(file.read_text(), "f").document
    assert isinstance(document, Document)
    source = read_source(Report(document))
    templates = Templates({"outreach/call": {}}, {"visit": ""})
    schema = json_schema(source, templates)
    step = schema["$defs"]["StepSource"]["properties"]
    assert "nurse" in step["owner"]["enum"]
    assert step["script"]["anyOf"][0]["enum"] == ["outreach/call"]
    assert "outreach" in schema["$defs"]["OutcomeSource"]["properties"]["go"]["anyOf"][0]["enum"]


GRAMMAR = [
    (BUDGET_PATTERN, ["3 business days", "1 week", "45 minutes"], ["3", "days 3", "3 moons"]),
    (DATE_PATTERN, ["business day -5", "day 15", "month end - 2 days"], ["monday", "day"]),
    (RUNG_PATTERN, ["when due", "1 business day before", "2 hours late"], ["2 days after"]),
    (ACT_PATTERN, ["remind owner", "notify lead", "expire as x"], ["remind nurse", "tell lead"]),
]


@pytest.mark.parametrize(("pattern", "good", "bad"), GRAMMAR)
def test_the_patterns_agree_with_the_check(pattern: str, good: list[str], bad: list[str]) -> None:
    assert all(re.search(pattern, text) for text in good)
    assert not any(re.search(pattern, text) for text in bad)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_shipped_playbooks_tell_editors_where_the_schema_is(file: Path) -> None:
    match = re.match(r"# yaml-language-server: \$schema=(\S+)\n", file.read_text())
    assert match is not None
    assert (file.parent / match[1]).resolve() == ROOT / "docs" / "playbook.schema.json"


def test_editors_are_told_which_files_are_playbooks() -> None:
    settings = json.loads((ROOT / ".vscode" / "settings.json").read_text())
    (schema,) = settings["yaml.schemas"]
    assert (ROOT / schema).is_file()


def test_the_hook_runs_the_check() -> None:
    text = (ROOT / ".pre-commit-hooks.yaml").read_text()
    assert "id: ccm-check" in text
    assert "entry: ccm check" in text
    assert check_text(text, "hooks").problems  # it is no playbook, but it is YAML
    assert not check_text(text, "hooks").problems[0].code.startswith("PB1")
