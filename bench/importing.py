"""How fast an import is, end to end into a database, and whether its memory stays bounded."""

import csv
import gzip
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from ccm_flow.adapters.db.engine import open_database
from ccm_flow.adapters.db.migrate import upgrade
from ccm_flow.adapters.db.patient_store import SqlPatientStore
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.ehr.reading import ReadOptions, read_patients
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.app.import_patients import import_patients
from ccm_flow.core.ids import ClinicId

_ROOT = Path(__file__).parents[1]
_WHOLE_RUN = _ROOT.parent / "shared" / "data" / "synthea-ma" / "csv"
_EXCERPT = _ROOT / "tests" / "ehr" / "data" / "synthea"
_USED = ("patients", "conditions", "encounters", "medications", "payers", "payer_transitions")
_OWNER = {"patients": "Id", "payers": ""}
_CLINIC = {
    "clinic": "bench",
    "name": "Bench",
    "time_zone": "America/New_York",
    "program_owner": "lee",
    "staff": [{"id": "lee", "name": "Lee", "roles": ["lead"]}],
}
TIMES = 10


def main() -> None:
    """Measure and print: once the rows, then ten times the rows of other patients."""
    source, copies = (_WHOLE_RUN, 1) if _WHOLE_RUN.is_dir() else (_EXCERPT, 30)
    measured = []
    for factor in (1, TIMES):
        with tempfile.TemporaryDirectory() as folder:
            export = Path(folder) / "export"
            _multiply(source, export, copies * factor)
            measured.append(_in_a_process_of_its_own(export, Path(folder) / "ccm.db"))
    for one in measured:
        print(
            f"{one['patients']:.0f} patients, {one['rows']:.0f} rows: {one['seconds']:.1f} s, "
            f"{one['patients'] / one['seconds']:.0f} patients/s, again {one['again']:.1f} s, "
            f"peak memory {one['peak']:.0f} MB"
        )
    small, large = measured
    print(
        f"{TIMES} times the patients: {large['seconds'] / small['seconds']:.1f} times the time, "
        f"{large['peak'] / small['peak']:.2f} times the memory (aim: under 1.5)"
    )


def _in_a_process_of_its_own(export: Path, database: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.importing", str(export), str(database)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, cwd=_ROOT)
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def _measure(export: Path, database: Path) -> dict[str, float]:
    engine = open_database(f"sqlite:///{database}")
    upgrade(engine)
    now = datetime.now(UTC)
    SqlClinicStore(engine).apply(ClinicFile.model_validate(_CLINIC), now)
    store, clinic = SqlPatientStore(engine), ClinicId("bench")
    options = ReadOptions(zone=ZoneInfo("America/New_York"))
    times, reports = [], []
    for _ in range(2):
        began = time.perf_counter()
        reports.append(import_patients(read_patients(export, options), store, clinic, now))
        times.append(time.perf_counter() - began)
    first, again = reports
    assert (again.new, again.changed, again.unchanged) == (0, 0, first.new)
    return {
        "patients": first.new,
        "rows": sum(count.read for count in first.rows.values()),
        "seconds": times[0],
        "again": times[1],
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _multiply(source: Path, target: Path, copies: int) -> None:
    """Write every table again and again, each time for other patients."""
    target.mkdir()
    for table in _USED:
        owner = _OWNER.get(table, "PATIENT")
        with _open(source, table) as file, (target / f"{table}.csv").open("w", newline="") as out:
            rows = list(csv.DictReader(file))
            writer = csv.DictWriter(out, list(rows[0]))
            writer.writeheader()
            for number in range(copies if owner else 1):
                for row in rows:
                    renamed = {owner: f"{row[owner]}-{number}"} if owner and number else {}
                    writer.writerow(row | renamed)


def _open(source: Path, table: str) -> IO[str]:
    plain = source / f"{table}.csv"
    if plain.exists():
        return plain.open(newline="", encoding="utf-8")
    return io.TextIOWrapper(gzip.open(source / f"{table}.csv.gz"), "utf-8", newline="")


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]), Path(sys.argv[2]))))
