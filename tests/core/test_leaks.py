"""What counts as a leak of a month, and what does not."""

from datetime import timedelta

import pytest

from ccm_flow.core.ids import SYSTEM, PersonId
from ccm_flow.core.leaks import (
    RULES,
    TITLES,
    Leak,
    StepSeen,
    lacks_signature,
    leak_of_step,
    tried_in_vain,
)
from ccm_flow.core.state import StepStatus
from ccm_flow.core.words import Phase

ANN, TEN, NONE = PersonId("elm.ann"), timedelta(minutes=10), timedelta(0)


@pytest.mark.parametrize(
    ("step", "leak"),
    [
        (StepSeen(StepStatus.EXPIRED, Phase.OUTREACH, SYSTEM, TEN, NONE), Leak.UNDONE_STEPS),
        (StepSeen(StepStatus.EXPIRED, Phase.READINESS, SYSTEM, TEN, TEN), Leak.UNDONE_STEPS),
        (StepSeen(StepStatus.DONE, Phase.OUTREACH, ANN, TEN, NONE), Leak.UNLOGGED_WORK),
        (StepSeen(StepStatus.DONE, Phase.OUTREACH, ANN, TEN, TEN), None),
        (StepSeen(StepStatus.DONE, Phase.OUTREACH, SYSTEM, TEN, NONE), None),
        (StepSeen(StepStatus.DONE, Phase.OUTREACH, None, TEN, NONE), None),
        (StepSeen(StepStatus.DONE, Phase.OUTREACH, ANN, NONE, NONE), None),
        (StepSeen(StepStatus.DONE, Phase.READINESS, ANN, TEN, NONE), None),
        (StepSeen(StepStatus.DONE, Phase.REPORTING, ANN, TEN, NONE), None),
        (StepSeen(StepStatus.OPEN, Phase.OUTREACH, None, TEN, NONE), None),
        (StepSeen(StepStatus.SKIPPED, Phase.OUTREACH, ANN, TEN, NONE), None),
        (StepSeen(StepStatus.WITHDRAWN, Phase.OUTREACH, SYSTEM, TEN, NONE), None),
        (
            StepSeen(StepStatus.WITHDRAWN, Phase.OUTREACH, SYSTEM, TEN, NONE, past_due=True),
            Leak.UNDONE_STEPS,
        ),
        (StepSeen(StepStatus.DONE, Phase.OUTREACH, ANN, TEN, TEN, past_due=True), None),
    ],
)
def test_what_a_step_loses(step: StepSeen, leak: Leak | None) -> None:
    assert leak_of_step(step) is leak


@pytest.mark.parametrize(
    ("tries", "contacts", "vain"), [(0, 0, False), (1, 0, True), (3, 0, True), (2, 1, False)]
)
def test_who_was_tried_in_vain(tries: int, contacts: int, *, vain: bool) -> None:
    assert tried_in_vain(tries, contacts) is vain


@pytest.mark.parametrize(
    ("signed", "second", "given", "lacks"),
    [
        (False, False, False, True),
        (True, False, False, False),
        (True, True, False, True),
        (True, True, True, False),
        (False, True, True, True),
    ],
)
def test_which_notes_lack_a_signature(
    *, signed: bool, second: bool, given: bool, lacks: bool
) -> None:
    assert lacks_signature(signed=signed, needs_second=second, has_second=given) is lacks


def test_every_leak_has_its_words() -> None:
    assert set(TITLES) == set(RULES) == set(Leak)
