"""Finds the playbooks that overlays extend among files."""

import re
from collections.abc import Sequence
from pathlib import Path as FilePath

from ccm_flow.language.overlay import LoadParent, Resolved, resolve_playbook
from ccm_flow.language.templates import Templates
from ccm_flow.language.yaml_reader import MAX_CHARACTERS, read_yaml

_VERSIONED = re.compile(r"[a-z][a-z0-9-]{0,47}@[0-9]{1,5}")
_SUFFIXES = (".yaml", ".yml")
_TESTS = ".tests.yaml"
"""The authors' scenario tables stand beside the playbooks."""


def resolve_file(
    path: FilePath, library: Sequence[FilePath] = (), templates: Templates | None = None
) -> Resolved:
    """
    Check a playbook file that may extend others.

    Args:
        path: the file.
        library: folders in which `extends: name@version` is looked for, besides the file's own
            and the one above it.
        templates: the scripts and notes that there are; None leaves their names unchecked.

    Raises:
        OSError: the file cannot be opened.
    """
    return resolve_playbook(_text(path), str(path), parents_beside(path, library), templates)


def parents_beside(path: FilePath, library: Sequence[FilePath] = ()) -> LoadParent:
    """Give what finds parents for a file: by path from its folder, or by name and version."""
    asking = [path]

    def load(reference: str) -> tuple[str, str] | None:
        root = asking[-1].parent  # a chain is asked for link by link
        if _VERSIONED.fullmatch(reference):
            found = _by_name((root, root.parent, *library), reference)
        else:
            found = _by_path(root, reference)
        if found is None:
            return None
        asking.append(found)
        # The first file keeps the name it was asked by, so that a circle is seen at once.
        return _text(found), str(path if found.samefile(path) else found)

    return load


def _by_path(root: FilePath, reference: str) -> FilePath | None:
    file = FilePath(reference)
    if file.suffix not in _SUFFIXES or file.is_absolute():
        return None
    found = root / file
    return _short(found) if found.is_file() else None


def _by_name(folders: Sequence[FilePath], wanted: str) -> FilePath | None:
    """Find a version's file, or another version's: that it differs is told by the check."""
    playbook = wanted.partition("@")[0]
    other = None
    for folder in folders:
        for file in sorted(folder.glob("*.yaml")):
            if file.name.endswith(_TESTS):
                continue
            text = _text(file)
            # Reading every file of a folder whole is needless: most do not name it at all.
            name = _name_in(text, file) if playbook in text else None
            if name == wanted:
                return _short(file)
            if name is not None and name.partition("@")[0] == playbook:
                other = other or _short(file)
    return other


def _name_in(text: str, file: FilePath) -> str | None:
    """Give `ccm-monthly@1` for the file that says so."""
    document = read_yaml(text, str(file)).document
    if document is None:
        return None
    return f"{document.at(('playbook',))}@{document.at(('version',))}"


def _short(path: FilePath) -> FilePath:
    """Write a path without detours, so that a file met twice is known again."""
    full = path.resolve()
    here = FilePath.cwd()
    return full.relative_to(here) if full.is_relative_to(here) else full


def _text(path: FilePath) -> str:
    with path.open("rb") as file:
        data = file.read(4 * MAX_CHARACTERS + 1)
    return data.decode("utf-8", errors="surrogateescape")
