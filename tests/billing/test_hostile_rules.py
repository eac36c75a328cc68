"""Reading rules never raises and always says something, whatever the text."""

import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ccm_flow.language.rules_check import check_rule_files, check_rule_text

SMALL = (Path(__file__).parents[1] / "spec" / "rule_mistakes" / "beside" / "small.yaml").read_text()
WORDS = sorted(set(re.findall(r"[\w.-]+|[\[\]{}:,]", SMALL)))
PLACES = [match.span() for match in re.finditer(r"[\w.-]+|[\[\]{}:,]", SMALL)]
ODD = [
    "",
    "null",
    "true",
    "-1",
    "[]",
    "{}",
    "99999999999999",
    "\u200b",
    "*x",
    "!!int 3",
    "- -",
    "0",
]


@given(
    st.lists(
        st.tuples(st.sampled_from(PLACES), st.sampled_from([*WORDS, *ODD])), min_size=1, max_size=4
    )
)
@settings(max_examples=300, deadline=None)
def test_any_words_put_in_the_place_of_others(
    changes: list[tuple[tuple[int, int], str]],
) -> None:
    text = SMALL
    for (start, end), word in sorted(changes, reverse=True):
        text = text[:start] + word + text[end:]
    file = check_rule_text(text, "f.yaml")
    assert (file.book is None) == bool(file.errors)
    for problem in file.problems:
        assert problem.message
        assert problem.code.startswith("RB")
        assert problem.render()


@given(st.text(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_text_at_all(text: str) -> None:
    result = check_rule_files([(SMALL, "small.yaml"), (text, "f.yaml")])
    assert result.shelf is None
    assert result.problems
