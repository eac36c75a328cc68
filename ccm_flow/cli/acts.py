"""complete, skip, escalate, reassign, extend, pause, resume, withdraw."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from typing import Annotated

import typer

from ccm_flow.cli.options import Because, By, ClickId, Fields, Json, Patient, Step


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("complete")(complete)
    app.command("skip")(skip)
    app.command("escalate")(escalate)
    app.command("reassign")(reassign)
    app.command("extend")(extend)
    app.command("pause")(pause)
    app.command("resume")(resume)
    app.command("withdraw")(withdraw)


def complete(
    step: Step,
    *,
    outcome: Annotated[
        str,
        typer.Option(
            "--outcome", metavar="OUTCOME", help="How it ended; `ccm patient` lists what fits."
        ),
    ],
    by: By,
    minutes: Annotated[
        float, typer.Option("--minutes", min=0, max=480, help="How long the work took.")
    ] = 0,
    started: Annotated[
        str | None,
        typer.Option(
            "--started",
            metavar="TIME",
            help="When the work began, clinic time; just before now when left out.",
        ),
    ] = None,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What was said.")] = "",
    field: Fields = None,
    sign: Annotated[
        bool, typer.Option("--sign/--no-sign", help="Sign the note with it, or later.")
    ] = True,
    channel: Annotated[
        str | None,
        typer.Option("--channel", help="How contact was made; the planned way when left out."),
    ] = None,
    consent: Annotated[
        str, typer.Option("--consent", help="How consent was given: verbal or written.")
    ] = "verbal",
    statements: Annotated[
        str | None,
        typer.Option(
            "--statements", metavar="WHICH", help="What was read before consent: all, or the names."
        ),
    ] = None,
    signature: Annotated[
        str,
        typer.Option(
            "--signature", metavar="TEXT", help="Where the consent form is kept, or their words."
        ),
    ] = "",
    click: ClickId = None,
    json: Json = False,
) -> None:
    """
    End a step with an outcome, or record one attempt.

    An outcome whose note has required fields is refused until they are there. What was typed is
    kept as a draft, so the next try needs only what was missing.

    Example: ccm complete 7f3a.outreach --outcome reached --minutes 12 --by maria
    """
    from ccm_flow.cli.work import steps as work

    entered = work.Entered(
        minutes,
        started,
        note,
        channel,
        consent,
        tuple(field or ()),
        sign=sign,
        statements=statements,
        signature=signature,
    )
    work.complete(step, outcome, by, entered, click, as_json=json)


def skip(
    step: Step, *, because: Because, by: By, click: ClickId = None, json: Json = False
) -> None:
    """
    Leave out a step that the playbook calls optional.

    Only its owner or the program owner may; the reason stays with it. The flow goes on as if it
    were done.

    Example: ccm skip 7f3a.second_touch --because "Spoke with the daughter" --by maria
    """
    from ccm_flow.cli.work import steps as work

    work.skip(step, because, by, click, as_json=json)


def escalate(
    target: Annotated[
        str, typer.Argument(metavar="STEP_OR_PATIENT", help="What the question is about.")
    ],
    *,
    because: Because,
    by: By,
    urgent: Annotated[bool, typer.Option("--urgent", help="Ask for the quick answer.")] = False,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="ROLE", help="Who should answer; the playbook's choice else."),
    ] = None,
    click: ClickId = None,
    json: Json = False,
) -> None:
    """
    Put a clinical question to the practitioner.

    A reply clock runs from now on; --urgent makes it a short one.

    Example: ccm escalate 7f3a --because "Weight up 3 kg in a week" --urgent --by maria
    """
    from ccm_flow.cli.work import cycles as work

    work.escalate(target, because, by, to, click, urgent=urgent, as_json=json)


def reassign(
    step: Step,
    *,
    to: Annotated[str, typer.Option("--to", metavar="PERSON", help="Who has it from now on.")],
    by: By,
    because: Because = "handed over",
    role: Annotated[
        str | None,
        typer.Option("--role", metavar="ROLE", help="In which role; the step's own when possible."),
    ] = None,
    click: ClickId = None,
    json: Json = False,
) -> None:
    """
    Give a step to another person; both are told.

    Example: ccm reassign 7f3a.outreach --to ben --because "Maria is away" --by lee
    """
    from ccm_flow.cli.work import steps as work

    work.reassign(step, to, role, because=because, by=by, click=click, as_json=json)


def extend(
    step: Step,
    amount: Annotated[
        str, typer.Argument(metavar="AMOUNT", help='From now, such as "2 business days".')
    ],
    *,
    because: Because,
    by: By,
    click: ClickId = None,
    json: Json = False,
) -> None:
    """
    Give a step more time, counted from now.

    Example: ccm extend 7f3a.outreach "2 business days" --because "On holiday" --by lee
    """
    from ccm_flow.cli.work import steps as work

    work.extend(step, amount, because, by, click, as_json=json)


def pause(
    patient: Patient, because: Because, by: By, click: ClickId = None, json: Json = False
) -> None:
    """
    Stop a patient's clocks, as for a hospital stay.

    No deadline passes meanwhile; each keeps the working time that was left.

    Example: ccm pause 7f3a --because "Admitted to hospital" --by maria
    """
    from ccm_flow.cli.work import cycles as work

    work.pause(patient, because, by, click, as_json=json)


def resume(
    patient: Patient,
    by: By,
    because: Because = "",
    click: ClickId = None,
    json: Json = False,
) -> None:
    """
    Start a patient's clocks again where they stopped.

    A reason is kept as a note.

    Example: ccm resume 7f3a --because "Back home" --by maria
    """
    from ccm_flow.cli.work import cycles as work

    work.resume(patient, because, by, click, as_json=json)


def withdraw(
    patient: Patient, because: Because, by: By, click: ClickId = None, json: Json = False
) -> None:
    """
    Record that a patient leaves the program.

    Every running month ends now, and a consent ends with the calendar month. The same as
    `ccm happened PATIENT withdrawal`.

    Example: ccm withdraw 7f3a --because "Moves away" --by lee
    """
    from ccm_flow.cli.work import happened as work

    entered = work.Entered(None, because, "", click)
    work.happened(patient, "withdrawal", by, entered, as_json=json)
