"""rules list, rules check, rules explain."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from pathlib import Path
from typing import Annotated

import typer

from ccm_flow.cli.options import Json

_HELP = """
Look at the dated billing rules: list, explain or check them.

Example: ccm rules explain 99490 --month 2026-03
"""


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)
    group.command("list")(list_rules)
    group.command("check")(check)
    group.command("explain")(explain)
    app.add_typer(group, name="rules")


def list_rules(json: Json = False) -> None:
    """
    List the rule files in force.

    Shows their months, how many codes they have, and how many of their rules are to be verified.

    Example: ccm rules list
    """
    from ccm_flow.cli.work import rules as work

    work.list_rules(as_json=json)


def check(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Rule files, or files of a locality's amounts."),
    ],
    strict: Annotated[bool, typer.Option("--strict", help="Count warnings as problems.")] = False,
    sarif: Annotated[
        bool, typer.Option("--sarif", help="Print SARIF, as code hosts read it.")
    ] = False,
    json: Json = False,
) -> None:
    """
    Check rule files; every problem is shown at its place.

    Each is checked alone and beside the others.

    Exit code 0 when all can be used, 1 for warnings with --strict, 2 for errors.

    Example: ccm rules check rules/billing/*.yaml
    """
    from ccm_flow.cli.work import rules as work

    work.check(files, strict=strict, as_sarif=sarif, as_json=json)


def explain(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Such as 99490 or G0506.")],
    month: Annotated[
        str | None,
        typer.Option("--month", metavar="MONTH", help="Such as 2026-12; this one when left out."),
    ] = None,
    json: Json = False,
) -> None:
    """
    Say what the rules of a month hold about a code.

    In plain words, each sentence with its source and how well it is founded.

    Exit code 4 when there are no rules for the month, or they do not know the code.

    Example: ccm rules explain 99490 --month 2026-03
    """
    from ccm_flow.cli.work import rules as work

    work.explain(code, month, as_json=json)
