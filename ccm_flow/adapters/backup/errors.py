"""What can go wrong with a backup."""

from pathlib import Path

from ccm_flow.core.errors import CcmError


class BackupFailedError(CcmError):
    """A backup was not made; nothing half-made stays."""

    exit_code = 3
    hint = "Put this right and make it again; earlier backups are as they were."


class BadBackupError(CcmError):
    """A folder is no whole backup."""

    exit_code = 2
    hint = "Take another backup; `ccm backup list` names them."

    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(f"{folder} cannot be restored: {why}.")


class NotEmptyError(CcmError):
    """A backup would be restored over something."""

    exit_code = 4
    hint = (
        "Stop web, workers and the Temporal server, put what is there away (rename or drop it, and "
        "make the databases anew and empty), then restore again."
    )

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is there already and is not written over.")


class RestoreFailedError(CcmError):
    """A backup could not be brought back."""

    exit_code = 3
    hint = "Make the databases anew and empty, put this right, and restore again."
