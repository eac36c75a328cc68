"""
Says what changes between two versions of a playbook, in plain sentences, and for whom.

Nothing is left unsaid: fields without a sentence of their own get a plain one, so that two
plans are equal exactly when there are no changes.
"""

from collections.abc import Iterator

from ccm_flow.core.deadlines import MonthDate
from ccm_flow.core.ids import RoleId
from ccm_flow.core.note_forms import NoteForm
from ccm_flow.core.plan import Plan, ReadinessPlan
from ccm_flow.language.compare_steps import added, removed, step_changes
from ccm_flow.language.compare_values import (
    Change,
    differing,
    label,
    moved,
    now_and_before,
    said,
)
from ccm_flow.language.wording import REQUIREMENTS, Words, date_words, requirement_words

__all__ = ["Change", "by_role", "compare", "render_changes"]


def compare(old: Plan, new: Plan) -> tuple[Change, ...]:
    """List what is different in `new`; empty exactly when the plans are equal."""
    before, after = Words(old), Words(new)
    found: list[Change] = []
    for field in differing(old, new):
        match field:
            case "steps":
                found += _steps(old, new, before, after)
            case "roles":
                found += _roles(old, new)
            case "readiness":
                found += _readiness(old.readiness, new.readiness)
            case "notes":
                found += _notes(old, new)
            case "protected_time":
                found += _protected_time(old, new, after)
            case "sha256":
                pass
            case _:
                found.append(_plain(field, old, new, before, after))
    if not found and old.sha256 != new.sha256:
        found.append(Change("Only the text is different (remarks, spacing): nothing that runs."))
    return tuple(found)


def render_changes(changes: tuple[Change, ...], old: Plan, new: Plan) -> str:
    """Show changes, for each role those that concern it, in the playbook's order of roles."""
    if not changes:
        return "Nothing changes.\n"
    shown = [
        "\n".join([title, *(f"  - {change.text}" for change in group)])
        for title, group in by_role(changes, old, new)
    ]
    return "\n\n".join(shown) + "\n"


def by_role(changes: tuple[Change, ...], old: Plan, new: Plan) -> list[tuple[str, list[Change]]]:
    """Group changes under the titles of the roles that they concern; what concerns all first."""
    titles = {role.id: role.title for role in (*old.roles, *new.roles)}
    groups = [("Everybody", [change for change in changes if not change.roles])]
    for role in _role_order(changes, old, new):
        concerned = [change for change in changes if role in change.roles]
        groups.append((titles.get(role, role), concerned))
    return [(title, group) for title, group in groups if group]


def _role_order(changes: tuple[Change, ...], old: Plan, new: Plan) -> list[RoleId]:
    known = [role.id for role in (*new.roles, *old.roles)]
    named = [role for change in changes for role in change.roles]
    return [role for role in dict.fromkeys([*known, *named]) if role in named]


def _plain(field: str, old: Plan, new: Plan, before: Words, after: Words) -> Change:
    """Say a change of the playbook as a whole."""
    was, now = getattr(old, field), getattr(new, field)
    match field:
        case "version":
            return Change(f"This is version {now} (was version {was}).")
        case "playbook":
            return Change(f"The playbook is now '{now}' (was '{was}').")
        case "owner":
            roles = (new.owner, old.owner)
            now, was = after.the_role(now), before.the_role(was)
            return Change(f"The program now belongs to {now} (was {was}).", roles)
        case "closes":
            return Change(moved("Everything", was, now).replace("is now due", "now closes"))
    return Change(now_and_before(f"The {label(field)} of the playbook", was, now))


def _steps(old: Plan, new: Plan, before: Words, after: Words) -> Iterator[Change]:
    for step in new.steps:
        was = old.by_id.get(step.id)
        if was is None:
            yield added(step, after)
        elif was != step:
            yield from step_changes(was, step, before, after)
    for step in old.steps:
        if step.id not in new.by_id:
            yield removed(step, before)
    kept = [step.id for step in new.steps if step.id in old.by_id]
    if kept != [step.id for step in old.steps if step.id in new.by_id]:
        yield Change("The steps stand in another order.")


