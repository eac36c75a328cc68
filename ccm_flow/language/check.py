"""The whole way from a playbook's text to its plan, or to everything that is wrong with it."""

import hashlib
from dataclasses import dataclass
from pathlib import Path as FilePath

from ccm_flow.core.plan import Plan
from ccm_flow.language.check_flow import check_flow
from ccm_flow.language.check_time import check_time
from ccm_flow.language.compile import compile_playbook
from ccm_flow.language.document import Document
from ccm_flow.language.problems import Problem
from ccm_flow.language.report import Report, TooManyProblems
from ccm_flow.language.schema import read_source
from ccm_flow.language.source import PlaybookSource
from ccm_flow.language.templates import Templates
from ccm_flow.language.yaml_reader import MAX_CHARACTERS, read_yaml

MAX_PROBLEMS = 500
MAX_STEPS = 500


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A plan when there are no errors (warnings may remain), and every problem found."""

    plan: Plan | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep the playbook from being published."""
        return tuple(problem for problem in self.problems if problem.is_error)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems that do not."""
        return tuple(problem for problem in self.problems if not problem.is_error)

    def render(self) -> str:
        """Show all problems, each with its line of the file."""
        return "\n\n".join(problem.render() for problem in self.problems)


def check_text(text: str, file_name: str, templates: Templates | None = None) -> CheckResult:
    """
    Check a playbook's text and compile it.

    Never raises: whatever the text, the problems say what is wrong with it.

    Args:
        text: the YAML.
        file_name: how problems name the file.
        templates: the scripts and notes that there are; None leaves their names unchecked.
    """
    read = read_yaml(text, file_name)
    if read.document is None:
        return CheckResult(None, read.problems)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return check_document(read.document, sha256, read.problems, templates)


def check_document(
    document: Document,
    sha256: str,
    problems: tuple[Problem, ...] = (),
    templates: Templates | None = None,
) -> CheckResult:
    """
    Check values that were read (or merged) already; `problems` are those of reading.

    Gives up once there are more problems than anybody would read.
    """
    report = Report(document, problems, limit=MAX_PROBLEMS)
    try:
        plan = _plan(report, sha256, templates)
    except TooManyProblems:
        plan = None
    return CheckResult(None if report.has_errors else plan, report.problems)


def _plan(report: Report, sha256: str, templates: Templates | None) -> Plan | None:
    document = report.document
    if document.at(("extends",)) is not None:
        # Merged documents no longer have it: see `overlay.resolve_playbook`.
        hint = "Check it as a file, or publish what `ccm explain` prints."
        message = "This playbook extends another one, which is not at hand here."
        report.add("PB701", ("extends",), message, hint)
        return None
    source = read_source(report)
    if source is None or _is_too_long(source, report):
        return None
    plan = compile_playbook(source, report, sha256, templates)
    if not report.has_family("PB1", "PB2", "PB3"):
        check_flow(plan, report)
    check_time(plan, report)
    return plan


def _is_too_long(source: PlaybookSource, report: Report) -> bool:
    if len(source.steps) <= MAX_STEPS:
        return False
    message = f"There are {len(source.steps)} steps; a playbook has at most {MAX_STEPS}."
    report.add("PB103", ("steps",), message, "Split it into several playbooks.", key=True)
    return True


def load_file(path: FilePath, templates: Templates | None = None) -> CheckResult:
    """
    Check a playbook file.

    Raises:
        OSError: the file cannot be opened.
    """
    with path.open("rb") as file:
        # One more than fits, so that a larger file is refused without being read whole.
        data = file.read(4 * MAX_CHARACTERS + 1)
    return check_text(data.decode("utf-8", errors="surrogateescape"), str(path), templates)
