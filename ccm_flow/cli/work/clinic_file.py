"""Reading a clinic's file: every mistake with its place."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from ccm_flow.app.clinic_setup import ClinicFile
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
    "enum": "is not a credential: " + ", ".join(credential.value for credential in Credential),
    "string_type": "is not text; put it in quotes",
    "date_from_datetime_parsing": "is not a date such as 2026-12-24",
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
    try:
        return ClinicFile.model_validate(read.document.value)
    except ValidationError as error:
        found = [_sentence(read.document, problem) for problem in error.errors()]
        raise ClinicFileError(name, found) from error


def _sentence(document: Document, problem: Any) -> str:
    path = tuple(part for part in problem["loc"] if isinstance(part, int | str))
    span = document.locate(path, key=problem["type"] == "extra_forbidden")
    what = ".".join(str(part) for part in path) or "the file"
    said = _WORDS.get(problem["type"]) or problem["msg"].removeprefix("Value error, ")
    joint = " " if problem["type"] in _WORDS else ": "
    return f"{span.file}:{span.line}:{span.column}: {what}{joint}{said}"
