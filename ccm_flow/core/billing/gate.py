"""What may stop a code that was earned: needs, dates, places, earlier services and others' ones."""

from collections.abc import Iterable
from datetime import date
from typing import Final, assert_never

from ccm_flow.core.billing.bundles import Bundle, Log
from ccm_flow.core.billing.concurrency import meetings
from ccm_flow.core.billing.model import BillingFacts, Code, Place
from ccm_flow.core.billing.need_rules import Act, Need
from ccm_flow.core.billing.needs import missing
from ccm_flow.core.billing.rules import CapPeriod, CodeRule, RuleBook

_PLACES: Final = {
    Place.OFFICE: "an office",
    Place.FACILITY: "a facility",
    Place.RHC: "a rural health clinic",
    Place.FQHC: "a federally qualified health center",
}


class Gate:
    """Holds codes against one month's facts; everything found goes to the log."""

    def __init__(self, book: RuleBook, facts: BillingFacts, log: Log) -> None:
        self._book, self._facts, self._log = book, facts, log

    def fits(self, rule: CodeRule, on: date) -> bool:
        """Tell whether this code of its family is the right one for the patient."""
        for need in rule.when:
            wrong = missing(need, self._facts, on)
            if wrong is not None:
                said = f"{rule.code} is not the code of its family here."
                self._log.say(f"{said} {wrong} {need.basis}")
                return False
        return True

    def meets(self, needs: Iterable[Need], code: Code, on: date) -> bool:
        """Tell whether no need stops a code; every one that does is noted."""
        met = True
        for need in needs:
            wrong = missing(need, self._facts, on)
            if wrong is None:
                continue
            if need.act is Act.BLOCK:
                self._log.block(code, wrong, need.basis)
                met = False
            elif need.act is Act.WARN:
                self._log.warn(f"{code}: {wrong}", need.basis)
        return met

    def frees(self, rule: CodeRule, bundle: Bundle) -> bool:
        """Tell whether neither the date, the place nor another service stops a code."""
        payable = self._payable(rule, bundle.on) and self._first_time(rule)
        return payable and self._undisturbed(rule.code, bundle)

    def _payable(self, rule: CodeRule, on: date) -> bool:
        payable = rule.payable
        if not payable.first_day <= on <= payable.last_day:
            when = f"from {payable.first_day} to {payable.last_day}"
            self._log.block(rule.code, f"It is payable {when} only, not on {on}.", payable.basis)
            return False
        if self._facts.place not in payable.places:
            why = f"It is not payable to {_PLACES[self._facts.place]}."
            self._log.block(rule.code, why, payable.basis)
            return False
        return True

    def _first_time(self, rule: CodeRule) -> bool:
        most = rule.most
        before = sorted(s.on for s in self._facts.services if s.code == rule.code)
        if most.period is CapPeriod.MONTH or not before:
            return True
        said = f"It was billed before, on {before[-1]}"
        if most.period is CapPeriod.EPISODE:
            self._log.warn(f"{rule.code}: {said}; it is paid once in an episode.", most.basis)
            return True
        self._log.block(rule.code, f"{said}; it is paid once.", most.basis)
        return False

    def _undisturbed(self, code: Code, bundle: Bundle) -> bool:
        free = True
        practitioner, services = self._facts.practitioner.id, self._facts.services
        for asked in sorted({code, *bundle.stands_for}):
            for meeting in meetings(self._book, asked, bundle.days, practitioner, services):
                basis = meeting.pair.basis
                match meeting.pair.act:
                    case Act.BLOCK:
                        self._log.block(code, f"There is {meeting}", basis)
                        free = False
                    case Act.WARN:
                        self._log.warn(f"{code} beside {meeting}", basis)
                    case Act.ALLOW:
                        self._log.say(f"Beside {meeting} {basis}")
                    case _ as never:
                        assert_never(never)
        return free
