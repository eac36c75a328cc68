"""Where the parts that travel with the program lie: playbooks, templates, sample, server."""

from pathlib import Path

from ccm_flow.core.errors import CcmError

_PACKAGE = Path(__file__).resolve().parents[1]
_IN_CHECKOUT = {
    "playbooks": "playbooks",
    "rules": "rules",
    "templates": "templates",
    "sample": "sample",
    "temporal-server": "tools/temporal-server",
}


class ShippedPartMissingError(CcmError):
    """A part that travels with CCM Flow is not where it should be."""

    hint = "Install CCM Flow again; a part of it was not copied."

    def __init__(self, name: str) -> None:
        super().__init__(f"The part '{name}' of CCM Flow is missing from this installation.")
        self.name = name


def shipped(name: str) -> Path:
    """
    Give the folder of a shipped part, in an installed package and in a checkout alike.

    `name` is "playbooks", "rules", "templates", "sample" or "temporal-server". Treat the folder as
    read-only. Raises `ShippedPartMissingError` when the folder is not there.
    """
    installed = _PACKAGE / "shipped" / name
    if installed.is_dir():
        return installed
    checkout = _PACKAGE.parent / _IN_CHECKOUT.get(name, name)
    if name in _IN_CHECKOUT and checkout.is_dir():
        return checkout
    raise ShippedPartMissingError(name)
