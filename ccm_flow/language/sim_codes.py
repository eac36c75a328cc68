"""Every kind of problem in a behaviour file or a staff file, with its stable code and meaning."""

from collections.abc import Mapping
from types import MappingProxyType

from ccm_flow.language.codes import Code
from ccm_flow.language.problems import Severity


def _error(meaning: str) -> Code:
    return Code(Severity.ERROR, meaning)


def _warning(meaning: str) -> Code:
    return Code(Severity.WARNING, meaning)


SIM_CODES: Mapping[str, Code] = MappingProxyType(
    {
        "SM101": _error("The text is not valid YAML."),
        "SM102": _error("An invisible or unreadable character."),
        "SM103": _error("The file is too large."),
        "SM104": _error("Nested too deep."),
        "SM105": _error("A name is given twice in the same place."),
        "SM106": _error("A type mark (`!...`)."),
        "SM107": _error("A repetition (`*name`) of nothing, or too many."),
        "SM108": _error("A merge key (`<<`)."),
        "SM109": _error("Something other than a word in front of a `:`."),
        "SM110": _error("A number that is too large."),
        "SM111": _error("An empty file, or more than one document in it."),
        "SM201": _error("A setting that does not exist."),
        "SM202": _error("A value of the wrong type."),
        "SM203": _error("A setting that is missing."),
        "SM204": _error("An id that is not written as ids are."),
        "SM205": _error("A list that must not be empty, is."),
        "SM206": _error("A number outside its limits."),
        "SM301": _error("A source that is not listed."),
        "SM303": _error("A role that nobody holds."),
        "SM304": _error("A word outside the known ones (channel, credential, weekday, ...)."),
        "SM305": _error("A person, a day or an hour given twice."),
        "SM309": _warning("A role, step or outcome that the playbook does not have."),
        "SM401": _error("A day, an hour or an amount that cannot be understood."),
        "SM402": _error("Something that ends before it begins."),
        "SM403": _error("Hours outside the day's 24."),
        "SM501": _error("A person who has no time for the program."),
        "SM502": _error("More protected minutes than the day has hours for."),
        "SM503": _error("Weights that are all zero."),
    }
)
"""Families: 1 YAML, 2 form, 3 names, 4 times, 5 what does not add up."""
