"""Notes: when one is complete, who may sign it, and what people see of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import (
    ClinicId,
    EnrollmentId,
    OutcomeId,
    PersonId,
    RoleId,
    StepId,
    StepKey,
)
from ccm_flow.core.month import Month
from ccm_flow.core.note_forms import NoteForm, NoteValue
from ccm_flow.core.plan import Plan

PRACTITIONER = RoleId("practitioner")
"""May co-sign any note (the services are incident to a practitioner's: medicare-rules 1)."""


class NoteIncompleteError(CcmError):
    """A note lacks something that its form asks for; the message names all of it."""

    exit_code = 4
    hint = "Nothing was lost: what you wrote is kept as a draft. Add what is missing with --field."

    def __init__(self, form: NoteForm, problems: Collection[str], hint: str = "") -> None:
        listed = "".join(f"\n  {problem}" for problem in problems)
        super().__init__(f"The note '{form.title}' is not complete:{listed}", hint)
        self.form = form
        self.problems = tuple(problems)


class NoSuchNoteError(CcmError):
    """There is no such note."""

    exit_code = 4
    hint = "List the notes with `ccm note list`."

    def __init__(self, text: str) -> None:
        super().__init__(f"There is no note '{text}'.")


class NotYoursToSignError(CcmError):
    """Somebody would sign what another person wrote, or without the role it takes."""

    exit_code = 4


class SignedAlreadyError(CcmError):
    """A signature is given once."""

    exit_code = 4
    hint = "What is signed stays as it is; `ccm note amend` adds to it."


class NotSignedYetError(CcmError):
    """Something presumes the author's signature."""

    exit_code = 4
    hint = "Its author signs it with `ccm note sign`."


@dataclass(frozen=True, slots=True)
class NoteDraft:
    """What a person has typed for a step and not sent yet."""

    fields: Mapping[str, NoteValue] = field(default_factory=dict)
    text: str = ""
    updated_at: datetime | None = None

    @property
    def of_note(self) -> Mapping[str, NoteValue]:
        """The note's own fields; a name with a dot is of a small form beside the note."""
        return {name: value for name, value in self.fields.items() if "." not in name}


@dataclass(frozen=True, slots=True)
class SignatureView:
    """Who signed, when, and whether the note is still what was signed."""

    by: PersonId
    by_name: str
    at: datetime
    sha256: str
    holds: bool
    """The content has the same fingerprint as when it was signed."""


@dataclass(frozen=True, slots=True)
class NoteView:
    """One note; instants in UTC. Field names are the keys of the commands' `--json`."""

    id: str
    handle: str
    """What a person types to name it."""
    clinic: ClinicId
    enrollment: EnrollmentId
    patient: str
    """The enrollment's handle."""
    patient_name: str
    month: Month
    step: StepKey | None
    kind: str
    form: str | None
    author: PersonId
    author_name: str
    written_at: datetime
    fields: Mapping[str, NoteValue]
    text: str
    signature: SignatureView | None
    cosign_role: RoleId | None
    """Whose signature it needs beside the author's."""
    cosignature: SignatureView | None
    similar_to: str | None
    similar_percent: int | None
    because: str | None
    """Of an amendment: why."""
    amendments: tuple["NoteView", ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether a signature is missing that it needs."""
        return self.signature is None or (self.cosign_role is not None and self.cosignature is None)


def form_needed(plan: Plan, step: StepKey | None, outcome: OutcomeId | None) -> NoteForm | None:
    """Give the form that must be filled in before a step ends with an outcome."""
    known = plan.by_id.get(StepId((step or "").partition("~")[0]))
    if known is None or outcome is None or known.note is None or not known.needs_note(outcome):
        return None
    return plan.note_forms.get(known.note)


def check_signer(author: PersonId, by: PersonId, author_name: str) -> None:
    """Refuse a signature under another person's note; raises `NotYoursToSignError`."""
    if author != by:
        raise NotYoursToSignError(
            f"The note is {author_name}'s; nobody else signs it.",
            "Ask them to sign it. A practitioner co-signs with `ccm note cosign`.",
        )


def cosigner_role(wanted: RoleId | None, held: Collection[RoleId]) -> RoleId:
    """
    Give the role in which a person co-signs: the one the form asks for, else as practitioner.

    Raises:
        NotYoursToSignError: they do not have it.
    """
    role = wanted or PRACTITIONER
    if role not in held:
        raise NotYoursToSignError(
            f"It takes the role {role.replace('_', ' ')} to co-sign this note.",
            "Ask somebody who has it.",
        )
    return role
