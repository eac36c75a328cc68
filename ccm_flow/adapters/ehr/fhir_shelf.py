"""FHIR resources waiting on disk until it is known whose they are."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Final

from ccm_flow.adapters.ehr.fhir_bundle import Entry, forms_of, names_of, owner_reference
from ccm_flow.adapters.ehr.fhir_services import has_services
from ccm_flow.adapters.ehr.fhir_values import Resource, rows, storable

_CLINICAL: Final = frozenset(
    {
        "Claim",
        "Condition",
        "Coverage",
        "Encounter",
        "ExplanationOfBenefit",
        "MedicationRequest",
        "MedicationStatement",
    }
)
_LOOKED_UP: Final = frozenset(
    {"Patient", "Medication", "Organization", "Practitioner", "PractitionerRole"}
)
_USED: Final = _CLINICAL | _LOOKED_UP
_CLAIM_PARTS: Final = frozenset(
    {
        "resourceType",
        "id",
        "meta",
        "status",
        "use",
        "patient",
        "created",
        "billablePeriod",
        "provider",
        "careTeam",
        "insurance",
        "contained",
    }
)
_ITEM_PARTS: Final = frozenset(
    {"sequence", "productOrService", "servicedDate", "servicedPeriod", "careTeamSequence"}
)
_NOBODY: Final = 0
_TABLES: Final = """
    CREATE TABLE resource (
        n INTEGER PRIMARY KEY, file TEXT, kind TEXT, id TEXT, full_url TEXT, place TEXT,
        whose TEXT, body TEXT
    );
    CREATE TABLE name (name TEXT, n INTEGER, where_from TEXT);
    CREATE TABLE owner (file TEXT, whose TEXT, n INTEGER, PRIMARY KEY (file, whose));
"""
_INDEXES: Final = """
    CREATE INDEX resource_whose ON resource (whose, file) WHERE whose IS NOT NULL;
    CREATE INDEX resource_patient ON resource (id, n) WHERE kind = 'Patient';
    CREATE INDEX name_name ON name (name);
