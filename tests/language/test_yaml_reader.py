"""Reading YAML: values as typed, places of everything, and no harm from hostile text."""

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccm_flow.language import check_text, load_file
from ccm_flow.language.document import Document
from ccm_flow.language.yaml_reader import read_yaml
from tests.support.cpu import SOON


def read(text: str) -> Document:
    result = read_yaml(text, "f.yaml")
    assert result.document is not None
    assert result.problems == ()
    return result.document


VALUES = [
    ("17:00", "17:00"),
    ("09:00", "09:00"),
    ("on", "on"),
    ("yes", "yes"),
    ("No", "No"),
    ("2026-11", "2026-11"),
    ("2026-11-03", "2026-11-03"),
    ("1.5", "1.5"),
    ("1e3", "1e3"),
    ("0x1F", "0x1F"),
    ("1_000", "1_000"),
    ("007", "007"),
    (".inf", ".inf"),
    ("20", 20),
    ("-5", -5),
    ("0", 0),
    ("true", True),
    ("false", False),
    ("True", "True"),
    ("null", None),
    ("~", None),
    ("", None),
    ("'20'", "20"),
    ('"true"', "true"),
    ("'null'", "null"),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_a_value_is_what_the_author_typed(text: str, value: object) -> None:
    found = read(f"key: {text}").value["key"]
    assert found == value
    assert type(found) is type(value)


def test_every_value_and_key_has_its_place() -> None:
    document = read("steps:\n  - id: outreach\n    due:  '3 days'\n")
    due = document.locate(("steps", 0, "due"))
    assert (due.line, due.column, due.end_column) == (3, 11, 19)
    assert due.within(2, 6)[1:4] == (3, 14, 18)
    assert document.locate(("steps", 0, "due"), key=True)[1:3] == (3, 5)
    assert document.locate(("steps", 0, "nothing", "here"))[1:3] == (2, 5)


def test_inside_block_texts_a_problem_points_at_the_start() -> None:
    document = read("when: >\n  minutes\n  < 20\n")
    assert document.value["when"] == "minutes < 20\n"
    assert document.locate(("when",)).within(3, 5)[1:3] == (1, 7)


def test_characters_count_not_bytes() -> None:
    text = "title: {a: 'Café ñ 漢', b: later}"
    assert read(text).locate(("title", "b")).column == text.index("later") + 1


def test_a_repetition_is_written_out() -> None:
    assert read("a: &x [1, 2]\nb: *x\n").value == {"a": [1, 2], "b": [1, 2]}


def test_a_byte_order_mark_and_windows_lines_are_harmless() -> None:
    document = read("\ufeffa: 1\r\nb: 2\r\n")
    assert document.value == {"a": 1, "b": 2}
    assert document.lines["f.yaml"][1] == "b: 2"


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 2)}]\n" for i in range(1, 10)
)
HOSTILE = [
    ("alias bomb", BOMB + "b: [" + ", ".join(["*a9"] * 10) + "]", "PB107"),
    ("wide bomb", "a: &a [" + "x, " * 9_000 + "x]\nb: [*a, *a, *a, *a, *a, *a, *a]", "PB103"),
    ("itself", "a: &a [*a]", "PB107"),
    ("deep lists", "[" * 9_000, "PB104"),
    ("deep groups", "{a: " * 2_400, "PB104"),
    ("deep lines", "\n".join(" " * i + "a:" for i in range(1_000)), "PB104"),
    ("dashes", "- " * 4_000 + "x", "PB104"),
    ("keys of keys", "? " * 4_000 + "x", "PB104"),
    ("five megabytes", "a: " + "x" * 5_000_000, "PB103"),
    ("many lines", "- x\n" * 200_000, "PB103"),
    ("python object", "a: !!python/object/apply:os.system ['true']", "PB106"),
    ("tag", "a: !secret x", "PB106"),
    ("binary", bytes(range(256)).decode("latin-1"), "PB102"),
    ("null character", "a: \x00", "PB102"),
    ("right to left", "owner: nurse \u202e# esrun", "PB102"),
    ("zero width", "own\u200ber: nurse", "PB102"),
    ("byte order mark inside", "a: \ufeffb", "PB102"),
    ("half a character", "a: \ud800", "PB102"),
    ("line separator", "a: b\u2028c: d", "PB102"),
    ("huge number", "a: " + "9" * 9_000, "PB110"),
    ("merge", "a: &a {b: 1}\nc:\n  <<: *a\n", "PB108"),
    ("duplicate", "a: 1\na: 2\n", "PB105"),
    ("list as key", "? [a]\n: b\n", "PB109"),
    ("empty", "", "PB111"),
    ("only a comment", "# nothing\n", "PB111"),
    ("two documents", "a: 1\n---\nb: 2\n", "PB111"),
    ("directive", "%YAML 9.9\n---\na: b\n", "PB101"),
    ("tab", "a:\n\tb: c\n", "PB101"),
    ("open quote", 'a: "b\nc: d\n', "PB101"),
]


@pytest.mark.parametrize(
    ("text", "code"), [case[1:] for case in HOSTILE], ids=[c[0] for c in HOSTILE]
)
def test_hostile_text_ends_in_a_problem_within_a_second(text: str, code: str) -> None:
    start = time.process_time()
    result = check_text(text, "f.yaml")
    assert time.process_time() - start < SOON
    assert result.plan is None
    assert code in {problem.code for problem in result.problems}


@pytest.mark.parametrize("value", ["a list", "[a, b]", "20", "~"])
def test_a_file_that_is_no_group_of_settings_is_one_problem(value: str) -> None:
    (problem,) = check_text(value, "f.yaml").problems
    assert problem.code == "PB202"


def test_a_file_that_is_not_text_is_a_problem(tmp_path: Path) -> None:
    file = tmp_path / "picture.yaml"
    file.write_bytes(b"title: caf\xe9\n")
    (problem,) = load_file(file).problems
    assert (problem.code, problem.line, problem.column) == ("PB102", 1, 11)


def test_a_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "huge.yaml"
    file.write_bytes(b"# long\n" * 1_000_000)
    (problem,) = load_file(file).problems
    assert problem.code == "PB103"


PIECES = ["  ", "- ", "? ", "&a ", "*a", "!!x", "<<", "---", "true", "steps", "id: x\n"]
YAML_LIKE = st.lists(
    st.sampled_from([*" \n\t:-[]{},|>'\"#%@a1", *PIECES]),
    max_size=40,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(YAML_LIKE | st.text(max_size=200))
def test_no_text_makes_the_checker_fail(text: str) -> None:
    result = check_text(text, "f.yaml")
    assert result.plan is None
    for problem in result.problems:
        assert re.fullmatch(r"f\.yaml:[1-9][0-9]*:[1-9][0-9]*", problem.place)
        assert problem.render()
    assert result.problems
