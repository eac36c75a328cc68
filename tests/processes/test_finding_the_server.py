"""Where a Temporal server comes from, in order, and what is said on the way."""

from dataclasses import replace
from pathlib import Path

import pytest

from ccm_flow.adapters.processes.download import downloaded_path
from ccm_flow.adapters.processes.errors import NoServerFoundError
from ccm_flow.adapters.processes.go_build import built_path
from ccm_flow.adapters.processes.server_program import (
    ExternalServer,
    ServerProgram,
    find_server,
)
from ccm_flow.adapters.processes.settings import ServerSettings

# The SDK reads these, so with them even a machine with a network cannot download.
NO_NETWORK = {"https_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}


@pytest.fixture
def bare(tmp_path: Path, program_folder: Path) -> ServerSettings:
    """Give a machine with an empty cache, nothing on PATH and no network."""
    environ = {"PATH": str(program_folder), "HOME": str(tmp_path), **NO_NETWORK}
    return ServerSettings.from_environ({**environ, "CCM_HOME": str(tmp_path / "home")})


def program(path: Path, says: str, then: str = "exit 0") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\n{then}\n")
    path.chmod(0o755)
    return path


def test_a_set_address_wins_over_everything(bare: ServerSettings, program_folder: Path) -> None:
    program(program_folder / "temporal", "temporal version 1.9.1 (Server 1.32.0, UI 2.50.0)")
    said: list[str] = []
    found = find_server(
        replace(bare, address="temporal.example:7233", namespace="ccm"), said.append
    )
    assert found == ExternalServer("temporal.example:7233", "ccm")
    assert said == []


def test_temporal_on_path_is_used_when_new_enough(
    bare: ServerSettings, program_folder: Path
) -> None:
    here = program(program_folder / "temporal", "temporal version 1.9.1 (Server 1.32.2, UI 2.50.0)")
    program(downloaded_path(bare), "temporal version 1.9.1 (Server 1.32.0, UI 2.50.0)")
    assert find_server(bare, print) == ServerProgram(here, (1, 32, 2))


def test_an_old_temporal_on_path_is_passed_over_with_a_word(
    bare: ServerSettings, program_folder: Path
) -> None:
    program(program_folder / "temporal", "temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)")
    cached = program(downloaded_path(bare), "temporal version 1.9.1 (Server 1.32.0, UI 2.50.0)")
    said: list[str] = []
    assert find_server(bare, said.append) == ServerProgram(cached, (1, 32, 0))
    assert said == [
        "temporal on PATH runs server 1.29.1; time travel needs 1.32.0 or newer, "
        "so it is passed over"
    ]


def test_a_built_server_is_found_in_the_cache(bare: ServerSettings) -> None:
    path = built_path(bare)
    assert path is not None
    program(path, "temporal-server (Server 1.32.0)")
    said: list[str] = []
    assert find_server(bare, said.append) == ServerProgram(path, (1, 32, 0))
    assert said == []


def test_when_nothing_works_the_error_lists_every_try_and_what_to_do(
    bare: ServerSettings, program_folder: Path
) -> None:
    program(program_folder / "temporal", "temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)")
    with pytest.raises(NoServerFoundError) as caught:
        find_server(bare, print)
    address, path, download, build = caught.value.tried
    assert address == "TEMPORAL_ADDRESS: not set"
    assert path.startswith("temporal on PATH: runs server 1.29.1")
    assert download.startswith("download: Failed starting Temporal dev server")
    assert build == "build with Go: no `go` on PATH"
    for reason in caught.value.tried:
        assert reason in str(caught.value)
    for remedy in ("Temporal CLI v1.9.1", "Go 1.26", "TEMPORAL_ADDRESS"):
        assert remedy in caught.value.hint


def test_a_failed_build_shows_what_go_said(bare: ServerSettings, program_folder: Path) -> None:
    program(program_folder / "go", "go.mod requires go >= 1.26.8", "exit 1")
    with pytest.raises(NoServerFoundError, match=r"go\.mod requires go >= 1\.26\.8"):
        find_server(bare, print)
    assert {path.name for path in bare.cache.iterdir()} == {"build.log", "download.log", "lock"}


def test_go_builds_into_the_cache_once(bare: ServerSettings, program_folder: Path) -> None:
    """A stand-in for Go writes a program where it is told to; the real build takes minutes."""
    made = '#!/bin/sh\\necho "temporal-server (Server 1.32.0)"\\n'
    program(program_folder / "go", "building", f"printf '{made}' > product; /bin/chmod +x product")
    said: list[str] = []
    first = find_server(bare, said.append)
    assert isinstance(first, ServerProgram)
    assert first.path == built_path(bare)
    assert "Building the Temporal server, once, about 5 minutes" in said
    said.clear()
    assert find_server(bare, said.append) == first
    assert said == []


def test_two_that_need_a_server_build_it_once(
    bare: ServerSettings, program_folder: Path, tmp_path: Path, python, wait_until
) -> None:
    counter = tmp_path / "builds"
    made = '#!/bin/sh\\necho "temporal-server (Server 1.32.0)"\\n'
    steps = f"echo x >> {counter}; printf '{made}' > product; /bin/chmod +x product"
    program(program_folder / "go", "building", steps)
    code = f"""
from ccm_flow.adapters.processes.server_program import find_server
from ccm_flow.adapters.processes.settings import ServerSettings
print(find_server(ServerSettings.from_environ({dict(bare.environ)!r}), lambda word: None).path)
"""
    both = [python(code), python(code)]
    paths = {process.communicate(timeout=90)[0] for process in both}
    assert len(paths) == 1
    assert counter.read_text() == "x\n"