"""


@dataclass(frozen=True, slots=True)
class Strays:
    """What of one file belongs to nobody in this import."""

    file: str
    first_place: str
    count: int


class Shelf:
    """Keeps resources until all files have been read, then gives them patient by patient."""

    def __init__(self, staged: sqlite3.Connection, zone: tzinfo) -> None:
        self._db = staged
        self.zone = zone
        """The clinic's, for the day of an instant that is written in UTC."""
        self.kinds: set[str] = set()
        """Every resource type that was seen, used or not."""
        self.unused: Counter[str] = Counter()
        """The types that nothing is read from, and how often they came."""
        staged.executescript(_TABLES)
        staged.execute("BEGIN")

    def add(self, entry: Entry) -> None:
        """Take in a resource; types that nothing is read from are only counted."""
        kind = entry.kind
        self.kinds.add(kind)
        if kind not in _USED or (kind == "Claim" and not has_services(entry.resource)):
            self.unused[kind] += 1
            return
        n = self._write(entry, kind)
        if kind in _LOOKED_UP:
            named = [(storable(name), n, entry.file) for name in names_of(entry)]
            self._db.executemany("INSERT INTO name VALUES (?, ?, ?)", named)

    def _write(self, entry: Entry, kind: str) -> int | None:
        owner = None if kind in _LOOKED_UP else forms_of(owner_reference(entry), "Patient")
        values = (
            entry.file,
            kind,
            storable(entry.id),
            storable(entry.full_url),
            storable(entry.place),
            None if owner is None else json.dumps(owner),
            json.dumps(_slim(kind, entry.resource)),
        )
        return self._db.execute(
            "INSERT INTO resource (file, kind, id, full_url, place, whose, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            values,
        ).lastrowid

    def settle(self) -> None:
        """Find out whose everything is; to be done once, after the last `add`."""
        for statement in filter(str.strip, _INDEXES.split(";")):
            self._db.execute(statement)
        groups = self._db.execute(
            "SELECT DISTINCT file, whose FROM resource WHERE whose IS NOT NULL"
        )
        for file, whose in groups:
            forms = json.loads(whose)
            found = self._look_up(forms, "Patient", file) if forms else self._only_one_in(file)
            self._db.execute("INSERT INTO owner VALUES (?, ?, ?)", (file, whose, found))
        self._db.execute("CREATE INDEX owner_n ON owner (n)")

    def patients(self) -> Iterator[list[tuple[int, Entry]]]:
        """Give every patient id, in the order of first sight, with all resources that have it."""
        ids = self._db.execute(
            "SELECT id FROM resource WHERE kind = 'Patient' GROUP BY id ORDER BY min(n)"
        )
        for (id_,) in ids:
            yield self._entries("WHERE kind = 'Patient' AND id = ? ORDER BY n", (id_,))

    def belongings(self, patient: int) -> list[Entry]:
        """Give everything that belongs to one patient resource."""
        found = self._entries(
            "JOIN owner USING (file, whose) WHERE owner.n = ? ORDER BY resource.n", (patient,)
        )
        return [entry for _, entry in found]

    def strays(self) -> Iterator[Strays]:
        """Give, for each file, how much of it belongs to nobody in this import."""
        lost = self._db.execute(
            "SELECT file, count(*), min(resource.n) FROM resource JOIN owner USING (file, whose)"
            " WHERE owner.n = ? GROUP BY file ORDER BY min(resource.n)",
            (_NOBODY,),
        )
        for file, count, first in lost:
            query = "SELECT place FROM resource WHERE n = ?"
            yield Strays(file, self._db.execute(query, (first,)).fetchone()[0], count)

    def find(self, reference: Any, kind: str, near: Entry) -> Entry | None:
        """
        Follow a reference of any form; None when it leads nowhere or to another kind.

        What the same file holds goes first: two bundles may use one local name for two things.
        """
        n = self._look_up(forms_of(reference, kind), kind, near.file)
        return self._entries("WHERE n = ?", (n,))[0][1] if n != _NOBODY else None

    def _look_up(self, forms: list[str], kind: str, file: str) -> int:
        for form in forms:
            found = self._db.execute(
                "SELECT name.n FROM name JOIN resource USING (n) WHERE name.name = ? AND kind = ?"
                " ORDER BY where_from <> ?, name.n LIMIT 1",
                (storable(form), kind, file),
            ).fetchone()
            if found is not None:
                return int(found[0])
        return _NOBODY

    def _only_one_in(self, file: str) -> int:
        """Give the patient of a file that has exactly one: what names no owner is theirs."""
        found = self._db.execute(
            "SELECT n FROM resource WHERE kind = 'Patient' AND file = ? LIMIT 2", (file,)
        ).fetchall()
        return int(found[0][0]) if len(found) == 1 else _NOBODY

    def _entries(self, where: str, values: tuple[Any, ...]) -> list[tuple[int, Entry]]:
        # `where` is one of the texts above; what comes from a file is always a parameter.
        query = f"SELECT resource.n, body, full_url, file, place FROM resource {where}"  # noqa: S608
        return [
            (n, Entry(json.loads(body), full_url, file, place))
            for n, body, full_url, file, place in self._db.execute(query, values)
        ]


def _slim(kind: str, resource: Resource) -> Resource:
    """Leave out the narrative, and of claims all that nothing is read from."""
    if kind not in {"Claim", "ExplanationOfBenefit"}:
        return {name: value for name, value in resource.items() if name != "text"}
    kept: dict[str, Any] = {name: resource[name] for name in _CLAIM_PARTS & resource.keys()}
    kept["item"] = [
        {name: row[name] for name in _ITEM_PARTS & row.keys()} for row in rows(resource.get("item"))
    ]
    return kept
