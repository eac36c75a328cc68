"""A deployment lives through what happens to machines: a killed worker, a lost database."""

import json
import os
import re
import signal
from datetime import UTC, datetime
from html import unescape

import httpx
from sqlalchemy import update

from ccm_flow.adapters.db.engine import open_database, writing
from ccm_flow.adapters.db.enrollment_store import enroll
from ccm_flow.adapters.db.patient_store import SqlPatientStore
from ccm_flow.adapters.db.tables import EnrollmentRow
from ccm_flow.app.records import PatientRecord
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.bootstrap import Settings
from ccm_flow.core.ids import ClinicId
from tests.deployment.conftest import Machine

PASSWORD = "four unrelated quiet words"  # noqa: S105 - made up
CLINIC = """
clinic: elm
name: Elm Street Clinic
time_zone: UTC
opens: "00:00"
closes: "23:59"
working_days: [mon, tue, wed, thu, fri, sat, sun]
program_owner: lee
staff:
  - {id: maria, name: Maria Lopez, roles: [coordinator], credential: ma}
  - {id: lee, name: Lee Moss, roles: [program_lead], credential: rn}
"""
STEPS = ("call", "write", "close")
PLAYBOOK = """
playbook: three-steps
version: 1
title: Three steps
program: CCM
kind: monthly
owner: program_lead
closes: month end + 3 business days
roles: [coordinator, program_lead]
readiness: {from: business day -1, requires: [minutes], minimum_minutes: 20}
steps:
  - id: call
    title: The call
    owner: coordinator
    due: 1 business day
    outcomes: {done: {title: Done}}
    ladder: [when due: remind owner]
  - id: write
    title: The note
    owner: coordinator
    after: call
    due: 1 business day
    outcomes: {done: {title: Done}}
    ladder: [when due: remind owner]
  - id: close
    title: The end
    owner: coordinator
    after: write
    due: 1 business day
    outcomes: {over: {title: Over, end: not_ready, because: left_out}}
    ladder: [when due: remind owner]
"""


class Browser:
    """What a browser does behind a proxy that speaks https: it sends the secure cookies along."""

    def __init__(self, machine: Machine) -> None:
        self.cookies: dict[str, str] = {}
        self.machine = machine

    def get(self, path: str) -> httpx.Response:
        address = self.machine.web + path
        return self._sent(httpx.get(address, headers=self._headers(), timeout=60))

    def post(self, path: str, **fields: str) -> httpx.Response:
        address = self.machine.web + path
        return self._sent(httpx.post(address, data=fields, headers=self._headers(), timeout=60))

    def form(self, path: str) -> dict[str, str]:
        """Give the hidden fields of a page's forms, the token among them."""
        shown = self.get(path)
        assert shown.status_code == 200, (path, shown.status_code, shown.text[-500:])
        hidden = re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", shown.text)
        pairs = [
            (re.search(r'name="([^"]*)"', one), re.search(r'value="([^"]*)"', one))
            for one in hidden
        ]
        return {name[1]: unescape(value[1]) for name, value in pairs if name and value}

    def _headers(self) -> dict[str, str]:
        said = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"cookie": said, "x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.7"}

    def _sent(self, answer: httpx.Response) -> httpx.Response:
        for cookie in answer.headers.get_list("set-cookie"):
            assert "Secure" in cookie
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer


def set_up(machine: Machine) -> str:
    """Make a clinic with one patient whose month begins; give the invitation of its coordinator."""
    (machine.folder / "clinic.yaml").write_text(CLINIC)
    (machine.folder / "steps.yaml").write_text(PLAYBOOK)
    machine.ccm("clinic", "clinic.yaml")
    now = datetime.now(UTC)
    machine.ccm("publish", "steps.yaml", "--from", f"{now:%Y-%m}")
    engine = open_database(Settings.from_environ(machine.environ("ccm")).database_url)
    patient = PatientRecord("test", "1", "MRN1", "Family", "Given")
    enroll(
        engine,
        ClinicId("elm"),
        [SqlPatientStore(engine).save(ClinicId("elm"), patient, now)],
        "CCM",
        now,
    )
    with writing(engine) as session:
        session.exec(update(EnrollmentRow).values(status=EnrollmentStatus.ACTIVE))
    engine.dispose()
    machine.ccm("review", "--go-live", "The deployment is tried out", "--by", "lee")
    machine.ccm("open-month")
    opened = machine.ccm("account", "open", "maria", "--username", "maria@elm.example")
    (path,) = re.findall(r"/invitation/\S+", opened)
    return path


