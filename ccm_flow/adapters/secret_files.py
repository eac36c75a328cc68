"""Secret settings from files: `NAME_FILE` names a file that holds what `NAME` would."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ccm_flow.core.errors import CcmError

SECRETS: Final = (
    "CCM_DATABASE_URL",
    "CCM_DATABASE_PASSWORD",
    "CCM_SMTP_URL",
    "CCM_TEMPORAL_DATABASE_PASSWORD",
    "TEMPORAL_API_KEY",
)
"""Settings that hold a secret; each may stand in a file, which no list of processes shows."""
MOUNTED: Final = Path("/run/secrets")
"""Where containers find their secrets: only the container's own user is there to read them."""


class SecretFileError(CcmError):
    """Secret settings cannot be read."""

    exit_code = 2
    hint = "Name a file that the program may read and that holds the secret alone, and drop NAME."


def with_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """
    Give the settings with those from files put in.

    Raises:
        SecretFileError: a file cannot be read or is empty, or a setting is given twice; all such
            settings are named.
    """
    found, problems = dict(environ), []
    for name in SECRETS:
        file = environ.get(f"{name}_FILE")
        if not file:
            continue
        if environ.get(name):
            problems.append(f"{name} and {name}_FILE are both set.")
            continue
        try:
            found[name] = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            problems.append(f"The file of {name}_FILE cannot be read.")
        else:
            if not found[name]:
                problems.append(f"The file of {name}_FILE is empty.")
    if problems:
        raise SecretFileError(" ".join(problems))
    return found


def secret_files(environ: Mapping[str, str]) -> list[Path]:
    """Give the files that secrets come from, those that a container brings along left out."""
    named = [Path(environ[f"{name}_FILE"]) for name in SECRETS if environ.get(f"{name}_FILE")]
    return [file for file in named if MOUNTED not in file.parents]
