"""script, note list, note show, note sign, note cosign, note amend."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from typing import Annotated

import typer

from ccm_flow.cli.options import Because, By, Clinic, Fields, Json, Step

Note = Annotated[
    str,
    typer.Argument(metavar="NOTE", help="The start of the note's id, as `ccm note list` has it."),
]


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("script")(script)
    group = typer.Typer(
        help="Read, sign, co-sign and amend notes.\n\nExample: ccm note list --unsigned",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.command("list")(list_)
    group.command("show")(show)
    group.command("sign")(sign)
    group.command("cosign")(cosign)
    group.command("amend")(amend)
    app.add_typer(group, name="note")


def script(
    step: Step,
    language: Annotated[
        str | None,
        typer.Option(
            "--language", metavar="CODE", help="Such as es; the patient's own when left out."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """
    Print what to say at a step, filled in for its patient.

    It speaks in the clinic's name and for the step's owner. A language that the script does not
    have is answered in English, and said so.

    Example: ccm script 7f3a.outreach --language es
    """
    from ccm_flow.cli.work import scripts as work

    work.script(step, language, as_json=json)


def list_(
    patient: Annotated[
        str | None, typer.Option("--patient", metavar="PATIENT", help="Only this patient's.")
    ] = None,
    unsigned: Annotated[
        bool, typer.Option("--unsigned", help="Only those that lack a signature.")
    ] = False,
    flagged: Annotated[
        bool, typer.Option("--flagged", help="Only those that repeat another note.")
    ] = False,
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    List notes, the newest first.

    Example: ccm note list --unsigned
    """
    from ccm_flow.cli.work import notes as work

    work.list_(clinic, patient, unsigned=unsigned, flagged=flagged, as_json=json)


def show(note: Note, json: Json = False) -> None:
    """
    Show a note, its signatures and what was added to it.

    Example: ccm note show 3fa29c01
    """
    from ccm_flow.cli.work import notes as work

    work.show(note, as_json=json)


def sign(note: Note, *, by: By, field: Fields = None, json: Json = False) -> None:
    """
    Sign a note of one's own; nothing in it can be changed afterwards.

    Fields that its form misses can be filled in with it.

    Example: ccm note sign 3fa29c01 --by maria
    """
    from ccm_flow.cli.work import notes as work

    work.sign(note, by, tuple(field or ()), as_json=json)


def cosign(note: Note, *, by: By, json: Json = False) -> None:
    """
    Co-sign a note that its author has signed, as practitioner or as its form says.

    Example: ccm note cosign 3fa29c01 --by pat
    """
    from ccm_flow.cli.work import notes as work

    work.cosign(note, by, as_json=json)


def amend(
    note: Note,
    *,
    text: Annotated[str, typer.Option("--text", metavar="TEXT", help="What is to be added.")],
    because: Because,
    by: By,
    json: Json = False,
) -> None:
    """
    Add to a signed note; the original stays as it is.

    The amendment stands below the original and is signed in its turn.

    Example: ccm note amend 3fa29c01 --text "It was the left leg" --because "Mistyped" --by maria
    """
    from ccm_flow.cli.work import notes as work

    work.amend(note, text, because, by, as_json=json)
