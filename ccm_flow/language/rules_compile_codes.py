"""Compiles the codes of a rule file: how each is earned, capped, payable and paid."""

from collections.abc import Collection
from datetime import date

from ccm_flow.core.billing.model import (
    Basis,
    Code,
    DecisionMaking,
    Place,
    ProgramId,
    Worker,
)
from ccm_flow.core.billing.rules import (
    AfterDischarge,
    Cap,
    CapPeriod,
    CodeRule,
    Days,
    EachMore,
    Earned,
    Instead,
    Minutes,
    Monthly,
    Payable,
    Rate,
    Recorded,
)
from ccm_flow.core.month import Month
from ccm_flow.language.problems import Path
from ccm_flow.language.report import Report
from ccm_flow.language.rules_compile_needs import compile_needs
from ccm_flow.language.rules_names import basis, known, known_all, known_code, not_empty
from ccm_flow.language.rules_source import CitedSource, CodeSource, RateSource, RulesSource
from ccm_flow.language.rules_values import UNKNOWN, read_amount, read_day
from ccm_flow.language.suggest import did_you_mean

_EARNED = ("minutes", "each_more", "monthly", "recorded", "days", "discharge", "instead")


class CodeCompiler:
    """Compiles one file's codes; problems go to the report."""

    def __init__(self, file: RulesSource, period: tuple[Month, Month], report: Report) -> None:
        self._file, self._report = file, report
        self._first, self._last = period

    def compile(self, code: str, source: CodeSource) -> CodeRule | None:
        """Give one code's rule; None when it does not say how it is earned."""
        path: Path = ("codes", code)
        self._defined("RB303", (*path, "program"), source.program, self._file.programs, "program")
        self._defined("RB306", (*path, "family"), source.family, self._file.families, "family")
        earned = self._earned(path, source)
        if earned is None:
            return None
        period = known(self._report, (*path, "most", "per"), source.most.per, CapPeriod, "a period")
        most = self._basis((*path, "most"), source.most, code)
        return CodeRule(
            code=Code(code),
            title=source.title,
            program=ProgramId(source.program),
            family=source.family,
            earned=earned,
            most=Cap(source.most.units, period or CapPeriod.MONTH, most),
            payable=self._payable(path, code, source),
            when=compile_needs(source.when, (*path, "when"), code, self._file, self._report),
            needs=compile_needs(source.needs, (*path, "needs"), code, self._file, self._report),
            rates=self._rates((*path, "rates"), code, source.rates),
        )

    def _defined(
        self, problem: str, path: Path, name: str, names: Collection[str], what: str
    ) -> None:
        if name not in names:
            hint = did_you_mean(name, names)
            self._report.add(problem, path, f"There is no {what} '{name[:40]}'.", hint)

    def _basis(self, path: Path, cited: CitedSource, code: str, suffix: str = "") -> Basis:
        name = f"{code}.{path[2]}{suffix}"
        return basis(self._report, path, cited, self._file.sources, name)

    def _earned(self, path: Path, source: CodeSource) -> Earned | None:
        given = [name for name in _EARNED if getattr(source, name) is not None]
        if len(given) != 1:
            said = f"is earned in several ways: {', '.join(given)}" if given else "is never earned"
            verb = "Keep" if given else "Add"
            hint = f"{verb} one of these: {', '.join(_EARNED)}."
            at: Path = (*path, given[1]) if given else path
            message = f"Code '{path[1]}' {said}."
            self._report.add("RB208", at, message, hint, key=True)
        return self._earned_by(given[0], (*path, given[0]), source) if given else None

    def _earned_by(self, name: str, path: Path, source: CodeSource) -> Earned | None:
        code = str(path[1])
        rests_on = self._basis(path, getattr(source, name), code)
        if (minutes := source.minutes) is not None:
            workers = known_all(self._report, (*path, "of"), minutes.of, Worker, "a kind of worker")
            return Minutes(minutes.first, workers, rests_on)
        if (more := source.each_more) is not None:
            not_empty(self._report, (*path, "base"), more.base)
            return EachMore(more.minutes, self._codes((*path, "base"), more.base), rests_on)
        if source.monthly is not None:
            return Monthly(rests_on)
        if (recorded := source.recorded) is not None:
            return Recorded(self._codes((*path, "base"), recorded.base), rests_on)
        if (days := source.days) is not None:
            return self._days(path, days.at_least, days.at_most, rests_on)
        if (instead := source.instead) is not None:
            not_empty(self._report, (*path, "of"), instead.of)
            return Instead(self._codes((*path, "of"), instead.of), rests_on)
        if (discharge := source.discharge) is not None:
            where: Path = (*path, "decision_making")
            what = "a level of decision making"
            levels = known_all(self._report, where, discharge.decision_making, DecisionMaking, what)
            within, covers = discharge.visit_within, discharge.covers
            return AfterDischarge(within, frozenset(levels), covers, rests_on)
        return None

    def _days(self, path: Path, at_least: int, at_most: int, rests_on: Basis) -> Days:
        if at_most < at_least:
            message = f"At least {at_least} and at most {at_most} leave nothing."
            self._report.add("RB506", (*path, "at_most"), message, "Put the larger number here.")
        return Days(at_least, at_most, rests_on)

    def _codes(self, path: Path, words: list[str]) -> tuple[Code, ...]:
        own = self._file.codes
        for i, word in enumerate(words):
            known_code(self._report, (*path, i), word, own)
        return tuple(Code(word) for word in words if word in own)

    def _payable(self, path: Path, code: str, source: CodeSource) -> Payable:
        usual, own = self._file.paid_at, source.payable
        places = usual.places if own is None or own.places is None else own.places
        where: Path = ("paid_at", "places")
        if own is not None and own.places is not None:
            where = (*path, "payable", "places")
        found = frozenset(known_all(self._report, where, places, Place, "a place"))
        first, last = self._first.first_day, self._last.last_day
        if own is None:
            rests_on = basis(self._report, ("paid_at",), usual, self._file.sources, "paid_at")
            return Payable(first, last, found, rests_on)
        at: Path = (*path, "payable")
        first = self._day((*at, "from"), own.from_) or first
        last = self._day((*at, "to"), own.to) or last
        if last < first:
            message = f"It ends on {last}, before it begins on {first}."
            self._report.add("RB402", (*at, "to"), message, "Put the later day here.")
        return Payable(first, last, found, self._basis(at, own, code))

    def _day(self, path: Path, text: str | None) -> date | None:
        return None if text is None else read_day(self._report, path, text, self._first, self._last)

    def _rates(self, path: Path, code: str, sources: list[RateSource]) -> tuple[Rate, ...]:
        found: list[Rate] = []
        for i, source in enumerate(sources):
            rate = self._rate((*path, i), code, source, several=len(sources) > 1)
            readable = self._report.is_sound((*path, i, "from"))
            if found and readable and rate.first_day <= found[-1].first_day:
                hint = "Give each amount its first day with `from:`, the earliest first."
                message = f"This amount begins on {rate.first_day}, not after the one above."
                self._report.add("RB405", (*path, i), message, hint)
            found.append(rate)
        return tuple(found)

    def _rate(self, path: Path, code: str, source: RateSource, *, several: bool) -> Rate:
        day = self._day((*path, "from"), source.from_) or self._first.first_day
        amount, about = read_amount(self._report, (*path, "amount"), source.amount)
        facility, _ = read_amount(self._report, (*path, "facility"), source.facility)
        if source.amount == UNKNOWN and source.status != "verify":
            hint = "Write `status: verify`, or the amount."
            message = "An amount that is not known cannot be confirmed."
            self._report.add("RB406", (*path, "status"), message, hint)
        rests_on = self._basis(path, source, code, f".{day}" if several else "")
        return Rate(day, amount, facility, about, rests_on)
