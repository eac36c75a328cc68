"""
Reads a clinic's drafts with what they extend.

A draft comes from a browser: it may name versions (`ccm-monthly@1`), never files. What a shipped
playbook extends in turn may be named as it likes.
"""

import re
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Final

from sqlalchemy import Engine
from sqlmodel import select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import PlaybookPublicationRow, PlaybookVersionRow
from ccm_flow.adapters.playbook_files import read_playbook
from ccm_flow.adapters.shipped import shipped
from ccm_flow.core.ids import ClinicId, PlaybookId
from ccm_flow.language import Templates
from ccm_flow.language.overlay import LoadParent, Resolved, resolve_playbook
from ccm_flow.language.overlay_files import parents_beside

DRAFT_NAME: Final = "draft"
"""How problems name the text from the browser."""
_VERSIONED = re.compile(r"([a-z][a-z0-9-]{0,47})@([0-9]{1,5})")
_TESTS: Final = ".tests.yaml"


class PlaybookLibrary:
    """Implements `ccm_flow.app.drafts.Library`."""

    def __init__(self, engine: Engine, templates: Templates) -> None:
        self._engine, self._templates = engine, templates

    def resolve(self, clinic: ClinicId, text: str) -> Resolved:
        """Check a text with what it extends; never raises, whatever the text."""
        return resolve_playbook(text, DRAFT_NAME, self._parents(clinic), self._templates)

    def _parents(self, clinic: ClinicId) -> LoadParent:
        """Look among the clinic's own versions first, then among those that are shipped."""
        beside = parents_beside(shipped("playbooks") / DRAFT_NAME)
        trusted = False

        def load(reference: str) -> tuple[str, str] | None:
            nonlocal trusted
            versioned = _VERSIONED.fullmatch(reference)
            if versioned is not None:
                own = self._own(clinic, PlaybookId(versioned[1]), int(versioned[2]))
                if own is not None:
                    return own, reference
            elif not trusted:
                return None
            found = beside(reference)
            trusted = found is not None
            return None if found is None else (found[0], PurePath(found[1]).name)

        return load

    def _own(self, clinic: ClinicId, playbook: PlaybookId, version: int) -> str | None:
        query = (
            select(PlaybookVersionRow.source)
            .join(PlaybookPublicationRow)
            .where(
                PlaybookPublicationRow.clinic_id == clinic,
                PlaybookVersionRow.playbook == playbook,
                PlaybookVersionRow.version == version,
            )
        )
        with reading(self._engine) as session:
            return session.exec(query).first()


@lru_cache(maxsize=1)
def shipped_playbooks() -> dict[str, Resolved]:
    """Give the playbooks to begin with, by file name without its ending."""
    found = {path.stem: read_playbook(path) for path in _files() if not _is_tests(path)}
    return {name: result for name, result in found.items() if result.plan is not None}


def shipped_tests(playbook: PlaybookId) -> Path | None:
    """Give the file with the tests of a shipped playbook; None for any other."""
    for name, result in shipped_playbooks().items():
        file = shipped("playbooks") / f"{name}{_TESTS}"
        if result.plan is not None and result.plan.playbook == playbook and file.is_file():
            return file
    return None


def _files() -> list[Path]:
    return sorted(shipped("playbooks").glob("*.yaml"))


def _is_tests(path: Path) -> bool:
    return path.name.endswith(_TESTS)
