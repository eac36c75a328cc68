"""Reads behaviour files and staff files, the shipped ones and people's own."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from ccm_flow.adapters.shipped import shipped
from ccm_flow.core.assumptions import Assumptions
from ccm_flow.core.errors import CcmError
from ccm_flow.core.plan import Plan
from ccm_flow.core.staffing import Staff
from ccm_flow.language.behaviour_read import read_behaviour
from ccm_flow.language.sim_form import SimFile
from ccm_flow.language.staff_read import read_staff
from ccm_flow.language.yaml_reader import MAX_CHARACTERS


class StaffRefusedError(CcmError):
    """The shipped teams cannot work a playbook."""

    exit_code = 2
    hint = "Write a staff file for it and name it with --staff."

    def __init__(self, plan: Plan, why: str) -> None:
        super().__init__(f"The shipped teams do not fit '{plan.playbook}': {why}")


PRESETS: Final = ("in_house", "managed", "hybrid")
"""The shipped staff files, in the order in which they are compared."""


@lru_cache(maxsize=1)
def default_behaviour() -> Assumptions:
    """Give the behaviour file that ships; it was checked before it shipped."""
    path = shipped("rules") / "behaviour" / "default.yaml"
    found = read_behaviour(_text(path), path.name)
    if found.value is None:
        raise ValueError(found.render())
    return found.value


def behaviour_file(path: Path, plan: Plan | None = None) -> SimFile[Assumptions]:
    """
    Read a behaviour file; what it leaves out is as in the shipped one.

    Raises:
        OSError: it cannot be opened.
    """
    return read_behaviour(_text(path), str(path), default_behaviour(), plan)


def staff_file(path: Path, plan: Plan | None) -> SimFile[Staff]:
    """
    Read a staff file for a playbook; one of `PRESETS` names a shipped one.

    Raises:
        OSError: it cannot be opened.
    """
    if str(path) in PRESETS:
        path = shipped("rules") / "staff" / f"{path}.yaml"
    return read_staff(_text(path), str(path), plan)


def presets(plan: Plan, patients: int) -> tuple[Staff, ...]:
    """
    Give the shipped teams, scaled to so many patients.

    Raises:
        StaffRefusedError: they do not fit the playbook.
    """
    found = []
    for name in PRESETS:
        read = staff_file(Path(name), plan)
        if read.value is None:
            raise StaffRefusedError(plan, read.errors[0].message)
        found.append(read.value.scaled(patients))
    return tuple(found)


def _text(path: Path) -> str:
    with path.open("rb") as file:
        # One more than fits, so that a larger file is refused without being read whole.
        data = file.read(4 * MAX_CHARACTERS + 1)
    return data.decode("utf-8", errors="surrogateescape")
