"""What the documents promise is there."""

import re
from pathlib import Path
from typing import get_args

import pytest
import typer
from pydantic import BaseModel

from ccm_flow.adapters.calendars import closed_days, month_calendar
from ccm_flow.adapters.playbook_files import read_playbook
from ccm_flow.app.clinic_hours import ClinicHours
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.cli.main import app
from ccm_flow.cli.work.clinic_file import read_clinic_file
from ccm_flow.core.month import Month
from ccm_flow.drawing.calendar_svg import month_calendar_svg
from ccm_flow.drawing.flow_svg import draw_svg

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("sample/*.md")])
LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)")
COMMAND = re.compile(r"\bccm ([a-z][a-z-]+)\b")


TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_link_leads_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    lost = [link for link in LINK.findall(text) if not (document.parent / link).exists()]
    assert lost == []


def test_every_test_that_stands_behind_a_promise_of_security_exists() -> None:
    named = TEST.findall((ROOT / "docs" / "security.md").read_text(encoding="utf-8"))
    assert len(named) > 20
    lost = [
        f"{file}::{test}"
        for file, test in named
        if f"def {test}(" not in (ROOT / file).read_text(encoding="utf-8")
    ]
    assert lost == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_command_that_is_named_exists(document: Path) -> None:
    group = typer.main.get_command(app)
    known = set(getattr(group, "commands", {}))
    code = re.findall(r"```.*?```|`[^`]+`", document.read_text(encoding="utf-8"), re.DOTALL)
    named = {command for block in code for command in COMMAND.findall(block)}
    assert named <= known


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(file.name[:4]) for file in sorted((ROOT / "docs" / "adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_pictures_are_those_of_the_shipped_playbook() -> None:
    hours = ClinicHours("America/New_York")
    month = Month(2026, 12)
    plan = read_playbook(ROOT / "playbooks" / "ccm_monthly.yaml").plan
    assert plan is not None
    days = month_calendar(hours, month, plan.kind)
    closed = closed_days(hours, month.first_day, month.last_day)
    drawn = {
        "ccm_monthly.svg": draw_svg(plan),
        "december.svg": month_calendar_svg(plan, month, days, closed),
    }
    folder = ROOT / "docs" / "pictures"
    stale = [
        name
        for name, picture in drawn.items()
        if (folder / name).read_text(encoding="utf-8").strip() != picture.strip()
    ]
    assert stale == [], "run `ccm draw` and `ccm calendar --svg` again"


def _fields(model: type[BaseModel]) -> set[str]:
    found = set(model.model_fields)
    for field in model.model_fields.values():
        for part in (field.annotation, *get_args(field.annotation)):
            if isinstance(part, type) and issubclass(part, BaseModel):
                found |= _fields(part)
    return found


def test_every_field_of_a_clinics_file_is_documented() -> None:
    page = (ROOT / "docs" / "clinics.md").read_text(encoding="utf-8")
    code = re.findall(r"`[^`]+`|^```.*?^```", page, re.DOTALL | re.MULTILINE)
    assert (
        _fields(ClinicFile) - {word for one in code for word in re.findall("[a-z_]+", one)} == set()
    )


@pytest.mark.parametrize(
    "file", sorted([*ROOT.glob("sample/*.yaml"), *ROOT.glob("sample/clinics/*.yaml")]), ids=name_of
)
def test_sample_clinics_can_be_applied(file: Path) -> None:
    assert read_clinic_file(file.read_text(encoding="utf-8"), file.name).staff
