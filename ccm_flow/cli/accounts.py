"""account open, list, invite, grant, withdraw, disable, emergencies."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from typing import Annotated

import typer

from ccm_flow.cli.options import Clinic, Json

_HELP = """
Look after who may sign in to the web application, and with which roles.

Example: ccm account open lee --username lee@elm.example
"""
Person = Annotated[
    str,
    typer.Argument(metavar="PERSON", help="A person's id, with or without the clinic in front."),
]
Username = Annotated[
    str, typer.Option("--username", metavar="NAME", help="The sign-in name, an e-mail address.")
]
Role = Annotated[
    str,
    typer.Argument(metavar="ROLE", help="administrator, vendor_manager or clinic_owner."),
]
Organization = Annotated[
    str | None,
    typer.Option("--organization", metavar="ID", help="For all clinics of an organization."),
]


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)
    group.command("open")(open_account)
    group.command("list")(list_accounts)
    group.command("invite")(invite)
    group.command("grant")(grant)
    group.command("withdraw")(withdraw)
    group.command("disable")(disable)
    group.command("emergencies")(emergencies)
    app.add_typer(group, name="account")


def open_account(
    person: Person,
    username: Username,
    name: Annotated[
        str | None,
        typer.Option("--name", help="For somebody on no clinic's file: the name others see."),
    ] = None,
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Open an account for a person and print its invitation.

    The link's path sets a password, once, within three days.

    Example: ccm account open lee --username lee@elm.example
    """
    from ccm_flow.cli.work import accounts as work

    work.open_account(person, username, name, clinic, as_json=json)


def list_accounts(json: Json = False) -> None:
    """
    List everybody with their account, roles and last sign-in.

    Example: ccm account list
    """
    from ccm_flow.cli.work import accounts as work

    work.list_accounts(as_json=json)


def invite(person: Person, json: Json = False) -> None:
    """
    Make a new invitation; earlier ones stop working.

    A disabled account opens again.

    Example: ccm account invite elm.lee
    """
    from ccm_flow.cli.work import accounts as work

    work.invite(person, as_json=json)


def grant(
    person: Person,
    role: Role,
    clinic: Clinic = None,
    organization: Organization = None,
    json: Json = False,
) -> None:
    """
    Give somebody an access role beyond their work at a clinic.

    An administrator is one everywhere; the others for a clinic or an organization.

    Example: ccm account grant elm.lee administrator
    """
    from ccm_flow.cli.work import accounts as work

    work.grant(person, role, clinic, organization, as_json=json)


def withdraw(
    person: Person,
    role: Role,
    clinic: Clinic = None,
    organization: Organization = None,
    json: Json = False,
) -> None:
    """
    Take an access role back; the last administrator stays.

    Example: ccm account withdraw elm.lee administrator
    """
    from ccm_flow.cli.work import accounts as work

    work.withdraw(person, role, clinic, organization, as_json=json)


def disable(person: Person, json: Json = False) -> None:
    """
    End somebody's access at once, wherever they are signed in.

    Example: ccm account disable elm.lee
    """
    from ccm_flow.cli.work import accounts as work

    work.disable(person, as_json=json)


def emergencies(clinic: Clinic = None, json: Json = False) -> None:
    """
    List who took emergency access to a patient, when and why, the newest first.

    Example: ccm account emergencies --clinic elm
    """
    from ccm_flow.cli.work import emergencies as work

    work.list_emergencies(clinic, as_json=json)
