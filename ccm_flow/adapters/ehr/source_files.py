"""Finding and opening the files of an export."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ccm_flow.app.records import ImportProblem

FHIR_ENDINGS = (".json", ".json.gz")


def files_in(path: Path) -> Iterator[Path]:
    """Give the readable files under a folder in a steady order, or the one file itself."""
    if path.is_file():
        yield path
        return
    for found in sorted(path.rglob("*")):
        hidden = any(part.startswith(".") for part in found.relative_to(path).parts)
        if found.is_file() and not hidden and found.name.endswith(FHIR_ENDINGS):
            yield found


def read_json(path: Path, name: str) -> Any | ImportProblem:
    """Read a JSON file, zipped or not, with or without a byte-order mark; or say what is wrong."""
    try:
        content = path.read_bytes()
        if content.startswith(b"\x1f\x8b"):  # by content: an ending may lie
            content = gzip.decompress(content)
        return json.loads(content.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        if ".ndjson" in path.name:
            what = "This is a bulk export (NDJSON), which is not read yet."
            return ImportProblem(name, "", what, "Export FHIR R4 bundles instead.", skipped=True)
        return _broken(name, f"Not valid JSON: {error.msg}.", f"line {error.lineno}")
    except UnicodeDecodeError:
        return _broken(name, "Not UTF-8 text.")
    except RecursionError:
        return _broken(name, "Nested too deeply to be a FHIR file.")
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or "it is cut off or damaged"
        return _broken(name, f"Cannot be read: {reason}.")


def _broken(name: str, what: str, entry: str = "") -> ImportProblem:
    return ImportProblem(name, entry, what, "Export this file again.", skipped=True)