def sign_in(machine: Machine, invitation: str) -> Browser:
    """Set a password by the invitation, then sign in with it elsewhere."""
    first = Browser(machine)
    given = first.form(invitation) | {"password": PASSWORD, "again": PASSWORD}
    assert first.post(invitation, **given).status_code == 303
    browser = Browser(machine)
    without = browser.post("/sign-in", username="maria@elm.example", password=PASSWORD)
    assert without.status_code == 403, "a form without its token"
    name = browser.form("/sign-in") | {"username": "maria@elm.example", "password": PASSWORD}
    assert browser.post("/sign-in", **name).status_code == 303
    return browser


def open_steps(machine: Machine) -> list[str]:
    """Give the pages of the steps that wait."""
    rows = machine.read("SELECT cycle_id, key FROM step WHERE status = 'open'")
    return [f"/steps/{cycle}/{key}" for cycle, key in rows]


def do_step(machine: Machine, browser: Browser, key: str, outcome: str) -> None:
    """End a step on its page."""

    def is_open() -> bool:
        return [path.rpartition("/")[2] for path in open_steps(machine)] == [key]

    machine.wait_until(is_open, f"the step {key}")
    (path,) = open_steps(machine)
    sent = browser.form(path) | {"outcome": outcome, "minutes": "7"}
    answer = browser.post(f"{path}/finish", **sent)
    assert answer.status_code == 303, (answer.status_code, answer.text[-1500:])


def start_all(machine: Machine, *workers: str) -> None:
    """Start in the order that the file gives; each says itself that it is well."""
    machine.start("temporal")
    machine.run("prepare")
    machine.start("web")
    ready = {called: machine.folder / "tmp" / called for called in workers}
    for called, file in ready.items():
        machine.start("worker", called, CCM_READY_FILE=str(file))
    machine.wait_until(machine.web_listens, "the web application")
    assert machine.is_well("web")
    for called, file in ready.items():
        machine.wait_until(file.exists, called)
        assert machine.is_well("worker", CCM_READY_FILE=str(file))


def test_a_month_survives_a_killed_worker_and_a_restore(machine: Machine) -> None:
    machine.run("temporal-schema", TEMPORAL_SQL_TOOL=f"{machine.temporal.path} sql-tool")
    start_all(machine, "worker-1", "worker-2")
    browser = sign_in(machine, set_up(machine))
    do_step(machine, browser, "call", "done")
    killed = machine.running.pop("worker-1")
    os.kill(killed.pid, signal.SIGKILL)
    assert killed.stop() == -signal.SIGKILL
    do_step(machine, browser, "write", "done")
    once = [part for part in machine.command("backup") if part not in {"--every", "24"}]
    machine.ccm(*once[3:])
    assert machine.is_well("backup")
    before = audited(machine)
    machine.stop("worker-2", "web", "temporal")
    lose_everything(machine)
    (backup,) = (machine.folder / "backups").iterdir()
    machine.ccm("backup", "restore", str(backup))
    start_all(machine, "worker-3")
    assert audited(machine) == before
    do_step(machine, browser, "close", "over")
    assert machine.read("SELECT disposition FROM cycle") == [("not_ready",)]
    audited(machine)


def lose_everything(machine: Machine) -> None:
    """Lose both databases and the key, and make the databases anew and empty."""
    (machine.folder / "state" / "payload.key").unlink()
    owners = {"ccm": "ccm", "temporal": "temporal", "temporal_visibility": "temporal"}
    for name, owner in owners.items():
        machine.sql(f"DROP DATABASE {name} WITH (FORCE)", f"CREATE DATABASE {name} OWNER {owner}")


def audited(machine: Machine) -> dict[str, int]:
    """Find nothing wrong in ledger, work lists, clicks and running months; count them."""
    found = json.loads(machine.ccm("audit", "verify", "--json"))["clinics"]
    assert [one["findings"] for one in found] == [[]]
    return {name: found[0][name] for name in ("months", "steps", "running")}
