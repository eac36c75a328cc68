"""Which services of a patient may stand beside each other."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ccm_flow.core.billing.model import Code, ProgramId, Service
from ccm_flow.core.billing.need_rules import Act
from ccm_flow.core.billing.rules import AfterDischarge, Pair, RuleBook, Scope
from ccm_flow.core.ids import PersonId
from ccm_flow.core.month import Month

_STRICTEST = (Act.BLOCK, Act.WARN, Act.ALLOW)


@dataclass(frozen=True, slots=True)
class Span:
    """The days that a service covers."""

    first: date
    last: date

    def meets(self, other: "Span") -> bool:
        """Tell whether two services have a day in common."""
        return self.first <= other.last and other.first <= self.last


def span(book: RuleBook, code: Code, on: date, discharged_on: date | None = None) -> Span:
    """
    Give the days a service covers: its calendar month, or the days that follow a discharge.

    Without the day of discharge, both sides of the date of service are taken: too many rather
    than too few.
    """
    rule = book.codes.get(code)
    if rule is None or not isinstance(rule.earned, AfterDischarge):
        month = Month.of(on)
        return Span(month.first_day, month.last_day)
    length = timedelta(days=rule.earned.covers - 1)
    if discharged_on is None:
        return Span(on - length, on + length)
    return Span(discharged_on, discharged_on + length)


def strictest(book: RuleBook, one: Code, other: Code, *, same: bool) -> Pair | None:
    """Give the strictest rule about two codes of the same or of different practitioners."""
    scopes = (Scope.ANY, Scope.SAME if same else Scope.OTHER)
    found = [pair for pair in book.pairs if pair.scope in scopes and pair.holds(one, other)]
    return min(found, key=lambda pair: _STRICTEST.index(pair.act), default=None)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A service that stands beside a code, and the rule about it."""

    service: Service
    pair: Pair

    def __str__(self) -> str:
        return f"{self.service.code} of {self.service.on}: {self.pair.why}"


def meetings(
    book: RuleBook, code: Code, days: Span, practitioner: PersonId, services: Iterable[Service]
) -> tuple[Meeting, ...]:
    """List the services that have a day and a rule in common with a code."""
    found = []
    for service in sorted(set(services), key=_order):
        if not days.meets(span(book, service.code, service.on, service.discharged_on)):
            continue
        pair = _pair(book, code, service, practitioner)
        if pair is not None:
            found.append(Meeting(service, pair))
    return tuple(found)


def _pair(book: RuleBook, code: Code, service: Service, practitioner: PersonId) -> Pair | None:
    """Give the rule about a service; one that would be forbidden to us alone needs a look."""
    if service.practitioner is not None:
        return strictest(book, code, service.code, same=service.practitioner == practitioner)
    others = strictest(book, code, service.code, same=False)
    ours = strictest(book, code, service.code, same=True)
    if ours is None or ours.act is not Act.BLOCK or others == ours:
        return others
    if others is not None and others.act is Act.BLOCK:
        return others
    return replace(ours, act=Act.WARN, why=f"{ours.why} It is not known who billed it.")


def _order(service: Service) -> tuple[date, str, str, str]:
    return service.on, service.code, service.practitioner or "", str(service.discharged_on)


def conflicts(
    book: RuleBook,
    program: ProgramId,
    practitioner: PersonId,
    services: Iterable[Service],
    month: Month,
) -> tuple[Meeting, ...]:
    """
    List the services that keep every code of a program from being billed for a month.

    A service that only some of the program's codes cannot stand beside leaves the others, and
    is not listed.
    """
    codes = [rule.code for rule in book.codes.values() if rule.program == program and rule.carries]
    days = Span(month.first_day, month.last_day)
    blocking: dict[Service, list[Meeting]] = {}
    for code in codes:
        for meeting in meetings(book, code, days, practitioner, services):
            if meeting.pair.act is Act.BLOCK:
                blocking.setdefault(meeting.service, []).append(meeting)
    return tuple(found[0] for found in blocking.values() if len(found) == len(codes))
