"""responsibility, absence, staff."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from typing import Annotated

import typer

from ccm_flow.cli.options import Because, By, Clinic, Json

_RESPONSIBILITY = """
Say which organization does which role or step at a clinic, and from when.

A switch from in-house to managed or back, in the middle of a month too: `plan` lists every open
step that would move, from whom to whom and why; `apply` moves them.

Example: ccm responsibility plan --model managed --from 2026-12-14
"""
_ABSENCE = """
Say who is away, until when, and who covers; the work returns by itself.

Example: ccm absence add maria --from 2026-12-07 --until 2026-12-11 --cover jonas --by dana
"""
_STAFF = """
Show a clinic's staff with their load; let people leave in good order.

Example: ccm staff leave maria --from 2027-01-01 --preview
"""

Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="MODEL",
        help="in_house, hybrid (the vendor coordinates) or managed (all but practitioners and "
        "billers).",
    ),
]
Roles = Annotated[
    list[str] | None,
    typer.Option(
        "--role",
        metavar="ROLE=WHO",
        help="One role: clinic, vendor, an organization's id, or anybody. May be repeated.",
    ),
]
Steps = Annotated[
    list[str] | None,
    typer.Option(
        "--step",
        metavar="STEP=WHO",
        help="One step, before what holds for its role; anybody takes the line back.",
    ),
]
FromDay = Annotated[
    str | None,
    typer.Option("--from", metavar="DATE", help="The first day; today when left out."),
]
Person = Annotated[
    str, typer.Argument(metavar="PERSON", help="A person's id, as in the clinic's file.")
]


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    map_ = typer.Typer(help=_RESPONSIBILITY, no_args_is_help=True, rich_markup_mode=None)
    map_.command("show")(show)
    map_.command("plan")(plan)
    map_.command("apply")(apply)
    app.add_typer(map_, name="responsibility")
    away = typer.Typer(help=_ABSENCE, no_args_is_help=True, rich_markup_mode=None)
    away.command("add")(add_absence)
    away.command("list")(list_absences)
    away.command("end")(end_absence)
    app.add_typer(away, name="absence")
    people = typer.Typer(help=_STAFF, no_args_is_help=True, rich_markup_mode=None)
    people.command("list")(list_staff)
    people.command("leave")(leave)
    app.add_typer(people, name="staff")


def show(clinic: Clinic = None, json: Json = False) -> None:
    """
    Show who does what now, what changes later, and every line there ever was.

    Example: ccm responsibility show
    """
    from ccm_flow.cli.work import responsibility as work

    work.show(clinic, as_json=json)


def plan(
    *,
    model: Model = None,
    role: Roles = None,
    step: Steps = None,
    from_day: FromDay = None,
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Say what a switch would change; nothing is done.

    Example: ccm responsibility plan --model hybrid --from 2026-12-14
    """
    from ccm_flow.cli.work import responsibility as work

    work.plan(clinic, work.Asked(model, tuple(role or ()), tuple(step or ()), from_day), json)


def apply(
    *,
    by: By,
    because: Because,
    model: Model = None,
    role: Roles = None,
    step: Steps = None,
    from_day: FromDay = None,
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Switch, and move the open steps; a later day is kept and carried out when it comes.

    Example: ccm responsibility apply --model managed --by dana --because "contract of 1 December"
    """
    from ccm_flow.cli.work import responsibility as work

    asked = work.Asked(model, tuple(role or ()), tuple(step or ()), from_day)
    work.apply(clinic, asked, by, because, as_json=json)


def add_absence(
    person: Person,
    *,
    by: By,
    from_day: FromDay = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="DATE", help="The last day away; open when left out."),
    ] = None,
    cover: Annotated[
        str | None,
        typer.Option(
            "--cover", metavar="PERSON", help="Who has the work meanwhile; the pool without one."
        ),
    ] = None,
    because: Annotated[
        str, typer.Option("--because", metavar="TEXT", help="Why; others may read it.")
    ] = "",
    preview: Annotated[
        bool, typer.Option("--preview", help="Only say which steps would move.")
    ] = False,
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Keep that somebody is away, and give their open steps to others for that time.

    Example: ccm absence add maria --from 2026-12-07 --until 2026-12-11 --cover jonas --by dana
    """
    from ccm_flow.cli.work import absences as work

    told = work.Told(person, from_day, until, cover, because)
    work.add(clinic, told, by, preview=preview, as_json=json)


def list_absences(clinic: Clinic = None, json: Json = False) -> None:
    """
    List who is away or will be.

    Example: ccm absence list
    """
    from ccm_flow.cli.work import absences as work

    work.list_(clinic, as_json=json)


def end_absence(
    absence: Annotated[str, typer.Argument(metavar="ABSENCE", help="Its id in the list.")],
    by: By,
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="DATE", help="The last day away; yesterday when left out."),
    ] = None,
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Let an absence end earlier or later; what is lent comes back when it is over.

    Example: ccm absence end 3f2a91c07d11 --on 2026-12-09 --by dana
    """
    from ccm_flow.cli.work import absences as work

    work.end(clinic, absence, on, by, as_json=json)


def list_staff(clinic: Clinic = None, json: Json = False) -> None:
    """
    List a clinic's staff: organization, roles, load, languages, licences, absence.

    Example: ccm staff list
    """
    from ccm_flow.cli.work import absences as work

    work.staff(clinic, as_json=json)


def leave(
    person: Person,
    *,
    by: By,
    from_day: FromDay = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Only say what would move to whom.")
    ] = False,
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Let somebody leave the staff from a day on; their steps and patients go to others.

    What they did and their minutes stay theirs.

    Example: ccm staff leave maria --from 2027-01-01 --preview --by dana
    """
    from ccm_flow.cli.work import absences as work

    work.leave(clinic, person, from_day, by, preview=preview, as_json=json)
