"""What an import would change about one patient: field by field, row by row."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ccm_flow.app.records import FIELDS, LISTS, PatientRecord


@dataclass(frozen=True, slots=True)
class RowChanges:
    """What becomes of the rows of one list, by the source's ids."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether every row stays as it is."""
        return not (self.added or self.changed or self.gone)


@dataclass(frozen=True, slots=True)
class PatientChange:
    """What becomes of one patient; for a new one every row is added."""

    is_new: bool
    fields: tuple[str, ...]
    """The fields that change; of a new patient all that are filled."""
    rows: Mapping[str, RowChanges]
    """By list; lists in which nothing changes are not here."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        return not (self.is_new or self.fields or self.rows)


def fill_in(record: PatientRecord, kept: PatientRecord) -> PatientRecord:
    """Add to a record what is kept already and its source says nothing about."""
    values: dict[str, Any] = {}
    for name in record.partial:
        said, known = getattr(record, name), getattr(kept, name)
        if name in LISTS:
            ids = {row.source_id for row in said}
            values[name] = (*said, *(row for row in known if row.source_id not in ids))
        elif not said:
            values[name] = known
    return replace(record, **values)


def compare(kept: PatientRecord | None, record: PatientRecord) -> PatientChange:
    """Say what a record changes about what is kept; the order of rows does not matter."""
    rows = {name: _rows(getattr(kept, name, ()), getattr(record, name)) for name in LISTS}
    fields = [name for name in FIELDS if getattr(record, name) != getattr(kept, name, None)]
    if kept is None:
        fields = [name for name in fields if getattr(record, name)]
    return PatientChange(
        is_new=kept is None,
        fields=tuple(fields),
        rows={name: change for name, change in rows.items() if not change.is_empty},
    )


def _rows(kept: Any, said: Any) -> RowChanges:
    before = {row.source_id: row for row in kept}
    after = {row.source_id: row for row in said}
    return RowChanges(
        added=tuple(id_ for id_ in after if id_ not in before),
        changed=tuple(id_ for id_ in after if id_ in before and after[id_] != before[id_]),
        gone=tuple(id_ for id_ in before if id_ not in after),
    )
