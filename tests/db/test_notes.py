"""Notes: who signs them, what a signature seals, and which of them hold a month up."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.note_store import NoteFilter, SqlNoteStore
from ccm_flow.adapters.db.signatures import note_fingerprint
from ccm_flow.adapters.db.tables import NoteRow
from ccm_flow.app.care import Click, Work
from ccm_flow.app.notes import (
    NoSuchNoteError,
    NoteIncompleteError,
    NoteView,
    NotSignedYetError,
    NotYoursToSignError,
    SignedAlreadyError,
)
from ccm_flow.core.events import StepCompleted
from ccm_flow.core.ids import ClickId, CycleId, OutcomeId, RoleId, StepKey
from ccm_flow.core.note_forms import NoteValue
from ccm_flow.core.plan import Recorded
from tests.support.open_month import keep, open_month
from tests.support.set_up import CLINIC, MONTH, person, set_up_clinic

AT = datetime(2037, 12, 3, 15, tzinfo=UTC)
FIELDS: dict[str, NoteValue] = {
    "spoke_with": "patient",
    "summary": "Feels well and takes all medicines.",
    "medicines": "yes",
}
SIGNED = Work(note="Call.", fields=FIELDS, sign=True)
UNSIGNED = Work(note="Call.", fields=FIELDS)
LONG = (
    "The patient walks every evening and sleeps well and has no pain at all since the last visit "
)
LONG += "and wants to go on like this until spring comes."


@pytest.fixture
def cycle(engine: Engine) -> CycleId:
    (enrollment,) = set_up_clinic(engine)
    return open_month(engine, enrollment)


def unsigned(record: SqlCareRecord, cycle: CycleId, month: object = MONTH) -> object:
    enrollment = record.cycle(cycle).enrollment
    return record.facts(enrollment, month, AT)["unsigned_notes"]  # type: ignore[arg-type]


def listed(engine: Engine, **wanted: bool) -> list[NoteView]:
    return SqlNoteStore(engine).notes(NoteFilter(CLINIC, **wanted))


def only(engine: Engine) -> NoteView:
    (note,) = listed(engine)
    return note


def test_a_note_is_signed_with_the_click_by_its_author(engine: Engine, cycle: CycleId) -> None:
    record = keep(engine, cycle, SIGNED, at=AT)
    note = only(engine)
    assert note.signature is not None
    assert (note.signature.by, note.signature.at) == (person("ann"), AT)
    assert note.signature.holds
    assert note.fields["medicines"] is True, "yes is a value of its type"
    assert unsigned(record, cycle) == 0


def test_problems_keep_the_signature_back_and_never_the_note(
    engine: Engine, cycle: CycleId
) -> None:
    fields = {"spoke_with": "dog", "summary": "Short"}
    record = keep(engine, cycle, Work(note="x", fields=fields, sign=True), at=AT)
    note = only(engine)
    assert (note.signature, note.fields, note.text) == (None, fields, "x")
    assert unsigned(record, cycle) == 1


def test_what_is_missing_can_be_filled_in_with_the_signature(
    engine: Engine, cycle: CycleId
) -> None:
    keep(engine, cycle, Work(fields={"spoke_with": "patient"}), at=AT)
    store, id_ = SqlNoteStore(engine), only(engine).id
    with pytest.raises(NoteIncompleteError, match="What was discussed"):
        store.sign(id_, person("ann"), AT, {"mood": "good"})
    assert only(engine).fields["mood"] == "good", "what was typed is kept"
    store.sign(id_, person("ann"), AT, {"summary": FIELDS["summary"]})
    assert only(engine).signature is not None


def test_nobody_signs_another_persons_note(engine: Engine, cycle: CycleId) -> None:
    keep(engine, cycle, UNSIGNED, at=AT)
    store, id_ = SqlNoteStore(engine), only(engine).id
    for who in ("nat", "pat", "lee"):
        with pytest.raises(NotYoursToSignError, match="The note is Ann's"):
            store.sign(id_, person(who), AT)
    store.sign(id_, person("ann"), AT)
    with pytest.raises(SignedAlreadyError):
        store.sign(id_, person("ann"), AT)


def test_signing_off_signs_only_ones_own_notes(engine: Engine, cycle: CycleId) -> None:
    keep(engine, cycle, UNSIGNED, at=AT, by="ann", click="c1")
    keep(engine, cycle, UNSIGNED, at=AT, by="nat", click="c2")
    record = keep(
        engine,
        cycle,
        Work(),
        at=AT + timedelta(days=1),
        by="ann",
        click="c3",
        step="sign_off",
        outcome="signed",
        records=(Recorded.SIGNATURE,),
    )
    signers = {note.author: note.signature is not None for note in listed(engine)}
    assert signers == {person("ann"): True, person("nat"): False}
    assert unsigned(record, cycle) == 1


def test_the_flow_is_told_what_the_record_will_say_and_nothing_better(
    engine: Engine, cycle: CycleId
) -> None:
    keep(engine, cycle, UNSIGNED, at=AT, by="nat", click="c1")
    record = SqlCareRecord(engine)
    keep(engine, cycle, UNSIGNED, at=AT, by="ann", click="c2")
    click = _pending_sign_off(record, cycle)
    assert record.facts_if_taken(click, MONTH, AT)["unsigned_notes"] == 1
    assert sum(note.signature is None for note in listed(engine)) == 2, "nothing was changed"


def _pending_sign_off(record: SqlCareRecord, cycle: CycleId) -> ClickId:
    key = StepKey("sign_off")
    event = StepCompleted(key, OutcomeId("signed"), person("ann"), RoleId("coordinator"))
    click = Click(ClickId("s"), cycle, person("ann"), event, key, records=(Recorded.SIGNATURE,))
    record.keep(click, AT)
    return click.id


def test_the_database_refuses_to_change_a_signed_note(engine: Engine, cycle: CycleId) -> None:
    keep(engine, cycle, SIGNED, at=AT, click="c1")
    keep(engine, cycle, UNSIGNED, at=AT, click="c2")
    with pytest.raises(Exception, match="amendment"), writing(engine) as session:
        session.connection().execute(text("UPDATE note SET text = 'x'"))
    with pytest.raises(Exception, match=r"append-only|amendment"), writing(engine) as session:
        session.connection().execute(text("DELETE FROM note WHERE signed_at IS NULL"))
    with writing(engine) as session:
        session.connection().execute(text("UPDATE note SET text = 'x' WHERE signed_at IS NULL"))


def test_a_change_behind_the_programs_back_shows(engine: Engine, cycle: CycleId) -> None:
    keep(engine, cycle, SIGNED, at=AT)
    with reading(engine) as session:
        row = session.get_one(NoteRow, only(engine).id)
        session.expunge(row)
    assert note_fingerprint(row) == row.sha256
    row.fields = {**row.fields, "summary": "Feels ill."}
    assert note_fingerprint(row) != row.sha256


def test_an_amendment_stands_below_its_original_and_is_signed_in_its_turn(
    engine: Engine, cycle: CycleId
) -> None:
    record = keep(engine, cycle, SIGNED, at=AT)
    store, id_ = SqlNoteStore(engine), only(engine).id
    later = datetime(2038, 1, 20, tzinfo=UTC)
    added = store.amend(id_, "It was the left leg.", "Mistyped", person("ann"), later)
    note = only(engine)
    assert [(one.id, one.text, one.because) for one in note.amendments] == [
        (added, "It was the left leg.", "Mistyped")
    ]
    assert unsigned(record, cycle) == 1, "it holds the month of its original up"
    assert unsigned(record, cycle, MONTH.next) == 0
    store.sign(added, person("ann"), later)
    later += timedelta(minutes=1)
    again = store.amend(added, "And the right one.", "Forgotten", person("ann"), later)
    assert [one.id for one in only(engine).amendments] == [added, again]
    store.sign(again, person("ann"), later)
    assert unsigned(record, cycle) == 0


def test_an_unsigned_note_needs_no_amendment(engine: Engine, cycle: CycleId) -> None:
    keep(engine, cycle, UNSIGNED, at=AT)
    with pytest.raises(NotSignedYetError):
        SqlNoteStore(engine).amend(only(engine).id, "x", "y", person("ann"), AT)


def test_a_practitioner_co_signs_after_the_author(engine: Engine, cycle: CycleId) -> None:
    keep(engine, cycle, UNSIGNED, at=AT)
    store, id_ = SqlNoteStore(engine), only(engine).id
    with pytest.raises(NotSignedYetError):
        store.cosign(id_, person("pat"), AT)
    store.sign(id_, person("ann"), AT)
    with pytest.raises(NotYoursToSignError, match="practitioner"):
        store.cosign(id_, person("nat"), AT)
    store.cosign(id_, person("pat"), AT)
    with pytest.raises(SignedAlreadyError):
        store.cosign(id_, person("pat"), AT)
    signature = only(engine).cosignature
    assert signature is not None
    assert signature.holds
    assert signature.by == person("pat")


def test_a_note_that_needs_two_signatures_is_open_until_it_has_both(
    engine: Engine, cycle: CycleId
) -> None:
    record = keep(engine, cycle, UNSIGNED, at=AT)
    id_ = only(engine).id
    with writing(engine) as session:
        session.get_one(NoteRow, id_).cosign_role = RoleId("nurse")
    store = SqlNoteStore(engine)
    store.sign(id_, person("ann"), AT)
    assert unsigned(record, cycle) == 1
    assert [note.id for note in listed(engine, unsigned=True)] == [id_]
    keep(
        engine,
        cycle,
        Work(),
        at=AT,
        by="nat",
        click="c9",
        step="fix_notes",
        outcome="signed",
        records=(Recorded.SIGNATURE,),
    )
    assert unsigned(record, cycle) == 0
    assert listed(engine, unsigned=True) == []


def test_only_the_months_own_notes_hold_it_up(engine: Engine, cycle: CycleId) -> None:
    record = keep(engine, cycle, UNSIGNED, at=AT, click="c1")
    after_the_month = datetime(2038, 1, 2, 15, tzinfo=UTC)
    keep(engine, cycle, UNSIGNED, at=after_the_month, click="c2")
    assert unsigned(record, cycle) == 2, "what is written for a month after it still belongs to it"
    next_month = open_month(engine, record.cycle(cycle).enrollment, MONTH.next)
    assert unsigned(record, next_month, MONTH.next) == 0
    keep(engine, next_month, UNSIGNED, at=after_the_month, click="c3")
    assert unsigned(record, next_month, MONTH.next) == 1
    assert unsigned(record, cycle) == 2


def test_a_copied_note_is_flagged_and_not_stopped(engine: Engine, cycle: CycleId) -> None:
    keep(engine, cycle, Work(note=LONG), at=AT, click="c1", outcome="no_answer")
    keep(engine, cycle, Work(note="Left a message."), at=AT, click="c2", outcome="no_answer")
    keep(engine, cycle, Work(note="Left a message."), at=AT, click="c3", outcome="no_answer")
    assert listed(engine, flagged=True) == []
    first = next(note.id for note in listed(engine) if note.text == LONG)
    copied = Work(note=LONG.upper(), sign=True)
    keep(engine, cycle, copied, at=AT + timedelta(days=30), click="c4", outcome="no_answer")
    (flagged,) = listed(engine, flagged=True)
    assert (flagged.similar_to, flagged.similar_percent) == (first, 100)
    assert flagged.signature is not None


def test_a_note_is_named_by_the_start_of_its_id(engine: Engine, cycle: CycleId) -> None:
    keep(engine, cycle, SIGNED, at=AT)
    store, note = SqlNoteStore(engine), only(engine)
    assert store.find(note.handle)[0] == store.find(note.id)[0] == note.id
    for unknown in ("zz", "", "%"):
        with pytest.raises(NoSuchNoteError):
            store.find(unknown)


def test_signing_leaves_a_line_in_the_ledger(engine: Engine, cycle: CycleId) -> None:
    record = keep(engine, cycle, SIGNED, at=AT)
    stream = f"record:{record.cycle(cycle).enrollment}"
    with reading(engine) as session:
        query = text("SELECT kind, actor, sequence FROM ledger_event WHERE cycle_id = :stream")
        rows = session.connection().execute(query, {"stream": stream}).all()
    assert [tuple(row) for row in rows] == [("note_signed", person("ann"), 1)]
