"""What may be entered as time, and what an auditor would stop at."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ccm_flow.core.activities import Activity
from ccm_flow.core.credentials import Credential
from ccm_flow.core.ids import EnrollmentId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.time_audit import AuditKind, audit
from ccm_flow.core.time_entries import Entry, EntryFlag, EntryId
from ccm_flow.core.time_rules import problems_of

NOW = datetime(2026, 12, 9, 15, tzinfo=UTC)
ENROLLED = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = 3600

STATED = [
    (timedelta(hours=1), HOUR, "", []),
    (timedelta(hours=1), HOUR + 1, "", ["future"]),
    (timedelta(hours=5), 4 * HOUR, "", []),
    (timedelta(hours=5), 4 * HOUR + 1, "", ["longer than 4 hours"]),
    (timedelta(hours=1), 0, "", ["no length"]),
    (timedelta(hours=24, minutes=10), 600, "", []),
    (timedelta(hours=24, minutes=10, seconds=1), 600, "", ["more than 24 hours"]),
    (timedelta(hours=24, minutes=10, seconds=1), 600, "on paper first", []),
    (timedelta(hours=24, minutes=10, seconds=1), 600, "  ", ["more than 24 hours"]),
    (timedelta(days=60), 600, "x", ["before the patient's enrollment"]),
    (timedelta(days=60), 5 * HOUR, "", ["4 hours", "enrollment", "24 hours"]),
    (-timedelta(hours=1), 5 * HOUR, "", ["4 hours", "future"]),
]


@pytest.mark.parametrize(("ago", "seconds", "reason", "said"), STATED)
def test_everything_wrong_with_an_entry_is_said_at_once(
    ago: timedelta, seconds: int, reason: str, said: list[str]
) -> None:
    found = problems_of(NOW - ago, seconds, now=NOW, enrolled_at=ENROLLED, reason=reason)
    assert len(found) == len(said)
    assert all(part in sentence for part, sentence in zip(said, found, strict=True))


def work(patient: int, seconds: int, day: int = 1, activity: Activity = Activity.CALL) -> Entry:
    started = datetime(2026, 12, day, 15, patient, tzinfo=UTC)
    return Entry(
        id=EntryId(f"{patient}-{day}-{seconds}"),
        person=PersonId("maria"),
        credential=Credential.MA,
        activity=activity,
        program="CCM",
        month=Month(2026, 12),
        started_at=started,
        seconds=seconds,
        entered_at=started + timedelta(seconds=seconds),
    )


def flags(minutes: list[int], entries: list[Entry] | None = None) -> list[AuditKind]:
    ids = [EnrollmentId(str(n)) for n in range(len(minutes))]
    rows = entries or [work(n, 60 * value + n) for n, value in enumerate(minutes)]
    found = audit(
        {id_: [row] for id_, row in zip(ids, rows, strict=True)},
        dict(zip(ids, minutes, strict=True)),
        threshold=20,
        shift=timedelta(hours=8),
        day_of=lambda instant: instant.date(),
    )
    return [flag.kind for flag in found]


EXACT = [
    ([20, 20, 20, 20, 20], True),
    ([20, 20, 20, 31, 44], True),
    ([20, 20, 22, 31, 44], False),
    ([20, 20, 20, 20], False),
    ([20, 20, 20, 0, 0], False),
    ([21, 21, 21, 21, 21], False),
]


@pytest.mark.parametrize(("minutes", "flagged"), EXACT)
def test_everyone_at_exactly_twenty_minutes_is_seen(minutes: list[int], flagged: bool) -> None:
    assert (AuditKind.EXACT_MINUTES in flags(minutes)) is flagged


def test_the_same_line_for_everybody_is_seen() -> None:
    same = [work(n, 1200, activity=Activity.COORDINATION) for n in range(5)]
    assert AuditKind.SAME_LINE in flags([20] * 5, same)
    other = [replace(one, seconds=1200 + n) for n, one in enumerate(same)]
    assert AuditKind.SAME_LINE not in flags([20] * 5, other)


def test_a_day_longer_than_a_shift_is_seen_with_person_and_day() -> None:
    entries = [work(n, 3 * HOUR) for n in range(3)]
    found = audit(
        {EnrollmentId("a"): entries},
        {},
        threshold=20,
        shift=timedelta(hours=8),
        day_of=lambda instant: instant.date(),
    )
    (flag,) = found
    assert (flag.kind, flag.person, flag.day) == (AuditKind.LONG_DAY, "maria", date(2026, 12, 1))
    assert "9:00:00 in one day" in flag.text


def test_late_entries_stated_ends_and_clashes_are_counted() -> None:
    late = replace(work(0, 60), entered_at=NOW)
    stated = replace(work(1, 70), flags=frozenset({EntryFlag.END_STATED}))
    clash = replace(work(2, 80), flags=frozenset({EntryFlag.CLASH}))
    assert flags([1, 1, 1], [late, stated, clash]) == [
        AuditKind.LATE_ENTRIES,
        AuditKind.STATED_ENDS,
        AuditKind.CLASHES,
    ]
