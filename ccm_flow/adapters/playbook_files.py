"""Reads playbook files with everything they extend and the templates they name."""

from pathlib import Path

from ccm_flow.adapters.shipped import shipped
from ccm_flow.adapters.templates import load_templates
from ccm_flow.language.overlay import Resolved
from ccm_flow.language.overlay_files import resolve_file


def read_playbook(path: Path) -> Resolved:
    """
    Check a playbook file; the shipped playbooks can be extended by name and version.

    Raises:
        OSError: the file cannot be opened.
    """
    return resolve_file(path, [shipped("playbooks")], load_templates(shipped("templates")))
