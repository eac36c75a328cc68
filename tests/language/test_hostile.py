"""Hostile and damaged files: an error, soon, in bounded memory; never a crash."""

import gc
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccm_flow.adapters.templates import load_templates
from ccm_flow.language import check_text
from ccm_flow.language.overlay import resolve_playbook
from tests.language.damage import SHIPPED, damage, holds_together
from tests.support.cpu import SOON

ROOT = Path(__file__).parents[2]
TEMPLATES = load_templates(ROOT / "templates")
QUICK = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@QUICK
@given(st.sampled_from(SHIPPED), st.integers(0, 2**32), st.integers(1, 8))
def test_a_damaged_playbook_is_explained(text: str, seed: int, times: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - not a secret
    for _ in range(times):
        text = damage(text, dice)
    start = time.process_time()
    holds_together(check_text(text, "f.yaml", TEMPLATES))
    assert time.process_time() - start < SOON


@QUICK
@given(st.text(max_size=400))
def test_any_text_is_explained(text: str) -> None:
    result = check_text(text, "f.yaml", TEMPLATES)
    holds_together(result)
    assert result.plan is None


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=12)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
SETTINGS = ["contact", "protected_time", "documentation", "notes", "steps", "readiness", "roles",
            "closes", "extends", "remove", "insert"]  # fmt: skip
STEP_SETTINGS = ["by_risk", "skip_if", "attempts", "outcomes", "ladder", "due", "after", "every",
                 "at", "on", "fixes", "when", "note", "script", "responsibility"]  # fmt: skip


def flow(value: object) -> str:
    """Write a value as YAML in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(str(k))}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str):
        return "'" + value.replace("'", "''").replace("\n", " ") + "'"
    return "~" if value is None else str(value).lower()


@QUICK
@given(st.sampled_from(SETTINGS), st.sampled_from(STEP_SETTINGS), VALUES, VALUES)
def test_any_value_of_any_setting_is_explained(
    name: str, step_name: str, value: object, step_value: object
) -> None:
    text = f"""\
playbook: a
version: 1
program: CCM
owner: lead
{name}: {flow(value)}
steps:
  - id: call
    owner: lead
    {step_name}: {flow(step_value)}
"""
    holds_together(check_text(text, "f.yaml", TEMPLATES))


BOMBS = {
    "aliases": "a: &a [x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"{c}: &{c} [{', '.join([f'*{chr(ord(c) - 1)}'] * 9)}]\n" for c in "bcdefgh"),
    "ten megabytes": "a: " + "x" * 10_000_000,
    "ten megabytes of lines": "- a\n" * 2_500_000,
    "deep": "[" * 300_000,
    "deep by indentation": "\n".join(" " * i + "a:" for i in range(1_300)),
    "many keys": "\n".join(f"a{i}: 1" for i in range(60_000)),
    "huge number": "version: " + "9" * 9_000,
    "many roles": "roles: [" + ", ".join(f"a{i}" for i in range(20_000)) + "]",
    "tags": "!!python/object/apply:os.system ['true']",
    "merge": "a: &a {b: c}\nd: {<<: *a}",
    "many problems": "steps:\n" + "  - {id: 1, own: 2, due: [3], ladder: x}\n" * 3_000,
    "many unknown names": "steps:\n"
    + "".join(
        f"  - {{id: s{i}, due: 3 dys, owner: x{i}, after: y{i}, ladder: []}}\n" for i in range(450)
    ),
    "many steps": "steps:\n"
    + "".join(f"  - {{id: s{i}, due: 1 day, owner: x, ladder: []}}\n" for i in range(4_000)),
    "many outcomes": "steps:\n  - id: a\n    outcomes:\n"
    + "".join(f"      o{i}: {{go: s{i}}}\n" for i in range(9_000)),
    "many rungs": "steps:\n  - id: a\n    ladder:\n"
    + "".join(f"      - {i} days late: expire as x{i}\n" for i in range(9_000)),
    "long conditions": "steps:\n" + f"  - {{id: a, when: '{'not ' * 2_000}consent'}}\n" * 20,
    "contact for all": "contact: {days: [" + ", ".join(["mon"] * 20_000) + "]}",
    "bidirectional": "title: \u202eevil",
    "odd spaces": "title:\u00a0\u2003x\nplaybook:\u3000y",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_in_an_error_within_a_second(name: str) -> None:
    gc.collect()
    gc.freeze()  # what thousands of other tests left on the heap is not the checker's to sweep
    try:
        start = time.process_time()
        result = check_text(BOMBS[name], "bomb.yaml", TEMPLATES)
        spent = time.process_time() - start
    finally:
        gc.unfreeze()
    assert result.errors
    assert result.plan is None
    assert spent < SOON


LIMITED = """
import resource, sys
from ccm_flow.language import check_text
from ccm_flow.language.template_check import check_script
from tests.language.test_hostile import BOMBS, TEMPLATES

def in_use():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()

limit = in_use() + 256 * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
for name, text in BOMBS.items():
    assert check_text(text, name, TEMPLATES).errors, name
for text in ("{{ 'x' * 9**9 }}", "{% for i in range(9**9) %}x{% endfor %}", "(" * 20_000):
    check_script(text)
print("bounded")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel for a limit of memory")
def test_bombs_stay_within_bounded_memory() -> None:
    """All of them pass with a quarter of a gigabyte above what the program itself takes."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "bounded", done.stderr[-2000:]


@pytest.mark.parametrize("text", ["x", "- a\n- b\n", "7\n", "'x'\n"])
def test_a_text_that_is_no_group_is_a_problem_also_where_it_may_extend(text: str) -> None:
    assert resolve_playbook(text, "draft", lambda _: None).errors
