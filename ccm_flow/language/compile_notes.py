"""Compiles the structures of notes, declared in the playbook or shared between playbooks."""

from ccm_flow.core.ids import RoleId
from ccm_flow.core.note_forms import FieldType, NoteField, NoteForm
from ccm_flow.language.names import check_id, check_once, known_word, title_of
from ccm_flow.language.problems import Path
from ccm_flow.language.report import Report
from ccm_flow.language.source import NoteFieldSource, NoteSource, PlaybookSource
from ccm_flow.language.suggest import did_you_mean

_WITH_LIMITS = frozenset([FieldType.TEXT, FieldType.NUMBER])


def compile_notes(source: PlaybookSource, report: Report) -> tuple[NoteForm, ...]:
    """Give the notes that the playbook declares itself."""
    used = {step.note for step in source.steps}
    for id_ in source.notes:
        check_id(report, ("notes", id_), id_, key=True)
        if id_ not in used and not report.has_family("PB2"):
            hint = "Give it to a step (`note:`), or remove it."
            message = f"No step writes the note '{id_[:60]}'."
            report.add("PB315", ("notes", id_), message, hint, key=True)
    for id_, body in source.notes.items():
        check_cosign(source, body.cosign, ("notes", id_, "cosign"), report)
    return tuple(
        compile_note(id_, body, ("notes", id_), report) for id_, body in source.notes.items()
    )


def check_cosign(source: PlaybookSource, role: str | None, path: Path, report: Report) -> None:
    """Report a role that signs beside the author and that the playbook does not have."""
    if role is not None and role not in source.roles:
        hint = did_you_mean(role, source.roles, "Roles")
        report.add("PB301", path, f"There is no role '{role[:60]}'.", hint)


def compile_note(id_: str, body: NoteSource, path: Path, report: Report) -> NoteForm:
    """Give one note's structure."""
    path = (*path, "fields")
    if not body.fields:
        hint = "Name its fields, e.g. `summary: {type: text, required: true}`."
        report.add("PB205", path, f"The note '{id_[:60]}' has no fields.", hint, key=True)
    fields = (
        _field(name, field or NoteFieldSource(), (*path, name), report)
        for name, field in body.fields.items()
    )
    cosign = RoleId(body.cosign) if body.cosign else None
    return NoteForm(id_, body.title or title_of(id_.rpartition("/")[2]), tuple(fields), cosign)


def _field(id_: str, body: NoteFieldSource, path: Path, report: Report) -> NoteField:
    check_id(report, path, id_, key=True)
    type_ = _type(body, path, report)
    _check_limits(body, type_, path, report)
    choices = body.choices or []
    check_once(report, (*path, "choices"), choices, "choice")
    if type_ is FieldType.CHOICE and not choices and report.is_sound(path):
        hint = "Name them, e.g. `choices: [good, fair, poor]`."
        where = (*path, "choices") if body.choices is not None else (*path, "type")
        report.add("PB205", where, "There is nothing to choose from.", hint)
    return NoteField(
        id=id_,
        title=body.title or title_of(id_),
        type=type_,
        required=body.required,
        min=body.min,
        max=body.max,
        choices=tuple(choices),
    )


def _type(body: NoteFieldSource, path: Path, report: Report) -> FieldType:
    if body.type is None:
        return FieldType.TEXT if body.choices is None else FieldType.CHOICE
    type_ = known_word(report, (*path, "type"), body.type, FieldType, "a type of field")
    if type_ not in (None, FieldType.CHOICE) and body.choices is not None:
        hint = "Remove `type:`, or remove the choices."
        message = f"A field of the type '{type_}' has no choices."
        report.add("PB209", (*path, "choices"), message, hint, key=True)
    return type_ or FieldType.TEXT


def _check_limits(body: NoteFieldSource, type_: FieldType, path: Path, report: Report) -> None:
    for name, limit in (("min", body.min), ("max", body.max)):
        if limit is not None and type_ not in _WITH_LIMITS and report.is_sound((*path, "type")):
            message = f"A field of the type '{type_}' has no `{name}`."
            hint = "Remove it; only numbers and texts have limits."
            report.add("PB209", (*path, name), message, hint, key=True)
            return
    if body.min is not None and body.max is not None and body.min > body.max:
        message = f"The largest value is smaller than the least ({body.min})."
        report.add("PB206", (*path, "max"), message, "Swap the two.")
