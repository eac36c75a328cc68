"""Every kind of problem, with its stable code, its severity and its meaning."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ccm_flow.language.problems import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """
    A kind of problem.

    Families: 1 YAML, 2 form, 3 names, 4 time, 5 flow, 6 conditions, 7 overlays.
    """

    severity: Severity
    meaning: str


def _error(meaning: str) -> Code:
    return Code(Severity.ERROR, meaning)


def _warning(meaning: str) -> Code:
    return Code(Severity.WARNING, meaning)


CODES: Mapping[str, Code] = MappingProxyType(
    {
        "PB101": _error("The text is not valid YAML."),
        "PB102": _error("An invisible or unreadable character."),
        "PB103": _error("The file is too large."),
        "PB104": _error("Nested too deep."),
        "PB105": _error("A name is given twice in the same place."),
        "PB106": _error("A type mark (`!...`)."),
        "PB107": _error("A repetition (`*name`) of nothing, or too many."),
        "PB108": _error("A merge key (`<<`)."),
        "PB109": _error("Something other than a word in front of a `:`."),
        "PB110": _error("A number that is too large."),
        "PB111": _error("An empty file, or more than one playbook in it."),
        "PB201": _error("A setting that does not exist."),
        "PB202": _error("A value of the wrong type."),
        "PB203": _error("A setting that is missing."),
        "PB204": _error("An id that is not written as ids are."),
        "PB205": _error("A list that must not be empty, is."),
        "PB206": _error("A number outside its limits."),
        "PB207": _error("A rung of a ladder that is not one `when: what to do` pair."),
        "PB208": _error("Settings that exclude each other."),
        "PB209": _error("A setting that does not fit this kind of playbook, step or field."),
        "PB301": _error("A role that is not defined."),
        "PB302": _error("A step that does not exist."),
        "PB303": _error("An outcome that the step does not have."),
        "PB304": _error("A word outside the list of known ones (phase, channel, trigger, ...)."),
        "PB305": _error("The same id twice."),
        "PB306": _error("A fact that does not exist."),
        "PB307": _error("A name that has a meaning of its own."),
        "PB308": _error("A result of an attempt that is also an outcome."),
        "PB309": _warning("A role that nothing uses."),
        "PB310": _error("`after:` cannot be understood."),
        "PB311": _error("A script or note that does not exist."),
        "PB312": _error("A script that uses an unknown field."),
        "PB313": _error("A script or note that cannot be read, or does what it must not."),
        "PB314": _warning("A script that is not there in the language it is needed in."),
        "PB315": _warning("A note that no step writes."),
        "PB401": _error("A deadline or an amount of time that cannot be understood."),
        "PB402": _error("A date in the month that cannot be understood, or does not exist."),
        "PB403": _error("The time of a rung that cannot be understood."),
        "PB404": _error("The act of a rung that cannot be understood."),
        "PB405": _warning("A day that short months do not have."),
        "PB406": _error("Hours of contact that cannot be understood."),
        "PB407": _warning("Hours of contact at night."),
        "PB408": _error("A documentation window that ends before it begins."),
        "PB410": _error("A deadline that lies after the cycle has closed."),
        "PB411": _error("A rung that lies before the step can open."),
        "PB412": _error("A ladder that is out of order."),
        "PB413": _error("A rung after the one that withdraws the step."),
        "PB414": _error("An attempt plan that does not fit its deadline."),
        "PB415": _error("A step that opens after its own deadline."),
        "PB416": _warning("A rung that lies after the cycle has closed."),
        "PB417": _warning("A repetition that does not come when it seems to."),
        "PB501": _error("A step that never opens."),
        "PB502": _error("A step that waits for something impossible."),
        "PB503": _error("Steps that wait for each other."),
        "PB504": _warning("No outcome ends the cycle as it should."),
        "PB505": _warning("A requirement of readiness without a step that fixes it."),
        "PB506": _error("A step that fixes what readiness does not require."),
        "PB507": _error("A requirement that nothing in the playbook can meet."),
        "PB601": _error("A condition that cannot be read."),
        "PB602": _error("Something that conditions cannot do."),
        "PB603": _error("Values that cannot be compared or combined."),
        "PB604": _warning("A condition, or a part of one, that always holds."),
        "PB605": _error("A condition, or a part of one, that never holds."),
        "PB701": _error("A playbook to extend that is not there."),
        "PB702": _error("Files that extend each other."),
        "PB703": _error("Too many files that extend one another."),
        "PB704": _error("A change of a step that the extended playbook does not have."),
        "PB705": _error("Something to remove that is not there."),
        "PB706": _error("A step to insert that has no place, or is there already."),
        "PB707": _error("`remove` or `insert` in a playbook that extends nothing."),
        "PB708": _error("A change that would lose or keep more than it says."),
        "PB709": _error("An overlay without a name or version of its own."),
        "PB710": _error("An overlay written for another version of what it extends."),
        "PB711": _warning("A new name that is nearly one that exists."),
    }
)
