"""review."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from pathlib import Path
from typing import Annotated

import typer

from ccm_flow.cli.options import Json


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("review")(review)


def review(
    clinic: Annotated[
        str | None,
        typer.Argument(
            metavar="[CLINIC]", help="The clinic's id; may be left out when there is only one."
        ),
    ] = None,
    *,
    answer: Annotated[
        str | None,
        typer.Option("--answer", metavar="ITEM=WORD", help="Answer an item: yes, partly or no."),
    ] = None,
    see_to: Annotated[
        str | None,
        typer.Option("--see-to", metavar="ITEM", help="Name who sees to an item, until when."),
    ] = None,
    owner: Annotated[
        str | None, typer.Option("--owner", metavar="PERSON", help="Who sees to the item.")
    ] = None,
    due: Annotated[
        str | None, typer.Option("--due", metavar="DAY", help="Until when, e.g. 2026-12-14.")
    ] = None,
    note: Annotated[
        str, typer.Option("--note", metavar="TEXT", help="What is missing, or how it is met.")
    ] = "",
    go_live: Annotated[
        str | None,
        typer.Option(
            "--go-live",
            metavar="REASON",
            help="Let the first month begin although something required is missing.",
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="PERSON", envvar="CCM_PERSON", help="Who says so."),
    ] = None,
    prove: Annotated[
        bool, typer.Option("--prove", help="Prove the playbooks that are not proved yet.")
    ] = False,
    pdf: Annotated[
        Path | None, typer.Option("--pdf", metavar="FILE", help="Write the review as a PDF too.")
    ] = None,
    json: Json = False,
) -> None:
    """
    Show whether a clinic has everything that a program needs.

    Seven areas, each item worked out from the set-up and the record, or answered by people. While
    a required item is missing, the clinic's first month is not opened.

    Example: ccm review riverside --answer walked_through=yes --by dana
    """
    from ccm_flow.cli.work import reviewing as work

    asked = work.Asked(
        answer=answer, see_to=see_to, owner=owner, due=due, note=note, go_live=go_live, by=by
    )
    work.review(clinic, asked, pdf, prove=prove, as_json=json)
