"""
A record as large as fifty busy clinics leave it in a running month.

The demo's clinic is played on the pure engine up to the middle of its month; then all that it has
of each patient is copied inside the database, under other ids and for other clinics.
"""

import asyncio
import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import yaml
from sqlalchemy import Engine, Table
from sqlmodel import SQLModel

from bench.engine_flow import EngineFlow
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.shipped import shipped
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.bootstrap import Base
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.month import Month
from ccm_flow.demo.run import Demo, DemoOptions, load_playbook

TEMPLATES: Final = 24
"""Patients who are played; all others are copies."""
MIDDLE: Final = 1
"""The day of the month up to which they are played: most have work open and something missing."""
_FAST: Final = (
    "journal_mode = OFF",
    "foreign_keys = OFF",
    "synchronous = OFF",
    "temp_store = MEMORY",
    "cache_size = -500000",
)
_OF_CLINIC: Final = frozenset(
    {
        "clinic",
        "clinic_closure",
        "clinic_playbook",
        "organization",
        "person",
        "playbook_publication",
        "playbook_version",
        "setting",
        "staff_role",
        "import_run",
    }
)
"""What is not copied with patients."""


@dataclass(frozen=True)
class BigRecord:
    """What there is to look at."""

    first: ClinicId
    """The clinic that was played; the others hold copies alone."""
    large: ClinicId
    """One clinic more, with many patients."""
    month: Month


def build(base: Base, clinics: int, patients: int, large: int) -> BigRecord:
    """Make so many clinics with so many enrolled patients in all, and a `large` one beside."""
    flow = EngineFlow(base)
    options = DemoOptions(patients=TEMPLATES, until=MIDDLE)
    played = asyncio.run(Demo(base, flow.desk, flow, options, lambda *_: None).run())
    *others, beside = _clinics(base, played.clinic, clinics + 1)
    with _unchecked(base.engine) as connection:
        _Copier(connection, played.clinic).copy(others, patients, beside, large)
    return BigRecord(played.clinic, beside, played.month)


def _clinics(base: Base, first: ClinicId, many: int) -> list[ClinicId]:
    """Set more clinics up, all with the same staff and playbooks."""
    file = yaml.safe_load((shipped("sample") / "riverside.yaml").read_text(encoding="utf-8"))
    store, now, made = SqlClinicStore(base.engine), base.clock.now(), []
    playbooks = [
        load_playbook(shipped("playbooks") / name)
        for name in ("enrollment.yaml", "ccm_monthly.yaml")
    ]
    for number in range(1, many):
        clinic = ClinicId(f"{first}{number:02d}")
        store.apply(ClinicFile.model_validate({**file, "clinic": clinic}), now)
        for plan, source in playbooks:
            store.publish(clinic, plan, source, Month.of(now.date()), now)
        made.append(clinic)
    return made


@contextmanager
def _unchecked(engine: Engine) -> Iterator[sqlite3.Connection]:
    """
    Give a connection that neither checks references nor waits for the disk.

    What it leaves is as any other database: in the write-ahead log's mode, with every index.
    """
    engine.dispose()  # the journal's mode is changed by whoever is alone
    pooled = engine.raw_connection()
    try:
        connection = pooled.driver_connection
        assert isinstance(connection, sqlite3.Connection)
        for pragma in _FAST:
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN IMMEDIATE")
        indexes = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f'DROP INDEX "{name}"')
        yield connection
        for _, sql in indexes:
            connection.execute(sql)
        connection.execute("ANALYZE")
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        pooled.invalidate()


