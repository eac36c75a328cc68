"""What changes in a step's ladder, its outcomes and its attempts."""

from collections.abc import Callable, Iterator, Sequence

from ccm_flow.core.ids import RoleId
from ccm_flow.core.plan import (
    AttemptPlan,
    Notify,
    Outcome,
    PlanStep,
    Reassign,
    Remind,
    Rung,
)
from ccm_flow.language.compare_values import Change, differing, label, now_and_before, said
from ccm_flow.language.wording import ENDINGS, Words, joined, plain, rung_time


def ladder_changes(old: PlanStep, new: PlanStep, before: Words, after: Words) -> Iterator[Change]:
    """Say who is told at another time, or somebody else, or no longer."""
    gone = [rung for rung in old.ladder if rung not in new.ladder]
    come = [rung for rung in new.ladder if rung not in old.ladder]
    name = after.step(new.id)

    def change(text: str, *rungs: Rung) -> Change:
        steps = (old, new) if len(rungs) > 1 else (new,)
        roles = [_told(rung, step) for rung, step in zip(rungs, steps, strict=True)]
        return Change(text, tuple(dict.fromkeys(roles)), new.id)

    for was, now in _pairs(gone, come, _same_time):
        yield change(_other_act(was, now, name, (old, new), (before, after)), was, now)
    for was, now in _pairs(gone, come, _same_act):
        act = after.act(now.act, new)
        yield change(
            f"{_upper(act)} about {name} {rung_time(now)} (was {rung_time(was)}).", was, now
        )
    for rung in gone:
        yield change(f"No longer {rung_time(rung)} of {name}: {before.act(rung.act, old)}.", rung)
    for rung in come:
        yield change(f"New for {name}, {rung_time(rung)}: {after.act(rung.act, new)}.", rung)
    if sorted(map(repr, old.ladder)) == sorted(map(repr, new.ladder)):
        yield Change(f"The ladder of {name} is in another order.", (new.owner,), new.id)
    elif set(old.ladder) == set(new.ladder):
        yield Change(f"A line of the ladder of {name} is repeated, or no longer.", (), new.id)


def _pairs(
    gone: list[Rung], come: list[Rung], alike: Callable[[Rung, Rung], bool]
) -> Iterator[tuple[Rung, Rung]]:
    """Take out the rungs that were changed into one another."""
    for was in list(gone):
        for now in come:
            if alike(was, now):
                gone.remove(was)
                come.remove(now)
                yield was, now
                break


def _same_time(one: Rung, other: Rung) -> bool:
    return (one.when, one.offset) == (other.when, other.offset)


def _same_act(one: Rung, other: Rung) -> bool:
    return one.act == other.act


def _told(rung: Rung, step: PlanStep) -> RoleId:
    return rung.act.role if isinstance(rung.act, (Notify, Reassign)) else step.owner


def _other_act(
    was: Rung,
    now: Rung,
    name: str,
    steps: tuple[PlanStep, PlanStep],
    words: tuple[Words, Words],
) -> str:
    time = rung_time(now)
    telling = (Remind, Notify)
    if isinstance(was.act, telling) and isinstance(now.act, telling):
        to = [
            w.the_role(r.act.role) if isinstance(r.act, Notify) else "the owner"
            for r, w in zip((was, now), words, strict=True)
        ]
        return f"The reminder about {name} {time} now goes to {to[1]} (was {to[0]})."
    old, new = (w.act(r.act, s) for r, w, s in zip((was, now), words, steps, strict=True))
    return f"For {name}, {time}: {new} (was: {old})."


def outcome_changes(old: PlanStep, new: PlanStep, after: Words) -> Iterator[Change]:
    """Say which ways to end come and go, and what follows them now."""
    name = after.step(new.id)
    olds = {outcome.id: outcome for outcome in old.outcomes}
    news = {outcome.id: outcome for outcome in new.outcomes}
    for id_, outcome in news.items():
        if id_ not in olds:
            text = f"{name} can now also end with “{outcome.title}”{_leads(outcome, after)}."
            yield Change(text, (new.owner,), new.id)
    for id_, outcome in olds.items():
        if id_ not in news:
            text = f"{name} can no longer end with “{outcome.title}”."
            yield Change(text, (new.owner,), new.id)
        elif outcome != news[id_]:
            for text in _outcome_sentences(name, outcome, news[id_], after):
                yield Change(text, (new.owner,), new.id)
    if olds.keys() == news.keys() and list(olds) != list(news):
        yield Change(f"The outcomes of {name} are in another order.", (new.owner,), new.id)
    elif len(old.outcomes) != len(olds) or len(new.outcomes) != len(news):
        yield Change(f"An outcome of {name} is given twice.", (new.owner,), new.id)


def _leads(outcome: Outcome, words: Words) -> str:
    parts = []
    if outcome.go is not None:
        parts.append(f"which opens {words.step(outcome.go)}")
    if outcome.end is not None:
        because = f" ({plain(outcome.because)})" if outcome.because else ""
        parts.append(f"after which the {ENDINGS[outcome.end]}{because}")
    if outcome.records:
        parts.append(f"which records {said(outcome.records)}")
    if outcome.contact:
        parts.append("which counts as contact with the patient")
    return f", {joined(parts)}" if parts else ""


def _outcome_sentences(name: str, old: Outcome, new: Outcome, words: Words) -> Iterator[str]:
    what = f"“{new.title}” of {name}"
    for field in differing(old, new):
        match field:
            case "title":
                yield f"The outcome “{old.title}” of {name} is now called “{new.title}”."
            case "go":
                to = "no other step" if new.go is None else words.step(new.go)
                yield f"{what} now opens {to}."
            case "end":
                ends = "no longer ends it" if new.end is None else f"ends it: {ENDINGS[new.end]}"
                yield f"{what} now {ends}." if new.end else f"{what} {ends}."
            case "because":
                yield now_and_before(f"The reason named by {what}", old.because, new.because)
            case "contact":
                yield f"{what} {'now' if new.contact else 'no longer'} counts as contact."
            case "records":
                yield f"{what} now records {said(new.records)} (was {said(old.records)})."
            case _:
                was, now = getattr(old, field), getattr(new, field)
                yield now_and_before(f"The {label(field)} of {what}", was, now)


def attempt_sentences(name: str, old: AttemptPlan | None, new: AttemptPlan | None) -> list[str]:
    """Say how contact is tried now."""
    if new is None:
        return [f"{name} is no longer tried several times: one attempt ends it."]
    plan = f"{new.max} attempts, {new.every} apart, by {said(new.channels)}"
    if old is None:
        follows = f"; then “{plain(new.then)}”, and until then {said(new.results)}"
        return [f"{name} is now tried several times: {plan}{follows}."]
    return [_attempt_sentence(name, field, old, new) for field in differing(old, new)]


def _attempt_sentence(name: str, field: str, old: AttemptPlan, new: AttemptPlan) -> str:
    was, now = getattr(old, field), getattr(new, field)
    match field:
        case "max":
            return f"{name} is now tried up to {now} times (was {was})."
        case "every":
            return f"The attempts of {name} are now {now} apart (was {was})."
        case "channels":
            return f"The attempts of {name} are now by {_in_turn(now)} (was {_in_turn(was)})."
        case "results":
            return f"An attempt of {name} can now come to: {said(now)} (was {said(was)})."
        case "then":
            return f"After the last attempt {name} now ends as {said(now)} (was {said(was)})."
    return now_and_before(f"The {label(field)} of the attempts of {name}", was, now)


def _in_turn(channels: Sequence[str]) -> str:
    return ", then ".join(plain(channel) for channel in channels)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
