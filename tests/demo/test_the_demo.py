"""The demo's month is the same month, whatever happens to the machines it runs on."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import pytest
from sqlalchemy import create_engine, text

from ccm_flow.adapters.telemetry.wiring import metrics_of
from ccm_flow.bootstrap import Settings, open_base
from tests.support.collector import collector
from tests.support.ports import free_port

PATIENTS = 5
PATIENCE_SECONDS = 300


@dataclass
class RunningDemo:
    """A demo in a process of its own."""

    home: Path
    process: subprocess.Popen[bytes] = field(init=False)
    told: dict[str, str] = field(default_factory=dict)
    """What left the machine meanwhile: traces and the worker's metrics."""

    def start(self, *options: str, **settings: str) -> None:
        """Begin; what it prints goes to files, so that no pipe is left open."""
        environ = {
            **{name: value for name, value in os.environ.items() if name != "TEMPORAL_ADDRESS"},
            "CCM_HOME": str(self.home),
            **settings,
        }
        self.home.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "ccm_flow", "demo", "--patients", str(PATIENTS), *options]
        with self._file("out") as out, self._file("err") as problems:
            self.process = subprocess.Popen(command, env=environ, stdout=out, stderr=problems)

    def _file(self, name: str) -> IO[bytes]:
        return (self.home.parent / f"demo.{name}").open("wb")

    def finish(self) -> None:
        """Wait for its end."""
        code = self.process.wait(timeout=PATIENCE_SECONDS)
        assert code == 0, (self.home.parent / "demo.err").read_text()[-2000:]

    def children(self) -> Mapping[str, int]:
        """Give the pids of server and worker, as the set-up itself knows them."""
        try:
            record = json.loads((self.home / "run.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {name: child["pid"] for name, child in record["children"].items()}

    def clicks(self) -> int:
        """Count what people have done so far."""
        if not (self.home / "ccm.db").exists():
            return 0
        rows = read(self.home, "SELECT name FROM sqlite_master WHERE name = 'click'")
        return read(self.home, "SELECT count(*) FROM click")[0][0] if rows else 0

    def wait_until(self, holds: Callable[[], bool]) -> None:
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert self.process.poll() is None, "the demo ended too early"
            assert time.monotonic() < give_up, "the demo does not get on"
            time.sleep(0.02)  # looks again; it waits for the condition, not for the time

    def kill(self, *names: str) -> None:
        """Kill parts of the set-up without warning, once they are there to be killed."""
        self.wait_until(lambda: all(alive(self.children().get(name)) for name in names))
        for name in names:
            os.kill(self.children()[name], signal.SIGKILL)


def alive(pid: int | None) -> bool:
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def read(home: Path, query: str) -> Sequence[Any]:
    engine = create_engine(f"sqlite:///{home / 'ccm.db'}")
    try:
        with engine.connect() as connection:
            return connection.execute(text(query)).fetchall()
    finally:
        engine.dispose()


def steps(home: Path) -> list[tuple[Any, ...]]:
    """Give every step of every cycle, without ids and instants that differ from run to run."""
    rows = read(
        home,
        """
        SELECT patient.mrn, cycle.kind, step.key, step.status, step.outcome, step.owner_id,
               step.ended_by, step.attempts_made, step.rungs_fired, cycle.disposition
        FROM step JOIN cycle ON cycle.id = step.cycle_id
        JOIN enrollment ON enrollment.id = cycle.enrollment_id
        JOIN patient ON patient.id = enrollment.patient_id
        ORDER BY 1, 2, 3
        """,
    )
    return [tuple(row) for row in rows]


def totals(home: Path) -> dict[str, int]:
    """Count what may be neither lost nor doubled."""
    return {
        table: read(home, f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608 - our own names
        for table in ("click", "attempt", "time_entry", "note", "consent", "message", "cycle")
    }


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory, server_program: object) -> RunningDemo:
    """Play the demo once, undisturbed, with everything that can be told switched on."""
    demo = RunningDemo(tmp_path_factory.mktemp("unbroken") / "home")
    if find_spec("opentelemetry.sdk") is None:  # the extra `telemetry` is not installed
        demo.start("--json")
        demo.finish()
        return demo
    with collector() as traces:
        shown = f"127.0.0.1:{free_port()}"
        demo.start("--json", CCM_TRACES_ENDPOINT=traces.address, CCM_WORKER_METRICS=shown)
        demo.wait_until(lambda: demo.clicks() > PATIENTS)
        with urllib.request.urlopen(f"http://{shown}/metrics", timeout=30) as answer:
            demo.told["worker metrics"] = answer.read().decode()
        demo.finish()
        demo.told["traces"] = traces.text()
    return demo


def test_kill_9_of_worker_and_server_loses_no_step_and_doubles_none(
    unbroken: RunningDemo, tmp_path: Path
) -> None:
    demo = RunningDemo(tmp_path / "home")
    demo.start("--json")
    total = totals(unbroken.home)["click"]
    demo.wait_until(lambda: demo.clicks() >= total // 5)
    demo.kill("worker")
    demo.wait_until(lambda: demo.clicks() >= 2 * total // 5)
    demo.kill("server")
    demo.wait_until(lambda: demo.clicks() >= 3 * total // 5)
    demo.kill("server", "worker")
    demo.finish()
    assert steps(demo.home) == steps(unbroken.home)
    assert totals(demo.home) == totals(unbroken.home)
    assert audited(demo) == []


def test_every_open_step_had_an_owner_and_a_deadline(unbroken: RunningDemo) -> None:
    bad = read(
        unbroken.home,
        "SELECT count(*) FROM step WHERE owner_id IS NULL OR (status = 'open' AND due_at IS NULL)",
    )
    assert bad[0][0] == 0


def test_every_month_ended_and_says_how(unbroken: RunningDemo) -> None:
    rows = read(unbroken.home, "SELECT status, disposition FROM cycle WHERE kind = 'monthly'")
    assert rows
    assert all(status == "ended" and disposition for status, disposition in rows)


def test_the_ledger_holds_each_transition_once_and_leaves_none_out(unbroken: RunningDemo) -> None:
    rows = read(
        unbroken.home,
        """
        SELECT cycle.sequence, count(DISTINCT ledger_event.sequence), max(ledger_event.sequence)
        FROM cycle JOIN ledger_event ON ledger_event.cycle_id = cycle.id GROUP BY cycle.id
        """,
    )
    assert rows
    assert all(expected == count == newest for expected, count, newest in rows)


def audited(demo: RunningDemo) -> list[Any]:
    """Give what an audit finds: ledger, hashes, work lists and clicks against each other."""
    done = subprocess.run(
        [sys.executable, "-m", "ccm_flow", "audit", "verify", "--record-only", "--json"],
        env=os.environ | {"CCM_HOME": str(demo.home)},
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    found = json.loads(done.stdout)
    assert [one["months"] > 0 for one in found["clinics"]] == [True]
    assert done.returncode == int(any(one["findings"] for one in found["clinics"]))
    return [finding for one in found["clinics"] for finding in one["findings"]]


def test_after_the_demo_the_audit_finds_nothing(unbroken: RunningDemo) -> None:
    assert audited(unbroken) == []


def test_nothing_of_a_patient_stands_outside_the_record(unbroken: RunningDemo) -> None:
    """Neither in what the Temporal server keeps (histories, search attributes) nor in a log."""
    patients = read(unbroken.home, "SELECT family_name, given_name, mrn, phone FROM patient")
    secrets = [word.encode() for patient in patients for word in patient if word]
    record = {"ccm.db", "ccm.db-wal"}
    outside = [
        file
        for file in unbroken.home.rglob("*")
        if file.is_file() and file.name not in record and file.parent.name != "hand-off"
    ]
    assert {"temporal.db", "server.log", "worker.log"} <= {file.name for file in outside}
    inside = b"".join(file.read_bytes() for file in unbroken.home.glob("ccm.db*"))
    assert all(secret in inside for secret in secrets)
    found = [
        (file.name, secret) for file in outside for secret in secrets if secret in file.read_bytes()
    ]
    assert found == []


def test_nothing_of_a_patient_is_told_by_metrics_and_traces(unbroken: RunningDemo) -> None:
    patients = read(unbroken.home, "SELECT family_name, given_name, mrn, phone FROM patient")
    secrets = {word for patient in patients for word in patient if word}
    told = {**unbroken.told, "metrics": metrics_after(unbroken)}
    assert all(told.values())
    # Whole words: a patient may be called Val, and spans speak of "ValidateUpdate".
    found = {
        (name, word)
        for name, text in told.items()
        for word in secrets
        if re.search(rf"\b{re.escape(word)}\b", text)
    }
    assert found == set()


def metrics_after(demo: RunningDemo) -> str:
    """Give what the web application would show of the record."""
    pytest.importorskip("prometheus_client", reason="the extra `telemetry` is not installed")
    environ = {"CCM_HOME": str(demo.home), "CCM_METRICS": "loopback"}
    base = open_base(Settings.from_environ(environ))
    try:
        metrics = metrics_of(base.settings.telemetry, base.engine, base.clock)
        assert metrics is not None
        return metrics.text().decode()
    finally:
        base.engine.dispose()


def test_nothing_of_a_demo_runs_after_it(unbroken: RunningDemo) -> None:
    assert not any(alive(pid) for pid in unbroken.children().values())


def test_a_folder_that_holds_a_real_set_up_is_never_touched(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "ccm.db").write_text("somebody's record")
    done = subprocess.run(
        [sys.executable, "-m", "ccm_flow", "demo"],
        env={**os.environ, "CCM_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "not a demo" in done.stderr
    assert (home / "ccm.db").read_text() == "somebody's record"
