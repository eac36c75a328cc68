"""The pictures' style: fonts, colours for light and dark, and the marks in front of lines."""

from zlib import crc32

_LIGHT = """
--page:#f6f7f9;--panel:#ffffff;--band:#eef1f5;--ink:#17202b;--soft:#566273;--line:#d3d9e1;
--edge:#8592a3;--accent:#1f5fbf;--late:#b3261e;
--t0:#1f5fbf;--t1:#0b7a75;--t2:#8a3ffc;--t3:#9a5b00;--t4:#b4236a;--t5:#3f6212;
--closed:#e6e9ee;--today:#fff6da
"""
_DARK = """
--page:#12161c;--panel:#1c222b;--band:#171c24;--ink:#eef2f7;--soft:#a7b3c2;--line:#38424f;
--edge:#75849a;--accent:#86b7ff;--late:#ff9d94;
--t0:#86b7ff;--t1:#5fd4cb;--t2:#c9a6ff;--t3:#f0bd6a;--t4:#ff9cc4;--t5:#b5d98a;
--closed:#262d37;--today:#3a3420
"""
_TINTS = "".join(
    f".pill.t{i}{{fill:var(--t{i});fill-opacity:.14}}.dot.t{i}{{fill:var(--t{i})}}"
    f".bar.t{i}{{fill:var(--t{i})}}"
    for i in range(6)
)
_RULES = f"""
text{{font-family:Inter,"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif;
fill:var(--ink)}}
.page{{fill:var(--page)}}.lane{{fill:var(--band)}}
.card{{fill:var(--panel);stroke:var(--line)}}
.card.check{{stroke:var(--accent);stroke-width:1.6}}
.strong{{font-weight:650}}.muted{{fill:var(--soft)}}.end{{text-anchor:end}}.mid{{text-anchor:middle}}
.role{{font-weight:600}}.initials{{fill:var(--panel);font-weight:700;text-anchor:middle}}
.label{{fill:var(--soft);font-weight:700;letter-spacing:.06em}}
.hair{{stroke:var(--line)}}.edge{{fill:none;stroke:var(--edge);stroke-width:1.7}}
.edge.go{{stroke-dasharray:5 4}}.tip{{fill:var(--edge)}}
.mark{{fill:none;stroke:var(--soft);stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round}}
.full{{fill:var(--soft);stroke:none}}.alarm{{fill:none;stroke:var(--late);stroke-width:1.6;
stroke-linejoin:round;stroke-linecap:round}}
.cell{{fill:var(--panel);stroke:var(--line)}}.cell.closed{{fill:var(--closed)}}
.late{{fill:var(--late)}}
{_TINTS}
""".replace("\n", "")

MARKS = (
    '<g id="m-before"><circle class="mark" r="3.6"/></g>'
    '<g id="m-due"><circle class="full" r="4.2"/></g>'
    '<g id="m-late"><path class="alarm" d="M0-5L5 4H-5ZM0-1.5V1M0 2.6v.1"/></g>'
    '<g id="m-tick"><path class="mark" d="M-4 0L-1 3L4-4"/></g>'
    '<g id="m-go"><path class="mark" d="M-5 0H4M1-3L4 0L1 3"/></g>'
    '<g id="m-end"><rect class="full" x="-4" y="-4" width="8" height="8" rx="1.5"/></g>'
    '<g id="m-open"><path class="mark" d="M-4-4V4M-1 0H5M2-3L5 0L2 3"/></g>'
)
"""Drawn once, used by name. Each has a shape of its own: colour is never all there is."""


def style_sheet() -> str:
    """Give the embedded style; it follows the reader's light or dark setting."""
    light, dark = (":root{" + "".join(words.split()) + "}" for words in (_LIGHT, _DARK))
    return f"<style>{light}@media (prefers-color-scheme:dark){{{dark}}}{_RULES}</style>"


def picture(width: float, height: float, title: str, description: str, body: str) -> str:
    """Give a whole SVG file; title and description must be escaped already."""
    key = f"p{crc32(title.encode()):08x}"  # two pictures may stand in one page
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" '
        f'aria-labelledby="{key}-t {key}-d"><title id="{key}-t">{title}</title>'
        f'<desc id="{key}-d">{description}</desc>{style_sheet()}<defs>{MARKS}'
        '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto-start-reverse"><path class="tip" d="M0 0L8 4L0 8Z"/></marker></defs>'
        f'<rect class="page" width="100%" height="100%"/>{body}</svg>\n'
    )
