"""Which databases a backup holds: the record, and what the Temporal server keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from ccm_flow.adapters.db.engine import with_password
from ccm_flow.adapters.processes.settings import ServerSettings
from ccm_flow.adapters.secret_files import with_secrets

VISIBILITY = "_visibility"
"""What the name of the Temporal server's second database ends with."""


@dataclass(frozen=True)
class Sources:
    """The databases of a set-up, by the names that their files get in a backup."""

    record: URL
    key_file: Path
    temporal: Mapping[str, URL] = field(default_factory=dict)
    """Empty where somebody else keeps them, as Temporal Cloud does."""

    @classmethod
    def of(cls, server: ServerSettings, database_url: str, key_file: Path) -> "Sources":
        """
        Find them: CCM_TEMPORAL_DATABASE_URL names the server's, an embedded one has a file.

        Raises:
            DatabaseUrlError, SecretFileError: a setting cannot be used.
        """
        return cls(make_url(database_url), key_file, _temporal(server))


def _temporal(server: ServerSettings) -> dict[str, URL]:
    environ = with_secrets(server.environ)
    given = environ.get("CCM_TEMPORAL_DATABASE_URL", "")
    if given:
        password = environ.get("CCM_TEMPORAL_DATABASE_PASSWORD", "")
        url = make_url(with_password(given, password))
        return {"temporal": url, "visibility": url.set(database=f"{url.database}{VISIBILITY}")}
    if server.address is None:
        return {"temporal": make_url(f"sqlite:///{server.home / 'temporal.db'}")}
    return {}
