"""
The scripts and note structures that playbooks name, as values.

Whoever reads them from a disk or a database hands them to the check; the language itself opens
no files for them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Templates:
    """Everything that `script:` and `note:` may name."""

    scripts: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    """By name and language: `scripts["outreach/monthly_call"]["es"]` is the text."""
    notes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """By name: the YAML of a note's structure, as it would stand below `notes:`."""
