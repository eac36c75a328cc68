"""One step as a card: who does it, until when, who hears of it when it is late, what follows."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ccm_flow.core.deadlines import MonthDate
from ccm_flow.core.ids import RoleId
from ccm_flow.core.plan import Plan, PlanStep, ReadinessPlan, When
from ccm_flow.drawing.text import number, width, wrap, xml
from ccm_flow.language.condition_words import condition_words
from ccm_flow.language.wording import (
    ENDINGS,
    Words,
    date_words,
    due_words,
    joined,
    minutes_words,
    plain,
    requirement_words,
    rung_time,
)

CARD_WIDTH = 250.0
PAD = 14.0
ROOM = CARD_WIDTH - 2 * PAD
_TITLE, _BODY, _SMALL = 14.5, 12.5, 11.5
TINTS = 6
"""Role colours there are; more roles share them, for their names are written out anyway."""


@dataclass(slots=True)
class Card:
    """Lines of SVG that grow downwards."""

    title: str
    parts: list[str] = field(default_factory=list)
    y: float = 0.0

    def text(
        self, text: str, style: str, size: float, *, x: float = PAD, bold: bool = False
    ) -> None:
        """Write a text, wrapped, below what there is."""
        for line in wrap(text, CARD_WIDTH - PAD - x, size, bold=bold):
            self.y += size * 1.36
            at = f'x="{number(x)}" y="{number(self.y - size * 0.3)}"'
            self.parts.append(f'<text class="{style}" {at} font-size="{size}">{xml(line)}</text>')

    def gap(self, height: float) -> None:
        """Leave room."""
        self.y += height

    def rule(self) -> None:
        """Draw a thin line across."""
        self.y += 7
        end = number(CARD_WIDTH - PAD)
        at = number(self.y)
        self.parts.append(f'<line class="hair" x1="{PAD}" x2="{end}" y1="{at}" y2="{at}"/>')
        self.y += 5

    def finish(self) -> "Card":
        """Close the card at its bottom."""
        self.y += PAD - 2
        return self

    @property
    def height(self) -> float:
        """How tall it became."""
        return self.y

    def at(self, x: float, y: float, style: str = "card") -> str:
        """Give the card's SVG at a place."""
        box = f'width="{number(CARD_WIDTH)}" height="{number(self.height)}" rx="10"'
        return (
            f'<g transform="translate({number(x)} {number(y)})"><title>{xml(self.title)}</title>'
            f'<rect class="{style}" {box}/>{"".join(self.parts)}</g>'
        )


