"""Reading the condition groups and excluding services that eligibility is judged by."""

from functools import cache
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ccm_flow.adapters.checked_yaml import RulesFileError, placed, read_rules
from ccm_flow.adapters.shipped import shipped
from ccm_flow.core.condition_groups import (
    Codes,
    ConditionGroup,
    ConditionGroups,
    Excludes,
    ExcludingServices,
    Lasts,
)
from ccm_flow.core.patient_facts import GroupId
from ccm_flow.language.document import Document
from ccm_flow.language.problems import Path

FILE: Final = "condition_groups.yaml"
_LASTS: Final = {
    "until death": Lasts.UNTIL_DEATH,
    "12 months": Lasts.TWELVE_MONTHS,
    "never counts": None,
}
_Icd10Prefix = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?$")]
_SnomedCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6,18}$")]
_Flag = Annotated[str, StringConstraints(pattern=r"^[A-Z_]+$")]
_ServiceCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{5}(-[0-9A-Z]{5})?$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class _Codes(_Strict):
    source: Annotated[str, StringConstraints(min_length=10)]
    icd10: tuple[_Icd10Prefix, ...] = ()
    snomed: dict[_SnomedCode, str] = {}
    cms_flags: tuple[_Flag, ...] = ()
    verify: tuple[str, ...] = ()


class _Group(_Codes):
    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]+$")]
    title: str
    spanish: str = ""
    lasts: Literal["until death", "12 months", "never counts"]


class _KidneyFailure(_Codes):
    dialysis_words: tuple[str, ...] = ()


class _Services(_Strict):
    excludes: Excludes
    title: str
    source: Annotated[str, StringConstraints(min_length=10)]
    codes: tuple[_ServiceCode, ...] = Field(min_length=1)
    only_others: bool = False
    verify: tuple[Literal["codes"], ...] = ()


class _File(_Strict):
    groups: tuple[_Group, ...]
    services: tuple[_Services, ...] = ()
    kidney_failure: _KidneyFailure | None = None


@cache
def load_condition_groups() -> ConditionGroups:
    """Give the rules that come with the product."""
    file = shipped("rules") / FILE
    return read_condition_groups(file.read_text(encoding="utf-8"))


def condition_title(group: str) -> str:
    """Give the title of a condition group; an unknown one in words."""
    known = (one.title for one in load_condition_groups().groups if one.id == group)
    return next(known, group.replace("_", " "))


def spoken_condition(group: str, language: str) -> str:
    """Give a condition as it stands within a sentence to a patient; English where unknown."""
    known = (one.spanish for one in load_condition_groups().groups if one.id == group)
    if language == "es" and (spanish := next(known, "")):
        return spanish
    title = condition_title(group)
    first = title.partition(" ")[0]
    # 'COPD' and 'Alzheimer's' keep their capitals.
    return title if first.isupper() or "'" in first else title[:1].lower() + title[1:]


def read_condition_groups(text: str, file: str = FILE) -> ConditionGroups:
    """
    Read condition groups and excluding services from YAML.

    Raises:
        RulesFileError: it is not YAML, or a group or a code is not written as it should be;
            the message names every place.
    """
    read, document = read_rules(text, file, _File)
    problems = [*_said_twice(read, document), *_verifies_nothing(read, document)]
    if problems:
        raise RulesFileError(problems)
    kidneys = read.kidney_failure
    return ConditionGroups(
        groups=tuple(_group(group) for group in read.groups),
        services=tuple(_services(item) for item in read.services),
        kidney_failure=_codes(kidneys) if kidneys else Codes(),
        dialysis_words=tuple(word.lower() for word in kidneys.dialysis_words) if kidneys else (),
    )


def _said_twice(read: _File, document: Document) -> list[str]:
    seen: dict[str, str] = {}
    problems = []
    for number, group in enumerate(read.groups):
        for code in (group.id, *group.snomed, *group.cms_flags, *group.icd10):
            if code in seen:
                path: Path = ("groups", number)
                problems.append(
                    placed(document, path, f"'{code}' is in '{seen[code]}' and '{group.id}'.")
                )
            seen[code] = group.id
    return problems


def _verifies_nothing(read: _File, document: Document) -> list[str]:
    return [
        placed(document, ("groups", number, "verify"), f"There is no '{what}' to verify here.")
        for number, group in enumerate(read.groups)
        for what in group.verify
        if what not in {"icd10", "lasts", *group.snomed, *group.icd10, *group.cms_flags}
    ]


def _group(group: _Group) -> ConditionGroup:
    return ConditionGroup(
        GroupId(group.id), group.title, _codes(group), _LASTS[group.lasts], group.spanish
    )


def _codes(source: _Codes) -> Codes:
    return Codes(
        icd10=tuple(prefix.replace(".", "") for prefix in source.icd10),
        snomed=frozenset(source.snomed),
        cms_flags=frozenset(source.cms_flags),
    )


def _services(source: _Services) -> ExcludingServices:
    codes = frozenset(code for item in source.codes for code in _range(item))
    return ExcludingServices(source.excludes, source.title, codes, source.only_others)


def _range(item: str) -> list[str]:
    """Give every code of `90951-90970`, both ends included."""
    first, _, last = item.partition("-")
    return [str(code) for code in range(int(first), int(last) + 1)] if last else [first]
