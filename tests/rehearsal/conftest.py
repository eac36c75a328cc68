"""A clinic with a recorded month."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from ccm_flow.adapters.db.engine import open_database
from ccm_flow.adapters.db.migrate import upgrade


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """Open an empty record."""
    engine = open_database(f"sqlite:///{tmp_path / 'ccm.db'}")
    upgrade(engine)
    return engine
