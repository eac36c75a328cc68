"""What ails a set-up is told in words, the grave things first; a sound one has nothing to tell."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from ccm_flow.core.health import LITTLE_ROOM, SOON, Condition, ailments

NOW = datetime(2026, 12, 8, 15, tzinfo=UTC)


def seen(**more: object) -> Condition:
    sound: Mapping[str, object] = {"now": NOW, "server_answers": True, "free_bytes": LITTLE_ROOM}
    return Condition(**{**sound, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"free_bytes": None},
        {"waiting_clicks": 1, "waiting_since": NOW - SOON},
    ],
)
def test_a_sound_set_up_has_no_ailment(more: dict[str, object]) -> None:
    assert ailments(seen(**more)) == ()


LATER = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("more", "is_grave", "what"),
    [
        ({"server_answers": False}, True, "The Temporal server does not answer"),
        (
            {"waiting_clicks": 2, "waiting_since": NOW - SOON - LATER},
            True,
            "2 clicks not passed on, the oldest for 5 minutes",
        ),
        ({"free_bytes": LITTLE_ROOM - 1}, True, "1,000 MB left"),
        ({"open_files": ["home/payload.key"]}, True, "home/payload.key can be read by others"),
        ({"not_opened": {"elm": 1}}, True, "elm: 1 patient is active and without a month"),
        ({"unanswered": {"elm": 1}}, False, "elm: 1 question past the reply time"),
        ({"overdue": {"elm": 3}}, False, "elm: 3 steps past the deadline"),
        ({"given_up": 1}, False, "1 message to other programs could not be delivered"),
    ],
)
def test_each_ailment_is_said_with_what_to_do(
    more: dict[str, object], is_grave: bool, what: str
) -> None:
    (found,) = ailments(seen(**more))
    assert found.is_grave is is_grave
    assert what in found.what
    assert found.do


def test_what_keeps_people_from_working_comes_first() -> None:
    found = ailments(seen(server_answers=False, overdue={"elm": 3}, open_files=["payload.key"]))
    assert [one.is_grave for one in found] == [True, True, False]
