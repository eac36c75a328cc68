"""Months that began under an earlier version end under this one: their histories replay."""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from ccm_flow.adapters.shipped import shipped
from ccm_flow.adapters.temporal.codec import data_converter
from ccm_flow.adapters.temporal.cycle_workflow import CycleWorkflow
from ccm_flow.demo.run import load_playbook
from tests.support.keys import KEY
from tests.support.pure_runner import PureRunner
from tests.support.recorded import LIVES, Life, play_life
from tests.support.sandbox import sandbox

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))


def test_there_are_histories_to_replay() -> None:
    assert len(HISTORIES) >= len(LIVES)


@pytest.mark.parametrize("file", HISTORIES, ids=lambda file: file.stem)
async def test_history_replays(file: Path) -> None:
    history = WorkflowHistory.from_json(file.stem, file.read_text(encoding="utf-8"))
    replayer = Replayer(
        workflows=[CycleWorkflow],
        data_converter=data_converter([KEY]),
        workflow_runner=sandbox(),
    )
    await replayer.replay_workflow(history)


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
async def test_recorded_lives_still_play_on_the_engine(life: Life) -> None:
    plan, _ = load_playbook(shipped("playbooks") / life.playbook)
    await play_life(life, plan, PureRunner())
