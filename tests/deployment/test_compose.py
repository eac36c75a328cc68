"""The compose file can be read, names what the program knows, and gives nobody more than needed."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from ccm_flow.adapters.secret_files import SECRETS
from tests.support.compose import EXAMPLE, FILE, ROOT, compose, services

SERVICES = services(EXAMPLE)
OURS = {name: one for name, one in SERVICES.items() if str(one["image"]).startswith("ccm-flow:")}
JOBS = {"temporal-schema", "prepare", "ccm"}
"""What runs to its end: the two that the others wait for, and people's commands."""
SETTING = re.compile(r'"((?:CCM|TEMPORAL)_[A-Z][A-Z_]+)"')
DEPLOY = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")


def known_settings() -> set[str]:
    """Give every setting that the program reads; secrets may come from files too."""
    sources = [*(ROOT / "ccm_flow").rglob("*.py"), *(ROOT / "workers").rglob("*.py")]
    found = {name for file in sources for name in SETTING.findall(file.read_text(encoding="utf-8"))}
    named_by_the_library = {
        "TEMPORAL_TLS_CLIENT_CERT_PATH",
        "TEMPORAL_TLS_CLIENT_KEY_PATH",
        "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
        "TEMPORAL_TLS_SERVER_NAME",
    }
    beginnings = {name for name in found if name.endswith("_")}
    return (found - beginnings) | {f"{name}_FILE" for name in SECRETS} | named_by_the_library


def test_the_file_follows_the_compose_specification() -> None:
    schema = json.loads((ROOT / "tests" / "data" / "compose-spec.json").read_text("utf-8"))
    problems = [
        f"{list(one.instance_path)}: {one.message}"
        for one in jsonschema_rs.validator_for(schema).iter_errors(compose(EXAMPLE))
    ]
    assert problems == []


def test_every_setting_of_the_file_is_one_that_the_program_knows() -> None:
    unknown = {
        name: sorted(set(service.get("environment", {})) - known_settings())
        for name, service in OURS.items()
    }
    assert {name: found for name, found in unknown.items() if found} == {}


def test_every_setting_of_the_program_is_documented_and_no_other() -> None:
    assert [name for name in sorted(known_settings()) if f"`{name}`" not in DEPLOY] == []
    named = set(re.findall(r"\b(?:CCM|TEMPORAL)_[A-Z][A-Z_]*[A-Z]\b", DEPLOY))
    of_compose_and_scripts = {"CCM_WORKERS", "TEMPORAL_SQL_TOOL"}
    assert named - known_settings() - of_compose_and_scripts == set()


@pytest.mark.parametrize("name", sorted(OURS))
def test_each_program_is_told_where_record_server_and_key_are(name: str) -> None:
    needed = {
        "CCM_DATABASE_PASSWORD_FILE",
        "CCM_DATABASE_URL",
        "CCM_HOME",
        "CCM_KEY_FILE",
        "CCM_PREPARED",
        "CCM_PUBLIC_URL",
        "TEMPORAL_ADDRESS",
        "TEMPORAL_NAMESPACE",
    }
    assert needed <= set(OURS[name]["environment"])


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_each_service_has_limits_and_no_rights_that_it_does_not_need(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert not service.get("privileged")
    assert not str(service.get("user", "")).startswith(("0", "root"))
    assert ":" in str(service["image"])
    assert not str(service["image"]).endswith(":latest")


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_each_service_tells_whether_it_is_well(name: str) -> None:
    service = SERVICES[name]
    if name in JOBS:
        assert service["healthcheck"] == {"disable": True}
        assert service["restart"] == "no"
    else:
        assert service["healthcheck"]["test"][0] == "CMD"
        assert service["restart"] == "unless-stopped"


def test_no_secret_stands_in_the_file() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert not re.search(r"://[^\s/@:]+:[^\s@]*@", text), "a password in an address"
    for name, service in SERVICES.items():
        for setting, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|PWD|API_KEY", setting):
                assert setting.endswith("_FILE"), (name, setting)
                secret = Path(str(value)).name
                assert str(value) == f"/run/secrets/{secret}"
                assert secret in service["secrets"], (name, setting)


def test_nothing_is_reached_from_other_machines_but_through_a_proxy() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published
    assert all(str(port).startswith("127.0.0.1:") for port in published)
    whole = compose(EXAMPLE)
    assert {name for name, one in whole["networks"].items() if one.get("internal")} == {
        "record",
        "flow",
    }


def test_tables_are_made_before_web_and_workers_begin() -> None:
    def waits_for(name: str) -> dict[str, str]:
        found: dict[str, Any] = SERVICES[name].get("depends_on", {})
        return {other: one["condition"] for other, one in found.items()}

    done = "service_completed_successfully"
    assert waits_for("temporal") == {"temporal-schema": done}
    for name in ("web", "worker", "backup"):
        assert waits_for(name) == {"prepare": done}
    assert set(waits_for("prepare").values()) == {"service_healthy"}


def test_what_must_be_kept_is_on_volumes() -> None:
    assert set(compose(EXAMPLE)["volumes"]) == {"record", "flow", "state", "backups"}


def test_the_example_settings_are_those_of_the_file() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    assert named == set(re.findall(r"\$\{([A-Z_]+)", FILE.read_text(encoding="utf-8")))


def test_the_images_versions_are_the_programs_own() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {one["image"] for one in OURS.values()} == {f"ccm-flow:{project['version']}"}
    server = re.findall(
        r"go\.temporal\.io/server v([\d.]+)",
        (ROOT / "tools" / "temporal-server" / "go.mod").read_text(encoding="utf-8"),
    )
    for name, image in (("temporal", "server"), ("temporal-schema", "admin-tools")):
        assert SERVICES[name]["image"] == f"temporalio/{image}:{server[0]}"


def test_backups_are_made_by_the_databases_own_version() -> None:
    docker = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    databases = {SERVICES[name]["image"] for name in ("record-db", "temporal-db")}
    (client,) = re.findall(r"postgresql-client-(\d+)", docker)
    assert databases == {f"postgres:{client}"}


def test_the_image_runs_as_nobody_special_and_tells_whether_it_is_well() -> None:
    docker = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert docker.count("\nFROM ") == 2 - docker.startswith("FROM ")
    last = docker.rpartition("\nFROM ")[2]
    assert "USER 10001:10001" in last
    assert "HEALTHCHECK" in last
    assert docker.count("--require-hashes") == 2
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", docker, re.MULTILINE)
    assert [one for part in copied for one in part.split() if not (ROOT / one).exists()] == []


def test_units_and_settings_without_containers_are_documented_as_text_that_parses() -> None:
    assert yaml.safe_load((ROOT / "deploy" / "temporal.yaml").read_text(encoding="utf-8"))
