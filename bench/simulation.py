"""Simulated patient-months for each CPU second, their linearity, and SpiffWorkflow beside them."""

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from ccm_flow.adapters.calendars import build_calendar, month_calendar
from ccm_flow.adapters.shipped import shipped
from ccm_flow.adapters.simulation_files import default_behaviour, staff_file
from ccm_flow.app.clinic_hours import ClinicHours
from ccm_flow.core.month import Month
from ccm_flow.demo.run import load_playbook
from ccm_flow.rehearsal.life import play_unbounded
from ccm_flow.rehearsal.pod import Lives, Pod, Question, Teams
from ccm_flow.rehearsal.simulate import simulate

PEERS = Path(__file__).parent / ".peers"
"""The environment that `make bench-peers` makes."""
_SPIFF_PATIENTS = 300


def main() -> None:
    """Measure; CCM_BENCH_PATIENTS=100000 takes a larger size too (about ten minutes)."""
    sizes = [1_000, 10_000]
    most = int(os.environ.get("CCM_BENCH_PATIENTS", "0"))
    for team in ("", "in_house"):
        for patients in [*sizes, *([most] if most > sizes[-1] else [])]:
            # In a process of its own, whose most memory is then that of this size alone.
            subprocess.run(
                [sys.executable, "-m", "bench.simulation", str(patients), team], check=True
            )
    _beside_spiff()


def _play(patients: int, team: str) -> None:
    question = replace(_question(team or None), patients=patients)
    began = time.process_time()
    simulate(question)
    spent = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{'limited teams' if team else 'no limit'}, {patients:>7,} patient-months: {spent:.1f} "
        f"CPU seconds, {patients / spent:.0f} a second, at most {peak} MB",
        flush=True,
    )


def _question(staff: str | None = None) -> Question:
    plan, _ = load_playbook(shipped("playbooks") / "ccm_monthly.yaml")
    month, hours = Month(2026, 12), ClinicHours("America/New_York")
    days = build_calendar(
        hours, month.first_day - timedelta(days=10), month.last_day + timedelta(days=62)
    )
    return Question(
        plan=plan,
        months=((month, month_calendar(hours, month, plan.kind)),),
        calendar=days,
        assumptions=default_behaviour(),
        staff=staff_file(Path(staff), plan).value if staff else None,
        seed=1,
        patients=1,
    )


def _beside_spiff() -> None:
    """Play as many human steps on SpiffWorkflow: there, without deadlines, ladders or facts."""
    question = _question()
    teams = Teams(question.plan, None, question.assumptions)
    lives = Lives(Pod(replace(question, patients=_SPIFF_PATIENTS), 0, 1), teams)
    began, steps = time.process_time(), 0
    for _, life in lives.of_month(0):
        play_unbounded(life, teams.credentials)
        steps += len(life.pieces)
    ours = steps / (time.process_time() - began)
    each = round(steps / _SPIFF_PATIENTS)
    python = PEERS / "bin" / "python"
    if not python.exists():
        print(f"human steps: {ours:.0f} a CPU second; for SpiffWorkflow run `make bench-peers`")
        return
    script = Path(__file__).with_name("spiff_month.py")
    done = subprocess.run(
        [python, script, str(_SPIFF_PATIENTS), str(each)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        why = done.stderr[-200:]
        print(f"human steps: {ours:.0f} a CPU second; SpiffWorkflow did not run: {why}")
        return
    theirs = json.loads(done.stdout)
    rate = theirs["steps"] / theirs["seconds"]
    print(
        f"human steps a CPU second, {each} to a month: {ours:.0f} here (with deadlines, ladders, "
        f"facts and readiness), {rate:.0f} on SpiffWorkflow (flow alone)"
    )


if __name__ == "__main__":
    _play(int(sys.argv[1]), sys.argv[2])
