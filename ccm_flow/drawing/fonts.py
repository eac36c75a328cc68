"""
The typeface of every PDF: Roboto, so that names are written with their own letters.

The fonts come from the `font-roboto` package (Apache-2.0) and are embedded, so a PDF looks the
same everywhere. What the typeface lacks is shown as a replacement sign, never left out unseen.
"""

from functools import cache
from pathlib import Path
from typing import Final

import font_roboto
from reportlab.pdfbase.pdfmetrics import getFont, registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont

REGULAR: Final = "Roboto"
BOLD: Final = "Roboto-Bold"
ITALIC: Final = "Roboto-Italic"
BOLD_ITALIC: Final = "Roboto-BoldItalic"
REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
_FILES = {REGULAR: "Regular", BOLD: "Bold", ITALIC: "Italic", BOLD_ITALIC: "BoldItalic"}
_SPOKEN = str.maketrans({"→": "to", "\t": " "})


@cache
def use_roboto() -> None:
    """Make the typeface known to the PDF writer; a second time nothing happens."""
    folder = Path(font_roboto.font_directory)
    for name, file in _FILES.items():
        registerFont(TTFont(name, folder / f"Roboto-{file}.ttf"))
    registerFontFamily(REGULAR, REGULAR, BOLD, ITALIC, BOLD_ITALIC)


def writable(text: str) -> str:
    """Give a text as the typeface can show it; what it lacks becomes a replacement sign."""
    use_roboto()
    known = getFont(REGULAR).face.charToGlyph
    spoken = text.translate(_SPOKEN)
    return "".join(char if char == "\n" or ord(char) in known else REPLACEMENT for char in spoken)
