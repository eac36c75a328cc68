"""What must not be in a set-up that serves real patients; all of it is said at once."""

import json
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sqlmodel import col, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import AccountRow, PersonRow, SettingRow
from ccm_flow.adapters.secret_files import MOUNTED, secret_files
from ccm_flow.adapters.secrets import Argon2Secrets
from ccm_flow.bootstrap import Base, Settings
from ccm_flow.core.errors import CcmError
from ccm_flow.demo.sign_ins import DEMO_HASH, SIGN_INS

_GUESSED: Final = frozenset(
    {"", "ccm", "admin", "change-me", "changeme", "password", "postgres", "secret", "temporal"}
)
"""What examples and images use as passwords."""
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class NotForPatientsError(CcmError):
    """A set-up is not safe for real patients."""

    exit_code = 2
    hint = "Put all of this right, then start again. Without --https it serves this machine alone."

    def __init__(self, reasons: list[str]) -> None:
        listed = "".join(f"\n  - {reason}" for reason in reasons)
        super().__init__(f"This set-up cannot be served to others yet:{listed}")
        self.reasons = reasons


def check_settings(settings: Settings, environ: Mapping[str, str] | None = None) -> list[str]:
    """Say what stands against serving, as far as files and settings tell."""
    return [*_demo(settings), *_files(settings), *_passwords(settings, environ or os.environ)]


def check_accounts(base: Base) -> list[str]:
    """Say what stands against serving in the database: a moved clock, the demo's passwords."""
    with reading(base.engine) as session:
        moved = session.get(SettingRow, "demo_clock_offset_seconds") is not None
        marked = session.get(SettingRow, DEMO_HASH)
        query = select(PersonRow.name, AccountRow.password_hash).join(
            PersonRow, col(PersonRow.id) == col(AccountRow.person_id)
        )
        known = session.exec(query.where(col(AccountRow.disabled_at).is_(None))).all()
    shared = _demo_password(base.settings.home)
    secrets = Argon2Secrets()
    names = [
        name
        for name, hashed in known
        if hashed is not None
        and (
            (marked is not None and hashed == marked.value)
            or (shared is not None and secrets.verify_password(hashed, shared))
        )
    ]
    found = ["The demo's clock was moved in this database."] if moved else []
    if names:
        found.append(f"The demo's password still opens the accounts of {', '.join(sorted(names))}.")
    return found


def _demo(settings: Settings) -> Iterator[str]:
    if settings.demo:
        yield f"{settings.home} is a demo: its clock may be moved."
    if (settings.home / SIGN_INS).exists():
        yield f"{settings.home / SIGN_INS} holds the demo's password."


def _files(settings: Settings) -> Iterator[str]:
    files = [settings.key_file, *secret_files(settings.server.environ)]
    if settings.sign_on and MOUNTED not in settings.sign_on.secret_file.parents:
        files.append(settings.sign_on.secret_file)
    token = settings.telemetry.metrics_token_file
    if token is not None and MOUNTED not in token.parents:
        files.append(token)
    if settings.database_url.startswith("sqlite:///"):
        files.append(Path(settings.database_url.removeprefix("sqlite:///")))
    for file in files:
        if file.exists() and file.stat().st_mode & _OTHERS:
            yield f"{file} can be read by others on this machine; run `chmod 600 {file}`."


def _passwords(settings: Settings, environ: Mapping[str, str]) -> Iterator[str]:
    parsed = urlsplit(settings.database_url)
    if parsed.scheme.startswith("postgresql") and (parsed.password or "") in _GUESSED:
        yield "The database's password in CCM_DATABASE_URL is one that everybody tries first."
    if settings.mail is not None and settings.mail.user and settings.mail.password in _GUESSED:
        yield "The mail server's password in CCM_SMTP_URL is one that everybody tries first."
    if settings.sign_on is not None and settings.sign_on.client_secret in _GUESSED:
        yield "The secret of CCM_OIDC_CLIENT_SECRET_FILE is one that everybody tries first."
    if environ.get("CCM_TEMPORAL_DATABASE_PASSWORD", "not set") in _GUESSED:
        yield "CCM_TEMPORAL_DATABASE_PASSWORD is a password that everybody tries first."
    if settings.public_url and not settings.public_url.startswith("https://"):
        yield "CCM_PUBLIC_URL has to begin with https://."


def _demo_password(home: Path) -> str | None:
    try:
        return str(json.loads((home / SIGN_INS).read_text())["password"])
    except (OSError, ValueError, KeyError):
        return None
