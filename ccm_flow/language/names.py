"""The names a playbook defines, and the checks that a word is one of them."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from ccm_flow.core.plan import READINESS, DocumentationPlan
from ccm_flow.language.after import READINESS_OUTCOMES, RESERVED
from ccm_flow.language.problems import Path
from ccm_flow.language.report import Report
from ccm_flow.language.source import PlaybookSource, StepSource
from ccm_flow.language.suggest import did_you_mean

_ID = re.compile(r"[a-z][a-z0-9_]{0,47}")
_PLAYBOOK_ID = re.compile(r"[a-z][a-z0-9-]{0,47}")
_PROGRAM = re.compile(r"[A-Z][A-Z0-9_]{1,15}")
_TEMPLATE = re.compile(r"[a-z0-9][a-z0-9_]*(?:/[a-z0-9][a-z0-9_]*){0,3}")
RESERVED_OUTCOMES = frozenset(["skipped", "expired"])
"""How a step can end without an outcome; `after: step.skipped` asks for it."""
_RESERVED_ROLES = frozenset(["owner", "system"])

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True)
class Names:
    """What a playbook's texts may refer to."""

    roles: Collection[str]
    outcomes: Mapping[str, Collection[str]]
    """The outcomes of each step."""
    endings: Mapping[str, Collection[str]]
    """What may stand behind a step in `after:`: its outcomes, and `skipped` or `expired` when it
    can end that way."""
    documentation: DocumentationPlan | None = None
    """What `documentation start` and `documentation end` mean."""

    @property
    def steps(self) -> list[str]:
        """The steps' ids."""
        return list(self.outcomes)


def gather_names(source: PlaybookSource) -> Names:
    """Collect the names that a playbook defines."""
    outcomes: dict[str, Collection[str]] = {step.id: step.outcomes for step in source.steps}
    endings: dict[str, Collection[str]] = {step.id: _endings(step) for step in source.steps}
    if source.readiness is not None:
        endings[READINESS] = READINESS_OUTCOMES
    return Names(source.roles, outcomes, endings)


def _endings(step: StepSource) -> list[str]:
    endings = list(step.outcomes)
    if step.optional or step.when is not None or step.skip_if is not None:
        endings.append("skipped")
    if any(act.strip() == "expire" for rung in step.ladder for act in rung.values()):
        endings.append("expired")
    return endings


def check_definitions(source: PlaybookSource, report: Report) -> None:
    """Check every id that the playbook defines: its form, and that it is there once."""
    if not _PLAYBOOK_ID.fullmatch(source.playbook):
        _report_form(report, ("playbook",), source.playbook, "-")
    if not _PROGRAM.fullmatch(source.program):
        hint = "Write the program's short name in capitals, e.g. CCM."
        report.add("PB204", ("program",), f"'{source.program}' is not a program.", hint)
    for role in source.roles:
        check_id(report, ("roles", role), role, key=True)
        if role in _RESERVED_ROLES:
            message = f"A role cannot be called '{role}'."
            report.add("PB307", ("roles", role), message, "Choose another name.", key=True)
    check_once(report, ("roles",), report.document.at(("roles",)), "role")
    seen: dict[str, int] = {}
    for i, step in enumerate(source.steps):
        path = ("steps", i, "id")
        check_id(report, path, step.id)
        if step.id in RESERVED:
            hint = "Choose another name; this one has a meaning of its own in `after:`."
            report.add("PB307", path, f"A step cannot be called '{step.id}'.", hint)
        if step.id in seen:
            message = f"The step '{step.id}' is there twice (also step {seen[step.id] + 1})."
            report.add("PB305", path, message, "Give one of them another id.")
        seen.setdefault(step.id, i)


def check_id(report: Report, path: Path, id_: str, *, key: bool = False) -> None:
    """Report an id that is not written with small letters, digits and _."""
    if not _ID.fullmatch(id_):
        _report_form(report, path, id_, "_", key=key)


def check_template(report: Report, path: Path, name: str | None) -> None:
    """Report a template's name that could not be one (or leads out of its folder)."""
    if name is not None and not _TEMPLATE.fullmatch(name):
        hint = "Write a name such as `monthly_contact` or `outreach/monthly_call`."
        report.add("PB204", path, f"'{name[:60]}' is not a template's name.", hint)


def check_once(report: Report, path: Path, ids: object, what: str) -> None:
    """Report a word that is given twice in a list."""
    if not isinstance(ids, Iterable) or isinstance(ids, (str, Mapping)):
        return
    seen = set[str]()
    for i, id_ in enumerate(ids):
        if not isinstance(id_, str):
            continue
        if id_ in seen:
            message = f"The {what} '{id_[:60]}' is there twice."
            report.add("PB305", (*path, i), message, "Remove one of the two.")
        seen.add(id_)


def known_role(report: Report, path: Path, role: str, names: Names, *, key: bool = False) -> None:
    """Report a role that is not defined."""
    if role not in names.roles:
        hint = did_you_mean(role, names.roles, "Roles")
        report.add("PB301", path, f"There is no role '{role[:60]}'.", hint, key=key)


def known_word(report: Report, path: Path, word: str, words: type[Word], what: str) -> Word | None:
    """Give the meaning of a word from a fixed list; None when it was reported as unknown."""
    try:
        return words(word)
    except ValueError:
        hint = did_you_mean(word, [known.value for known in words], "Known")
        report.add("PB304", path, f"'{word[:60]}' is not {what}.", hint)
        return None


def title_of(id_: str) -> str:
    """Make a title from an id: `review_chart` is `Review chart`."""
    words = id_.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def _report_form(report: Report, path: Path, id_: str, joint: str, *, key: bool = False) -> None:
    plain = re.sub(r"[^a-z0-9]+", joint, id_.lower()).strip(joint)[:48]
    hint = f"Use small letters, digits and '{joint}', starting with a letter."
    if plain[:1].isalpha() and plain != id_:
        hint += f" Did you mean '{plain}'?"
    report.add("PB204", path, f"'{id_[:60]}' is not written as ids are.", hint, key=key)
