"""What is wrong with a set-up, in plain words, and what to do about it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ccm_flow.core.ids import ClinicId

SOON: Final = timedelta(minutes=5)
"""What a person did is passed on within seconds; after this something is in its way."""
LITTLE_ROOM: Final = 1_000_000_000
"""Bytes; a database that cannot grow takes nothing down any more."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How a set-up is, as far as it can be seen from outside the work itself."""

    now: datetime
    server_answers: bool
    waiting_clicks: int = 0
    """What people did and the running months have not been told."""
    waiting_since: datetime | None = None
    overdue: Mapping[ClinicId, int] = field(default_factory=dict)
    """Open steps past their deadline."""
    unanswered: Mapping[ClinicId, int] = field(default_factory=dict)
    """Questions to a person that are past their reply time."""
    not_opened: Mapping[ClinicId, int] = field(default_factory=dict)
    """Patients active since yesterday or longer, without a month now."""
    given_up: int = 0
    """Messages to other programs that could not be delivered."""
    out_of_line: int = 0
    """Rows about patients that are encrypted otherwise than the settings say."""
    free_bytes: int | None = None
    """Room where the record is kept; None when it is kept elsewhere."""
    open_files: Sequence[str] = ()
    """Files with secrets that others on the machine may read."""


@dataclass(frozen=True, slots=True)
class Ailment:
    """One thing that is wrong."""

    is_grave: bool
    """People cannot work, or something may be lost; the rest can wait for the day's work."""
    what: str
    do: str


def ailments(seen: Condition) -> tuple[Ailment, ...]:
    """List what is wrong, the grave things first."""
    return tuple(sorted(_found(seen), key=lambda one: not one.is_grave))


def _found(seen: Condition) -> Iterator[Ailment]:
    yield from _running(seen)
    yield from _keeping(seen)
    for clinic, count in sorted(seen.not_opened.items()):
        yield Ailment(
            True,
            f"{clinic}: {_patients(count)} active and without a month.",
            "Run `ccm open-month`, and look at ccm.log for why the night did not.",
        )
    for clinic, count in sorted(seen.unanswered.items()):
        yield Ailment(
            False,
            f"{clinic}: {count} question{_s(count)} past the reply time.",
            "Look at `ccm queue`, and have them answered or reassigned.",
        )
    for clinic, count in sorted(seen.overdue.items()):
        yield Ailment(
            False,
            f"{clinic}: {count} step{_s(count)} past the deadline.",
            "Look at `ccm queue`; `ccm capacity` says whether the time can be enough.",
        )


def _running(seen: Condition) -> Iterator[Ailment]:
    if not seen.server_answers:
        yield Ailment(
            True,
            "The Temporal server does not answer: no deadline fires and no click is taken.",
            "Run `ccm start`, or check TEMPORAL_ADDRESS. What people do meanwhile is kept.",
        )
    since = seen.waiting_since
    if since is not None and seen.now - since > SOON:
        minutes = int((seen.now - since).total_seconds()) // 60
        yield Ailment(
            True,
            f"{seen.waiting_clicks} click{_s(seen.waiting_clicks)} not passed on, "
            f"the oldest for {minutes:,} minutes.",
            "Run `ccm status`: server and worker have to run. They are passed on by themselves.",
        )


def _keeping(seen: Condition) -> Iterator[Ailment]:
    if seen.free_bytes is not None and seen.free_bytes < LITTLE_ROOM:
        yield Ailment(
            True,
            f"The disk with the record has {seen.free_bytes / 1e6:,.0f} MB left.",
            "Make room: a full disk takes nothing down any more.",
        )
    if seen.out_of_line:
        yield Ailment(
            False,
            f"{seen.out_of_line:,} row{_s(seen.out_of_line)} about patients are encrypted "
            "otherwise than CCM_SEALED_FIELDS says.",
            "Run `ccm key seal`, or `ccm key unseal` where nothing is to be encrypted.",
        )
    for file in seen.open_files:
        yield Ailment(True, f"{file} can be read by others on this machine.", f"chmod 600 {file}")
    if seen.given_up:
        yield Ailment(
            False,
            f"{seen.given_up} message{_s(seen.given_up)} to other programs could not be delivered.",
            "Look at `ccm webhook log`, and send them again once the other side answers.",
        )


def _patients(count: int) -> str:
    return "1 patient is" if count == 1 else f"{count} patients are"


def _s(count: int) -> str:
    return "" if count == 1 else "s"
