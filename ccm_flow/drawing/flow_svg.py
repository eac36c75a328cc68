"""
Draws a playbook as a flow of cards that needs no knowledge of YAML.

Parts of the month are lanes, time runs from left to right. Below stand the steps that something
outside opens, and those that put right what the readiness check misses.
"""

from ccm_flow.core.ids import StepId
from ccm_flow.core.plan import READINESS, Phase, Plan, PlanStep, steps_named
from ccm_flow.drawing.card import CARD_WIDTH, Card, Cards
from ccm_flow.drawing.edges import Box, below, edge
from ccm_flow.drawing.placing import Placing
from ccm_flow.drawing.style import picture
from ccm_flow.drawing.text import number, width, wrap, xml
from ccm_flow.language.wording import PHASES, Words, closes_words

_MARGIN, _GAP, _STACK = 28.0, 48.0, 22.0
_HEAD, _FOOT = 40.0, 18.0
_LEAST_COLUMNS = 4
_FARTHER = 60.0
"""How much shorter a stack must be to place a card one column farther away."""
_Stack = list[tuple[StepId, Card]]
_LEGEND = (
    ("before", "reminder before the deadline"),
    ("due", "on the deadline"),
    ("late", "when it is late"),
    ("tick", "ends, and what waits for it may open"),
    ("go", "leads to another step"),
    ("end", "ends the whole cycle"),
)


def draw_svg(plan: Plan) -> str:
    """Give the playbook's picture as a self-contained SVG file."""
    return _Drawing(plan).draw()


