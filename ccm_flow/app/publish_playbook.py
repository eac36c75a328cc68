"""From a draft to a playbook in use: written by one person, approved by another, published."""

from dataclasses import dataclass

from ccm_flow.app.drafts import (
    Draft,
    DraftDeed,
    DraftMovedOnError,
    DraftStore,
    Library,
    Publication,
    VersionTakenError,
)
from ccm_flow.app.flow import Clock
from ccm_flow.core.drafts import DraftEvent, DraftEventKind, DraftState, first_month
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, DraftId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlaybookKind


class DraftHasErrorsError(CcmError):
    """A draft with errors goes no further."""

    exit_code = 2
    hint = "Put right what the check lists, and save."

    def __init__(self, count: int) -> None:
        super().__init__(f"The draft has {count} error{'' if count == 1 else 's'}.")


class OwnDraftError(CcmError):
    """Whoever wrote in a draft does not decide about it."""

    exit_code = 4
    hint = "Ask a colleague who may approve playbooks."

    def __init__(self) -> None:
        super().__init__("Nobody approves a draft they wrote in.")


class NotRehearsedError(CcmError):
    """Nobody has seen what a draft would have done, and nobody says why that must do."""

    exit_code = 4
    hint = (
        "Replay it on a closed month: `ccm rehearse DRAFT --against MONTH`. "
        "Or say in the note why it is approved without."
    )

    def __init__(self) -> None:
        super().__init__("This text was not rehearsed.")


class NotThereYetError(CcmError):
    """A draft does not stand where it would have to for this."""

    exit_code = 4


class TooEarlyError(CcmError):
    """A playbook would change a month that has begun."""

    exit_code = 2

    def __init__(self, wanted: Month, earliest: Month) -> None:
        super().__init__(f"{wanted} cannot be changed any more.", f"Choose {earliest} or later.")


@dataclass(frozen=True)
class DraftDesk:
    """What these use cases work with."""

    drafts: DraftStore
    library: Library
    clock: Clock


def save_draft(desk: DraftDesk, draft: DraftId, text: str, *, base: int, by: PersonId) -> int:
    """
    Keep what somebody typed, whatever it is like; gives its revision.

    Raises:
        DraftMovedOnError: somebody else saved another text since revision `base`.
        NotThereYetError: the draft was put away.
    """
    known = desk.drafts.draft(draft)
    if known.state is DraftState.PUT_AWAY:
        raise NotThereYetError("This draft was put away.", "Begin a new one from it.")
    plan = desk.library.resolve(known.clinic, text).plan
    title = plan.title if plan is not None else ""
    return desk.drafts.save(draft, text, title, base=base, by=by, now=desk.clock.now())


def ask_approval(
    desk: DraftDesk, draft: DraftId, *, revision: int, by: PersonId, note: str
) -> None:
    """
    Ask a second person to look at a draft; asking twice is asking once.

    Raises:
        DraftMovedOnError: there is a newer text.
        DraftHasErrorsError, VersionTakenError: it could not be published as it is.
    """
    known = _unchanged(desk, draft, revision)
    if known.state in (DraftState.WAITING, DraftState.APPROVED):
        return
    plan = _good(desk, known)
    _note(desk, known, DraftEventKind.ASKED, by, note=note, plan=plan)


def approve(desk: DraftDesk, draft: DraftId, *, revision: int, by: PersonId, note: str) -> None:
    """
    Say yes to a draft, as the second person.

    What was not rehearsed needs a reason, in the note.

    Raises:
        OwnDraftError: the person wrote in it.
        NotRehearsedError: nothing was forecast of exactly this text, and no reason is given.
        NotThereYetError: nobody asked.
        DraftMovedOnError, DraftHasErrorsError, VersionTakenError: see `ask_approval`.
    """
    known = _unchanged(desk, draft, revision)
    if known.is_own(by):
        raise OwnDraftError
    if known.state is DraftState.APPROVED:
        return
    _must_wait(known)
    plan = _good(desk, known)
    if not note.strip() and not desk.drafts.is_rehearsed(known.clinic, plan.sha256):
        raise NotRehearsedError
    _note(desk, known, DraftEventKind.APPROVED, by, note=note, plan=plan)


