"""key list, rotate, seal, unseal."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

import typer

from ccm_flow.cli.options import Json

_HELP = """
Rotate the keys, and encrypt what identifies patients in the database.

Example: ccm key rotate
"""


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)
    group.command("list")(list_)
    group.command("rotate")(rotate)
    group.command("seal")(seal)
    group.command("unseal")(unseal)
    app.add_typer(group, name="key")


def list_(*, json: Json = False) -> None:
    """
    List the names of the keys, the one in use first; never a key itself.

    Example: ccm key list
    """
    from ccm_flow.cli.work import keys as work

    work.list_keys(as_json=json)


def rotate(*, json: Json = False) -> None:
    """
    Make a new key, under which everything is written from now on.

    Older keys stay in the file: what was written under them must stay readable. Programs that
    run go on with the old key until they are started again, and read what others write.

    Example: ccm key rotate
    """
    from ccm_flow.cli.work import keys as work

    work.rotate_keys(as_json=json)


def seal(*, json: Json = False) -> None:
    """
    Encrypt what identifies patients, everything that stands in the database already.

    Needs CCM_SEALED_FIELDS=on, here and for all programs. May be stopped and begun again, while
    people work. After `ccm key rotate` it brings everything under the new key.

    Example: ccm key seal
    """
    from ccm_flow.cli.work import keys as work

    work.bring_in_line(sealed=True, as_json=json)


def unseal(*, json: Json = False) -> None:
    """
    Take that encryption back.

    Needs CCM_SEALED_FIELDS to be off, here and for all programs. May be stopped and begun again.

    Example: ccm key unseal
    """
    from ccm_flow.cli.work import keys as work

    work.bring_in_line(sealed=False, as_json=json)
