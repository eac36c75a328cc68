"""What may be billed for one enrollment's month, and why."""

from ccm_flow.core.billing.bundles import Bundle, Draft, Log
from ccm_flow.core.billing.candidates import Candidates
from ccm_flow.core.billing.choosing import choose
from ccm_flow.core.billing.model import BillingFacts, BillingLine, BillingResult
from ccm_flow.core.billing.pricing import split
from ccm_flow.core.billing.rules import Payment, RuleBook
from ccm_flow.core.errors import CcmError


class WrongRulesError(CcmError):
    """A month was to be judged by the rules of another time."""

    exit_code = 2

    def __init__(self, book: RuleBook, facts: BillingFacts) -> None:
        period = f"{book.first_month} to {book.last_month}"
        super().__init__(f"The rules '{book.id}' hold from {period}, not for {facts.month}.")


def evaluate(book: RuleBook, facts: BillingFacts) -> BillingResult:
    """
    Work out the claim lines of a month.

    The result depends on the facts alone, not on the order in which they are given.

    Raises:
        WrongRulesError: the month lies outside the rule file's period.
    """
    if not book.covers(facts.month):
        raise WrongRulesError(book, facts)
    log = Log()
    chosen = choose(book, Candidates(book, facts, log).bundles(), log)
    lines = tuple(
        _line(draft, bundle, book.payment) for bundle in chosen for draft in bundle.drafts
    )
    for line in lines:
        if line.amount is None:
            log.warn(line.reasoning[-1] + ".", line.rate)
    reasoning = (*log.reasoning, *(_summary(line) for line in lines))
    return BillingResult(book.id, lines, tuple(log.blocked), tuple(log.warnings), reasoning)


def _line(draft: Draft, bundle: Bundle, payment: Payment) -> BillingLine:
    amount = draft.amount
    medicare, patient = (None, None) if amount is None else split(amount, payment)
    return BillingLine(
        code=draft.rule.code,
        title=draft.rule.title,
        program=bundle.program,
        units=draft.units,
        on=bundle.on,
        amount=amount,
        medicare_pays=medicare,
        patient_share=patient,
        approximate=draft.price.approximate,
        rate=draft.price.basis,
        seconds=draft.seconds,
        reasoning=(draft.sentence, draft.price.sentence),
    )


def _summary(line: BillingLine) -> str:
    units = "1 unit" if line.units == 1 else f"{line.units} units"
    about = "about " if line.approximate else ""
    money = "amount not known" if line.amount is None else f"{about}${line.amount}"
    return f"Bill {line.code}, {units}, date of service {line.on}: {money}."
