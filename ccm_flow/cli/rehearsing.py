"""rehearse, compare, rollback, migrate, behaviour estimate."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from pathlib import Path
from typing import Annotated

import typer

from ccm_flow.cli.options import Because, By, ClickId, Clinic, Json

_HELP = """
How people act, as the record shows it.

Example: ccm behaviour estimate --months 2026-10,2026-11 -o ours.yaml
"""


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    for command in (rehearse, compare, rollback, migrate):
        app.command(command.__name__)(command)
    behaviour = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)
    behaviour.command("estimate")(estimate)
    app.add_typer(behaviour, name="behaviour")


def rehearse(
    draft: Annotated[
        str, typer.Argument(metavar="DRAFT", help="A playbook's YAML file, or a draft's id.")
    ],
    *,
    against: Annotated[
        str, typer.Option("--against", metavar="MONTH", help="A closed month, such as 2026-11.")
    ],
    clinic: Clinic = None,
    mapped: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="OLD=NEW",
            help="The draft's step that takes a recorded one's place; OLD= leaves it out.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="The same number gives the same result.")] = 1,
    by: Annotated[
        str | None,
        typer.Option(
            "--by", metavar="PERSON", envvar="CCM_PERSON", help="Who rehearses; noted with it."
        ),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page of it too.")
    ] = None,
    json: Json = False,
) -> None:
    """
    Replay a draft on what really happened in a month, before it goes live.

    What people did is carried over; every assumption is listed. The figures are kept as the
    draft's forecast, for whoever approves it and for `ccm compare`. Exit code 1 when there are too
    few closed months to judge by.

    Example: ccm rehearse draft.yaml --against 2026-11 --clinic riverside --html rehearsal.html
    """
    from ccm_flow.cli.work import rehearsing as work

    asked = work.Asked(draft, against, clinic, tuple(mapped or ()), seed, by)
    work.rehearse(asked, html=html, as_json=json)


def estimate(
    *,
    months: Annotated[
        str | None,
        typer.Option(
            "--months",
            metavar="MONTHS",
            help="Such as 2026-10,2026-11; the last month when left out.",
        ),
    ] = None,
    clinic: Clinic = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the behaviour file there."),
    ] = None,
    json: Json = False,
) -> None:
    """
    Estimate from closed months how a clinic's people act, for `ccm simulate --behaviour`.

    Small numbers move a figure little: the shipped figure counts for twenty cases.

    Example: ccm behaviour estimate --clinic riverside --months 2026-10,2026-11 -o ours.yaml
    """
    from ccm_flow.cli.work import learning as work

    work.estimate(months, clinic, output, as_json=json)


def compare(
    playbook: Annotated[
        str, typer.Argument(metavar="PLAYBOOK", help="A published version, such as ccm-monthly@3.")
    ],
    *,
    month: Annotated[
        str | None,
        typer.Option(
            "--month", metavar="MONTH", help="The first month it was used in when left out."
        ),
    ] = None,
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Lay what was forecast of a playbook beside what happened.

    Exit code 1 when a figure came out otherwise than forecast, or months still run.

    Example: ccm compare ccm-monthly@3 --month 2026-12
    """
    from ccm_flow.cli.work import forecasts as work

    work.compare(playbook, month, clinic, as_json=json)


def rollback(
    playbook: Annotated[
        str,
        typer.Argument(
            metavar="PLAYBOOK",
            help="Such as ccm-monthly, or ccm-monthly@1 for a certain version.",
        ),
    ],
    *,
    from_month: Annotated[
        str, typer.Option("--from", metavar="MONTH", help="The first month that uses it again.")
    ],
    by: By,
    because: Because = "",
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Use the version before again, from a month on.

    It is published anew; nothing is taken away, and months that run keep their version.

    Example: ccm rollback ccm-monthly --from 2027-01 --by lee --because "Too many are lost"
    """
    from ccm_flow.cli.work import forecasts as work

    work.rollback(work.Back(playbook, from_month, by, because, clinic), as_json=json)


def migrate(
    playbook: Annotated[
        str, typer.Argument(metavar="PLAYBOOK", help="A published version, such as ccm-monthly@3.")
    ],
    *,
    preview: Annotated[
        bool, typer.Option("--preview", help="Only show what it would do to each step.")
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Move them; needs --sign and --by.")
    ] = False,
    sign: Annotated[
        str | None,
        typer.Option("--sign", metavar="NAME", help="Your full name: the signature under it."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="PERSON",
            envvar="CCM_PERSON",
            help="Who signs: somebody who may publish playbooks at the clinic.",
        ),
    ] = None,
    click: ClickId = None,
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Show or do what moving running months to another version does to each step.

    Kept, moved, added, withdrawn. Months that run keep their version until somebody signs.
    The version must be approved by a second person. Given again after an interruption, the same
    command goes on where it stopped. Exit code 1 when a month refuses, 3 when one was not reached.

    Example: ccm migrate ccm-monthly@3 --apply --sign "Lee Ortiz" --by lee --clinic riverside
    """
    from ccm_flow.cli.work import migrating as work

    if preview or not apply:
        work.preview(playbook, clinic, asked=preview and not apply, as_json=json)
    else:
        work.apply(work.Signing(playbook, clinic, sign, by, click), as_json=json)
