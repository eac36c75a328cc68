"""Real databases: a SQLite file per test, and one PostgreSQL server with a database per test."""

import importlib.util
import shutil
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
    _on_server(postgres_server, f"CREATE DATABASE {name}")
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


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bring one SQLite file up to date; each test gets a copy, which is quicker."""
    file = tmp_path_factory.mktemp("migrated") / "ccm.db"
    engine = open_database(f"sqlite:///{file}")
    upgrade(engine)
    engine.dispose()
    return file


@pytest.fixture(scope="session")
def migrated_database(postgres_server: str) -> str:
    """Bring one PostgreSQL database up to date, as a template for each test's own."""
    name = f"migrated{uuid.uuid4().hex}"
    _on_server(postgres_server, f"CREATE DATABASE {name}")
    engine = open_database(postgres_server.rsplit("/", 1)[0] + f"/{name}")
    upgrade(engine)
    engine.dispose()
    return name


@pytest.fixture
def engine(request: pytest.FixtureRequest, database_url: str) -> Iterator[Engine]:
    """Give a database with every table."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), url.database or "")
    else:
        template = request.getfixturevalue("migrated_database")
        server = request.getfixturevalue("postgres_server")
        _on_server(server, f"DROP DATABASE {url.database}")
        _on_server(server, f"CREATE DATABASE {url.database} TEMPLATE {template}")
    opened = open_database(database_url)
    yield opened
    opened.dispose()


def _on_server(server: str, command: str) -> None:
    url = make_url(server).set(drivername=POSTGRES_DRIVER)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(command))
    engine.dispose()