def send_back(desk: DraftDesk, draft: DraftId, *, revision: int, by: PersonId, note: str) -> None:
    """
    Say what should be different before a yes.

    Raises:
        OwnDraftError, NotThereYetError, DraftMovedOnError: see `approve`.
    """
    known = _unchanged(desk, draft, revision)
    if known.is_own(by):
        raise OwnDraftError
    _must_wait(known)
    _note(desk, known, DraftEventKind.SENT_BACK, by, note=note)


def put_away(desk: DraftDesk, draft: DraftId, *, by: PersonId) -> None:
    """Go on with a draft no more; it stays readable."""
    known = desk.drafts.draft(draft)
    if known.state is not DraftState.PUT_AWAY:
        _note(desk, known, DraftEventKind.PUT_AWAY, by)


def publish_draft(
    desk: DraftDesk, draft: DraftId, *, month: Month, running: Month, by: PersonId
) -> None:
    """
    Make a clinic use an approved draft from a month on.

    Months that were opened before keep the version they started with.

    Raises:
        NotThereYetError: nobody approved exactly this text.
        TooEarlyError: the month has begun, and something runs in it.
        DraftHasErrorsError, VersionTakenError, DraftMovedOnError: see `ask_approval`.
    """
    known = desk.drafts.draft(draft)
    if known.state is DraftState.PUBLISHED and known.last and known.last.month == month:
        return
    last = known.last
    if known.state is not DraftState.APPROVED or last is None:
        raise NotThereYetError(
            "This text was not approved.", "Ask for approval; another person gives it."
        )
    plan, source = _resolved(desk, known)
    if plan.sha256 != last.sha256:
        raise NotThereYetError(
            "What this draft extends is different from what was approved.", "Ask once more."
        )
    _not_too_early(desk, known.clinic, plan.kind, month, running)
    made = Publication(known.clinic, plan, source, month, by, last.by, last.note)
    now = desk.clock.now()
    done = DraftEvent(DraftEventKind.PUBLISHED, last.revision, plan.sha256, by, now, month=month)
    desk.drafts.publish(made, now, DraftDeed(draft, done, len(known.events)))


def publish_again(
    desk: DraftDesk,
    clinic: ClinicId,
    sha256: str,
    *,
    month: Month,
    running: Month,
    by: PersonId,
    note: str,
) -> None:
    """
    Go back to a version that was in use before, from a month on.

    Raises:
        NoSuchVersionError: the clinic never used it.
        TooEarlyError: the month has begun.
    """
    plan, source = desk.drafts.used(clinic, sha256)
    _not_too_early(desk, clinic, plan.kind, month, running)
    made = Publication(clinic, plan, source, month, by, note=note)
    desk.drafts.publish(made, desk.clock.now(), None)


def earliest(drafts: DraftStore, clinic: ClinicId, kind: PlaybookKind, running: Month) -> Month:
    """Give the first month a playbook of a kind may be published for."""
    return first_month(running, is_live=drafts.is_live(clinic, kind, running))


def _unchanged(desk: DraftDesk, draft: DraftId, revision: int) -> Draft:
    known = desk.drafts.draft(draft)
    if known.revision != revision:
        raise DraftMovedOnError
    return known


def _must_wait(draft: Draft) -> None:
    if draft.state is not DraftState.WAITING:
        raise NotThereYetError("Nobody asked for approval of this text.", "Ask its author.")


def _good(desk: DraftDesk, draft: Draft) -> Plan:
    plan, _ = _resolved(desk, draft)
    if desk.drafts.is_taken(plan):
        raise VersionTakenError(plan)
    return plan


def _resolved(desk: DraftDesk, draft: Draft) -> tuple[Plan, str]:
    found = desk.library.resolve(draft.clinic, draft.text)
    if found.plan is None:
        raise DraftHasErrorsError(len(found.errors))
    return found.plan, found.merged_text


def _not_too_early(
    desk: DraftDesk, clinic: ClinicId, kind: PlaybookKind, month: Month, running: Month
) -> None:
    first = earliest(desk.drafts, clinic, kind, running)
    if month < first:
        raise TooEarlyError(month, first)


def _note(
    desk: DraftDesk,
    draft: Draft,
    kind: DraftEventKind,
    by: PersonId,
    *,
    note: str = "",
    plan: Plan | None = None,
) -> None:
    sha256 = plan.sha256 if plan is not None else ""
    event = DraftEvent(kind, draft.revision, sha256, by, desk.clock.now(), note)
    desk.drafts.add(DraftDeed(draft.id, event, len(draft.events)))
