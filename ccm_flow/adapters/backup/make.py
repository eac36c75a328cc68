"""Making a backup of a set-up and bringing it back, whichever databases it uses."""

import shutil
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sqlalchemy.engine import URL

from ccm_flow.adapters.backup import postgres, sqlite
from ccm_flow.adapters.backup.errors import BackupFailedError, BadBackupError, NotEmptyError
from ccm_flow.adapters.backup.shelf import check, new_backup
from ccm_flow.adapters.backup.sources import Sources
from ccm_flow.adapters.db.revision import NEWEST
from ccm_flow.adapters.keys import read_keys

KEYS = "payload.key"


def make_backup(sources: Sources, shelf: Path, now: datetime) -> None:
    """
    Put record, running months and keys of one instant on the shelf.

    Raises:
        BackupFailedError: one of them cannot be read, or the shelf not written to.
    """
    if {_is_file(url) for url in sources.temporal.values()} - {_is_file(sources.record)}:
        raise BackupFailedError(
            "Record and running months are in databases of two kinds.",
            "Put both on PostgreSQL, or both in files.",
        )
    facts = {"program": _program(), "revision": NEWEST}
    with new_backup(shelf, now, facts) as folder:
        if _is_file(sources.record):
            files = {name: _file(url) for name, url in sources.temporal.items()}
            there = {name: file for name, file in files.items() if file.exists()}
            sqlite.copy(_file(sources.record), there, folder)
        else:
            postgres.dump(sources.record, sources.temporal, folder)
        read_keys(sources.key_file)
        shutil.copyfile(sources.key_file, folder / KEYS)
        for file in folder.iterdir():
            file.chmod(0o600)


def restore_backup(sources: Sources, folder: Path) -> tuple[str, ...]:
    """
    Bring a backup back where nothing is; give what was restored.

    All is looked at before anything is written.

    Raises:
        BadBackupError: the backup is not whole, or is of another kind of database.
        NotEmptyError: something would be written over.
        RestoreFailedError: a database does not answer.
    """
    ending = "db" if _is_file(sources.record) else "dump"
    wanted = {
        name: (url, folder / f"{name}.{ending}")
        for name, url in {"record": sources.record, **sources.temporal}.items()
    }
    kept = check(folder).facts["files"]
    wanted = {name: one for name, one in wanted.items() if one[1].name in kept}
    if "record" not in wanted:
        raise BadBackupError(folder, "it is of another kind of database")
    for name, (url, _) in wanted.items():
        _check_free(name, url)
    _check_keys(sources.key_file, folder)
    for url, file in wanted.values():
        if _is_file(url):
            _put(file, _file(url))
        else:
            postgres.restore(url, file)
    if not sources.key_file.exists():
        _put(folder / KEYS, sources.key_file)
    return tuple(wanted)


def _check_free(name: str, url: URL) -> None:
    if not _is_file(url):
        postgres.check_empty(url, f"The database '{url.database}' ({name})")
    elif _file(url).exists():
        raise NotEmptyError(str(_file(url)))


def _check_keys(file: Path, folder: Path) -> None:
    """Keys that are there already may be more than the backup's, never others."""
    if file.exists() and not set(read_keys(folder / KEYS)) <= set(read_keys(file)):
        raise NotEmptyError(f"{file}, with other keys than the backup's,")


def _put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    target.touch(mode=0o600)
    shutil.copyfile(source, target)


def _is_file(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _file(url: URL) -> Path:
    return Path(url.database or "")


def _program() -> str:
    try:
        return version("ccm-flow")
    except PackageNotFoundError:  # run from a checkout
        return "not installed"
