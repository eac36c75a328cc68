"""What all commands share that do something to a step or a month."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from ccm_flow.adapters.db.time_views import held_sentences
from ccm_flow.adapters.db.views import transition_story
from ccm_flow.app.act import Desk
from ccm_flow.app.flow import FlowUnavailableError
from ccm_flow.app.view_text import timeline_text
from ccm_flow.app.views_patient import TimelineEntry
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import with_desk, zone_of
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClickId, ClinicId, CycleId

_ANSWER_SECONDS: Final = 60
"""A worker answers within a second; longer than this it is away."""


class UnsureError(CcmError):
    """No answer came: what was entered is kept, and whether it took effect is not known."""

    exit_code = 3

    def __init__(self, reason: str, click: ClickId) -> None:
        hint = (
            "What you entered is kept. Look at `ccm status`, then send the same command with "
            f"--click {click}: it counts once."
        )
        super().__init__(reason, hint)


class RefusedError(CcmError):
    """What a person wants cannot be done; found before anything was kept."""

    exit_code = 4


@dataclass(frozen=True)
class Done:
    """What came of it, in one cycle."""

    cycle: CycleId
    click: ClickId
    sequence: int
    happened: tuple[TimelineEntry, ...]
    notices: tuple[str, ...] = ()
    """What the person should know about what they entered."""


def new_click(given: str | None) -> ClickId:
    """Give the click's id: a fresh one, or that of an earlier command that is sent again."""
    return ClickId(given or uuid.uuid4().hex)


def act_once(
    base: Base,
    cycle: CycleId,
    click: ClickId,
    work: Callable[[Desk], Awaitable[int]],
) -> Done:
    """
    Do one thing to one cycle, and tell what it led to.

    Raises:
        ClickRefusedError: the cycle does not take it.
        UnsureError: no answer came; the click's id is in the hint.
    """

    async def limited(desk: Desk) -> int:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await work(desk)
        except TimeoutError:
            raise UnsureError("No worker answered.", click) from None
        except FlowUnavailableError as error:
            raise UnsureError(str(error), click) from error

    sequence = with_desk(base, limited)
    story = transition_story(base.engine, cycle, sequence)
    return Done(cycle, click, sequence, story, held_sentences(base.engine, click))


def tell(base: Base, clinic: ClinicId, done: list[Done], *, as_json: bool) -> None:
    """Say what happened."""
    if as_json:
        emit(done)
        return
    zone: ZoneInfo = zone_of(base.record.clinic(clinic))
    for one in done:
        for entry in one.happened:
            say(timeline_text(entry, zone))
        if not one.happened:
            say("Done.")
        for notice in one.notices:
            say(notice)
