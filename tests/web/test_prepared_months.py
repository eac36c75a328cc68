"""Samples of the months ahead: who waits for whom, and what is kept."""

import threading
from dataclasses import replace
from typing import Any, Final

import pytest

from ccm_flow.adapters.simulation_files import default_behaviour
from ccm_flow.app import capacity as app
from ccm_flow.app.simulate import Wanted
from ccm_flow.core.billing.shelf import RuleShelf
from ccm_flow.core.month import Month
from ccm_flow.web.prepared_months import PreparedMonths
from tests.rehearsal.questions import FIRST, HOURS, in_house, monthly_plan

SHELF: Final = RuleShelf(())
ASKED: Final = Wanted(monthly_plan(), HOURS, FIRST, 1, 40, 1, default_behaviour(), in_house())


def at(number: int) -> Wanted:
    """Ask for other months each time."""
    return replace(ASKED, first=Month(2030 + number // 12, number % 12 + 1))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Month]:
    """Make nothing, and tell for which months something would have been made."""
    months: list[Month] = []

    def prepare(asked: Wanted, *_rest: Any) -> Any:
        months.append(asked.first)
        return object()

    monkeypatch.setattr(app, "prepare", prepare)
    return months


def test_what_was_used_last_is_kept(made: list[Month]) -> None:
    samples = PreparedMonths()
    for number in range(64):
        samples.of(at(number), SHELF)
    samples.of(at(0), SHELF)
    samples.of(at(64), SHELF)
    assert len(made) == 65
    samples.of(at(0), SHELF)
    assert len(made) == 65
    samples.of(at(1), SHELF)
    assert len(made) == 66


def test_a_sample_that_is_being_made_holds_up_nobody_who_wants_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, release = threading.Event(), threading.Event()
    made: list[Month] = []

    def prepare(asked: Wanted, *_rest: Any) -> Any:
        if asked.first == at(0).first:
            begun.set()
            assert release.wait(60)
        made.append(asked.first)
        return object()

    monkeypatch.setattr(app, "prepare", prepare)
    samples = PreparedMonths()
    slow = [threading.Thread(target=samples.of, args=(at(0), SHELF)) for _ in range(2)]
    for one in slow:
        one.start()
    assert begun.wait(60)
    samples.of(at(1), SHELF)
    assert made == [at(1).first]
    release.set()
    for one in slow:
        one.join(60)
    assert made == [at(1).first, at(0).first]
