"""What commands and the engine say is said on pages with pages, titles and the clinic's time."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ccm_flow.adapters.playbook_files import read_playbook
from ccm_flow.adapters.shipped import shipped
from ccm_flow.cli.main import app as _every_module  # noqa: F401 - loads all errors there are
from ccm_flow.core.errors import CcmError
from ccm_flow.core.plan import Plan
from ccm_flow.web.spoken import clinic_times, plain_hint, with_titles

NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture(scope="module")
def plan() -> Plan:
    found = read_playbook(shipped("playbooks") / "ccm_monthly.yaml").plan
    assert found is not None
    return found


def errors(kind: type[CcmError] = CcmError) -> Iterator[type[CcmError]]:
    for one in kind.__subclasses__():
        yield one
        yield from errors(one)


def test_no_page_tells_anybody_to_type_a_command() -> None:
    hints = {one.hint for one in errors() if isinstance(one.hint, str)}
    assert len(hints) > 20
    assert [hint for hint in hints if "`" in plain_hint(hint) or "--" in plain_hint(hint)] == []


@pytest.mark.parametrize(
    ("hint", "said"),
    [
        ("See how it stands with `ccm readiness`.", "What is missing is on the month's readiness"),
        ("Begin with `ccm care-plan draft`, then `ccm care-plan write`.", "under Care plan"),
        ("Ask the nurse. Or say --switch.", "Ask the nurse."),
        ("Start it with `ccm start`, or check it. What you entered is kept.", "What you entered"),
    ],
)
def test_a_hint_names_the_page(hint: str, said: str) -> None:
    assert said in plain_hint(hint)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "The step 'outreach~2' was already done as 'reached' at 2026-12-07 21:05 UTC by elm.m.",
            "The step “Monthly check-in call” was already done as “Reached” today 16:05 by Mia.",
        ),
        (
            "The step 'prepare' belongs to the program_lead; you act as nurse.",
            "The step “Review the chart and plan the month” belongs to the program lead; "
            "you act as nurse.",
        ),
        ("Choose one of: reached_with_concern, gone.", "Choose one of: “Reached, with a new"),
        ("Open steps now: none.", "Open steps now: none."),
        ("That is after the month closes (2027-01-06).", "after the month closes (2027-01-06)."),
    ],
)
def test_ids_and_utc_become_titles_and_the_clinics_time(plan: Plan, text: str, said: str) -> None:
    now = datetime(2026, 12, 7, 22, tzinfo=UTC)
    assert said in clinic_times(
        with_titles(text, plan, "outreach", {"elm.m": "Mia"}), NEW_YORK, now
    )
