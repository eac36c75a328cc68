"""Shows a proof: to people as text, to programs as JSON."""

from typing import Any

from ccm_flow.proof.findings import JUDGED_AT_THE_END, Found, Proof

_PROMISES = (
    "every course ends by its close, as ready or for a named reason",
    "every open step has an owner who is there, and a deadline",
    "nothing waits for what cannot happen, and nobody is lost sight of",
)

NOT_EXPLORED = (
    "two events from outside in one month",
    "a second pause",
    "two requirements missing at once",
    "a requirement lost more than once",
    "deadlines missed in two threads that never meet",
    "deadlines extended and steps handed over by people",
)
"""What no proof tries, however small the playbook is."""
_NOT_EXPLORED = f"Not explored in any proof: {'; '.join(NOT_EXPLORED)}."


def render_proof(proof: Proof) -> str:
    """Show what was found, with its story; or what holds, and how far was looked."""
    head = f"{proof.playbook} version {proof.version}, {proof.month}"
    parts = [_verdict(head, proof), *(_found(one) for one in proof.found), _extent(proof)]
    return "\n\n".join(parts)


def _verdict(head: str, proof: Proof) -> str:
    if proof.found:
        count = len(proof.found)
        return f"{head}: {count} thing{'s' if count > 1 else ''} to put right."
    if proof.stopped:
        return f"{head}: nothing found, but not everything was explored (see below)."
    return "\n".join([f"{head}: proved.", *(f"  - {promise}" for promise in _PROMISES)])


def _found(found: Found) -> str:
    lines = [f"{found.finding}: {found.sentence}"]
    lines += [f"    {line.when:<12}  {line.text}" for line in found.story]
    return "\n".join([*lines, f"    {found.hint}"])


def _extent(proof: Proof) -> str:
    ends = ", ".join(
        f"{str(end).replace('_', ' ')} {count:,}"
        for end, count in sorted(proof.endings.items(), key=lambda item: -item[1])
    )
    lines = [
        f"Explored {proof.states:,} states in {proof.threads} threads of work "
        f"({proof.transitions:,} steps of the engine); endings: {ends or 'none'}."
    ]
    if proof.stopped:
        lines.append(
            f"Stopped at the bound of {proof.bounds.states:,} states; what was explored up to "
            "there is as said above, and what never happens cannot be told: "
            f"{', '.join(finding.value for finding in JUDGED_AT_THE_END)}."
        )
    if proof.narrowed:
        lines.append(
            f"In {proof.narrowed} of the threads too much meets to try everything with everything:"
            " there, deadlines were missed in one step at a time, and in the widest contact was "
            "made at the first or at the last attempt."
        )
    if proof.rounds_cut:
        lines.append(
            f"Work that goes round was followed {proof.bounds.rounds} times; "
            f"{proof.rounds_cut:,} courses that go round more often were left there."
        )
    lines.append(_NOT_EXPLORED)
    return "\n".join(lines)


def proof_as_json(proof: Proof) -> dict[str, Any]:
    """Give a proof as plain values."""
    return {
        "playbook": proof.playbook,
        "version": proof.version,
        "month": str(proof.month),
        "holds": proof.holds,
        "complete": not proof.stopped,
        "states": proof.states,
        "transitions": proof.transitions,
        "threads": proof.threads,
        "narrowed": proof.narrowed,
        "rounds_cut": proof.rounds_cut,
        "bounds": {"states": proof.bounds.states, "rounds": proof.bounds.rounds},
        "not_judged": [str(one) for one in JUDGED_AT_THE_END] if proof.stopped else [],
        "not_explored": list(NOT_EXPLORED),
        "endings": {str(end): count for end, count in sorted(proof.endings.items())},
        "found": [_found_as_json(found) for found in proof.found],
    }


def _found_as_json(found: Found) -> dict[str, Any]:
    return {
        "finding": str(found.finding),
        "step": found.step,
        "outcome": found.outcome,
        "sentence": found.sentence,
        "hint": found.hint,
        "story": [
            {"at": line.at.isoformat(), "when": line.when, "text": line.text}
            for line in found.story
        ],
    }
