"""Compiles a step's escalation ladder."""

import re

from ccm_flow.core.ids import OutcomeId, RoleId
from ccm_flow.core.plan import Act, Expire, Notify, Reassign, Remind, Rung, When
from ccm_flow.language.names import Names
from ccm_flow.language.phrases import parse_rung_time
from ccm_flow.language.problems import Path
from ccm_flow.language.report import Report
from ccm_flow.language.source import StepSource
from ccm_flow.language.suggest import did_you_mean, nearest
from ccm_flow.language.times import read_phrase

_ACT_FORM = "Write `remind owner`, `notify ROLE`, `reassign ROLE`, `expire` or `expire as OUTCOME`."
_VERBS = ("remind", "notify", "reassign", "expire")
_ACT = re.compile(r"\s*(?P<verb>[A-Za-z]+)(?:\s+(?P<link>as|to)(?=\s))?(?:\s+(?P<name>\S+))?\s*")
_PLACEHOLDER = Rung(When.DUE, None, Remind())


def compile_ladder(
    source: StepSource, path: Path, names: Names, report: Report
) -> tuple[Rung, ...]:
    """Give the rungs in the order of the file; one that was reported becomes a placeholder."""
    path = (*path, "ladder")
    if not source.ladder:
        hint = "Say who hears of it when it is late, e.g. `- {when due: remind owner}`."
        message = f"Step '{source.id}' has an empty ladder: nobody would be told when it is late."
        report.add("PB205", path, message, hint, key=True)
    rungs = enumerate(source.ladder)
    return tuple(_rung(rung, (*path, i), source, names, report) for i, rung in rungs)


def _rung(
    rung: dict[str, str], path: Path, source: StepSource, names: Names, report: Report
) -> Rung:
    if len(rung) != 1:
        hint = "Start each rung on a line of its own: `- when due: remind owner`."
        report.add("PB207", path, "A rung is one `when: what to do` pair.", hint)
        return _PLACEHOLDER
    ((when, act),) = rung.items()
    path = (*path, when)
    time = read_phrase(report, path, when, parse_rung_time, "PB403", key=True)
    done = _act(act, path, source, names, report)
    if time is None or done is None:
        return _PLACEHOLDER
    return Rung(time.when, time.offset, done)


def _act(text: str, path: Path, source: StepSource, names: Names, report: Report) -> Act | None:
    match = _ACT.fullmatch(text)
    verb, link, name = match.group("verb", "link", "name") if match else ("", None, None)
    where = match.span("name") if match and name else None
    match verb:
        case "remind" if name == "owner" and link is None:
            return Remind()
        case "expire" if (link, name) == (None, None):
            return Expire()
        case "expire" if link == "as" and name:
            if name not in source.outcomes:
                hint = did_you_mean(name, source.outcomes, f"Outcomes of {source.id}")
                message = f"'{source.id}' has no outcome '{name[:60]}'."
                report.add("PB303", path, message, hint, within=where)
            return Expire(OutcomeId(name))
        case "notify" | "reassign" if name and link != "as":
            if name not in names.roles:
                hint = did_you_mean(name, names.roles, "Roles")
                report.add("PB301", path, f"There is no role '{name[:60]}'.", hint, within=where)
            return Notify(RoleId(name)) if verb == "notify" else Reassign(RoleId(name))
    report.add("PB404", path, f"'{text[:60]}' is not something a rung does.", _act_hint(text))
    return None


def _act_hint(text: str) -> str:
    words = text.split()
    near = nearest(words[0], _VERBS) if words else None
    if near is None or near == words[0]:
        return _ACT_FORM
    return f"Did you mean '{' '.join([near, *words[1:]])[:80]}'? {_ACT_FORM}"
