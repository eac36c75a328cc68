"""time start, stop, discard, add, correct, list, audit, activities."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from typing import Annotated

import typer

from ccm_flow.cli.options import Because, By, Clinic, Json

_HELP = """
Enter time: timers, manual entries, corrections, and what counts of them.

Example: ccm time start 7f3a.outreach --by maria
"""
Target = Annotated[
    str,
    typer.Argument(metavar="PATIENT_OR_STEP", help="Who or what the work is for: 7f3a.outreach."),
]
Activity = Annotated[
    str | None,
    typer.Option(
        "--activity", metavar="WORD", help="Kind of work; `ccm time activities` lists them."
    ),
]
Program = Annotated[
    str | None,
    typer.Option(
        "--program", metavar="CODE", help="Whose minutes these are, if not the patient's own: TCM."
    ),
]
Minutes = Annotated[
    float | None, typer.Option("--minutes", min=0, max=1440, help="How long it took.")
]
Seconds = Annotated[
    int | None,
    typer.Option("--seconds", min=0, max=86_400, help="How long it took; added to --minutes."),
]
_WHEN = "clinic time, 14:05 today or 2026-12-07T14:05"


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)
    group.command("start")(start)
    group.command("stop")(stop)
    group.command("discard")(discard)
    group.command("add")(add)
    group.command("correct")(correct)
    group.command("list")(list_)
    group.command("audit")(audit)
    group.command("activities")(activities)
    app.add_typer(group, name="time")


def start(
    target: Target,
    *,
    by: By,
    activity: Activity = None,
    program: Program = None,
    switch: Annotated[
        bool, typer.Option("--switch", help="Stop the timer that runs, then start this one.")
    ] = False,
    json: Json = False,
) -> None:
    """
    Start your timer for a patient or a step.

    It runs on the server: closing a window or restarting a machine does not touch it.

    Example: ccm time start 7f3a.outreach --by maria
    """
    from ccm_flow.cli.work import time as work

    work.start(target, by, activity, program, switch=switch, as_json=json)


def stop(
    *,
    by: By,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="TIME", help=f"When the work really ended: {_WHEN}."),
    ] = None,
    activity: Activity = None,
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Stop your timer and keep its time.

    A timer that ran beyond the clinic's limit asks for --until.

    Example: ccm time stop --by maria
    """
    from ccm_flow.cli.work import time as work

    work.stop(by, until, activity, clinic, as_json=json)


def discard(*, because: Because, by: By, clinic: Clinic = None, json: Json = False) -> None:
    """
    Stop your timer without keeping its time.

    Example: ccm time discard --because "Wrong patient" --by maria
    """
    from ccm_flow.cli.work import time as work

    work.discard(by, because, clinic, as_json=json)


def add(
    target: Target,
    *,
    started: Annotated[
        str, typer.Option("--started", metavar="TIME", help=f"When the work began: {_WHEN}.")
    ],
    by: By,
    minutes: Minutes = None,
    seconds: Seconds = None,
    activity: Activity = None,
    program: Program = None,
    because: Because = "",
    json: Json = False,
) -> None:
    """
    Enter work that was done without a timer.

    More than 24 hours after the work it is marked late and needs --because.

    Example: ccm time add 7f3a --minutes 6 --started 14:05 --activity refill --by maria
    """
    from ccm_flow.cli.work import time as work

    entered = work.Entered(started, minutes, seconds, activity, program, because)
    work.add(target, by, entered, as_json=json)


def correct(
    entry: Annotated[
        str, typer.Argument(metavar="ENTRY", help="The entry, as `ccm time list` names it.")
    ],
    *,
    because: Because,
    by: By,
    minutes: Minutes = None,
    seconds: Seconds = None,
    started: Annotated[
        str | None, typer.Option("--started", metavar="TIME", help=f"When it began: {_WHEN}.")
    ] = None,
    activity: Activity = None,
    program: Program = None,
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Put an entry right with a new one; the old one stays visible.

    --seconds 0 takes it out.

    Example: ccm time correct 3fa01b22 --minutes 9 --because "Typing error" --by maria
    """
    from ccm_flow.cli.work import time as work

    entered = work.Entered(started, minutes, seconds, activity, program, because)
    work.correct(entry, by, entered, clinic, as_json=json)


def list_(
    month: Annotated[
        str | None,
        typer.Option("--month", metavar="MONTH", help="Such as 2026-12; the running one else."),
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="PERSON", help="Only this person's time.")
    ] = None,
    patient: Annotated[
        str | None, typer.Option("--patient", metavar="PATIENT", help="Only this patient's time.")
    ] = None,
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    List a month's time day by day, with what counts and why the rest does not.

    Example: ccm time list --month 2026-12 --by maria
    """
    from ccm_flow.cli.work import time_list as work

    work.list_(month, by, patient, clinic, as_json=json)


def audit(
    month: Annotated[
        str | None,
        typer.Option("--month", metavar="MONTH", help="Such as 2026-12; the running one else."),
    ] = None,
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Look for what an auditor would stop at in a month's time.

    Exit code 1 when there is something to look at.

    Example: ccm time audit --month 2026-12
    """
    from ccm_flow.cli.work import time_list as work

    work.audit(month, clinic, as_json=json)


def activities(json: Json = False) -> None:
    """
    List the kinds of work and whether their minutes count.

    Example: ccm time activities
    """
    from ccm_flow.cli.work import time_list as work

    work.activities(as_json=json)
