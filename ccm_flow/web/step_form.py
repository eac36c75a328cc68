"""What a step's page sends: the note, the time, the consent; read without losing any of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from starlette.datastructures import FormData

from ccm_flow.app.care import Work
from ccm_flow.app.notes import NoteDraft
from ccm_flow.app.statuses import ConsentMode
from ccm_flow.app.step_view import StepPage
from ccm_flow.core.care_plan import TITLES, CarePlan, lines_of
from ccm_flow.core.consent import NOTE_FIELDS, Statement
from ccm_flow.core.note_forms import NoteForm
from ccm_flow.core.time_rules import MAX_ENTRY

PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "goals": ("goal", "measure", "target", "by"),
    "interventions": ("what", "who"),
}
"""The elements of a care plan whose items have parts of their own on the page."""
_WAYS: Final = {"by word": ConsentMode.VERBAL, "in writing": ConsentMode.WRITTEN}
SMALL: Final = "x."
"""What the names of the small forms' fields begin with."""
PLAN_UPON: Final = "x.plan_upon"
"""The version of the care plan that the page showed; it is kept with a draft."""
_SPARE: Final = 2
"""Empty rows offered for more items."""
_MOST_ROWS: Final = 60


@dataclass
class Typed:
    """Everything that somebody typed on a step's page."""

    fields: dict[str, str] = field(default_factory=dict)
    note: str = ""
    minutes: str = ""
    started: str = ""
    channel: str = ""
    mode: str = ConsentMode.VERBAL.value
    signature: str = ""
    statements: frozenset[str] = frozenset()
    other: dict[str, str] = field(default_factory=dict)
    """The small forms below the outcomes."""

    @property
    def small(self) -> dict[str, str]:
        """What was typed into the small forms; not what stands there from the beginning."""
        chosen = {"x.language", "x.ask", "x.urgency", "x.unit"}
        return {name: text for name, text in self.other.items() if text and name not in chosen}

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed that would be missed."""
        return not (self.fields or self.note or self.small)

    def rows(self, name: str, spare: int = _SPARE) -> list[dict[str, str]]:
        """Give a care plan element's items in parts, with some empty ones to fill in."""
        parts = PARTS[name]
        lines = [line for line in self.fields.get(name, "").splitlines() if line.strip()]
        found = [dict(zip(parts, _pieces(line, len(parts)), strict=True)) for line in lines]
        return [*found, *(dict.fromkeys(parts, "") for _ in range(spare))]


def _pieces(line: str, count: int) -> list[str]:
    pieces = [piece.strip().removeprefix("by ") for piece in line.split("|")][:count]
    return pieces + [""] * (count - len(pieces))


def read_typed(form: FormData, page: StepPage) -> Typed:
    """Read what was sent, as it is."""
    text = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    statements = frozenset(value for value in form.getlist("statement") if isinstance(value, str))
    return Typed(
        fields=_fields(text, page.form, statements),
        note=text.get("note", ""),
        minutes=text.get("minutes", ""),
        started=text.get("started", ""),
        channel=text.get("channel", ""),
        mode=text.get("mode", ConsentMode.VERBAL.value),
        signature=text.get("signature", ""),
        statements=statements,
        other={name: value for name, value in text.items() if name.startswith(SMALL)},
    )


def _fields(
    text: Mapping[str, str], form: NoteForm | None, statements: frozenset[str]
) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in form.fields if form else ():
        if one.id in PARTS and f"{one.id}.0.{PARTS[one.id][0]}" in text:
            value = joined_rows(text, one.id)
        elif one.id in NOTE_FIELDS.values():
            value = "yes" if _statement_of(one.id) in statements else ""
        else:
            value = text.get(f"f.{one.id}", "")
        if value.strip():
            found[one.id] = value
    return found


def _statement_of(name: str) -> str:
    return next(one.value for one, known in NOTE_FIELDS.items() if known == name)


def joined_rows(text: Mapping[str, str], name: str) -> str:
    """Write an element's parts as lines, as notes hold them; a bar inside a part is a slash."""
    lines = []
    for number in range(_MOST_ROWS):
        parts = [
            " ".join(text.get(f"{name}.{number}.{part}", "").replace("|", "/").split())
            for part in PARTS[name]
        ]
        if any(parts):
            last = max(at for at, part in enumerate(parts, start=1) if part)
            lines.append(" | ".join(parts[:last]))
    return "\n".join(lines)


def restored(page: StepPage, draft: NoteDraft | None, plan: CarePlan | None) -> Typed:
    """Give what the page starts with: the care plan as it is, and over it what was typed before."""
    typed = Typed()
    if page.takes_care_plan and page.form is not None and plan is not None:
        typed.fields |= {
            one.id: "\n".join(lines_of(plan, one.id))
            for one in page.form.fields
            if one.id in TITLES
        }
    if draft is not None:
        typed.note = draft.text
        for name, value in draft.fields.items():
            (typed.other if name.startswith(SMALL) else typed.fields)[name] = str(value)
        said = {one.value for one, name in NOTE_FIELDS.items() if typed.fields.get(name) == "yes"}
        typed.statements = frozenset(said)
    return typed


def fields_to_send(typed: Typed, page: StepPage) -> dict[str, str]:
    """Leave out what the care plan says already: a note holds what is new."""
    plan = page.patient.plan
    form = page.form
    if form is None:
        return {}
    asked = {one.id: one for one in form.fields}
    found = dict(typed.fields)
    if page.takes_care_plan and plan is not None:
        for name in [name for name in found if name in TITLES and not asked[name].required]:
            if _same(found[name], lines_of(plan, name)):
                del found[name]
    for name in NOTE_FIELDS.values():
        if name in asked:
            found.setdefault(name, "no")
    return found


def _same(text: str, lines: Iterable[str]) -> bool:
    return [line.strip() for line in text.splitlines() if line.strip()] == list(lines)


def work_of(typed: Typed, page: StepPage, started_at: datetime | None) -> Work:
    """Put together what is kept beside the outcome."""
    minutes = read_minutes(typed.minutes)
    way = _WAYS.get(typed.fields.get("how", ""))
    known = {one.value: one for one in Statement}
    return Work(
        time=timedelta(minutes=minutes or 0),
        started_at=started_at,
        note=typed.note.strip(),
        fields=fields_to_send(typed, page),
        sign=True,
        consent_mode=way or _mode(typed.mode),
        statements=frozenset(known[one] for one in typed.statements if one in known),
        signature=typed.signature.strip(),
    )


def _mode(text: str) -> ConsentMode:
    return ConsentMode(text) if text in set(ConsentMode) else ConsentMode.VERBAL


def read_minutes(text: str) -> float | None:
    """Read minutes; None when nothing was typed, and for what is no amount of minutes."""
    try:
        minutes = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return minutes if 0 < minutes <= MAX_ENTRY / timedelta(minutes=1) else None


def read_moment(text: str) -> datetime | None:
    """Read a `datetime-local` field; None for what cannot be read."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment.replace(tzinfo=None)
