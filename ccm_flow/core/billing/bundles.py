"""A way of billing: a base code with its add-ons, priced; and the notes taken on the way to it."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ccm_flow.core.billing.concurrency import Span, strictest
from ccm_flow.core.billing.model import Basis, BillingWarning, Blocked, Code, ProgramId
from ccm_flow.core.billing.need_rules import Act
from ccm_flow.core.billing.pricing import Price
from ccm_flow.core.billing.rules import CodeRule, Pair, RuleBook


@dataclass(frozen=True, slots=True)
class Draft:
    """A line that may come to be billed."""

    rule: CodeRule
    units: int
    seconds: int
    price: Price
    sentence: str

    @property
    def amount(self) -> Decimal | None:
        """What all units come to."""
        return None if self.price.each is None else self.price.each * self.units


@dataclass(frozen=True, slots=True)
class Bundle:
    """A base code with its add-ons, billed on one day."""

    program: ProgramId
    family: str
    drafts: tuple[Draft, ...]
    on: date
    days: Span
    """What it covers, for judging it beside others."""
    stands_for: frozenset[Code] = frozenset()
    """The codes in whose place it is billed."""

    @property
    def codes(self) -> frozenset[Code]:
        """Every code that it bills or stands for."""
        return self.stands_for | {draft.rule.code for draft in self.drafts}

    @property
    def known(self) -> Decimal:
        """What it comes to, as far as amounts are known."""
        return sum((draft.amount or Decimal(0) for draft in self.drafts), Decimal(0))

    @property
    def words(self) -> str:
        """Name its codes and what they come to."""
        codes = ", ".join(
            f"{draft.units} x {draft.rule.code}" if draft.units > 1 else draft.rule.code
            for draft in self.drafts
        )
        if any(draft.amount is None for draft in self.drafts):
            return f"{codes} (amount not known)"
        about = "about " if any(draft.price.approximate for draft in self.drafts) else ""
        return f"{codes} ({about}${self.known})"


@dataclass(slots=True)
class Log:
    """What was noted on the way."""

    blocked: list[Blocked] = field(default_factory=list)
    warnings: list[BillingWarning] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)

    def block(self, code: Code, why: str, basis: Basis) -> None:
        """Note that a code may not be billed; once for each reason."""
        entry = Blocked(code, why, basis)
        if entry not in self.blocked:
            self.blocked.append(entry)
            self.reasoning.append(f"{code} is not billed. {why} {basis}")

    def warn(self, message: str, basis: Basis | None = None) -> None:
        """Note something to look at."""
        entry = BillingWarning(message, basis)
        if entry not in self.warnings:
            self.warnings.append(entry)
            self.reasoning.append(f"Look at this: {message}{f' {basis}' if basis else ''}")

    def say(self, sentence: str) -> None:
        """Note a step of the argument."""
        if sentence and sentence not in self.reasoning:
            self.reasoning.append(sentence)


def between(book: RuleBook, one: Bundle, other: Bundle) -> Pair | None:
    """Give the strictest rule about two bundles of one practitioner that meet."""
    if not one.days.meets(other.days):
        return None
    strict = {Act.BLOCK: 0, Act.WARN: 1, Act.ALLOW: 2}
    found = [
        pair
        for a in sorted(one.codes)
        for b in sorted(other.codes)
        if (pair := strictest(book, a, b, same=True)) is not None
    ]
    return min(found, key=lambda pair: strict[pair.act], default=None)
