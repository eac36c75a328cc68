"""A backup is whole or not there, and never takes the place of something."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlmodel import func, select

from ccm_flow.adapters.backup import postgres
from ccm_flow.adapters.backup.errors import (
    BackupFailedError,
    BadBackupError,
    NotEmptyError,
    RestoreFailedError,
)
from ccm_flow.adapters.backup.make import make_backup, restore_backup
from ccm_flow.adapters.backup.shelf import backups, check, drop_old, new_backup
from ccm_flow.adapters.backup.sources import Sources
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.tables import PatientRow
from ccm_flow.adapters.keys import read_keys, rotate
from ccm_flow.bootstrap import Settings, open_base
from tests.support.set_up import set_up_clinic

NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)


def sources(home: Path, **environ: str) -> Sources:
    settings = Settings.from_environ({"CCM_HOME": str(home), **environ})
    return Sources.of(settings.server, settings.database_url, settings.key_file)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a set-up with patients once."""
    home = tmp_path_factory.mktemp("example")
    base = open_base(Settings.from_environ({"CCM_HOME": str(home)}))
    set_up_clinic(base.engine, 3)
    base.engine.dispose()
    return home


@pytest.fixture
def home(example: Path, tmp_path: Path) -> Path:
    """Give a set-up with patients."""
    return Path(shutil.copytree(example, tmp_path / "home"))


@pytest.fixture
def backup(home: Path, tmp_path: Path) -> Path:
    """Give a backup of it."""
    make_backup(sources(home), tmp_path / "shelf", NOW)
    return tmp_path / "shelf" / "2026-12-01T03-00-00Z"


def test_a_restored_set_up_is_the_one_that_was(home: Path, backup: Path, tmp_path: Path) -> None:
    assert restore_backup(sources(tmp_path / "new"), backup) == ("record",)
    base = open_base(Settings.from_environ({"CCM_HOME": str(tmp_path / "new")}))
    assert SqlClinicStore(base.engine).clinics() == ["elm"]
    with reading(base.engine) as session:
        assert session.exec(select(func.count()).select_from(PatientRow)).one() == 3
    base.engine.dispose()
    assert read_keys(tmp_path / "new" / "payload.key") == read_keys(home / "payload.key")


def test_only_its_owner_reads_a_backup(backup: Path) -> None:
    assert backup.parent.stat().st_mode & 0o077 == 0
    assert [file.name for file in backup.iterdir() if file.stat().st_mode & 0o077] == [
        "backup.json"  # names and sums alone
    ]


def test_nothing_is_written_over(home: Path, backup: Path) -> None:
    before = (home / "ccm.db").read_bytes()
    with pytest.raises(NotEmptyError):
        restore_backup(sources(home), backup)
    assert (home / "ccm.db").read_bytes() == before


def test_newer_keys_stay_and_other_keys_are_refused(
    home: Path, backup: Path, tmp_path: Path
) -> None:
    (tmp_path / "new").mkdir()
    shutil.copy(home / "payload.key", tmp_path / "new" / "payload.key")
    rotate(tmp_path / "new" / "payload.key")
    newer = read_keys(tmp_path / "new" / "payload.key")
    restore_backup(sources(tmp_path / "new"), backup)
    assert read_keys(tmp_path / "new" / "payload.key") == newer
    read_keys(tmp_path / "other" / "payload.key")
    with pytest.raises(NotEmptyError, match="other keys"):
        restore_backup(sources(tmp_path / "other"), backup)
    assert not (tmp_path / "other" / "ccm.db").exists()


@pytest.mark.parametrize("harm", ["changed", "missing"])
def test_a_backup_that_was_harmed_is_told_and_not_restored(
    harm: str, backup: Path, tmp_path: Path
) -> None:
    record = backup / "record.db"
    record.unlink() if harm == "missing" else record.write_bytes(record.read_bytes() + b"x")
    with pytest.raises(BadBackupError, match=r"record\.db"):
        check(backup)
    with pytest.raises(BadBackupError, match=r"record\.db"):
        restore_backup(sources(tmp_path / "new"), backup)
    assert not (tmp_path / "new").exists()