class Cards:
    """Makes the cards of one plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._words = Words(plan)
        self._tints = {role.id: i % TINTS for i, role in enumerate(plan.roles)}

    def step(self, step: PlanStep, *, opens: bool = True) -> Card:
        """Draw a step."""
        card = Card(f"{step.title}: {self._words.role(step.owner)}, due {due_words(step.due)}")
        card.gap(PAD - 3)
        card.text(step.title, "strong", _TITLE, bold=True)
        card.gap(7)
        self._owner(card, step)
        card.gap(6)
        self._due(card, step)
        if opens:
            card.text(self._words.opens(step, sent=False), "muted", _SMALL)
        self._contact(card, step)
        card.rule()
        self._ladder(card, step)
        self._outcomes(card, step)
        return card.finish()

    def readiness(self, readiness: ReadinessPlan) -> Card:
        """Draw the readiness check."""
        card = Card("The readiness check")
        card.gap(PAD - 3)
        card.text("Is the month ready for billing?", "strong", _TITLE, bold=True)
        card.gap(3)
        rule = readiness.from_
        start = date_words(rule) if isinstance(rule, MonthDate) else f"{rule} after the start"
        card.text(f"Checked by itself from {start} on, after everything that happens.", "", _BODY)
        card.rule()
        for word in readiness.requires:
            self._mark(card, "tick")
            card.text(requirement_words(readiness, word), "", _SMALL, x=PAD + 18)
            card.gap(2)
        return card.finish()

    def pill(self, role: RoleId, x: float, y: float) -> tuple[str, float]:
        """Draw a role's name in its colour; give the width it took."""
        title = self._words.role(role)
        wide = min(width(title, _SMALL, bold=True) + 34, ROOM)
        tint = self._tints.get(role, 0)
        at = f"translate({number(x)} {number(y)})"
        initials = "".join(word[0] for word in title.split()[:2]).upper()
        return (
            f'<g transform="{at}"><rect class="pill t{tint}" width="{number(wide)}" height="22" '
            f'rx="11"/><circle class="dot t{tint}" cx="11" cy="11" r="9"/>'
            f'<text class="initials" x="11" y="14.2" font-size="8.5">{xml(initials)}</text>'
            f'<text class="role" x="25" y="15" font-size="{_SMALL}">{xml(title)}</text></g>',
            wide,
        )

    def _owner(self, card: Card, step: PlanStep) -> None:
        card.parts.append(self.pill(step.owner, PAD, card.y)[0])
        if step.expected:
            at = f'x="{number(CARD_WIDTH - PAD)}" y="{number(card.y + 15)}"'
            short = minutes_words(step.expected).replace("minutes", "min").replace("minute", "min")
            card.parts.append(f'<text class="muted end" {at} font-size="{_SMALL}">{short}</text>')
        card.gap(22)

    def _due(self, card: Card, step: PlanStep) -> None:
        due = f"Due {due_words(step.due)}"
        if step.urgent_due is not None:
            due += f"; when urgent, {due_words(step.urgent_due)}"
        card.text(due, "strong", _BODY, bold=True)
        for variant in step.variants:
            if variant.due is not None:
                card.text(f"Risk {variant.risk}: due {due_words(variant.due)}", "", _SMALL)

    def _contact(self, card: Card, step: PlanStep) -> None:
        for rule in step.skip_if:
            card.text(f"Skipped if {condition_words(rule.when)}", "muted", _SMALL)
        tries = step.attempts
        if tries is not None:
            channels = ", then ".join(plain(c) for c in _runs(tries.channels))
            said = f"Up to {tries.max} tries, {tries.every} apart: {channels}"
            card.text(said, "muted", _SMALL)

    def _ladder(self, card: Card, step: PlanStep) -> None:
        for rung in step.ladder:
            self._mark(card, {When.BEFORE: "before", When.DUE: "due", When.LATE: "late"}[rung.when])
            time = rung_time(rung).replace(" before it is due", " before")
            time = time.replace("when it is due", "When due")
            card.text(f"{time}: {self._words.act(rung.act, step)}", "", _SMALL, x=PAD + 18)
            card.gap(2)

    def _outcomes(self, card: Card, step: PlanStep) -> None:
        card.rule()
        ordinary = [f"“{o.title}”" for o in step.outcomes if o.go is None and o.end is None]
        if ordinary:
            self._mark(card, "tick")
            card.text(joined(ordinary, "or"), "", _SMALL, x=PAD + 18)
        for outcome in step.outcomes:
            if outcome.go is not None:
                self._mark(card, "go")
                said = f"“{outcome.title}” goes to {self._words.step(outcome.go)}"
                card.text(said, "", _SMALL, x=PAD + 18)
            if outcome.end is not None:
                self._mark(card, "end")
                said = f"“{outcome.title}”: {ENDINGS[outcome.end]}"
                card.text(said, "", _SMALL, x=PAD + 18)

    @staticmethod
    def _mark(card: Card, kind: str) -> None:
        at = f"{number(PAD + 5)} {number(card.y + 9.5)}"
        card.parts.append(f'<use href="#m-{kind}" transform="translate({at})"/>')


def _runs(channels: Sequence[str]) -> list[str]:
    """Write repeated channels once: `phone twice`."""
    found: list[list[str]] = []
    for channel in channels:
        if found and found[-1][0] == channel:
            found[-1].append(channel)
        else:
            found.append([channel])
    times = ("", "", " twice", " three times")
    return [
        f"{run[0]}{times[len(run)] if len(run) < len(times) else f' {len(run)} times'}"
        for run in found
    ]
