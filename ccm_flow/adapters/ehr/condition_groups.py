"""Reading the condition groups that eligibility is judged by."""

from functools import cache
from importlib.resources import files
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from ccm_flow.core.eligibility import ConditionGroup, ConditionGroups
from ccm_flow.core.errors import CcmError

_Icd10Prefix = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?$")]
_SnomedCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6,18}$")]


class ConditionGroupsError(CcmError):
    """The file of condition groups cannot be used."""

    exit_code = 2
    hint = "Compare it with the file that comes with CCM Flow; codes are written in quotes."


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: str
    icd10: tuple[_Icd10Prefix, ...] = ()
    snomed: dict[_SnomedCode, str] = {}
    never_counts: bool = False


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    groups: tuple[_Group, ...]


@cache
def load_condition_groups() -> ConditionGroups:
    """Give the groups that come with the product."""
    file = files("ccm_flow.adapters.ehr").joinpath("condition_groups.yaml")
    return read_condition_groups(file.read_text(encoding="utf-8"))


def read_condition_groups(text: str) -> ConditionGroups:
    """
    Read condition groups from YAML.

    Raises:
        ConditionGroupsError: it is not YAML, or a group or a code is not written as it should be;
            the message names every place.
    """
    try:
        content: Any = yaml.safe_load(text)
        read = _File.model_validate(content)
    except yaml.YAMLError as error:
        msg = f"The condition groups are not valid YAML: {error}"
        raise ConditionGroupsError(msg) from error
    except ValidationError as error:
        places = "; ".join(
            f"{'.'.join(str(step) for step in problem['loc'])}: {problem['msg']}"
            for problem in error.errors()
        )
        msg = f"The condition groups cannot be used: {places}"
        raise ConditionGroupsError(msg) from error
    _check_unique(read)
    return ConditionGroups(tuple(_group(group) for group in read.groups))


def _check_unique(read: _File) -> None:
    seen: dict[str, str] = {}
    for group in read.groups:
        for code in (group.id, *group.snomed):
            if code in seen:
                msg = f"'{code}' is in two condition groups: {seen[code]} and {group.id}."
                raise ConditionGroupsError(msg)
            seen[code] = group.id


def _group(group: _Group) -> ConditionGroup:
    return ConditionGroup(
        id=group.id,
        title=group.title,
        icd10=tuple(prefix.replace(".", "") for prefix in group.icd10),
        snomed=frozenset(group.snomed),
        counts=not group.never_counts,
    )
