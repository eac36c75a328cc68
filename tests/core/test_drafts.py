"""Where drafts stand, and who may decide about them."""

from datetime import UTC, datetime

import pytest

from ccm_flow.core.drafts import (
    DraftEvent,
    DraftEventKind,
    DraftState,
    first_month,
    is_own,
    state_of,
)
from ccm_flow.core.ids import PersonId
from ccm_flow.core.month import Month

ANN, BOB, CAT = PersonId("ann"), PersonId("bob"), PersonId("cat")
AT = datetime(2026, 12, 1, tzinfo=UTC)
DEC = Month(2026, 12)
ASKED, APPROVED = DraftEventKind.ASKED, DraftEventKind.APPROVED
BACK, PUBLISHED, AWAY = (
    DraftEventKind.SENT_BACK,
    DraftEventKind.PUBLISHED,
    DraftEventKind.PUT_AWAY,
)


@pytest.mark.parametrize(
    ("events", "newest", "state"),
    [
        ([], 1, DraftState.WRITING),
        ([(ASKED, 1)], 1, DraftState.WAITING),
        ([(ASKED, 1)], 2, DraftState.WRITING),
        ([(ASKED, 1), (APPROVED, 1)], 1, DraftState.APPROVED),
        ([(ASKED, 1), (APPROVED, 1)], 2, DraftState.WRITING),
        ([(ASKED, 1), (BACK, 1)], 1, DraftState.WRITING),
        ([(ASKED, 1), (BACK, 1), (ASKED, 2)], 2, DraftState.WAITING),
        ([(ASKED, 1), (APPROVED, 1), (PUBLISHED, 1)], 1, DraftState.PUBLISHED),
        ([(ASKED, 1), (APPROVED, 1), (PUBLISHED, 1)], 2, DraftState.WRITING),
        ([(AWAY, 1)], 1, DraftState.PUT_AWAY),
    ],
)
def test_a_decision_holds_for_one_text(
    events: list[tuple[DraftEventKind, int]], newest: int, state: DraftState
) -> None:
    told = [DraftEvent(kind, revision, "", BOB, AT) for kind, revision in events]
    assert state_of(told, newest) is state


@pytest.mark.parametrize(
    ("person", "own"), [(ANN, True), (BOB, True), (CAT, False)], ids=["wrote", "asked", "neither"]
)
def test_whoever_wrote_or_asked_does_not_decide(person: PersonId, own: bool) -> None:
    assert is_own([ANN], BOB, person) is own
    assert not is_own([], None, person)


def test_only_where_nothing_runs_the_running_month_may_be_chosen() -> None:
    assert first_month(DEC, is_live=False) == DEC
    assert first_month(DEC, is_live=True) == Month(2027, 1)
