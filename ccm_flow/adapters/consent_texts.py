"""The statements that are read before consent, in the versions of the rules folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ccm_flow.adapters.checked_yaml import RulesFileError, placed, read_rules
from ccm_flow.adapters.shipped import shipped
from ccm_flow.core.consent import EVERY_STATEMENT, Statement

FILE: Final = "consent.yaml"
_Text = Annotated[str, StringConstraints(min_length=20)]


@dataclass(frozen=True, slots=True)
class ConsentVersion:
    """One wording of the statements."""

    id: str
    since: date
    statements: Mapping[Statement, Mapping[str, str]]
    """By statement, then by language: `en` and `es`."""

    def text(self, statement: Statement, language: str) -> str:
        """Give a statement's words; in English where there are none in a language."""
        words = self.statements[statement]
        return words.get(language, words["en"])


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Words(_Strict):
    en: _Text
    es: _Text


class _Version(_Strict):
    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]+$")]
    since: date = Field(alias="from")
    statements: dict[Statement, _Words]


class _File(_Strict):
    versions: tuple[_Version, ...] = Field(min_length=1)


@cache
def consent_versions() -> tuple[ConsentVersion, ...]:
    """Give every version, the oldest first."""
    return read_consent_versions((shipped("rules") / FILE).read_text(encoding="utf-8"))


def consent_version(on: date) -> ConsentVersion:
    """Give the version that is read on a day."""
    versions = consent_versions()
    return next((one for one in reversed(versions) if one.since <= on), versions[0])


def read_consent_versions(text: str, file: str = FILE) -> tuple[ConsentVersion, ...]:
    """
    Read versions from YAML.

    Raises:
        RulesFileError: a version lacks a statement or a language, or is written twice.
    """
    read, document = read_rules(text, file, _File)
    problems = []
    seen: set[str] = set()
    for number, version in enumerate(read.versions):
        path = ("versions", number, "statements")
        for missing in sorted(EVERY_STATEMENT - set(version.statements)):
            problems.append(placed(document, path, f"'{version.id}' has no '{missing}'."))
        if version.id in seen:
            problems.append(placed(document, path[:2], f"'{version.id}' is there twice."))
        seen.add(version.id)
    if problems:
        raise RulesFileError(problems)
    versions = (
        ConsentVersion(
            one.id,
            one.since,
            {statement: dict(words) for statement, words in one.statements.items()},
        )
        for one in read.versions
    )
    return tuple(sorted(versions, key=lambda one: one.since))
