"""Draws the lines between cards: through the gaps between columns, never through a card."""

from dataclasses import dataclass

from ccm_flow.drawing.text import number

_ROUND = 9.0
_PORT = 26.0
"""How far below a card's top its lines start and end."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where a card stands."""

    x: float
    y: float
    width: float
    height: float
    column: int
    channel: float
    """The height at which lines may pass above its lane's cards."""

    @property
    def right(self) -> float:
        """Its right border."""
        return self.x + self.width


def edge(source: Box, target: Box, order: int, gap: float, *, go: bool = False) -> str:
    """
    Draw a line from one card to a later column's.

    Args:
        source: where it starts.
        target: where it ends.
        order: keeps the lines of one gap apart.
        gap: the room between two columns.
        go: an outcome leads there, instead of the step waiting for it.
    """
    start = source.y + min(_PORT + 9 * (order % 4), source.height - 12)
    end = target.y + _PORT
    bend = source.right + gap * (0.3 + 0.12 * (order % 4))
    points = [(source.right, start), (bend, start)]
    if target.column - source.column > 1:
        above = target.channel + 4 * (order % 4)
        into = target.x - gap * (0.3 + 0.1 * (order % 3))
        points += [(bend, above), (into, above), (into, end)]
    else:
        points.append((bend, end))
    points.append((target.x - 2, end))
    style = "edge go" if go else "edge"
    return f'<path class="{style}" d="{_rounded(points)}" marker-end="url(#tip)"/>'


def below(source: Box, target: Box) -> str:
    """Draw a line from a card to the one just below it."""
    x = source.x + source.width / 2
    path = f"M{number(x)} {number(source.y + source.height)}V{number(target.y - 2)}"
    return f'<path class="edge go" d="{path}" marker-end="url(#tip)"/>'


def _rounded(points: list[tuple[float, float]]) -> str:
    """Give a path along points with rounded corners."""
    x, y = points[0]
    path = f"M{number(x)} {number(y)}"
    for (x0, y0), (x1, y1), (x2, y2) in zip(points, points[1:], points[2:], strict=False):
        before = _toward((x1, y1), (x0, y0))
        behind = _toward((x1, y1), (x2, y2))
        path += f"L{before}Q{number(x1)} {number(y1)} {behind}"
    x, y = points[-1]
    return f"{path}L{number(x)} {number(y)}"


def _toward(corner: tuple[float, float], other: tuple[float, float]) -> str:
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    length = abs(dx) + abs(dy)  # lines are level or upright
    part = min(_ROUND, length / 2) / length if length else 0
    return f"{number(corner[0] + dx * part)} {number(corner[1] + dy * part)}"