def _roles(old: Plan, new: Plan) -> Iterator[Change]:
    olds = {role.id: role for role in old.roles}
    news = {role.id: role for role in new.roles}
    for id_, role in news.items():
        was = olds.get(id_)
        if was is None:
            yield Change(f"There is a new role: {role.title}.", (id_,))
        elif was != role:
            yield Change(f"The role {was.title} is now called {role.title}.", (id_,))
    for id_, role in olds.items():
        if id_ not in news:
            yield Change(f"The role {role.title} is no longer needed.", (id_,))
    same = olds.keys() == news.keys() and len(old.roles) == len(new.roles)
    if same and [role.id for role in old.roles] != [role.id for role in new.roles]:
        yield Change("The roles stand in another order.")
    elif len(old.roles) != len(olds) or len(new.roles) != len(news):
        yield Change("A role is given twice.")


def _readiness(old: ReadinessPlan | None, new: ReadinessPlan | None) -> Iterator[Change]:
    if new is None:
        yield Change("The month is no longer checked before it goes to billing.")
        return
    if old is None:
        needs = "; ".join(requirement_words(new, word) for word in new.requires)
        yield Change(f"From {_from(new)} the month is checked for: {needs}.")
        return
    yield from _requirements(old, new)
    if old.from_ != new.from_:
        yield Change(f"The readiness check now starts on {_from(new)} (was {_from(old)}).")
    for field in differing(old, new):
        if field not in ("from_", "requires"):
            was, now = getattr(old, field), getattr(new, field)
            yield Change(now_and_before(f"The {label(field)} of a month", was, now))


def _requirements(old: ReadinessPlan, new: ReadinessPlan) -> Iterator[Change]:
    for word in new.requires:
        if word not in old.requires:
            yield Change(f"A month now needs this before it can be billed: {REQUIREMENTS[word]}.")
    for word in old.requires:
        if word not in new.requires:
            yield Change(f"A month no longer needs this to be billed: {REQUIREMENTS[word]}.")
    same = set(old.requires) == set(new.requires)
    if same and old.requires != new.requires:
        yield Change("What a month needs is checked in another order.")


def _from(plan: ReadinessPlan) -> str:
    rule = plan.from_
    return date_words(rule) if isinstance(rule, MonthDate) else f"{rule} after the start"


def _protected_time(old: Plan, new: Plan, words: Words) -> Iterator[Change]:
    olds = {item.role: item for item in old.protected_time}
    news = {item.role: item for item in new.protected_time}
    for role in dict.fromkeys([*news, *olds]):
        was, now = (
            f"{said(item.amount)} per {item.per}" if item else "none"
            for item in (olds.get(role), news.get(role))
        )
        if was != now:
            who = words.the_role(role)
            yield Change(f"Protected time of {who} is now {now} (was {was}).", (role,))
    if olds == news:
        yield Change("Protected time is written in another order.")


def _notes(old: Plan, new: Plan) -> Iterator[Change]:
    olds, news = old.note_forms, new.note_forms
    for id_ in dict.fromkeys([*news, *olds]):
        was, now = olds.get(id_), news.get(id_)
        if was is None and now is not None:
            yield Change(f"There is a new note: “{now.title}”.")
        elif was is not None and now is None:
            yield Change(f"The note “{was.title}” is no longer used.")
        elif was is not None and now is not None and was != now:
            yield from map(Change, _note_sentences(was, now))
    if olds == news:
        yield Change("The notes stand in another order.")


def _note_sentences(old: NoteForm, new: NoteForm) -> Iterator[str]:
    name = f"the note “{new.title}”"
    if old.title != new.title:
        yield f"The note “{old.title}” is now called “{new.title}”."
    if old.cosign != new.cosign:
        yield now_and_before(f"Who co-signs {name}", old.cosign or "nobody", new.cosign or "nobody")
    olds = {field.id: field for field in old.fields}
    news = {field.id: field for field in new.fields}
    for id_, field in news.items():
        was = olds.get(id_)
        if was is None:
            must = ", which must be filled in" if field.required else ""
            yield f"There is a new field in {name}: “{field.title}”{must}."
            continue
        for part in differing(was, field):
            before, now = getattr(was, part), getattr(field, part)
            yield now_and_before(f"In {name}, “{field.title}”: {label(part)}", before, now)
    for id_, field in olds.items():
        if id_ not in news:
            yield f"The field “{field.title}” is no longer in {name}."
    if olds == news and old.fields != new.fields:
        yield f"The fields of {name} stand in another order."
