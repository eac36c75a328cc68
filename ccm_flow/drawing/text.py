"""Text in pictures: how wide it is, where it wraps, how it is escaped."""

from html import escape

_NARROW = frozenset("iljtfrI.,;:'|!()[]“” ")
_WIDE = frozenset("mwMW@%—→")
_EM = {"narrow": 0.3, "wide": 0.86, "upper": 0.68, "other": 0.54}
_BOLDER = 1.06


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Estimate a text's width in a sans-serif font; rather too wide than too narrow."""
    ems = sum(_ems(char) for char in text)
    return ems * size * (_BOLDER if bold else 1)


def _ems(char: str) -> float:
    if char in _NARROW:
        return _EM["narrow"]
    if char in _WIDE:
        return _EM["wide"]
    return _EM["upper"] if char.isupper() else _EM["other"]


def wrap(text: str, room: float, size: float, *, bold: bool = False) -> list[str]:
    """Break a text into lines that fit; a word that does not is broken too."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        for piece in _pieces(word, room, size, bold=bold):
            longer = f"{line} {piece}".strip()
            if line and width(longer, size, bold=bold) > room:
                lines.append(line)
                line = piece
            else:
                line = longer
    return [*lines, line] if line else lines


def _pieces(word: str, room: float, size: float, *, bold: bool) -> list[str]:
    if width(word, size, bold=bold) <= room:
        return [word]
    most = max(1, int(room / (size * _EM["wide"])))
    return [word[i : i + most] for i in range(0, len(word), most)]


def xml(text: str) -> str:
    """Escape a text for SVG; characters that XML does not allow are left out."""
    allowed = (char for char in text if char.isprintable() or char == " ")
    return escape("".join(allowed), quote=True)


def number(value: float) -> str:
    """Write a coordinate briefly."""
    return f"{value:.1f}".removesuffix(".0")
