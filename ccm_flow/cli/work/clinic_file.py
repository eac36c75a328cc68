"""Reading a clinic's file: every mistake with its place."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from ccm_flow.app.clinic_diff import Rename
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.cli.work.clinic_problems import Problem, joint_problems
from ccm_flow.core.credentials import Credential
from ccm_flow.core.errors import CcmError
from ccm_flow.language.document import Document
from ccm_flow.language.yaml_reader import read_yaml

_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of a clinic's file",
    "time_parsing": "is not a time of day such as 09:00 or 17:00",
    "time_type": "is not a time of day such as 09:00 or 17:00",
    "string_pattern_mismatch": "is not a short name: small letters, digits and dashes",
    "string_type": "is not text; put it in quotes",
    "date_from_datetime_parsing": "is not a date such as 2026-12-24",
}

_CREDENTIALS = "is not a credential: " + ", ".join(one.value for one in Credential)
_PATTERNS = {
    "languages": "is not a short language such as en or es",
    "licensed_in": "is not a state such as MA",
    "colour": 'is not a colour such as "#1f5f8b"',
    "place_of_service": "is not two digits in quotes",
}


class ClinicFileError(CcmError):
    """A clinic's file cannot be used; the message lists everything that is wrong."""

    exit_code = 2
    hint = "Nothing was changed. Put the file right and apply it again."

    def __init__(self, file: str, problems: Sequence[str]) -> None:
        listed = "".join(f"\n  {problem}" for problem in problems)
        super().__init__(f"'{file}' does not describe a clinic:{listed}")


def read_clinic_file(text: str, name: str) -> ClinicFile:
    """
    Read a clinic's YAML. `17:00` stays a time of day, as people mean it.

    Raises:
        ClinicFileError: it is not YAML, or fields are missing, unknown or wrong.
    """
    read = read_yaml(text, name)
    if read.document is None or read.problems:
        raise ClinicFileError(name, [f"{one.place}: {one.message}" for one in read.problems])
    joint = joint_problems(read.document.value)
    try:
        file = ClinicFile.model_validate(read.document.value)
    except ValidationError as error:
        fields = [one for one in error.errors() if one["loc"] or not joint]
        found = [_sentence(read.document, problem) for problem in fields]
        raise ClinicFileError(name, found + _placed(read.document, joint)) from error
    if joint:
        raise ClinicFileError(name, _placed(read.document, joint))
    return file


def refuse_renames(text: str, name: str, renames: Sequence[Rename]) -> None:
    """
    Refuse a file that gives an organization another name than other clinics' files gave it.

    Raises:
        ClinicFileError: there is one, at its place.
    """
    document = read_yaml(text, name).document
    if document is None or not renames:
        return
    problems: list[Problem] = [
        (
            (one.field, "name"),
            f"'{one.organization}' is called '{one.before}' at {', '.join(one.clinics)} too; "
            "--rename calls it otherwise at all of them",
        )
        for one in renames
    ]
    raise ClinicFileError(name, _placed(document, problems))


def _placed(document: Document, problems: Sequence[Problem]) -> list[str]:
    found = []
    for path, said in problems:
        span = document.locate(path)
        what = ".".join(str(part) for part in path)
        found.append(f"{span.file}:{span.line}:{span.column}: {what}: {said}")
    return found


def _sentence(document: Document, problem: Any) -> str:
    path = tuple(part for part in problem["loc"] if isinstance(part, int | str))
    span = document.locate(path, key=problem["type"] == "extra_forbidden")
    what = ".".join(str(part) for part in path) or "the file"
    said = _words_for(problem, path) or problem["msg"].removeprefix("Value error, ")
    joint = " " if _words_for(problem, path) else ": "
    return f"{span.file}:{span.line}:{span.column}: {what}{joint}{said}"


def _words_for(problem: Any, path: tuple[int | str, ...]) -> str | None:
    if problem["type"] == "enum" and path[-1:] == ("credential",):
        return _CREDENTIALS
    if problem["type"] == "string_pattern_mismatch":
        return _PATTERNS.get(_field(path), _WORDS["string_pattern_mismatch"])
    return _WORDS.get(problem["type"])


def _field(path: tuple[int | str, ...]) -> str:
    """Name the field of a value that may be one of a list."""
    return next((part for part in reversed(path) if isinstance(part, str)), "")
