"""rehearse."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from pathlib import Path
from typing import Annotated

import typer

from ccm_flow.cli.options import Clinic, Json


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("rehearse")(rehearse)


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
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page of it too.")
    ] = None,
    json: Json = False,
) -> None:
    """
    Replay a draft on what really happened in a month, before it goes live.

    What people did is carried over; every assumption is listed. Exit code 1 when there are too
    few closed months to judge by.

    Example: ccm rehearse draft.yaml --against 2026-11 --clinic riverside --html rehearsal.html
    """
    from ccm_flow.cli.work import rehearsing as work

    asked = work.Asked(draft, against, clinic, tuple(mapped or ()), seed)
    work.rehearse(asked, html=html, as_json=json)