def test_a_backup_of_files_is_not_restored_into_postgresql(backup: Path, home: Path) -> None:
    into = sources(
        home, CCM_DATABASE_URL="postgresql://ccm:x@127.0.0.1:1/ccm", TEMPORAL_ADDRESS="t"
    )
    with pytest.raises(BadBackupError, match="another kind"):
        restore_backup(into, backup)


def test_a_backup_that_fails_leaves_nothing_half_made(home: Path, tmp_path: Path) -> None:
    lost = replace(sources(home), record=make_url(f"sqlite:///{home / 'gone.db'}"))
    with pytest.raises(BackupFailedError):
        make_backup(lost, tmp_path / "shelf", NOW)
    assert list((tmp_path / "shelf").iterdir()) == []


def test_what_a_stopped_program_left_goes_away_and_is_no_backup(backup: Path, home: Path) -> None:
    (backup.parent / "2026-12-02T03-00-00Z.unfinished").mkdir()
    assert [one.folder for one in backups(backup.parent)] == [backup]
    make_backup(sources(home), backup.parent, NOW + timedelta(days=1))
    assert len(list(backup.parent.iterdir())) == 2


def test_old_backups_go_but_never_the_newest(tmp_path: Path) -> None:
    for day in range(5):
        with new_backup(tmp_path, NOW + timedelta(days=day), {"program": "1"}) as folder:
            (folder / "record.db").write_text(str(day))
    gone = drop_old(tmp_path, NOW + timedelta(days=5), timedelta(days=2, hours=1))
    assert sorted(one.name[:10] for one in gone) == ["2026-12-01", "2026-12-02", "2026-12-03"]
    drop_old(tmp_path, NOW + timedelta(days=500), timedelta(days=1))
    assert [one.folder.name for one in backups(tmp_path)] == ["2026-12-05T03-00-00Z"]


def test_record_and_months_in_databases_of_two_kinds_are_refused(
    home: Path, tmp_path: Path
) -> None:
    mixed = sources(home, CCM_TEMPORAL_DATABASE_URL="postgresql://temporal@127.0.0.1:1/temporal")
    with pytest.raises(BackupFailedError, match="two kinds"):
        make_backup(mixed, tmp_path / "shelf", NOW)


def test_the_servers_database_is_found_with_its_second_one(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("quiet words")
    found = sources(
        tmp_path,
        CCM_TEMPORAL_DATABASE_URL="postgresql://temporal@db:5432/temporal",
        CCM_TEMPORAL_DATABASE_PASSWORD_FILE=str(tmp_path / "password"),
    ).temporal
    assert {name: url.database for name, url in found.items()} == {
        "temporal": "temporal",
        "visibility": "temporal_visibility",
    }
    assert {url.password for url in found.values()} == {"quiet words"}
    cloud = sources(tmp_path, TEMPORAL_ADDRESS="ccm.tmprl.cloud:7233")
    assert cloud.temporal == {}


def test_a_database_that_is_away_is_a_sentence(tmp_path: Path) -> None:
    away = make_url("postgresql://ccm:secret@127.0.0.1:1/ccm")
    with pytest.raises(BackupFailedError) as failed:
        postgres.dump(away, {}, tmp_path)
    with pytest.raises(RestoreFailedError) as not_back:
        postgres.check_empty(away, "The database 'ccm'")
    assert "secret" not in f"{failed.value} {not_back.value}"


def test_the_manifest_says_what_made_it(backup: Path) -> None:
    told = json.loads((backup / "backup.json").read_text(encoding="utf-8"))
    assert told["made_at"] == "2026-12-01T03:00:00+00:00"
    assert set(told["files"]) == {"payload.key", "record.db"}
