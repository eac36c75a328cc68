"""The processes of docker-compose.yml, started by hand with the settings that it gives them."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from ccm_flow.adapters.db.engine import POSTGRES_DRIVER
from ccm_flow.adapters.processes.child import Child, ChildSpec
from ccm_flow.adapters.processes.server_program import ServerProgram
from ccm_flow.adapters.processes.settings import importing
from tests.cli.conftest import Nursery
from tests.postgres import MISSING, find_programs, running_server
from tests.support.compose import EXAMPLE, ROOT, services

PATIENCE_SECONDS = 90
INNER_PORTS = [
    f"{service}_{kind}_PORT"
    for service in ("FRONTEND", "MATCHING", "HISTORY", "WORKER")
    for kind in ("GRPC", "MEMBERSHIP")
] + ["FRONTEND_HTTP_PORT"]
"""Ports that a container has to itself."""


@dataclass
class Machine:
    """One machine that stands for all containers: folders for volumes, ports for names."""

    folder: Path
    postgres: str
    """URL of the one PostgreSQL server, which stands for both."""
    temporal: ServerProgram
    ports: dict[str, int]
    nursery: Nursery
    running: dict[str, Child] = field(default_factory=dict)
    services: dict[str, dict[str, Any]] = field(default_factory=lambda: services(EXAMPLE))

    @property
    def web(self) -> str:
        return f"http://127.0.0.1:{self.ports['web']}"

    @property
    def places(self) -> dict[str, str]:
        """What stands here for what a container sees."""
        database = make_url(self.postgres)
        here = f"{database.host}:{database.port}"
        return {
            r"\brecord-db:5432\b": here,
            r"\btemporal-db:5432\b": here,
            r"^temporal-db$": str(database.host),
            r"^5432$": str(database.port),
            r"\btemporal:7233\b": f"127.0.0.1:{self.ports['FRONTEND_GRPC_PORT']}",
            r"^0\.0\.0\.0$": "127.0.0.1",
            r"^8080$": str(self.ports["web"]),
            r"127\.0\.0\.1:8080\b": f"127.0.0.1:{self.ports['web']}",
            r"^/run/secrets/": f"{self.folder}/deploy/secrets/",
            r"^/(deploy|state|backups)\b": rf"{self.folder}/\1",
            r"^/tmp/": f"{self.folder}/tmp/",  # noqa: S108 - of a container
        }

    def here(self, value: object) -> str:
        """Translate a setting or an argument."""
        for pattern, place in self.places.items():
            if re.search(pattern, str(value)):
                return re.sub(pattern, place, str(value))
        return str(value)

    def environ(self, name: str) -> dict[str, str]:
        """Give a service's settings, and nothing of this machine's but where programs are."""
        given = self.services[name].get("environment", {})
        ours = {one: os.environ[one] for one in ("PATH", "HOME") if one in os.environ}
        settings = {setting: self.here(value) for setting, value in given.items()}
        ports = {port: str(self.ports[port]) for port in INNER_PORTS} if name == "temporal" else {}
        return {**importing(ours), **settings, **ports}

    def command(self, name: str) -> list[str]:
        """Give a service's command line."""
        service = self.services[name]
        line = [*service.get("entrypoint", ["ccm"]), *service.get("command", [])]
        return self._program([self.here(part) for part in line])

    def _program(self, line: list[str]) -> list[str]:
        programs = {
            "ccm": [sys.executable, "-m", "ccm_flow"],
            "python": [sys.executable],
            "/etc/temporal/entrypoint.sh": [str(self.temporal.path), "start"],
        }
        return [part for word in line for part in programs.get(word, [word])]

    def run(self, name: str, **more: str) -> None:
        """Run a job to its end."""
        line, environ = self.command(name), {**self.environ(name), **more}
        if line[:3] == self._program(["ccm"]):
            self._ccm(environ, line[3:])
            return
        done = subprocess.run(
            line,
            env=environ,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert done.returncode == 0, (line, done.stdout[-2000:], done.stderr[-2000:])

    def ccm(self, *arguments: str) -> str:
        """Run one of people's commands, as `docker compose run --rm ccm` does."""
        return self._ccm(self.environ("ccm"), list(arguments))

    def _ccm(self, environ: dict[str, str], arguments: list[str]) -> str:
        """Run a command as a process of its own, forked where Python is up already."""
        ran = self.nursery.run(self.folder, environ, arguments)
        assert ran.code == 0, (arguments, ran.out[-2000:], ran.err[-2000:])
        return ran.out

    def start(self, name: str, called: str = "", **more: str) -> None:
        """Start a service; it ends with this process, however that ends."""
        log = self.folder / "logs" / f"{called or name}.log"
        spec = ChildSpec(name, self.command(name), log, {**self.environ(name), **more})
        self.running[called or name] = Child(spec)

    def stop(self, *names: str) -> None:
        for name in names:
            self.running.pop(name).stop()

    def is_well(self, name: str, **more: str) -> bool:
        """Run a service's own health check."""
        kind, *line = self.services[name]["healthcheck"]["test"]
        assert kind == "CMD"
        line, environ = [self.here(part) for part in line], {**self.environ(name), **more}
        if line[0] == "ccm":
            return self.nursery.run(self.folder, environ, line[1:]).code == 0
        return (
            subprocess.run(
                self._program(line), env=environ, check=False, timeout=PATIENCE_SECONDS
            ).returncode
            == 0
        )

    def web_listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.ports["web"])).close()
        except OSError:
            return False
        return True

    def wait_until(self, holds: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            for name, child in self.running.items():
                log = child.spec.log.read_text(errors="replace")[-2000:]
                assert child.exit_code() is None, (name, child.how_it_ended(), log)
            assert time.monotonic() < end, f"waited in vain: {what}"
            time.sleep(0.5)  # looks again; it waits for the condition, not for the time

    def sql(self, *commands: str) -> None:
        """Do something on the database server as its administrator."""
        url = make_url(self.postgres).set(drivername=POSTGRES_DRIVER)
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for command in commands:
                connection.execute(text(command))
        engine.dispose()

    def read(self, query: str) -> list[tuple[Any, ...]]:
        """Read something from the record."""
        url = make_url(self.postgres).set(drivername=POSTGRES_DRIVER, database="ccm")
        engine = create_engine(url)
        with engine.connect() as connection:
            rows = [tuple(row) for row in connection.execute(text(query))]
        engine.dispose()
        return rows

    def end(self) -> None:
        for name in reversed(list(self.running)):
            self.stop(name)


def free_ports(names: list[str]) -> dict[str, int]:
    """
    Find a free port for each name; held open until all are found.

    Below 32768, for the Temporal server keeps its ports in a column of PostgreSQL's smallint.
    """
    held: list[socket.socket] = []
    candidates = iter(range(20_000 + os.getpid() % 10_000, 32_768))
    while len(held) < len(names):
        with contextlib.suppress(OSError):
            held.append(socket.create_server(("127.0.0.1", next(candidates))))
    found = {name: one.getsockname()[1] for name, one in zip(names, held, strict=True)}
    for one in held:
        one.close()
    return found


def databases(folder: Path) -> Mapping[str, str]:
    """Give the two accounts of the databases with the passwords that were made for them."""
    names = {"ccm": "record_password", "temporal": "temporal_password"}
    return {
        user: (folder / "deploy" / "secrets" / file).read_text() for user, file in names.items()
    }


@pytest.fixture(scope="module")
def machine(
    tmp_path_factory: pytest.TempPathFactory, server_program: ServerProgram
) -> Iterator[Machine]:
    """Give a machine with PostgreSQL that takes nobody without a password."""
    programs = find_programs()
    if programs is None:
        pytest.skip(MISSING)
    folder = tmp_path_factory.mktemp("deployment")
    for name in ("state", "backups", "tmp"):
        (folder / name).mkdir(mode=0o700)
    shutil.copytree(ROOT / "deploy", folder / "deploy", ignore=shutil.ignore_patterns("secrets"))
    subprocess.run(["sh", folder / "deploy" / "make-secrets.sh"], check=True, capture_output=True)
    for secret in (folder / "deploy" / "secrets").iterdir():
        secret.chmod(0o600)  # without containers nobody else may read them
    passwords = databases(folder)
    with running_server(programs, connections=100) as url:
        ports = free_ports(["web", *INNER_PORTS])
        locked = make_url(url).set(password=passwords["ccm"])
        made = Machine(
            folder,
            locked.render_as_string(hide_password=False),
            server_program,
            ports,
            Nursery(folder / "tmp"),
        )
        made.sql(
            f"ALTER ROLE ccm PASSWORD '{passwords['ccm']}'",
            f"CREATE ROLE temporal LOGIN CREATEDB PASSWORD '{passwords['temporal']}'",
            "CREATE DATABASE ccm",
            "CREATE DATABASE temporal OWNER temporal",
        )
        lock(made)
        try:
            yield made
        finally:
            made.end()
            made.nursery.close()


def lock(machine: Machine) -> None:
    """Let nobody in without a password, as the databases' image does."""
    url = make_url(machine.postgres).set(drivername=POSTGRES_DRIVER)
    engine = create_engine(url)
    with engine.connect() as connection:
        file = Path(connection.execute(text("SHOW hba_file")).scalar_one())
        file.write_text("host all all 127.0.0.1/32 scram-sha-256\n")
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()
