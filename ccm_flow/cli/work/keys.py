"""Listing and rotating the set-up's keys."""

from ccm_flow.adapters.db import sealing_rows
from ccm_flow.adapters.keys import read_keys, rotate
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import open_set_up
from ccm_flow.core.errors import CcmError


class SealingSettingError(CcmError):
    """The setting says otherwise than the command."""

    exit_code = 2

    def __init__(self, *, sealed: bool) -> None:
        super().__init__(
            f"CCM_SEALED_FIELDS is {'off' if sealed else 'on'}.",
            "Set it for all programs first and start them again, so that none of them writes "
            "what would have to be done once more.",
        )


def list_keys(*, as_json: bool) -> None:
    """Name the keys, the newest first."""
    file = open_set_up().settings.key_file
    names = [name for name, _ in read_keys(file)]
    if as_json:
        emit({"file": str(file), "keys": names})
        return
    for number, name in enumerate(names):
        say(f"{name}  {'only for reading' if number else 'in use'}")


def rotate_keys(*, as_json: bool) -> None:
    """Put a new key first."""
    file = open_set_up().settings.key_file
    name, _ = rotate(file)
    if as_json:
        emit({"file": str(file), "key": name})
        return
    say(f"The key {name} is in use from the next start on. Keep a copy of {file}.")
    if open_set_up().settings.sealed_fields:
        say("Patients' data: `ccm key seal` brings what is there under the new key.")
    say("Start the programs again: `ccm stop`, then `ccm start` or `ccm serve`.")


def bring_in_line(*, sealed: bool, as_json: bool) -> None:
    """Seal what is in the database, or open it; both can be begun again where they stopped."""
    base = open_set_up()
    if base.settings.sealed_fields is not sealed:
        raise SealingSettingError(sealed=sealed)
    done = sum(sealing_rows.bring_in_line(base.engine))
    if as_json:
        emit({"sealed": sealed, "rows": done})
        return
    how = "encrypted under the key in use" if sealed else "no longer encrypted"
    say(f"{done:,} row{'' if done == 1 else 's'} written: what identifies patients is {how}.")
