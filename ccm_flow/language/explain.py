"""Shows a merged playbook with the file and line that each of its lines comes from."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath

from ccm_flow.language.document import Span
from ccm_flow.language.overlay import Resolved

_CHANGED = ">"


def explain(result: Resolved) -> str:
    """
    Give the playbook as it runs, each line behind its origin (`ccm_monthly.yaml:41`).

    Lines that do not come from the last parent are marked with `>`. Empty when a file of the
    chain could not be read: the problems say why.
    """
    if not result.lines:
        return ""
    names = _short_names(result.files)
    base = result.files[-1]
    width = max(len(_origin(line.origin, names)) for line in result.lines)
    shown = []
    for line in result.lines:
        marked = line.origin is not None and line.origin.file != base
        mark = _CHANGED if marked else "|" if line.origin else " "
        origin = _origin(line.origin, names)
        shown.append(f"{origin:<{width}} {mark} {line.text}".rstrip())
    return "\n".join([*shown, *_taken_out(result, names)]) + "\n"


def _origin(span: Span | None, names: Mapping[str, str]) -> str:
    return "" if span is None else f"{names[span.file]}:{span.line}"


def _taken_out(result: Resolved, names: Mapping[str, str]) -> Sequence[str]:
    if not result.removed:
        return ()
    rows = [(_origin(span, names), path) for path, span in result.removed]
    width = max(len(origin) for origin, _ in rows)
    return ["", "# Taken out:", *(f"{origin:<{width}} - {path}" for origin, path in rows)]


def _short_names(files: Sequence[str]) -> Mapping[str, str]:
    """Name files by their last part, or in full where two are called the same."""
    last = [PurePath(file).name for file in files]
    return {
        file: name if last.count(name) == 1 else file
        for file, name in zip(files, last, strict=True)
    }