class _Drawing:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._words = Words(plan)
        self._cards = Cards(plan)
        self._placing = Placing(plan)
        self._body: list[str] = []
        self._boxes: dict[StepId, Box] = {}
        self._y = 0.0
        columns = [*self._placing.columns.values(), self._placing.readiness_column]
        self._columns = max(_LEAST_COLUMNS, max(columns) + 1)
        inner = self._columns * CARD_WIDTH + (self._columns - 1) * _GAP
        self._width = inner + 2 * (_MARGIN + _FOOT)

    def draw(self) -> str:
        self._header()
        for phase in self._placing.lanes:
            self._lane(phase)
        lines = self._edges()
        self._apart("Opens whenever it happens", self._placing.by_event)
        self._apart("Opens when the readiness check misses something", self._placing.fixing)
        title = xml(self._plan.title)
        says = f"{len(self._plan.steps)} steps with their owners, deadlines and escalation."
        body = "".join([*self._body, *lines])
        return picture(self._width, self._y + _MARGIN, title, says, body)

    # --- header ---

    def _header(self) -> None:
        plan, words = self._plan, self._words
        self._y = 58
        self._text(_MARGIN, self._y, plan.title, 27, "strong")
        about = (
            f"{plan.playbook}, version {plan.version}. {words.role(plan.owner)} answers for it. "
            f"Everything closes {closes_words(plan.closes)}. Read from left to right: each card "
            "is one piece of work: who does it, until when, and who hears of it when it is late."
        )
        for line in wrap(about, self._width - 2 * _MARGIN, 14):
            self._y += 21
            self._text(_MARGIN, self._y + 4, line, 14, "muted")
        self._legend()

    def _legend(self) -> None:
        x = _MARGIN
        self._y += 22
        for role in self._plan.roles:
            pill, wide = self._cards.pill(role.id, x, self._y)
            self._body.append(pill)
            x += wide + 10
        x, self._y = _MARGIN + 6, self._y + 40
        for mark, meaning in _LEGEND:
            at = f"translate({number(x)} {number(self._y)})"
            self._body.append(f'<use href="#m-{mark}" transform="{at}"/>')
            self._text(x + 11, self._y + 4, meaning, 12, "muted")
            x += width(meaning, 12) + 34
        self._y += 24

    def _text(self, x: float, y: float, text: str, size: float, style: str) -> None:
        at = f'x="{number(x)}" y="{number(y)}" font-size="{number(size)}"'
        self._body.append(f'<text class="{style}" {at}>{xml(text)}</text>')

    # --- lanes ---

    def _lane(self, phase: Phase) -> None:
        stacks: dict[int, _Stack] = {}
        steps = [step for step in self._placing.main if step.phase is phase]
        # What only an outcome leads to finds a place after the others have theirs.
        for step in sorted(steps, key=self._placing.is_detour):
            column = self._free_column(step, stacks)
            stacks.setdefault(column, []).append((step.id, self._cards.step(step)))
        if phase is Phase.READINESS and self._plan.readiness is not None:
            check = (READINESS, self._cards.readiness(self._plan.readiness))
            stacks.setdefault(self._placing.readiness_column, []).insert(0, check)
        height = max(self._stack_height(stack) for stack in stacks.values())
        name = PHASES.get(phase, str(phase))
        if phase is Phase.READINESS and self._plan.readiness is None:
            name = "Readiness"
        self._panel(name, height + _HEAD + _FOOT)
        for column, stack in stacks.items():
            self._stack(column, stack)
        self._y += height + _HEAD + _FOOT + 14

    def _free_column(self, step: PlanStep, stacks: dict[int, _Stack]) -> int:
        """Give a step's column; for a detour the one from there on with the most room."""
        column = self._placing.columns[step.id]
        if not self._placing.is_detour(step):
            return column

        def cost(there: int) -> float:
            return self._stack_height(stacks.get(there, [])) + _FARTHER * (there - column)

        return min(range(column, self._columns), key=cost)

    @staticmethod
    def _stack_height(stack: _Stack) -> float:
        return sum(card.height for _, card in stack) + _STACK * (len(stack) - 1)

    def _stack(self, column: int, stack: _Stack) -> None:
        y = self._y + _HEAD
        for id_, card in stack:
            x = self._column_x(column)
            style = "card check" if id_ == READINESS else "card"
            self._body.append(card.at(x, y, style))
            self._boxes[id_] = Box(x, y, CARD_WIDTH, card.height, column, self._y + 22)
            y += card.height + _STACK

    def _column_x(self, column: int) -> float:
        return _MARGIN + _FOOT + column * (CARD_WIDTH + _GAP)

    def _panel(self, name: str, height: float) -> None:
        size = f'width="{number(self._width - 2 * _MARGIN)}" height="{number(height)}" rx="14"'
        at = f'x="{number(_MARGIN)}" y="{number(self._y)}"'
        self._body.append(f'<rect class="lane" {at} {size}/>')
        self._text(_MARGIN + _FOOT, self._y + 25, name.upper(), 11.5, "label")

    # --- lines ---

    def _edges(self) -> list[str]:
        lines: list[str] = []
        order: dict[StepId, int] = {}
        for step in self._placing.main:
            target = self._boxes[step.id]
            named = steps_named(step.after)
            for source in sorted(self._placing.sources(step) | named):
                box = self._boxes.get(source)
                if box is None or source == step.id:
                    continue
                go = source not in named
                if target.column > box.column:
                    lines.append(edge(box, target, order.get(source, 0), _GAP, go=go))
                    order[source] = order.get(source, 0) + 1
                elif go and target.x == box.x and abs(target.y - box.y - box.height - _STACK) < 1:
                    lines.append(below(box, target))
        return lines

    # --- steps that stand apart ---

    def _apart(self, name: str, steps: tuple[PlanStep, ...]) -> None:
        if not steps:
            return
        rows = [steps[i : i + self._columns] for i in range(0, len(steps), self._columns)]
        cards = [[self._cards.step(step) for step in row] for row in rows]
        heights = [max(card.height for card in row) for row in cards]
        height = sum(heights) + _STACK * (len(rows) - 1)
        self._panel(name, height + _HEAD + _FOOT)
        y = self._y + _HEAD
        for row, tall in zip(cards, heights, strict=True):
            for column, card in enumerate(row):
                self._body.append(card.at(self._column_x(column), y))
            y += tall + _STACK
        self._y += height + _HEAD + _FOOT + 14
