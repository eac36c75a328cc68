"""Going back to the version before, from a month on: a new publication, nothing taken away."""

from collections.abc import Sequence
from dataclasses import dataclass

from ccm_flow.app.publish_playbook import DraftDesk, publish_again
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, PersonId, PlaybookId
from ccm_flow.core.month import Month


class NothingToGoBackToError(CcmError):
    """There is no earlier version to go back to."""

    exit_code = 4
    hint = "See what was published when on the page of playbooks."


class AnotherInUseError(CcmError):
    """The version that is to be left is not the one in use."""

    exit_code = 4
    hint = "See what is in use when on the page of playbooks."

    def __init__(self, present: "InUse", month: Month) -> None:
        super().__init__(
            f"In {month} another version is in use: {present.playbook} version {present.version}."
        )


@dataclass(frozen=True, slots=True)
class InUse:
    """From which month on a clinic uses a version."""

    playbook: PlaybookId
    version: int
    sha256: str
    first: Month


@dataclass(frozen=True, slots=True)
class WayBack:
    """What can be gone back to from the version that goes on."""

    former: InUse
    since: Month
    """The first month of the version that would be left."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to go back to, and why."""

    playbook: PlaybookId
    month: Month
    """The first month that uses it again."""
    note: str
    """Why, as others will read it."""
    to: str | None = None
    """The SHA-256 of the version to go back to; None for the one before that of `month`."""
    instead_of: str | None = None
    """The SHA-256 of the version that is thought to be in use then; None for whichever it is."""


@dataclass(frozen=True, slots=True)
class RollBackResult:
    """What is used from a month on."""

    playbook: PlaybookId
    version: int
    instead_of: int | None
    """None where it was in use already, so nothing was changed."""
    first: Month
    last: Month | None
    """The last month before one for which another version is published; None without one."""

    @property
    def months(self) -> str:
        """The months in words."""
        return f"from {self.first} " + (f"to {self.last}" if self.last else "on")


def way_back(used: Sequence[InUse], sha256: str) -> WayBack | None:
    """
    Give what can be gone back to from a version; None when it does not go on or was the first.

    `used` are the versions of one kind that a clinic uses from when on, in any order.
    """
    spans = sorted(used, key=lambda one: one.first)
    others = [one for one in spans if one.sha256 != sha256]
    if not others or spans[-1].sha256 != sha256:
        return None
    since = next(one.first for one in spans if one.first > others[-1].first)
    same = [one for one in others if one.playbook == spans[-1].playbook]
    return WayBack(same[-1], since) if same else None


def roll_back(
    desk: DraftDesk,
    clinic: ClinicId,
    used: Sequence[InUse],
    wish: Wish,
    *,
    running: Month,
    by: PersonId,
) -> RollBackResult:
    """
    Publish an earlier version again from a month on; asked a second time, nothing is changed.

    Args:
        desk: what publishes.
        clinic: whose playbook.
        used: which versions of the playbook's kind the clinic uses from when on, in any order.
        wish: which version, and from when on.
        running: the month that runs now.
        by: who decides it.

    Raises:
        NothingToGoBackToError: there is no such version.
        AnotherInUseError: not the playbook or version that is to be left is in use then.
        TooEarlyError: the month has begun.
    """
    spans = sorted(used, key=lambda one: one.first)
    until = [one for one in spans if one.first <= wish.month]
    if not until:
        raise NothingToGoBackToError(f"Nothing is published for {wish.month} yet.")
    present = until[-1]
    last = _last(spans, present.sha256, wish.month)
    if _is_done(until, wish) and (wish.instead_of is None or last is None):
        return RollBackResult(present.playbook, present.version, None, wish.month, last)
    if present.playbook != wish.playbook or wish.instead_of not in (None, present.sha256):
        raise AnotherInUseError(present, wish.month)
    former = _former(until, wish)
    publish_again(
        desk,
        clinic,
        former.sha256,
        month=wish.month,
        running=running,
        by=by,
        note=wish.note,
    )
    last = _last(spans, former.sha256, wish.month)
    return RollBackResult(former.playbook, former.version, present.version, wish.month, last)


def _is_done(until: Sequence[InUse], wish: Wish) -> bool:
    """
    Tell whether the clinic has gone back already.

    Where no version is named, that is so when an earlier one begins again in just that month:
    the version before it is the one that was left.
    """
    present = until[-1]
    if wish.to is not None:
        return present.sha256 == wish.to
    earlier = {one.sha256 for one in until[:-1]}
    return present.first == wish.month and present.sha256 in earlier


def _former(until: Sequence[InUse], wish: Wish) -> InUse:
    present = until[-1]
    others = [
        one
        for one in until
        if one.playbook == wish.playbook
        and one.sha256 != present.sha256
        and wish.to in (None, one.sha256)
    ]
    if not others:
        which = "earlier version" if wish.to is None else "such version"
        raise NothingToGoBackToError(
            f"{present.playbook} has no {which} to go back to: version {present.version} is in "
            f"use in {wish.month}."
        )
    return others[-1]


def _last(spans: Sequence[InUse], sha256: str, month: Month) -> Month | None:
    """Give the last month before another version than `sha256` takes over after `month`."""
    later = (one.first for one in spans if one.first > month and one.sha256 != sha256)
    follows = next(later, None)
    return follows.previous if follows else None
