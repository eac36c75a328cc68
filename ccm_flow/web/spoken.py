"""
What use cases and the engine say, for people who look at a page.

They name commands, ids and UTC: right for a terminal and for a log. A page names itself, the
titles and the clinic's time.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from ccm_flow.core.plan import Plan
from ccm_flow.web.words import day_and_time

PAGES: Final[Mapping[str, str]] = {
    "approve": "Lines are approved on the month's billing page.",
    "care-plan": "It is written on the patient's page, under Care plan.",
    "clinic": "An administrator sets the clinic up.",
    "close": "The month is closed on its billing page.",
    "lines": "Its lines are on the month's billing page.",
    "note": "Notes are on the patient's page, under Notes.",
    "open-month": "The month opens by itself on its first day.",
    "patient": "How the patient stands is on the patient's page.",
    "publish": "Playbooks are published under Playbooks.",
    "queue": "The open steps are on the work list.",
    "readiness": "What is missing is on the month's readiness page.",
    "rehearse": "it is done on the draft's page, under Rehearse.",
    "reopen": "It is opened again on the month's billing page.",
    "return": "It is returned on the line's own page.",
    "start": "",
    "time": "Entries and timers are on the patient's page, under Time.",
    "token": "Tokens are under Administration, Connections.",
    "webhook": "Addresses are under Administration, Connections.",
}
"""Where the browser has what a command does; empty where nobody does it in a browser."""
_COMMAND: Final = re.compile(r"`ccm ([a-z-]+)")
_SENTENCE: Final = re.compile(r"(?<=[.;:]) ")
_UTC: Final = re.compile(r"\b(?:at )?(\d{4}-\d\d-\d\d \d\d:\d\d) UTC")
_QUOTED: Final = re.compile(r"'([\w.~-]+)'")
_BARE: Final = re.compile(r"\b[a-z]\w*(?:[.-]\w+)*(?:~\d+)?")


def plain_hint(hint: str) -> str:
    """Say on which page something is done instead of the command that does it."""
    return " ".join(dict.fromkeys(_plain(hint)))


def _plain(hint: str) -> Iterator[str]:
    for sentence in _SENTENCE.split(hint):
        command = _COMMAND.search(sentence)
        if command:
            if PAGES.get(command[1]):
                yield PAGES[command[1]]
        elif "`" not in sentence and "--" not in sentence and sentence.strip():
            yield sentence


def clinic_times(text: object, zone: ZoneInfo, now: datetime) -> str:
    """Write the instants in a sentence in the clinic's time."""

    def there(found: re.Match[str]) -> str:
        at = datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
        return day_and_time(at, zone, now)

    return _UTC.sub(there, str(text))


def with_titles(text: str, plan: Plan, step: str, people: Mapping[str, str]) -> str:
    """
    Write titles and names for the ids of steps, outcomes, roles and people in a sentence.

    `step` is what the sentence is about: where steps use the same id for an outcome, its title is
    meant.
    """
    roles: dict[str, str] = {role.id: role.title.lower() for role in plan.roles}
    steps: dict[str, str] = {one.id: f"“{one.title}”" for one in plan.steps}
    ordered = sorted(plan.steps, key=lambda one: one.id == step)
    outcomes: dict[str, str] = {
        one.id: f"“{one.title}”" for each in ordered for one in each.outcomes
    }
    titles = {**outcomes, **steps, **roles}

    def quoted(found: re.Match[str]) -> str:
        name = found[1].partition("~")[0]
        return titles.get(name, found[1].replace("_", " "))

    def bare(found: re.Match[str]) -> str:
        word = found[0]
        if word in people:
            return people[word]
        name = word.partition("~")[0]
        is_id = name in roles or "_" in word or "~" in word
        return titles.get(name, word.replace("_", " ")) if is_id else word

    return _BARE.sub(bare, _QUOTED.sub(quoted, text))
