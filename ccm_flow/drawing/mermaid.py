"""Draws a playbook as a Mermaid flowchart, for documents and code hosts that show those."""

from ccm_flow.core.expressions import Expr
from ccm_flow.core.ids import StepId
from ccm_flow.core.plan import READINESS, Phase, Plan, PlanStep
from ccm_flow.language.wording import ENDINGS, PHASES, TRIGGERS, Words, due_words, plain

_ESCAPED = {
    "&": "&amp;",
    '"': "&quot;",
    "<": "&lt;",
    ">": "&gt;",
    "#": "&num;",
    ";": "&semi;",
    "`": "&grave;",
    "|": "&vert;",
    "\\": "&bsol;",
    "[": "&lsqb;",
    "]": "&rsqb;",
    "{": "&lcub;",
    "}": "&rcub;",
}


def draw_mermaid(plan: Plan) -> str:
    """Give a flowchart: steps in the parts of the month, and what leads from one to another."""
    words = Words(plan)
    lines = ["flowchart LR"]
    for phase in Phase:
        steps = [step for step in plan.steps if step.phase is phase]
        if phase is Phase.READINESS and plan.readiness is not None:
            lines += _group(phase, steps, words, ['    check{{"Is the month ready?"}}'])
        elif steps:
            lines += _group(phase, steps, words, [])
    for step in plan.steps:
        lines += _into(step)
        lines += _out_of(step)
    return "\n".join(lines) + "\n"


def _group(phase: Phase, steps: list[PlanStep], words: Words, first: list[str]) -> list[str]:
    nodes = [f'    {_node(step.id)}["{_label(step, words)}"]' for step in steps]
    title = _text(PHASES.get(phase, plain(phase)))
    return [f'  subgraph p_{phase}["{title}"]', *first, *nodes, "  end"]


def _label(step: PlanStep, words: Words) -> str:
    owner, due = _text(words.role(step.owner)), _text(f"due {due_words(step.due)}")
    return f"<b>{_text(step.title)}</b><br/>{owner}<br/>{due}"


def _into(step: PlanStep) -> list[str]:
    lines = [
        f"  {_source(part)} -->{_said(part, step)} {_node(step.id)}" for part in _parts(step.after)
    ]
    if step.on is not None:
        event = _text(TRIGGERS.get(step.on, plain(step.on)))
        lines.append(f'  e_{_node(step.id)}(["{event}"]) --> {_node(step.id)}')
    if step.fixes is not None:
        lines.append(f'  check -. "misses {_text(plain(step.fixes))}" .-> {_node(step.id)}')
    return lines


def _out_of(step: PlanStep) -> list[str]:
    lines = []
    for outcome in step.outcomes:
        title = _text(outcome.title)
        if outcome.go is not None:
            lines.append(f'  {_node(step.id)} -. "{title}" .-> {_node(outcome.go)}')
        if outcome.end is not None:
            end = f'end_{outcome.end}(("{_text(ENDINGS[outcome.end])}"))'
            lines.append(f'  {_node(step.id)} -- "{title}" --> {end}')
    return lines


def _parts(after: Expr) -> list[tuple[str, ...]]:
    if not isinstance(after, tuple):
        return []
    if after[0] in ("and", "or"):
        found = [part for inner in after[1:] for part in _parts(inner)]
        return list(dict.fromkeys(found))
    return [after]


def _source(part: tuple[str, ...]) -> str:
    return "check" if part[1] == READINESS else _node(StepId(part[1]))


def _said(part: tuple[str, ...], step: PlanStep) -> str:
    """Label an arrow with the outcome it needs."""
    del step
    return f'|"{_text(plain(part[2]))}"|' if part[0] == "outcome" else ""


def _node(step: StepId) -> str:
    return f"s_{step}"


def _text(text: str) -> str:
    """Escape everything that means something to Mermaid or to HTML."""
    shown = (char for char in text if char.isprintable())
    return "".join(_ESCAPED.get(char, char) for char in shown)
