"""Every kind of problem in a file of billing rules, with its stable code and its meaning."""

from collections.abc import Mapping
from types import MappingProxyType

from ccm_flow.language.codes import CODES, Code
from ccm_flow.language.problems import Severity
from ccm_flow.language.sim_codes import SIM_CODES


def _error(meaning: str) -> Code:
    return Code(Severity.ERROR, meaning)


def _warning(meaning: str) -> Code:
    return Code(Severity.WARNING, meaning)


RULE_CODES: Mapping[str, Code] = MappingProxyType(
    {
        "RB101": _error("The text is not valid YAML."),
        "RB102": _error("An invisible or unreadable character."),
        "RB103": _error("The file is too large."),
        "RB104": _error("Nested too deep."),
        "RB105": _error("A name, such as a code, is given twice in the same place."),
        "RB106": _error("A type mark (`!...`)."),
        "RB107": _error("A repetition (`*name`) of nothing, or too many."),
        "RB108": _error("A merge key (`<<`)."),
        "RB109": _error("Something other than a word in front of a `:`."),
        "RB110": _error("A number that is too large."),
        "RB111": _error("An empty file, or more than one document in it."),
        "RB201": _error("A setting that does not exist."),
        "RB202": _error("A value of the wrong type."),
        "RB203": _error("A setting that is missing."),
        "RB204": _error("A name that is not written as such names are."),
        "RB205": _error("A list that must not be empty, is."),
        "RB206": _error("A number outside its limits."),
        "RB208": _error("A code that is earned in two ways, or in none."),
        "RB301": _error("A source that is not listed."),
        "RB302": _error("A code, or a group of codes, that the file does not have."),
        "RB303": _error("A program that the file does not have."),
        "RB304": _error("A word outside the list of known ones (status, act, scope, ...)."),
        "RB305": _error("The same rule twice."),
        "RB306": _error("A family that the file does not have."),
        "RB307": _error("A statement that is not listed."),
        "RB308": _warning("A source that nothing quotes."),
        "RB309": _warning("A family without a code."),
        "RB401": _error("A month or a day that cannot be understood."),
        "RB402": _error("A period that ends before it begins."),
        "RB403": _error("An amount that cannot be understood, or is negative."),
        "RB404": _error("A day outside the file's period."),
        "RB405": _error("Amounts that are not in the order of their days."),
        "RB406": _error("An unknown amount that does not say `verify`."),
        "RB501": _error("Files whose periods overlap."),
        "RB502": _error("Months between two files that none covers."),
        "RB503": _error("Two families of a program that would count the same minutes."),
        "RB504": _error("An add-on to something it cannot be added to."),
        "RB505": _error("Two rules that say different things about the same two codes."),
        "RB506": _error("Limits that leave nothing between them."),
    }
)
ALL_CODES: Mapping[str, Code] = MappingProxyType({**CODES, **RULE_CODES, **SIM_CODES})
