"""Lines of JSON hold what operators need, and of an error no word that somebody typed."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from ccm_flow.adapters.telemetry.logs import set_up_logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level


def test_an_error_is_told_by_kind_and_place_without_its_text() -> None:
    out = io.StringIO()
    set_up_logs(as_json=True, out=out)
    try:
        int("Delacroix")
    except ValueError as error:
        logging.getLogger("ccm_flow.web").error(
            "%s on %s", "ValueError", "/steps", exc_info=error, extra={"clinic": "elm"}
        )
    line = json.loads(out.getvalue())
    assert (line["level"], line["logger"], line["clinic"]) == ("error", "ccm_flow.web", "elm")
    assert line["text"] == "ValueError on /steps"
    assert line["error"]["kind"] == "builtins.ValueError"
    assert __name__.rpartition(".")[2] in line["error"]["places"][0]
    assert "Delacroix" not in out.getvalue()


def test_without_the_setting_logs_stay_as_they_are() -> None:
    before = list(logging.getLogger().handlers)
    set_up_logs(as_json=False)
    assert logging.getLogger().handlers == before
