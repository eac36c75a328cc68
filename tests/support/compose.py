"""docker-compose.yml as a program sees it: merged, with its variables put in."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
VARIABLE = re.compile(r"\$\{([A-Z_]+)(?:(:[-?])([^}]*))?\}")


def compose(variables: Mapping[str, str]) -> dict[str, Any]:
    """Read the file; a variable without a default must be among those given."""
    text = VARIABLE.sub(
        lambda found: variables.get(found[1]) or _default(found), FILE.read_text(encoding="utf-8")
    )
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def _default(found: re.Match[str]) -> str:
    assert found[2] == ":-", f"{found[1]} has to be given"
    return found[3]


def services(variables: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Give the services by their names."""
    found: dict[str, dict[str, Any]] = compose(variables)["services"]
    return found


EXAMPLE = {"CCM_PUBLIC_URL": "https://ccm.example.org"}
