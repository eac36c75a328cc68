"""
Writes docs/licences.md: every package that is installed with the product, and its licence.

    python tools/licences.py          # write it
    python tools/licences.py --check  # say whether it is up to date, and all licences allowed

Versions come from locks/run.lock, licences from the packages' own metadata.
"""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "licences.md"
LOCK: Final = ROOT / "locks" / "run.lock"
ALLOWED: Final = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "MPL-2.0",
        "PSF-2.0",
        "OFL-1.1",
        "Unlicense",
    }
)
"""Licences that let the product be passed on under its own; MPL only for unchanged packages."""
CLASSIFIERS: Final = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
WORDS: Final = {
    "3-clause bsd license": "BSD-3-Clause",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd license (see license.txt for details), copyright (c) 2000-2025, reportlab inc.": (
        "BSD-3-Clause"
    ),
    "bsd 3-clause license": "BSD-3-Clause",
    "mit license": "MIT",
}
"""How older packages write the same."""
ELSEWHERE: Final = {"colorama": "BSD-3-Clause", "win32-setctime": "MIT"}
"""Packages for other systems, which cannot be asked here."""
PINNED: Final = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def packages() -> Iterator[tuple[str, str, str]]:
    """Give each package's name, version and licence, in the order of the lock."""
    for name, version in PINNED.findall(LOCK.read_text(encoding="utf-8")):
        yield name, version, licence_of(name)


def licence_of(name: str) -> str:
    """Read a package's licence as an SPDX expression; "unknown" when it does not say."""
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return ELSEWHERE.get(name, "unknown")
    expression = told.get("License-Expression")
    if expression:
        return expression
    classified = [
        CLASSIFIERS.get(line.rpartition(" :: ")[2], "")
        for line in told.get_all("Classifier") or []
        if line.startswith("License :: OSI Approved :: ")
    ]
    written = (told.get("License") or "").strip()
    if written in ALLOWED:
        return written
    found = [one for one in classified if one]
    return " OR ".join(found) or WORDS.get(written.lower(), "unknown")


def is_allowed(expression: str) -> bool:
    """Tell whether an expression leaves a licence to choose that is allowed, all parts of it."""
    choices = [choice.split(" AND ") for choice in re.sub("[()]", "", expression).split(" OR ")]
    return any(all(one.strip() in ALLOWED for one in choice) for choice in choices)


def page() -> str:
    """Write the page."""
    rows = "\n".join(f"| {name} | {version} | {what} |" for name, version, what in packages())
    return f"""# Licences

CCM Flow is under Apache-2.0. This page is written by `make licences` from `locks/run.lock` and
the packages' own words; a test fails when it is out of date or a licence is not among those
allowed: {", ".join(sorted(ALLOWED))}.

## Installed with it

| Package | Version | Licence |
|---|---|---|
{rows}

Packages under MPL-2.0 are used as they are, unchanged.

## Inside it

| Part | Licence |
|---|---|
| htmx and its extension for server-sent events, `ccm_flow/web/static/htmx*.js` | 0BSD, beside it |
| The editor of playbooks, `ccm_flow/web/static/editor.min.js` (CodeMirror) | MIT, beside it |

## Run beside it

| Part | Licence |
|---|---|
| PostgreSQL | PostgreSQL |
| Temporal server, its tools and its web page | MIT |
| Python | PSF-2.0 |

The Temporal server that CCM Flow can build from `tools/temporal-server` is fetched in source by
Go, with the versions and sums of `go.sum`; nothing of it is passed on with CCM Flow.
"""


def main() -> int:
    """Write or check the page; 1 when something is not as it should be."""
    bad = [f"{name}: {what}" for name, _, what in packages() if not is_allowed(what)]
    for line in bad:
        print(f"not allowed: {line}")
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(page(), encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != page():
        print("docs/licences.md is out of date; run `make licences`")
        return 1
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
