"""Showing, signing and amending notes."""

from zoneinfo import ZoneInfo

from ccm_flow.adapters.db.note_store import NoteFilter, SqlNoteStore
from ccm_flow.adapters.db.views import find_patient
from ccm_flow.app.notes import NoteView, SignatureView
from ccm_flow.app.view_text import clinic_time, words
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, choose_person, open_set_up, zone_of
from ccm_flow.cli.work.steps import parse_fields
from ccm_flow.cli.work.tables import Listing
from ccm_flow.cli.work.words import BadWordError
from ccm_flow.core.ids import ClinicId, PersonId


def list_(
    clinic: str | None,
    patient: str | None,
    *,
    unsigned: bool,
    flagged: bool,
    as_json: bool,
) -> None:
    """List a clinic's notes."""
    base = open_set_up()
    ref = find_patient(base.engine, patient) if patient else None
    view = choose_clinic(base, ref.clinic if ref else clinic)
    wanted = NoteFilter(view.clinic, ref.enrollment if ref else None, unsigned, flagged)
    nobody = ref is not None and ref.enrollment is None
    notes = [] if nobody else SqlNoteStore(base.engine).notes(wanted)
    if as_json:
        emit(notes)
    elif not notes:
        say("No notes.")
    else:
        _print(notes, zone_of(view), flagged=flagged)


def _print(notes: list[NoteView], zone: ZoneInfo, *, flagged: bool) -> None:
    repeats = ["Repeats"] if flagged else []
    listing = Listing(
        "Note", "Patient", "Written", "By", "About", "Signed", *repeats, keep=["Note"]
    )
    for original in notes:
        for note in (original, *original.amendments):
            about = f"added to {original.handle}" if note is not original else words(note.kind)
            like = f"{note.similar_percent} % {(note.similar_to or '')[:8]}"
            listing.add(
                note.handle,
                f"{note.patient} {note.patient_name}",
                clinic_time(note.written_at, zone),
                note.author_name,
                about,
                _signed_words(note),
                *([like if note.similar_to else ""] if flagged else []),
            )
    listing.print()


def _signed_words(note: NoteView) -> str:
    if note.signature is None:
        return "no"
    if not note.signature.holds:
        return "changed since"
    if note.cosign_role is not None and note.cosignature is None:
        return f"waits for {words(note.cosign_role)}"
    return "yes"


def show(note: str, *, as_json: bool) -> None:
    """Show one note with everything below it."""
    base = open_set_up()
    store = SqlNoteStore(base.engine)
    id_, clinic = store.find(note)
    view = store.note(id_)
    if as_json:
        emit(view)
        return
    zone = zone_of(base.record.clinic(clinic))
    say(f"{words(view.kind).capitalize()}, {view.patient_name} ({view.patient}), {view.month}")
    _show_one(view, zone)
    for amendment in view.amendments:
        say(f"\nAdded because: {amendment.because}")
        _show_one(amendment, zone)


def _show_one(note: NoteView, zone: ZoneInfo) -> None:
    say(f"{note.handle}, written {clinic_time(note.written_at, zone)} by {note.author_name}")
    for name, value in note.fields.items():
        said = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
        say(f"  {words(name)}: {said}")
    if note.text:
        say(f"  {note.text}")
    say(_signature_words("Signed", note.signature, zone) or "Not signed yet.")
    second = _signature_words("Co-signed", note.cosignature, zone)
    if second:
        say(second)
    elif note.cosign_role is not None:
        say(f"Waits for the signature of the {words(note.cosign_role)}.")
    if note.similar_to:
        say(f"It repeats {note.similar_percent} % of the note {note.similar_to[:8]}.")


def _signature_words(verb: str, signature: SignatureView | None, zone: ZoneInfo) -> str:
    if signature is None:
        return ""
    said = f"{verb} {clinic_time(signature.at, zone)} by {signature.by_name}"
    if signature.holds:
        return f"{said}; unchanged since (sha256 {signature.sha256[:16]})."
    return f"{said}. It was CHANGED after the signature."


def sign(note: str, by: str, fields: tuple[str, ...], *, as_json: bool) -> None:
    """Sign a note."""
    base, store, id_, person = _begin(note, by)
    store.sign(id_, person, base.clock.now(), parse_fields(fields))
    _done(store, id_, "Signed.", as_json=as_json)


def cosign(note: str, by: str, *, as_json: bool) -> None:
    """Co-sign a note."""
    base, store, id_, person = _begin(note, by)
    store.cosign(id_, person, base.clock.now())
    _done(store, id_, "Co-signed.", as_json=as_json)


def amend(note: str, text: str, because: str, by: str, *, as_json: bool) -> None:
    """Add to a signed note."""
    if not text.strip() or not because.strip():
        raise BadWordError("An amendment needs a text and a reason.", "Say --text and --because.")
    base, store, id_, person = _begin(note, by)
    added = store.amend(id_, text.strip(), because.strip(), person, base.clock.now())
    said = f"Added as {added[:8]}. Sign it with `ccm note sign {added[:8]}`."
    _done(store, id_, said, as_json=as_json)


def _begin(note: str, by: str) -> tuple[Base, SqlNoteStore, str, PersonId]:
    base = open_set_up()
    store = SqlNoteStore(base.engine)
    id_, clinic = store.find(note)
    return base, store, id_, choose_person(base, ClinicId(clinic), by).person


def _done(store: SqlNoteStore, id_: str, said: str, *, as_json: bool) -> None:
    if as_json:
        emit(store.note(id_))
    else:
        say(said)
