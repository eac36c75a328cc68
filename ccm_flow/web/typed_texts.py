"""What a person typed into a form that was not taken, to be shown and copied."""

from collections.abc import Iterable
from typing import Final

from ccm_flow.core.care_plan import TITLES

_CARRIED: Final = frozenset(
    {
        "form_token",
        "click",
        "next",
        "back",
        "upon",
        "x.plan_upon",
        "former",
        "of",
        "against",
        "base",
        "clinic",
        "item",
        "endpoint",
        "enrollment",
        "given",
        "message",
        "only",
        "patient",
        "revision",
        "seen",
        "team",
        "token",
        "wanted",
    }
)
"""Hidden fields: nobody types them."""
_CHOSEN: Final = frozenset(
    {
        "activity",
        "beginning",
        "channel",
        "event",
        "keys",
        "kind",
        "language",
        "mode",
        "month",
        "outcome",
        "owner",
        "said",
        "over",
        "person",
        "preferred_channel",
        "role",
        "scope",
        "signs",
        "statement",
        "step",
        "stride",
        "tier",
        "timer",
        "to",
        "how",
        "what",
        "x.ask",
        "x.language",
        "x.to",
        "x.unit",
        "x.urgency",
    }
)
"""Fields and buttons that are chosen from what a page offers."""
_SECRET: Final = frozenset({"password", "old", "new", "again", "code", "secret"})
"""Passwords and codes, which are shown to nobody."""
NOT_TYPED: Final = _CARRIED | _CHOSEN | _SECRET
"""Names of the fields whose values are not given back."""
_WITHOUT_TYPING: Final = ("/largest", "/rehearse", "/read-all")
"""How the paths of forms end that have hidden fields and choices under changing names only."""
_GROUPS: Final = ("f.", "field.", "x.")
"""What names of fields begin with, for the program alone."""
_TITLES: Final = {
    **TITLES,
    "because": "Why",
    "due": "Until",
    "at": "When",
    "started": "When it began",
}


def typed_texts(path: str, sent: Iterable[tuple[str, object]]) -> list[tuple[str, str]]:
    """
    Give title and text of every field that a person filled in, in the form's order.

    A choice within a step's form cannot be told from a text without the step; it is given too.
    """
    if path.endswith(_WITHOUT_TYPING):
        return []
    return [
        (_title(name), value.replace("\x00", "").strip())
        for name, value in sent
        if isinstance(value, str) and value.strip() and name not in NOT_TYPED
    ]


def _title(name: str) -> str:
    """Make words of a field's name: of 'goals.0.by', 'Measurable treatment goals, 1, by'."""
    group = next((one for one in _GROUPS if name.startswith(one)), "")
    first, *others = name.removeprefix(group).split(".")
    words = [_TITLES.get(first, first.replace("_", " ").capitalize())]
    for other in others:
        counted = other.isdecimal() and len(other) < 4
        words.append(str(int(other) + 1) if counted else other.replace("_", " "))
    return ", ".join(words)
