"""Breaks playbooks as people do, and says what is true of every check of one."""

import random
from pathlib import Path

from ccm_flow.language import CheckResult

ROOT = Path(__file__).parents[2]
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yaml"))
SHIPPED = [file.read_text() for file in PLAYBOOKS if not file.name.endswith(".tests.yaml")]
WORDS = sorted({word for text in SHIPPED for word in text.split()})
BITS = ["", " ", "\n", ":", "- ", "[", "]", "{", "}", "'", '"', "&a ", "*a", "!!x ", "|", "#", "\t",
        "\u202e", "<<: ", "0", "~", "?", "%"]  # fmt: skip


def holds_together(result: CheckResult) -> None:
    """Check what is true of every result."""
    assert (result.plan is None) == bool(result.errors)
    for problem in result.problems:
        assert problem.line >= 1
        assert problem.end_column > problem.column >= 1
        assert problem.render()


def damage(text: str, dice: random.Random) -> str:
    """Break a text in one place: a bit put in, a line moved, dropped, doubled or changed."""
    lines = text.split("\n")
    i, j = dice.randrange(len(lines)), dice.randrange(len(lines))
    match dice.randrange(6):
        case 0:
            place = dice.randrange(len(lines[i]) + 1)
            lines[i] = lines[i][:place] + dice.choice(BITS) + lines[i][place:]
        case 1:
            lines.insert(j, lines.pop(i))
        case 2:
            lines.insert(j, lines[i])
        case 3:
            del lines[i]
        case 4:
            lines[i] = " " * dice.randrange(9) + lines[i].strip()
        case _:
            words = lines[i].split(" ")
            words[dice.randrange(len(words))] = dice.choice(WORDS)
            lines[i] = " ".join(words)
    return "\n".join(lines)