class _Copier:
    """
    Copies patients with all that hangs on them.

    What belongs to each of those who were played is found first, then multiplied: the tables
    that grow are only ever written to.
    """

    def __init__(self, connection: sqlite3.Connection, clinic: ClinicId) -> None:
        self._run = connection
        self._clinic = clinic

    def copy(self, clinics: list[ClinicId], patients: int, beside: ClinicId, large: int) -> None:
        """Spread copies over the clinics, the first one included; `large` go to the one beside."""
        self._map(clinics, patients, [beside] * large)
        found = [
            (table, where)
            for table in SQLModel.metadata.sorted_tables
            if table.name not in _OF_CLINIC and (where := self._place(table))
        ]
        for table, where in found:
            self._find(table, where)
        for table, _ in found:
            self._copy(table)

    def _map(self, clinics: list[ClinicId], patients: int, more: list[ClinicId]) -> None:
        """Say which patient is copied under which mark, and into which clinic."""
        self._run.execute("CREATE TEMP TABLE copy (enr TEXT, pat TEXT, mark TEXT, clinic TEXT)")
        found = self._run.execute("SELECT id, patient_id FROM enrollment").fetchall()
        dice, spread = random.Random(1), [self._clinic, *clinics]  # noqa: S311 - no secret
        places = [spread[number % len(spread)] for number in range(patients - len(found))] + more
        dice.shuffle(places)
        # Sorted, so that every table and index grows at its end; the clinics still lie mixed.
        marks = sorted(dice.sample(range(16**8), len(places)))
        self._run.executemany(
            "INSERT INTO copy VALUES (?, ?, ?, ?)",
            (
                (*found[number % len(found)], f"{mark:08x}", clinic)
                for number, (mark, clinic) in enumerate(zip(marks, places, strict=True))
            ),
        )

    @staticmethod
    def _place(table: Table) -> str:
        """Say how a row of a table belongs to a patient; nothing when it belongs to none."""
        names = set(table.columns.keys())
        if table.name in ("enrollment", "patient"):
            return "t.id = " + ("c.enr" if table.name == "enrollment" else "c.pat")
        if "enrollment_id" in names:
            return "t.enrollment_id = c.enr"
        if "cycle_id" in names:
            streams = "SELECT id FROM cycle WHERE enrollment_id = c.enr"
            return f"t.cycle_id IN ({streams} UNION ALL SELECT 'record:' || c.enr)"
        if "patient_id" in names:
            return "t.patient_id = c.pat"
        parents = ("note", "care_plan")
        for column in table.columns:
            for parent in (key.column.table.name for key in column.foreign_keys):
                if parent in parents:
                    mine = f"SELECT id FROM {parent} WHERE enrollment_id = c.enr"  # noqa: S608 - ours
                    return f"t.{column.name} IN ({mine})"
        return ""

    def _find(self, table: Table, where: str) -> None:
        """Put what is multiplied beside, with whose it is."""
        self._run.execute(
            f'CREATE TEMP TABLE "of_{table.name}" AS SELECT c.enr AS of_enr, t.* '  # noqa: S608 - our own names
            f"FROM (SELECT DISTINCT enr, pat FROM copy) c CROSS JOIN {table.name} t WHERE {where}"
        )
        self._run.execute(f'CREATE INDEX temp."ix_of_{table.name}" ON "of_{table.name}" (of_enr)')

    def _copy(self, table: Table) -> None:
        columns = [
            column
            for column in table.columns
            if not (column.primary_key and column.type.python_type is int and column.name == "id")
        ]
        names = ", ".join(f'"{column.name}"' for column in columns)
        values = ", ".join(self._value(column.name) for column in columns)
        self._run.execute(
            f'INSERT INTO "{table.name}" ({names}) '  # noqa: S608 - our own names
            f'SELECT {values} FROM copy c CROSS JOIN "of_{table.name}" t ON t.of_enr = c.enr'
        )

    def _value(self, name: str) -> str:
        """Give a column's copy: an id of its own, the clinic's own people, all else as it was."""
        if name == "clinic_id":
            return "c.clinic"
        if name in ("mrn", "source_id"):
            return f"t.{name} || c.mark"
        own = f't."{name}"'
        renamed = own
        for old, new in (
            ("c.enr", "c.mark || substr(c.enr, 9)"),
            ("c.pat", "c.mark || substr(c.pat, 9)"),
            (f"'{self._clinic}.'", "c.clinic || '.'"),
        ):
            renamed = f"replace({renamed}, {old}, {new})"
        return (
            f"CASE WHEN typeof({own}) <> 'text' THEN {own} "
            f"WHEN length({own}) = 32 AND {own} NOT GLOB '*[^0-9a-f]*' "
            f"THEN c.mark || substr({own}, 9) ELSE {renamed} END"
        )
