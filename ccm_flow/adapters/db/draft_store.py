"""Keeps drafts of playbooks. Texts and decisions are rows that are only ever added."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine, func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.forecast_store import was_rehearsed
from ccm_flow.adapters.db.plan_rows import read_plan
from ccm_flow.adapters.db.publications import is_taken, keep_publication
from ccm_flow.adapters.db.tables import (
    ClinicPlaybookRow,
    DraftEventRow,
    DraftTextRow,
    PlaybookDraftRow,
    PlaybookPublicationRow,
    PlaybookVersionRow,
)
from ccm_flow.app.drafts import (
    Draft,
    DraftDeed,
    DraftMovedOnError,
    NoSuchDraftError,
    NoSuchVersionError,
    Publication,
)
from ccm_flow.core.drafts import DraftEvent, DraftEventKind
from ccm_flow.core.ids import ClinicId, DraftId, PersonId, PlaybookId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlaybookKind


class SqlDrafts:
    """Implements `ccm_flow.app.drafts.DraftStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(
        self,
        draft: DraftId,
        clinic: ClinicId,
        text: str,
        *,
        title: str,
        begun_from: str,
        by: PersonId,
        now: datetime,
    ) -> None:
        """Begin a draft with its first text; a second time changes nothing."""
        with writing(self._engine) as session:
            if session.get(PlaybookDraftRow, draft) is not None:
                return
            session.add(
                PlaybookDraftRow(
                    id=draft, clinic_id=clinic, begun_from=begun_from, begun_by=by, begun_at=now
                )
            )
            session.flush()
            session.add(
                DraftTextRow(draft_id=draft, revision=1, title=title, text=text, by=by, at=now)
            )

    def draft(self, draft: DraftId) -> Draft:
        """Give a draft with its newest text."""
        with reading(self._engine) as session:
            return _draft(session, draft)

    def text(self, draft: DraftId, revision: int) -> str:
        """Give one text of a draft; raises `NoSuchDraftError`."""
        with reading(self._engine) as session:
            row = session.get(DraftTextRow, (draft, revision))
            if row is None:
                raise NoSuchDraftError
            return row.text

    def save(
        self, draft: DraftId, text: str, title: str, *, base: int, by: PersonId, now: datetime
    ) -> int:
        """Keep a text and give its revision."""
        with _adding(self._engine) as session:
            newest = _newest(session, draft)
            if newest.text == text:
                return newest.revision
            if newest.revision != base:
                raise DraftMovedOnError
            revision = newest.revision + 1
            session.add(
                DraftTextRow(
                    draft_id=draft, revision=revision, title=title, text=text, by=by, at=now
                )
            )
            return revision

    def add(self, deed: DraftDeed) -> None:
        """Note what was done with a draft."""
        with _adding(self._engine) as session:
            _add_event(session, deed)

    def publish(self, publication: Publication, now: datetime, deed: DraftDeed | None) -> None:
        """Keep a version, use it from a month on, and note that with its draft."""
        with _adding(self._engine) as session:
            keep_publication(session, publication, now)
            if deed is not None:
                _add_event(session, deed)

    def is_taken(self, plan: Plan) -> bool:
        """Tell whether the version number stands for another text."""
        with reading(self._engine) as session:
            return is_taken(session, plan)

    def is_live(self, clinic: ClinicId, kind: PlaybookKind, month: Month) -> bool:
        """Tell whether a clinic uses any playbook of a kind in a month."""
        query = select(ClinicPlaybookRow.sha256).where(
            ClinicPlaybookRow.clinic_id == clinic,
            ClinicPlaybookRow.kind == kind,
            col(ClinicPlaybookRow.from_month) <= month,
        )
        with reading(self._engine) as session:
            return session.exec(query).first() is not None

    def is_rehearsed(self, clinic: ClinicId, sha256: str) -> bool:
        """Tell whether a rehearsal at the clinic forecast what exactly this text does."""
        with reading(self._engine) as session:
            return was_rehearsed(session, clinic, sha256)

    def used(self, clinic: ClinicId, sha256: str) -> tuple[Plan, str]:
        """Give a version that a clinic published before, with its text."""
        query = (
            select(PlaybookVersionRow)
            .join(PlaybookPublicationRow)
            .where(PlaybookPublicationRow.clinic_id == clinic, PlaybookVersionRow.sha256 == sha256)
        )
        with reading(self._engine) as session:
            row = session.exec(query).first()
            if row is None:
                raise NoSuchVersionError
            return read_plan(row.plan), row.source

    def written_as(self, clinic: ClinicId, sha256: str) -> str | None:
        """Give a draft's text that was published as a version; None for others."""
        query = (
            select(DraftTextRow.text)
            .join(
                DraftEventRow,
                (col(DraftEventRow.draft_id) == col(DraftTextRow.draft_id))
                & (col(DraftEventRow.revision) == col(DraftTextRow.revision)),
            )
            .join(PlaybookDraftRow, col(PlaybookDraftRow.id) == col(DraftTextRow.draft_id))
            .where(
                PlaybookDraftRow.clinic_id == clinic,
                DraftEventRow.kind == DraftEventKind.PUBLISHED,
                DraftEventRow.sha256 == sha256,
            )
        )
        with reading(self._engine) as session:
            return session.exec(query).first()

    def next_version(self, playbook: PlaybookId) -> int:
        """Give the first version number of a playbook that is free, and above all others."""
        query = select(func.max(col(PlaybookVersionRow.version))).where(
            PlaybookVersionRow.playbook == playbook
        )
        with reading(self._engine) as session:
            return (session.exec(query).one() or 0) + 1


def event_of(row: DraftEventRow) -> DraftEvent:
    """Read what was done."""
    return DraftEvent(row.kind, row.revision, row.sha256, row.by, row.at, row.note, row.month)


def _draft(session: Session, draft: DraftId) -> Draft:
    row = session.get(PlaybookDraftRow, draft)
    if row is None:
        raise NoSuchDraftError
    newest = _newest(session, draft)
    writers = session.exec(
        select(DraftTextRow.by).where(DraftTextRow.draft_id == draft).distinct()
    ).all()
    events = session.exec(
        select(DraftEventRow)
        .where(DraftEventRow.draft_id == draft)
        .order_by(col(DraftEventRow.number))
    )
    return Draft(
        id=draft,
        clinic=row.clinic_id,
        begun_from=row.begun_from,
        text=newest.text,
        revision=newest.revision,
        saved_by=newest.by,
        saved_at=newest.at,
        writers=tuple(sorted({row.begun_by, *map(PersonId, writers)})),
        events=tuple(event_of(event) for event in events),
    )


def _newest(session: Session, draft: DraftId) -> DraftTextRow:
    query = (
        select(DraftTextRow)
        .where(DraftTextRow.draft_id == draft)
        .order_by(col(DraftTextRow.revision).desc())
    )
    row = session.exec(query).first()
    if row is None:
        raise NoSuchDraftError
    return row


def _add_event(session: Session, deed: DraftDeed) -> None:
    query = select(func.count()).where(DraftEventRow.draft_id == deed.draft)
    if session.exec(query).one() != deed.seen:
        raise DraftMovedOnError
    event = deed.event
    session.add(
        DraftEventRow(
            draft_id=deed.draft,
            number=deed.seen + 1,
            kind=event.kind,
            revision=event.revision,
            sha256=event.sha256,
            by=event.by,
            at=event.at,
            note=event.note,
            month=event.month,
        )
    )


@contextmanager
def _adding(engine: Engine) -> Iterator[Session]:
    """Add rows; when somebody else took their number at the same instant, say so."""
    try:
        with writing(engine) as session:
            yield session
    except IntegrityError as error:
        raise DraftMovedOnError from error
