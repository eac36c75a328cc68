"""What the playbook pages show: versions, where each is live, who did what, and drafts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.draft_store import event_of
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import (
    ClinicPlaybookRow,
    DraftEventRow,
    DraftTextRow,
    PlaybookDraftRow,
    PlaybookPublicationRow,
    PlaybookVersionRow,
)
from ccm_flow.adapters.db.views_names import People
from ccm_flow.app.roll_back import InUse
from ccm_flow.core.drafts import DraftEvent, DraftState, state_of
from ccm_flow.core.ids import ClinicId, DraftId, PlaybookId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind

NEWEST_SHOWN = 100
"""Of publications and of drafts; older ones stay in the database."""


@dataclass(frozen=True, slots=True)
class VersionName:
    """A version, as lists name it."""

    sha256: str
    playbook: PlaybookId
    version: int
    title: str


@dataclass(frozen=True, slots=True)
class Span:
    """The months in which a version is used for cycles of one kind."""

    version: VersionName
    kind: PlaybookKind
    first: Month
    last: Month | None
    """None while nothing follows."""

    def is_live(self, month: Month) -> bool:
        """Tell whether it is used in a month."""
        return self.first <= month and (self.last is None or month <= self.last)


@dataclass(frozen=True, slots=True)
class Published:
    """One line of the list of who published what."""

    version: VersionName
    kind: PlaybookKind
    from_month: Month
    at: datetime
    by: str | None
    approved_by: str | None
    note: str


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft in the list."""

    id: DraftId
    title: str
    begun_from: str
    state: DraftState
    revision: int
    saved_by: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything about a clinic's playbooks."""

    spans: tuple[Span, ...]
    """The newest first, for each kind."""
    published: tuple[Published, ...]
    """The newest first."""
    drafts: tuple[DraftLine, ...]
    """The newest first, without those put away."""

    def used(self, kind: PlaybookKind) -> list[InUse]:
        """Give which versions are used for cycles of a kind, and from when on."""
        return [
            InUse(one.version.playbook, one.version.version, one.version.sha256, one.first)
            for one in self.spans
            if one.kind is kind
        ]


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that was done with a draft, with the name of who did it."""

    event: DraftEvent
    by: str


@dataclass(frozen=True, slots=True)
class SavedText:
    """One text of a draft in the list of all of them."""

    revision: int
    by: str
    at: datetime
    length: int


def shelf(engine: Engine, clinic: ClinicId) -> Shelf:
    """Give a clinic's playbooks and drafts, in a fixed number of queries."""
    with reading(engine) as session:
        published = _published_rows(session, clinic)
        spans = _spans(session, clinic)
        drafts = _draft_rows(session, clinic)
        events = _events(session, [draft.id for draft, _ in drafts])
        people = People(
            session,
            {row.by for row, _ in published if row.by}
            | {row.approved_by for row, _ in published if row.approved_by}
            | {text.by for _, text in drafts},
        )
        lines = [_published(row, version, people) for row, version in published]
        return Shelf(
            spans,
            tuple(lines),
            tuple(
                line
                for draft, text in drafts
                if (line := _line(draft, text, events.get(draft.id, []), people)).state
                is not DraftState.PUT_AWAY
            ),
        )


def history(engine: Engine, draft: DraftId) -> tuple[list[SavedText], list[Deed]]:
    """Give every text of a draft, the newest first, and what was done, the first thing first."""
    saved = (
        select(
            DraftTextRow.revision,
            DraftTextRow.by,
            DraftTextRow.at,
            func.length(col(DraftTextRow.text)),
        )
        .where(DraftTextRow.draft_id == draft)
        .order_by(col(DraftTextRow.revision).desc())
        .limit(NEWEST_SHOWN)
    )
    with reading(engine) as session:
        texts = session.exec(saved).all()
        events = _events(session, [draft]).get(draft, [])
        people = People(session, {by for _, by, _, _ in texts} | {event.by for event in events})
        return (
            [SavedText(number, people.name(by), at, size) for number, by, at, size in texts],
            [Deed(event, people.name(event.by)) for event in events],
        )


def _published_rows(
    session: Session, clinic: ClinicId
) -> Sequence[tuple[PlaybookPublicationRow, VersionName]]:
    query = (
        select(
            PlaybookPublicationRow,
            PlaybookVersionRow.playbook,
            PlaybookVersionRow.version,
            PlaybookVersionRow.title,
        )
        .join(PlaybookVersionRow)
        .where(PlaybookPublicationRow.clinic_id == clinic)
        .order_by(col(PlaybookPublicationRow.number).desc())
        .limit(NEWEST_SHOWN)
    )
    return [
        (row, VersionName(row.sha256, PlaybookId(playbook), version, title))
        for row, playbook, version, title in session.exec(query)
    ]


def _spans(session: Session, clinic: ClinicId) -> tuple[Span, ...]:
    query = (
        select(
            ClinicPlaybookRow,
            PlaybookVersionRow.playbook,
            PlaybookVersionRow.version,
            PlaybookVersionRow.title,
        )
        .join(PlaybookVersionRow)
        .where(ClinicPlaybookRow.clinic_id == clinic)
        .order_by(col(ClinicPlaybookRow.kind), col(ClinicPlaybookRow.from_month).desc())
    )
    spans: list[Span] = []
    for row, playbook, version, title in session.exec(query):
        follows = spans[-1] if spans and spans[-1].kind is row.kind else None
        last = follows.first.previous if follows else None
        name = VersionName(row.sha256, PlaybookId(playbook), version, title)
        spans.append(Span(name, row.kind, row.from_month, last))
    return tuple(spans)


def _draft_rows(
    session: Session, clinic: ClinicId
) -> Sequence[tuple[PlaybookDraftRow, DraftTextRow]]:
    newest = (
        select(DraftTextRow.draft_id, func.max(col(DraftTextRow.revision)).label("revision"))
        .group_by(col(DraftTextRow.draft_id))
        .subquery()
    )
    query = (
        select(PlaybookDraftRow, DraftTextRow)
        .join(DraftTextRow)
        .join(
            newest,
            (newest.c.draft_id == col(DraftTextRow.draft_id))
            & (newest.c.revision == col(DraftTextRow.revision)),
        )
        .where(PlaybookDraftRow.clinic_id == clinic)
        .order_by(col(DraftTextRow.at).desc())
        .limit(NEWEST_SHOWN)
    )
    return session.exec(query).all()


def _events(session: Session, drafts: Iterable[DraftId]) -> Mapping[DraftId, list[DraftEvent]]:
    query = (
        select(DraftEventRow)
        .where(col(DraftEventRow.draft_id).in_(drafts))
        .order_by(col(DraftEventRow.draft_id), col(DraftEventRow.number))
    )
    found: dict[DraftId, list[DraftEvent]] = {}
    for row in session.exec(query):
        found.setdefault(row.draft_id, []).append(event_of(row))
    return found


def _published(row: PlaybookPublicationRow, version: VersionName, people: People) -> Published:
    return Published(
        version,
        row.kind,
        row.from_month,
        row.at,
        people.name(row.by) if row.by else None,
        people.name(row.approved_by) if row.approved_by else None,
        row.note,
    )


def _line(
    draft: PlaybookDraftRow, text: DraftTextRow, events: list[DraftEvent], people: People
) -> DraftLine:
    return DraftLine(
        id=draft.id,
        title=text.title or draft.begun_from,
        begun_from=draft.begun_from,
        state=state_of(events, text.revision),
        revision=text.revision,
        saved_by=people.name(text.by),
        saved_at=text.at,
    )
