"""What changes in one step."""

from collections.abc import Iterator

from ccm_flow.core.plan import PlanStep, StepVariant
from ccm_flow.language.compare_ladder import attempt_sentences, ladder_changes, outcome_changes
from ccm_flow.language.compare_values import (
    Change,
    differing,
    label,
    moved,
    now_and_before,
    said,
)
from ccm_flow.language.condition_words import condition_words
from ccm_flow.language.wording import Words, due_words

_OPENS = frozenset(["after", "at", "on", "fixes", "every", "when"])
_NAMES = {
    "script": "The script",
    "note": "The note",
    "phase": "The part of the month",
    "responsibility": "The organization that does",
}


def added(step: PlanStep, words: Words) -> Change:
    """Say what a new step is."""
    opens = words.opens(step)
    text = (
        f"New for {words.the_role(step.owner)}: {words.step(step.id)}, "
        f"due {due_words(step.due)}. It opens {opens[:1].lower()}{opens[1:]}."
    )
    return Change(text, (step.owner,), step.id)


def removed(step: PlanStep, words: Words) -> Change:
    """Say that a step goes."""
    return Change(f"{words.step(step.id)} is no longer done.", (step.owner,), step.id)


def step_changes(old: PlanStep, new: PlanStep, before: Words, after: Words) -> Iterator[Change]:
    """Say all that is different in a step that both versions have."""
    changed = differing(old, new)
    yield from _opening_changes(old, new, before, after)
    for field in changed:
        if field == "ladder":
            yield from ladder_changes(old, new, before, after)
        elif field == "outcomes":
            yield from outcome_changes(old, new, after)
        elif field == "owner":
            text = (
                f"{after.step(new.id)} now belongs to {after.the_role(new.owner)} "
                f"(was {before.the_role(old.owner)})."
            )
            yield Change(text, (new.owner, old.owner), new.id)
        elif field not in _OPENS:
            for text in _sentences(field, old, new, after):
                yield Change(text, (new.owner,), new.id)


def _sentences(field: str, old: PlanStep, new: PlanStep, words: Words) -> list[str]:
    name = words.step(new.id)
    was, now = getattr(old, field), getattr(new, field)
    match field:
        case "title":
            return [f"“{was}” is now called “{now}”."]
        case "due":
            return [moved(name, was, now)]
        case "urgent_due":
            return _urgent(name, old, new)
        case "attempts":
            return attempt_sentences(name, was, now)
        case "expected":
            return [f"{name} is now expected to take {said(now)} (was {said(was)})."]
        case "optional":
            return [f"{name} {'may now' if now else 'may no longer'} be skipped by its owner."]
        case "skip_if":
            return [f"{name} is now skipped by itself {_skips(new)} (was: {_skips(old)})."]
        case "variants":
            return _variant_sentences(name, old, new)
    return [now_and_before(f"{_NAMES.get(field, f'The {label(field)}')} of {name}", was, now)]


def _urgent(name: str, old: PlanStep, new: PlanStep) -> list[str]:
    if new.urgent_due is None:
        return [f"{name} has no shorter deadline any more when it is urgent."]
    if old.urgent_due is None:
        return [f"{name}, when it is urgent, is now due {due_words(new.urgent_due)}."]
    return [moved(f"{name}, when it is urgent,", old.urgent_due, new.urgent_due)]


def _skips(step: PlanStep) -> str:
    rules = [f"if {condition_words(rule.when)} ({said(rule.because)})" for rule in step.skip_if]
    return " or ".join(rules) or "never"


def _variant_sentences(name: str, old: PlanStep, new: PlanStep) -> list[str]:
    plain_variant = StepVariant("")
    olds = {variant.risk: variant for variant in old.variants}
    news = {variant.risk: variant for variant in new.variants}
    found = []
    for risk in dict.fromkeys([*olds, *news]):
        was, now = olds.get(risk, plain_variant), news.get(risk, plain_variant)
        for field in differing(was, now):
            if field == "risk":
                continue
            values = getattr(was, field), getattr(now, field)
            usual = [said(value) if value is not None else "as usual" for value in values]
            found.append(
                f"For patients whose risk is {risk}, the {label(field)} of {name} is now "
                f"{usual[1]} (was {usual[0]})."
            )
    return found or [f"How {name} differs by the patient's risk is written differently."]


def _opening_changes(old: PlanStep, new: PlanStep, before: Words, after: Words) -> Iterator[Change]:
    """Say when a step opens now, in one sentence for all the settings that say so."""
    changed = _OPENS.intersection(differing(old, new))
    if not changed:
        return
    was, now = before.opens(old), after.opens(new)
    text = f"{after.step(new.id)} now opens: {now} (was: {was})."
    if was == now:
        settings = ", ".join(sorted(changed))
        text = f"When {after.step(new.id)} opens is written differently ({settings})."
    yield Change(text, (new.owner,), new.id)
