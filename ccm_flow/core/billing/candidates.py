"""The ways in which a month could be billed, each held against every rule but the others."""

from dataclasses import replace

from ccm_flow.core.billing.bundles import Bundle, Draft, Log
from ccm_flow.core.billing.concurrency import Span, span
from ccm_flow.core.billing.earning import Earning, Nothing, earn, earn_more, earn_recorded
from ccm_flow.core.billing.gate import Gate
from ccm_flow.core.billing.minutes import Counted, count
from ccm_flow.core.billing.model import BillingFacts
from ccm_flow.core.billing.pricing import price
from ccm_flow.core.billing.rules import (
    CodeRule,
    EachMore,
    Instead,
    Minutes,
    Program,
    Recorded,
    RuleBook,
)

_Lines = list[tuple[CodeRule, Earning]]


class Candidates:
    """Works the bundles of one month out; what is found on the way goes to the log."""

    def __init__(self, book: RuleBook, facts: BillingFacts, log: Log) -> None:
        self._book, self._facts, self._log = book, facts, log
        self._gate = Gate(book, facts, log)

    def bundles(self) -> tuple[Bundle, ...]:
        """Give every way of billing that no fact forbids, in the order of the rule file."""
        found: list[Bundle] = []
        for program_id in sorted(self._facts.programs):
            program = self._book.programs.get(program_id)
            if program is None:
                self._log.warn(f"{self._book.title} knows no program {program_id}.")
            else:
                found += self._of_program(program)
        return tuple(found)

    def _of_program(self, program: Program) -> list[Bundle]:
        counted = count(self._facts, program)
        for warning in counted.warnings:
            self._log.warn(warning.message, warning.basis)
        rules = [rule for rule in self._book.codes.values() if rule.program == program.id]
        found = []
        for rule in rules:
            if not rule.base:
                found += self._of_base(rule, program, counted)
        self._note_baseless(rules, found)
        return found

    def _of_base(self, rule: CodeRule, program: Program, counted: Counted) -> list[Bundle]:
        earning = earn(rule, self._facts, counted)
        if isinstance(earning, Nothing):
            self._log.say(earning.sentence)
            return []
        if not self._gate.fits(rule, earning.on):
            return []
        self._log.say(earning.sentence)
        if not self._gate.meets((*program.needs, *rule.needs), rule.code, earning.on):
            return []
        ways = self._ways(rule, earning, program, counted)
        allowed = [self._allowed(bundle) for bundle in (*ways, *self._instead(ways[0]))]
        return [bundle for bundle in allowed if bundle is not None]

    def _ways(
        self, rule: CodeRule, earning: Earning, program: Program, counted: Counted
    ) -> list[Bundle]:
        """Give the base with its add-ons; and without the recorded ones, if there are any."""
        timed: _Lines = [(rule, earning)]
        recorded: _Lines = []
        for addon in self._book.addons(rule.code):
            more = self._addon(addon, rule, counted)
            if more is not None:
                (recorded if isinstance(addon.earned, Recorded) else timed).append((addon, more))
        days = span(self._book, rule.code, earning.on, earning.discharged_on)
        ways = [[*timed, *recorded], timed] if recorded else [timed]
        return [self._priced(program, rule.family, way, days) for way in ways]

    def _addon(self, addon: CodeRule, base: CodeRule, counted: Counted) -> Earning | None:
        if isinstance(addon.earned, EachMore) and isinstance(base.earned, Minutes):
            earning = earn_more(addon, addon.earned, base.earned, counted)
        else:
            earning = earn_recorded(addon, self._facts)
        self._log.say(earning.sentence)
        if isinstance(earning, Nothing):
            return None
        return earning if self._gate.meets(addon.needs, addon.code, earning.on) else None

    def _priced(self, program: Program, family: str, lines: _Lines, days: Span) -> Bundle:
        # Base and add-ons go on one claim day: the threshold's day, or any later one of the month.
        on = max(earning.on for _, earning in lines)
        drafts = []
        for rule, earning in lines:
            amount = price(rule, on, self._facts, self._book)
            drafts.append(Draft(rule, earning.units, earning.seconds, amount, earning.sentence))
        return Bundle(program.id, family, tuple(drafts), on, days)

    def _instead(self, bundle: Bundle) -> list[Bundle]:
        """Give what is billed in place of a bundle's base where the patient is seen."""
        base = bundle.drafts[0]
        found = []
        for rule in self._book.codes.values():
            fits = isinstance(rule.earned, Instead) and base.rule.code in rule.earned.of
            if fits and self._facts.place in rule.payable.places:
                sentence = f"{rule.code} stands in for {base.rule.code} {rule.earned.basis}"
                amount = price(rule, bundle.on, self._facts, self._book)
                draft = Draft(rule, 1, base.seconds, amount, sentence)
                stands_for = frozenset([base.rule.code])
                found.append(replace(bundle, drafts=(draft,), stands_for=stands_for))
        return found

    def _allowed(self, bundle: Bundle) -> Bundle | None:
        """Give what nothing stops; an add-on goes with its base."""
        base, *addons = bundle.drafts
        if not self._gate.frees(base.rule, bundle):
            return None
        free = [addon for addon in addons if self._gate.frees(addon.rule, bundle)]
        return replace(bundle, drafts=(base, *free))

    def _note_baseless(self, rules: list[CodeRule], found: list[Bundle]) -> None:
        """Say which recorded add-ons have nothing that they could be added to."""
        billed = {draft.rule.code for bundle in found for draft in bundle.drafts}
        for rule in rules:
            if not rule.base or billed.intersection([rule.code, *rule.base]):
                continue
            if isinstance(earn_recorded(rule, self._facts), Earning):
                bases = ", ".join(rule.base)
                why = f"It is an add-on, and nothing it can be added to is billed ({bases})."
                self._log.block(rule.code, why, rule.earned.basis)
