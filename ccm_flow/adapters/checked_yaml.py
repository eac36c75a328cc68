"""Reading the rules that travel with the product: YAML checked against a model, with places."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ccm_flow.core.errors import CcmError
from ccm_flow.language.document import Document
from ccm_flow.language.problems import Path
from ccm_flow.language.yaml_reader import read_yaml

Model = TypeVar("Model", bound=BaseModel)


class RulesFileError(CcmError):
    """A file of rules cannot be used; the message names every place."""

    exit_code = 2
    hint = "Compare it with the file that comes with CCM Flow."

    def __init__(self, problems: list[str]) -> None:
        super().__init__("The rules cannot be used:\n" + "\n".join(problems))
        self.problems = tuple(problems)


def read_rules(text: str, file: str, model: type[Model]) -> tuple[Model, Document]:
    """
    Read rules from YAML, and where each value stands.

    Raises:
        RulesFileError: it is not YAML or not of the model's form.
    """
    read = read_yaml(text, file)
    if read.document is None or read.problems:
        raise RulesFileError([f"{one.place}: {one.message}" for one in read.problems])
    try:
        return model.model_validate(read.document.value), read.document
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise RulesFileError([_sentence(read.document, one) for one in found]) from error


def placed(document: Document, path: Path, message: str) -> str:
    """Write a problem with its place in front, as editors understand it."""
    span = document.locate(path)
    return f"{span.file}:{span.line}:{span.column}: {message}"


def _sentence(document: Document, detail: ErrorDetails) -> str:
    path = tuple(part for part in detail["loc"] if part != "[key]")
    if detail["type"] == "missing":
        return placed(document, path[:-1], f"'{path[-1]}' is missing here.")
    if detail["type"] == "extra_forbidden":
        return placed(document, path, f"There is no setting '{path[-1]}' here.")
    name = ".".join(str(part) for part in path) or "the file"
    return placed(document, path, f"'{name}': {detail['msg'].removeprefix('Value error, ')}.")
