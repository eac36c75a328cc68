"""Real databases: a SQLite file per test, and one PostgreSQL server with a database per test."""

import importlib.util
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from ccm_flow.adapters.db.engine import POSTGRES_DRIVER, open_database
from ccm_flow.adapters.db.migrate import upgrade


def _postgres() -> ModuleType:
    # Tests are no package (--import-mode=importlib), so a helper beside them is loaded by file.
    name = "ccm_tests_postgres"
    if name not in sys.modules:
        file = Path(__file__).parents[1] / "postgres.py"
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    helper = _postgres()
    programs = helper.find_programs()
    if programs is None:
        pytest.skip(helper.MISSING)
    with helper.running_server(programs) as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """Give a new, empty database."""
    name = f"t{uuid.uuid4().hex}"
    url = make_url(postgres_server).set(drivername=POSTGRES_DRIVER)
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    server.dispose()
    return postgres_server.rsplit("/", 1)[0] + f"/{name}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ccm.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def empty(database_url: str) -> Iterator[Engine]:
    """Give a database without tables."""
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(empty: Engine) -> Engine:
    """Give a database with every table."""
    upgrade(empty)
    return empty
