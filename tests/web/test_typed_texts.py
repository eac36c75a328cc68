"""What is given back of a form that was not taken: all that was typed, and nothing else."""

import re

import pytest

from ccm_flow.adapters.shipped import shipped
from ccm_flow.web.typed_texts import NOT_TYPED, typed_texts

_GET = re.compile(r'<form[^>]*method="get".*?</form>', re.DOTALL)
_FIELD = re.compile(r'<(input|select|textarea|button)\b[^>]*?\bname="([\w.]+)"([^>]*)')
_PICKED = re.compile(r'type="(hidden|radio|checkbox|password)"')


def names() -> tuple[set[str], set[str]]:
    """Give the names of the pages' fields that are typed into, and of those that are not."""
    typed, others = set(), set()
    for file in (shipped("templates") / "web").glob("*.j2"):
        for found in _FIELD.finditer(_GET.sub("", file.read_text(encoding="utf-8"))):
            picked = found[1] in {"select", "button"} or _PICKED.search(found[0])
            (others if picked else typed).add(found[2])
    return typed, others


def test_every_field_of_the_pages_is_known_as_typed_or_not() -> None:
    typed, others = names()
    assert typed & NOT_TYPED <= {"code"}
    assert others - typed <= NOT_TYPED
    assert {"because", "text", "upon", "password"} <= typed | others


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("because", "Why"),
        ("x.skip_because", "Skip because"),
        ("f.weight", "Weight"),
        ("field.review_on", "Next periodic review"),
        ("interventions.1.who", "Planned interventions and who is responsible, 2, who"),
    ],
)
def test_a_field_has_a_title_in_words(name: str, title: str) -> None:
    assert typed_texts("/steps/a/b", [(name, " word ")]) == [(title, "word")]


@pytest.mark.parametrize("name", ["password", "code", "form_token", "click", "upon"])
def test_passwords_codes_and_what_a_form_carries_are_never_given_back(name: str) -> None:
    assert typed_texts("/patients/a/time", [(name, "word"), ("minutes", "")]) == []
