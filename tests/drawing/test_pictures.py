"""Pictures show every step, are whole files of their own, and never let text become markup."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.drawing.calendar_rows import RowKind, calendar_rows, calendar_text
from ccm_flow.drawing.calendar_svg import month_calendar_svg
from ccm_flow.drawing.flow_svg import draw_svg
from ccm_flow.drawing.mermaid import draw_mermaid
from ccm_flow.drawing.placing import Placing
from ccm_flow.drawing.text import width, wrap
from ccm_flow.language.overlay_files import resolve_file
from tests.support.clinic import calendar
from tests.support.plans import outcome, plan, readiness, step

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(
    path for path in (ROOT / "playbooks").rglob("*.yaml") if not path.name.endswith(".tests.yaml")
)
DECEMBER = Month(2026, 12)
NASTY = '<script>alert("x")</script> & ]]> “quoted” `tick` | # ;'


def shipped(path: Path) -> Plan:
    result = resolve_file(path)
    assert result.plan is not None, result.render()
    return result.plan


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - made by ourselves just now


def words_of(svg: str) -> str:
    return " ".join(text.strip() for text in parsed(svg).itertext())


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_step_and_role_is_in_the_picture(path: Path) -> None:
    the_plan = shipped(path)
    shown = words_of(draw_svg(the_plan))
    for each in the_plan.steps:
        assert f"{each.title}: " in shown, each.id
    for role in the_plan.roles:
        assert role.title in shown


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_no_two_cards_overlap(path: Path) -> None:
    svg = draw_svg(shipped(path))
    found = re.findall(
        r'<g transform="translate\(([\d.]+) ([\d.]+)\)"><title>[^<]*</title>'
        r'<rect class="card[^"]*" width="([\d.]+)" height="([\d.]+)"',
        svg,
    )
    boxes = [tuple(map(float, box)) for box in found]
    assert boxes
    for i, (x, y, w, h) in enumerate(boxes):
        for x2, y2, w2, h2 in boxes[i + 1 :]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y


def test_a_picture_is_whole_and_harmless() -> None:
    nasty = plan(replace(step("call"), title=NASTY))
    for svg in (draw_svg(nasty), month_calendar_svg(nasty, DECEMBER, december())):
        parsed(svg)
        assert "<script" not in svg
        assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
        assert "prefers-color-scheme:dark" in svg


def test_a_picture_is_the_same_each_time() -> None:
    the_plan = shipped(ROOT / "playbooks/ccm_monthly.yaml")
    assert draw_svg(the_plan) == draw_svg(the_plan)


def test_steps_stand_right_of_what_they_wait_for() -> None:
    placing = Placing(plan(step("a"), step("b", after="a"), step("c", after="b")))
    assert [placing.columns[each.id] for each in placing.main] == [0, 1, 2]


def test_what_only_events_and_fixes_open_stands_apart() -> None:
    placing = Placing(
        plan(
            step("call"),
            step("ask", "1 business day", outcome("seen", go="visit"), on="escalation"),
            step("tell", after="ask"),
            step("visit"),
            step("fix", fixes="consent"),
            ready=readiness("consent"),
        )
    )
    assert [each.id for each in placing.main] == ["call"]
    assert {each.id for each in placing.by_event} == {"ask", "tell", "visit"}
    assert [each.id for each in placing.fixing] == ["fix"]


def test_a_circle_of_outcomes_is_drawn_too() -> None:
    back = plan(
        step("a", "1 business day", outcome("on", go="b")),
        step("b", "1 business day", outcome("back", go="a"), outcome("end", end="ready")),
    )
    assert "A" in words_of(draw_svg(back))


def test_long_words_wrap_inside_their_room() -> None:
    for line in wrap("Donaudampfschifffahrtsgesellschaft " * 3, 90, 12):
        assert width(line, 12) <= 90


# --- Mermaid ---


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_mermaid_names_every_step_and_only_known_ones(path: Path) -> None:
    the_plan = shipped(path)
    text = draw_mermaid(the_plan)
    drawn = set(re.findall(r'^    s_([a-z0-9_]+)\["', text, re.MULTILINE))
    assert drawn == {each.id for each in the_plan.steps}
    assert set(re.findall(r"\bs_([a-z0-9_]+)", text)) == drawn


def test_mermaid_takes_no_markup_from_titles() -> None:
    text = draw_mermaid(plan(replace(step("call"), title=NASTY)))
    label = re.search(r's_call\["(.*)"\]', text)
    assert label is not None
    assert set(label[1].replace("<b>", "").replace("</b>", "").replace("<br/>", "")).isdisjoint(
        '"<>`|[]{}'
    )


# --- calendar ---


def december() -> WorkCalendar:
    return calendar("2026-11-20", "2027-02-15", closures=["2026-12-24"])


def test_known_dates_are_worked_out_on_the_clinics_calendar() -> None:
    the_plan = plan(
        step("prepare", "2 business days", ladder=["1 business day late: notify lead"]),
        step("sign", "month end", after="prepare", ladder=["1 business day before: remind owner"]),
        step("later", "1 business day", after="sign"),
    )
    rows = calendar_rows(the_plan, DECEMBER, december())
    dated = [(row.kind, row.step, row.day) for row in rows if row.day is not None]
    assert dated == [
        (RowKind.OPENS, "prepare", date(2026, 12, 1)),
        (RowKind.DUE, "prepare", date(2026, 12, 3)),
        (RowKind.LATE, "prepare", date(2026, 12, 4)),
        (RowKind.BEFORE, "sign", date(2026, 12, 30)),
        (RowKind.DUE, "sign", date(2026, 12, 31)),
        (RowKind.CLOSES, None, date(2027, 1, 6)),
    ]
    assert [row.step for row in rows if row.day is None] == ["later"]


def test_the_calendar_marks_closed_days_with_their_reason() -> None:
    the_plan = shipped(ROOT / "playbooks/ccm_monthly.yaml")
    svg = month_calendar_svg(the_plan, DECEMBER, december(), {date(2026, 12, 24): "Inventory"})
    shown = words_of(svg)
    assert "Inventory" in shown
    assert "December 2026" in shown
    assert "business day 21" in shown


def test_the_table_lists_dates_first_and_then_what_depends() -> None:
    text = calendar_text(plan(step("a"), step("b", after="a")), DECEMBER, december())
    assert text.splitlines()[2] == "Tue Dec  1  09:00  opens   A                 Coordinator"
    assert "Depends on what happens:\n  B (Coordinator): Due within 2 business days" in text


def test_an_enrollment_has_a_calendar_too() -> None:
    enrollment = shipped(ROOT / "playbooks/enrollment.yaml")
    assert "Confirm that the patient" in calendar_text(enrollment, DECEMBER, december())
