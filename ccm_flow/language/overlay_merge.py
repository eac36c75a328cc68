"""
Lays an overlay over the playbook it extends.

First what `remove:` names is taken out, then settings are changed, then `insert:` adds steps.
Names of a group override, things with an `id` are changed by id, any other list is replaced
whole. Nothing is ever appended by chance: a step that is not there cannot be changed.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from ccm_flow.language.document import Span
from ccm_flow.language.overlay_tree import Tree
from ccm_flow.language.problems import Path
from ccm_flow.language.report import Report
from ccm_flow.language.suggest import did_you_mean

OVERLAY_ONLY = ("extends", "remove", "insert")
"""Settings that a merged playbook no longer has."""
_NAME_GROUPS = ("roles", "outcomes", "notes", "fields", "by_risk")
"""Groups whose names the author chooses; some have a short form, a list of names."""
_ALIKE = 0.85
_INSERT_FORM = "Write `- after: STEP` (or `before:`) and below it `step:` with the new step."


class Merger:
    """One overlay on its way onto its parent."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.removed: dict[str, Span] = {}
        """Each path that was taken out, and where the overlay says so."""

    def merge(self, parent: Tree, overlay: Tree) -> Tree:
        """Give the merged playbook; what cannot be done is reported and left out."""
        self._remove(parent, overlay.value.get("remove"))
        settings = {k: item for k, item in overlay.value.items() if k not in OVERLAY_ONLY}
        merged = self._group(parent, Tree(settings, overlay.span), ())
        self._insert(merged, overlay.value.get("insert"))
        return merged

    # --- remove ---

    def _remove(self, parent: Tree, entries: Tree | None) -> None:
        if entries is None:
            return
        if not entries.is_list or not all(isinstance(e.value, str) for e in entries.value):
            hint = "Write e.g. `remove: [steps.top_up, steps.outreach.script]`."
            self._report.add("PB705", ("remove",), "'remove' is a list of what goes.", hint)
            return
        for i, entry in enumerate(entries.value):
            self._take_out(parent, entry, ("remove", i))

    def _take_out(self, tree: Tree, entry: Tree, path: Path) -> None:
        parent, child = tree, tree
        names = str(entry.value).split(".")
        for name in names:
            parent, found = child, child.child(name)
            if found is None:
                hint = did_you_mean(name, child.names(), "There are")
                self._report.add("PB705", path, f"There is no '{name[:60]}' to remove.", hint)
                return
            child = found
        parent.drop(names[-1])
        parent.span = entry.span  # what misses it now points at the line that took it out
        self.removed[str(entry.value)] = entry.span

    # --- change ---

    def _over(self, base: Tree, over: Tree, path: Path) -> Tree:
        if over.value is None and base.value is not None:
            hint = f"To take it out, write `remove: [{self._named(path)}]`; else give it a value."
            self._report.add(
                "PB708", path, "This is empty and would change nothing.", hint, key=True
            )
            return base
        if path == ("steps",) or (base.is_things and over.is_things):
            return self._things(base, over, path)
        if over.is_group and base.is_list and path[-1] in _NAME_GROUPS:
            base = _spelled_out(base)
        if base.is_group and over.is_list:
            hint = "Write `name: ...` lines; those you do not mention stay as they are."
            message = f"'{path[-1]}' is a group of lines in {base.span.file}, not a list."
            self._report.add("PB708", path, message, hint)
            return base
        if base.is_group and over.is_group:
            return self._group(base, over, path)
        return base if base.plain() == over.plain() else over

    def _group(self, base: Tree, over: Tree, path: Path) -> Tree:
        merged = dict(base.value)
        for name, item in over.value.items():
            if name in merged:
                merged[name] = self._over(merged[name], item, (*path, name))
            else:
                self._warn_of_likeness(name, merged, (*path, name))
                merged[name] = item
        return Tree(merged, base.span, base.key)

    def _warn_of_likeness(self, name: str, known: Iterable[str], path: Path) -> None:
        if len(path) < 2 or path[-2] not in _NAME_GROUPS:
            return
        near = get_close_matches(name[:80], list(known), n=1, cutoff=_ALIKE)
        if near:
            message = f"This adds '{name[:60]}' beside '{near[0]}', which is written much the same."
            hint = f"To change '{near[0]}', write its name; to add one, choose a clearer name."
            self._report.add("PB711", path, message, hint, key=True)

    def _things(self, base: Tree, over: Tree, path: Path) -> Tree:
        if not over.is_list or not base.is_list:
            return over  # the check of the form says what is wrong with it
        merged = list(base.value)
        places = {item.id: i for i, item in enumerate(merged) if item.id is not None}
        seen = set[str]()
        for i, item in enumerate(over.value):
            id_ = item.id
            if id_ is None or id_ not in places or id_ in seen:
                self._refuse_thing(id_, (*path, i), places, again=id_ in seen)
                continue
            seen.add(id_)
            merged[places[id_]] = self._group(merged[places[id_]], item, (*path, i))
        return Tree(merged, base.span, base.key)

    def _refuse_thing(
        self, id_: str | None, path: Path, known: Mapping[str, int], *, again: bool
    ) -> None:
        if id_ is None:
            hint = "Add `id:` with the id of the step that it changes."
            self._report.add("PB704", path, "This does not say which step it changes.", hint)
        elif again:
            message = f"The step '{id_[:60]}' is changed twice."
            self._report.add("PB305", (*path, "id"), message, "Put both changes together.")
        else:
            gone = self.removed.get(f"steps.{id_}")
            hint = did_you_mean(id_, known, "Steps") + " To add a step, use `insert:`."
            if gone is not None:
                hint = f"Line {gone.line} removes it: keep one of the two."
            message = f"There is no step '{id_[:60]}' to change."
            self._report.add("PB704", (*path, "id"), message, hint)

    def _named(self, path: Path) -> str:
        """Write a path as `remove:` takes it: things by their id."""
        at = self._report.document.at
        names = [at((*path[:i], p, "id")) if isinstance(p, int) else p for i, p in enumerate(path)]
        return ".".join(map(str, names))

    # --- insert ---

    def _insert(self, playbook: Tree, entries: Tree | None) -> None:
        if entries is None:
            return
        steps = playbook.value.get("steps")
        if not entries.is_list or steps is None or not steps.is_list:
            self._report.add("PB706", ("insert",), "'insert' is a list of new steps.", _INSERT_FORM)
            return
        followers: dict[str, str] = {}
        for i, entry in enumerate(entries.value):
            self._put_in(steps, entry, ("insert", i), followers)

    def _put_in(self, steps: Tree, entry: Tree, path: Path, followers: dict[str, str]) -> None:
        """Put one step beside another; several after the same one stay in their order."""
        side, step = self._read_entry(entry, path)
        if side is None or step is None:
            return
        anchor, id_ = str(entry.value[side].value), str(step.id)
        ids = [item.id for item in steps.value]
        if id_ in ids:
            hint = "Change it below `steps:`, or give the new one another id."
            message = f"There is a step '{id_[:60]}' already."
            self._report.add("PB706", (*path, "step", "id"), message, hint)
        elif anchor not in ids:
            hint = did_you_mean(anchor, [i for i in ids if i], "Steps")
            message = f"There is no step '{anchor[:60]}' to put it {side}."
            self._report.add("PB706", (*path, side), message, hint)
        else:
            beside = followers.get(anchor, anchor) if side == "after" else anchor
            place = ids.index(beside) + (side == "after")
            steps.value.insert(place, Tree(step.value, step.span))
            if side == "after":
                followers[anchor] = id_

    def _read_entry(self, entry: Tree, path: Path) -> tuple[str | None, Tree | None]:
        names = set(entry.value) if entry.is_group else set()
        sides = names & {"after", "before"}
        if len(sides) != 1 or "step" not in names or len(names) != 2:
            self._report.add(
                "PB706", path, "This does not say which step goes where.", _INSERT_FORM
            )
            return None, None
        step: Tree = entry.value["step"]
        if step.id is None:
            hint = "Write its settings below `step:`, starting with `id:`."
            self._report.add("PB706", (*path, "step"), "The new step has no id.", hint)
            return None, None
        return sides.pop(), step


def _spelled_out(words: Tree) -> Tree:
    """Give the short form, a list of names, as a group of names without bodies."""
    bodies = {
        item.value: Tree(None, item.span, item.span)
        for item in words.value
        if isinstance(item.value, str)
    }
    return Tree(bodies, words.span, words.key)
