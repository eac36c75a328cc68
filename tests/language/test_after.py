"""What a step waits for."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.core.expressions import Expr
from ccm_flow.language.after import AfterError, parse_after

OUTCOMES = {
    "prepare": ["done"],
    "outreach": ["reached", "declined", "unreachable"],
    "readiness": ["ready", "not_ready"],
}
MEANINGS: list[tuple[str, Expr]] = [
    ("prepare", ("done", "prepare")),
    ("outreach.reached", ("outcome", "outreach", "reached")),
    ("ended(outreach)", ("ended", "outreach")),
    (" ended ( outreach ) ", ("ended", "outreach")),
    ("readiness.ready", ("outcome", "readiness", "ready")),
    ("prepare and outreach", ("and", ("done", "prepare"), ("done", "outreach"))),
    (
        "prepare or outreach.reached or ended(outreach)",
        ("or", ("done", "prepare"), ("outcome", "outreach", "reached"), ("ended", "outreach")),
    ),
    (
        "prepare and outreach or ended(prepare)",
        ("or", ("and", ("done", "prepare"), ("done", "outreach")), ("ended", "prepare")),
    ),
    (
        "prepare and (outreach or ended(prepare))",
        ("and", ("done", "prepare"), ("or", ("done", "outreach"), ("ended", "prepare"))),
    ),
]
REFUSED = [
    ("prepre", "PB302", "prepre", "Did you mean 'prepare'?"),
    ("outreach.reachd", "PB303", "reachd", "Did you mean 'reached'?"),
    ("outreach.done", "PB303", "done", "Outcomes of outreach"),
    ("readiness", "PB310", "readiness", "readiness.ready"),
    ("ended(readiness)", "PB310", "readiness", "readiness.ready"),
    ("not outreach", "PB310", "not", "Wait for an outcome"),
    ("prepare outreach", "PB310", "outreach", "`and` or `or`"),
    ("prepare, outreach", "PB310", ",", "`and` or `or`"),
    ("prepare and", "PB310", "", "Write `step`"),
    ("ended outreach", "PB310", "outreach", "Write `step`"),
    ("(prepare", "PB310", "", "Write `step`"),
    ("prepare)", "PB310", ")", "Write `step`"),
    ("", "PB310", "", "Write `step`"),
    ("outreach.", "PB303", "", "Outcomes of outreach"),
    ("(" * 400 + "prepare", "PB310", "(", "Write `step`"),
    ("prepare and " * 100 + "prepare", "PB310", None, "list"),
]


@pytest.mark.parametrize(("text", "expr"), MEANINGS)
def test_after_compiles_to_an_expression_over_steps(text: str, expr: Expr) -> None:
    assert parse_after(text, OUTCOMES) == expr


@pytest.mark.parametrize(("text", "code", "marked", "hint"), REFUSED)
def test_what_is_refused_is_marked_and_explained(
    text: str, code: str, marked: str | None, hint: str
) -> None:
    with pytest.raises(AfterError) as caught:
        parse_after(text, OUTCOMES)
    error = caught.value
    assert error.code == code
    assert hint in error.hint
    if marked is not None:
        assert text[error.start : error.end] == marked


def test_readiness_is_known_only_to_playbooks_that_check_it() -> None:
    with pytest.raises(AfterError) as caught:
        parse_after("readiness.ready", {"prepare": ["done"]})
    assert caught.value.code == "PB302"
    assert "readiness:" in caught.value.hint


@given(st.text(alphabet="aepro.() ndt_,", max_size=40) | st.text(max_size=40))
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    with suppress(AfterError):
        parse_after(text, OUTCOMES)
