"""Finding and opening the files of an export, zipped or not, in whatever encoding they come."""

import codecs
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, cast

from ccm_flow.adapters.ehr.fhir_values import storable
from ccm_flow.app.records import ImportProblem

LONGEST_DOCUMENT: Final = 512 * 1024 * 1024
"""Bytes: a JSON file is read in one piece, so a larger one is refused rather than half read."""
_GZIP: Final = b"\x1f\x8b"
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of an export, and its name as reports give it."""

    path: Path
    name: str

    def problem(
        self, what: str, fix: str, *, entry: str = "", skipped: bool = True
    ) -> ImportProblem:
        """Say what is wrong with this file, or with an entry of it."""
        return ImportProblem(self.name, entry, what, fix, skipped=skipped)

    def unreadable(self, error: Exception) -> ImportProblem:
        """Say that the file cannot be read to its end."""
        reason = getattr(error, "strerror", None) or "it is cut off or damaged"
        return self.problem(f"Cannot be read: {reason}.", "Export this file again.")


# What reading a file may raise: the disk, a damaged gzip stream, bytes that are no text.
UNREADABLE: Final = (OSError, EOFError, zlib.error, UnicodeError)


def files_in(path: Path) -> Iterator[SourceFile]:
    """Give the files under a folder in a steady order, without hidden ones; or the file itself."""
    if path.is_file():
        yield SourceFile(path, storable(path.name))
        return
    for found in sorted(path.rglob("*")):
        inside = found.relative_to(path)
        if found.is_file() and not any(part.startswith(".") for part in inside.parts):
            yield SourceFile(found, storable(inside.as_posix()))


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """Open a file and unzip it on the way; by content, because an ending may lie."""
    with path.open("rb") as file:
        zipped = file.read(2) == _GZIP
        file.seek(0)
        if zipped:
            with gzip.GzipFile(fileobj=file) as plain:
                yield cast("BinaryIO", plain)
        else:
            yield file


@contextmanager
def open_text(path: Path, encoding: str) -> Iterator[IO[str]]:
    """Open a file as text with its line ends as they are, as the csv module wants them."""
    with open_bytes(path) as file, io.TextIOWrapper(file, encoding, newline="") as text:
        yield text


def encoding_of(path: Path) -> str:
    """
    Tell how a text file is encoded: UTF-16 by its mark, UTF-8, else Windows-1252.

    The last one is what spreadsheets on Windows save; every byte of the file is looked at.
    """
    with open_bytes(path) as file:
        chunk = file.read(_CHUNK)
        if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while chunk:
                decoder.decode(chunk)
                chunk = file.read(_CHUNK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def read_json(file: SourceFile) -> Any | ImportProblem:
    """Read a JSON file, zipped or not, with or without a byte-order mark; or say what is wrong."""
    try:
        with open_bytes(file.path) as stream:
            content = stream.read(LONGEST_DOCUMENT + 1)
        if len(content) > LONGEST_DOCUMENT:
            what = "Larger than 512 MB, which is too much to be read in one piece."
            return file.problem(what, "Export it as bulk data (NDJSON).")
        return json.loads(content.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        what = f"Not valid JSON: {error.msg}."
        return file.problem(what, "Export this file again.", entry=f"line {error.lineno}")
    except UnicodeDecodeError:
        return file.problem("Not UTF-8 text.", "Export this file again.")
    except (RecursionError, ValueError):  # numbers of thousands of digits are refused too
        return file.problem("Not a JSON that FHIR could be.", "Export this file again.")
    except UNREADABLE as error:
        return file.unreadable(error)
