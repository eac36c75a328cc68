"""Listing and rotating the set-up's keys."""

from ccm_flow.adapters.keys import read_keys, rotate
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import open_set_up


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
    say("Start the programs again: `ccm stop`, then `ccm start` or `ccm serve`.")
