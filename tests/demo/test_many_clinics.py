"""A vendor's clinics, played on the real server: the report is what the ledger says."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from ccm_flow.adapters.db.balance import balance
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.tables import ResponsibilityRow, StaffRoleRow, StepMoveRow, StepRow
from ccm_flow.adapters.db.views_scorecard import scorecard
from ccm_flow.bootstrap import Base, Settings, open_base
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.month import Month
from ccm_flow.core.state import StepStatus

SWITCHES, LOSES, SHARES = (ClinicId(one) for one in ("alder", "birch", "cedar"))
PATIENCE_SECONDS = 300


@dataclass(frozen=True)
class Played:
    """What the demo left and printed."""

    home: Path
    said: Mapping[str, Any]

    @property
    def clinics(self) -> Mapping[str, Mapping[str, Any]]:
        return {one["clinic"]: one for one in self.said["clinics"]}

    def base(self) -> Base:
        return open_base(Settings.from_environ({"CCM_HOME": str(self.home)}))


def ccm(home: Path, *words: str) -> tuple[int, Any]:
    environ = {name: value for name, value in os.environ.items() if name != "TEMPORAL_ADDRESS"}
    done = subprocess.run(
        [sys.executable, "-m", "ccm_flow", *words, "--json"],
        env=environ | {"CCM_HOME": str(home)},
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    return done.returncode, json.loads(done.stdout or b"null")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, server_program: object) -> Played:
    """Play three clinics once: one switches its model, one loses a coordinator, one is shared."""
    home = tmp_path_factory.mktemp("many") / "home"
    code, said = ccm(home, "demo", "--clinics", "3", "--patients", "2")
    assert code == 0, said
    return Played(home, said)


def test_each_clinics_report_agrees_with_its_ledger(played: Played) -> None:
    assert played.said["balances"]
    for one in played.clinics.values():
        assert one["months"] > 0
        assert one["parties"]
        assert (one["months"], one["ready"]) == (one["ledger"]["months"], one["ledger"]["ready"])
        assert _by_name(one["parties"]) == _by_name(one["ledger"]["parties"])
        assert one["minutes"] == one["ledger"]["entered_minutes"] > 0


def _by_name(parties: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    return sorted(parties, key=lambda one: str(one["organization"]))


def test_a_report_that_says_something_else_is_found_out(played: Played, tmp_path: Path) -> None:
    shutil.copytree(played.home, tmp_path / "home", ignore=shutil.ignore_patterns("*.sock"))
    base = Played(tmp_path / "home", played.said).base()
    month, now = Month.parse(played.said["month"]), base.clock.now()
    with writing(base.engine) as session:
        done = select(StepRow).where(StepRow.clinic_id == SHARES, StepRow.status == StepStatus.DONE)
        row = next(one for one in session.exec(done) if one.cycle_id.endswith(str(month)))
        assert row.due_at is not None
        row.status = StepStatus.EXPIRED
    card = scorecard(base.engine, SHARES, month, now)
    assert balance(base.engine, card, now).differences
    base.engine.dispose()


def test_the_switch_and_the_leaving_move_what_was_open_and_lose_nothing(played: Played) -> None:
    base = played.base()
    with reading(base.engine) as session:
        lines = session.exec(
            select(ResponsibilityRow).where(ResponsibilityRow.clinic_id == SWITCHES)
        ).all()
        assert {line.organization_id for line in lines} >= {"alder", "carebridge"}
        staff = session.exec(
            select(StaffRoleRow.person_id).where(StaffRoleRow.clinic_id == LOSES)
        ).all()
        assert "birch.cora" not in staff
        moves = session.exec(select(StepMoveRow)).all()
        orphans = session.exec(
            select(StepRow).where(
                StepRow.status == StepStatus.OPEN, StepRow.owner_id == "birch.cora"
            )
        ).all()
    base.engine.dispose()
    told = sum(one["moved"] for one in played.clinics.values())
    assert len(moves) >= told
    assert played.clinics[LOSES]["patients_moved"] > 0
    assert not orphans


def test_what_crossed_between_the_organizations_has_its_proof(played: Played) -> None:
    code, found = ccm(played.home, "alert", "list", "--clinic", SHARES, "--all")
    assert code == 0
    assert any(one["alert"]["kind"] == "question" for one in found)
    code, one = ccm(played.home, "alert", "show", found[-1]["alert"]["id"], "--clinic", SHARES)
    assert code == 0
    assert [event["act"] for event in one["events"]][:2] == ["raised", "given"]


def test_the_audit_finds_nothing_in_any_of_the_clinics(played: Played) -> None:
    code, found = ccm(played.home, "audit", "verify", "--record-only")
    assert code == 0
    assert [one["findings"] for one in found["clinics"]] == [[], [], []]
