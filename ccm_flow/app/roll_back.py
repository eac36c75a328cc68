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


@dataclass(frozen=True, slots=True)
class InUse:
    """From which month on a clinic uses a version."""

    playbook: PlaybookId
    version: int
    sha256: str
    first: Month


@dataclass(frozen=True, slots=True)
class RollBackResult:
    """What is used from a month on, instead of what."""

    playbook: PlaybookId
    version: int
    instead_of: int
    first: Month


def roll_back(
    desk: DraftDesk,
    clinic: ClinicId,
    used: Sequence[InUse],
    *,
    to: int | None,
    month: Month,
    running: Month,
    by: PersonId,
    note: str,
) -> RollBackResult:
    """
    Publish the version before again, or version `to`, from a month on.

    Args:
        desk: what publishes.
        clinic: whose playbook.
        used: which versions of this playbook the clinic used from when on, in any order.
        to: the version to go back to; the one that was used before the present one when None.
        month: the first month that uses it again.
        running: the month that runs now.
        by: who decides it.
        note: why, as others will read it.

    Raises:
        NothingToGoBackToError: there is no such version, or it is the one in use.
        TooEarlyError: the month has begun.
    """
    spans = sorted(used, key=lambda one: one.first)
    until = [one for one in spans if one.first <= month]
    if not until:
        raise NothingToGoBackToError(f"Nothing is published for {month} yet.")
    present = until[-1]
    others = [
        one for one in until if one.sha256 != present.sha256 and (to is None or one.version == to)
    ]
    if not others:
        which = "an earlier version" if to is None else f"version {to}"
        raise NothingToGoBackToError(
            f"{present.playbook} has no {which.removeprefix('an ')} to go back to: version "
            f"{present.version} is in use in {month}."
        )
    former = others[-1]
    publish_again(desk, clinic, former.sha256, month=month, running=running, by=by, note=note)
    return RollBackResult(former.playbook, former.version, present.version, month)
