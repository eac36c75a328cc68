"""What is passed on is what was looked at: versions, sums, licences, and all of it packed."""

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
LOCKS = ["requirements.lock", "locks/run.lock", "locks/build.lock", "locks/tools.lock"]


def pinned(lock: str) -> dict[str, str]:
    return dict(PINNED.findall((ROOT / lock).read_text(encoding="utf-8")))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_with_its_sums(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    parts = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert parts
    assert [part.splitlines()[0] for part in parts if "--hash=sha256:" not in part] == []
    assert "://" not in text, "a lock names no address, so that any mirror serves it"


@pytest.mark.parametrize("lock", ["locks/run.lock", "locks/build.lock"])
def test_what_is_installed_is_what_was_tested(lock: str) -> None:
    tested = pinned("requirements.lock")
    assert {name: tested.get(name) for name in pinned(lock)} == pinned(lock)


def test_the_lock_holds_every_dependency() -> None:
    named = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["telemetry"]]
    wanted = {re.split(r"[<>=]", one)[0] for one in named}
    assert wanted - set(pinned("locks/run.lock")) == set()


def test_licences_are_allowed_and_listed() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "licences.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build wheel and source as `make dist` does."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return folder


def files_of(folder: str) -> set[str]:
    found = (ROOT / folder).rglob("*")
    return {
        str(file.relative_to(ROOT / folder))
        for file in found
        if file.is_file() and "__pycache__" not in file.parts
    }


def test_the_wheel_holds_everything_that_the_program_needs(made: Path) -> None:
    (wheel,) = made.glob("*.whl")
    assert wheel.name == f"ccm_flow-{PROJECT['version']}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as packed:
        held = set(packed.namelist())
    places = {
        "ccm_flow": "ccm_flow",
        "workers": "workers",
        "playbooks": "ccm_flow/shipped/playbooks",
        "rules": "ccm_flow/shipped/rules",
        "templates": "ccm_flow/shipped/templates",
        "sample": "ccm_flow/shipped/sample",
        "tools/temporal-server": "ccm_flow/shipped/temporal-server",
    }
    for folder, place in places.items():
        missing = {f"{place}/{name}" for name in files_of(folder)} - held
        assert missing == set(), folder
    assert any(re.search(r"migrations/versions/.*\.py$", name) for name in held)
    assert [name for name in held if name.startswith(("tests/", "docs/", "deploy/"))] == []
    assert [name for name in held if name.endswith((".key", ".db", ".env"))] == []


def test_the_source_holds_what_builds_tests_and_deploys_it(made: Path) -> None:
    (source,) = made.glob("*.tar.gz")
    with tarfile.open(source) as packed:
        held = {name.partition("/")[2] for name in packed.getnames()}
    wanted = {"pyproject.toml", "LICENSE", "CHANGELOG.md", "docker-compose.yml", "Dockerfile"}
    assert wanted | set(LOCKS) <= held
    assert {f"deploy/{name}" for name in files_of("deploy") if "secrets" not in name} <= held
    assert [name for name in held if name.startswith(("deploy/secrets/", ".ci/"))] == []


def test_the_version_stands_in_one_place() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", PROJECT["version"])
    named = [
        file.name
        for file in [*(ROOT / "ccm_flow").rglob("*.py"), *(ROOT / "workers").rglob("*.py")]
        if "__version__" in file.read_text(encoding="utf-8")
    ]
    assert named == []


def test_the_changes_of_each_release_are_told_newest_first() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings[0] == "Unreleased"
    releases = [re.fullmatch(r"(\d+)\.(\d+)\.(\d+), \d{4}-\d\d-\d\d", one) for one in headings[1:]]
    assert all(releases), "a release is headed `## 1.2.3, 2026-12-01`"
    numbers = [tuple(map(int, one.groups())) for one in releases if one]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[:1] <= [tuple(map(int, PROJECT["version"].split(".")))]
