"""check, test, explain, diff, prove, draw, calendar, handbook, schema."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from pathlib import Path
from typing import Annotated

import typer

from ccm_flow.cli.options import Clinic, Json

File = Annotated[Path, typer.Argument(metavar="FILE", help="A playbook's YAML file.")]
Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Playbook files.")]
MonthOption = Annotated[
    str | None,
    typer.Option("--month", metavar="MONTH", help="Such as 2026-12; next month when left out."),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Where to write it; the screen otherwise."),
]


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("test")(run_tests)
    for command in (check, explain, diff, prove, draw, calendar, handbook, schema):
        app.command(command.__name__)(command)


def check(
    files: Files,
    strict: Annotated[bool, typer.Option("--strict", help="Count warnings as problems.")] = False,
    sarif: Annotated[
        bool, typer.Option("--sarif", help="Print SARIF, as code hosts read it.")
    ] = False,
    json: Json = False,
) -> None:
    """
    Check playbooks; every problem is shown at its place.

    Exit code 0 when all can be published, 1 for warnings with --strict, 2 for errors.

    Example: ccm check playbooks/*.yaml --strict
    """
    from ccm_flow.cli.work import playbooks as work

    work.check(files, strict=strict, as_sarif=sarif, as_json=json)


def run_tests(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Files that end in .tests.yaml.")
    ],
    json: Json = False,
) -> None:
    """
    Run the tests that are written beside a playbook.

    Exit code 0 when all pass, 1 when one does not, 2 when a file cannot be understood.

    Example: ccm test playbooks/ccm_monthly.tests.yaml
    """
    from ccm_flow.cli.work import playbook_tests as work

    work.run_tests(files, as_json=json)


def explain(file: File) -> None:
    """
    Print a playbook as it runs, each line with the file and line it comes from.

    Example: ccm explain playbooks/clinics/riverside_ccm.yaml
    """
    from ccm_flow.cli.work import playbooks as work

    work.explain_file(file)


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The playbook as it is.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The playbook as it would be.")],
    json: Json = False,
) -> None:
    """
    Say in plain sentences what changes for whom between two playbooks.

    Example: ccm diff playbooks/ccm_monthly.yaml draft.yaml
    """
    from ccm_flow.cli.work import playbooks as work

    work.diff(old, new, as_json=json)


def prove(
    files: Files,
    month: MonthOption = None,
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Explore every course a playbook can take, and show that none goes astray.

    Exit code 0 when it is proved, 1 when something was found or a bound was hit, 2 for errors.

    Example: ccm prove playbooks/ccm_monthly.yaml
    """
    from ccm_flow.cli.work import playbooks as work

    work.prove_files(files, month, clinic, as_json=json)


def draw(
    file: File,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Print Mermaid, not SVG.")] = False,
    output: Output = None,
) -> None:
    """
    Draw a playbook: its steps with owners, deadlines and ladders.

    Example: ccm draw playbooks/ccm_monthly.yaml -o month.svg
    """
    from ccm_flow.cli.work import playbooks as work

    work.draw(file, mermaid=mermaid, output=output)


def calendar(
    file: File,
    month: MonthOption = None,
    clinic: Clinic = None,
    svg: Annotated[bool, typer.Option("--svg", help="Draw a month's page.")] = False,
    output: Output = None,
) -> None:
    """
    Show the actual dates of a playbook in a month, on a clinic's calendar.

    Example: ccm calendar playbooks/ccm_monthly.yaml --month 2026-12 --clinic riverside
    """
    from ccm_flow.cli.work import playbooks as work

    work.calendar(file, month, clinic, as_svg=svg, output=output)


def handbook(
    file: File,
    clinic: Clinic = None,
    month: MonthOption = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Ends in .html or .pdf.")
    ] = Path("handbook.html"),
) -> None:
    """
    Write the procedure that staff read, as a page or a PDF.

    Who does what by when, scripts, note structures, ladders, and what ready means.

    Example: ccm handbook playbooks/ccm_monthly.yaml --clinic riverside -o handbook.pdf
    """
    from ccm_flow.cli.work import playbooks as work

    work.handbook(file, clinic, month, output)


def schema() -> None:
    """
    Print the JSON Schema of playbooks, for editors.

    Example: ccm schema > playbook.schema.json
    """
    from ccm_flow.cli.work import playbooks as work

    work.schema()
