"""
Choosing among ways of billing that exclude each other: the best paid that is allowed.

Of one family one base is billed, and bundles that a pair rule keeps apart are not billed together.
Amounts that are not known count as nothing, and that is said.
"""

from collections.abc import Sequence
from decimal import Decimal

from ccm_flow.core.billing.bundles import Bundle, Log, between
from ccm_flow.core.billing.model import Basis
from ccm_flow.core.billing.need_rules import Act
from ccm_flow.core.billing.rules import RuleBook


def choose(book: RuleBook, bundles: Sequence[Bundle], log: Log) -> tuple[Bundle, ...]:
    """Give the bundles to bill; why the others are not goes to the log."""
    against = [
        frozenset(j for j in range(len(bundles)) if j != i and _excludes(book, one, bundles[j]))
        for i, one in enumerate(bundles)
    ]
    best = _best(bundles, against, tuple(range(len(bundles))))
    chosen = tuple(bundles[i] for i in best)
    for i, bundle in enumerate(bundles):
        if i not in best:
            rival = next(bundles[j] for j in best if j in against[i])
            _explain(book, bundle, rival, log)
    _note_neighbours(book, chosen, log)
    return chosen


def _excludes(book: RuleBook, one: Bundle, other: Bundle) -> bool:
    if one.family == other.family:
        return True
    pair = between(book, one, other)
    return pair is not None and pair.act is Act.BLOCK


def _best(
    bundles: Sequence[Bundle], against: Sequence[frozenset[int]], left: tuple[int, ...]
) -> tuple[int, ...]:
    """Give the best paid set without two that exclude each other; earlier ones win ties."""
    if not left:
        return ()
    first, rest = left[0], left[1:]
    with_it = (first, *_best(bundles, against, tuple(i for i in rest if i not in against[first])))
    if not against[first].intersection(rest):
        return with_it
    without = _best(bundles, against, rest)
    return with_it if _worth(bundles, with_it) >= _worth(bundles, without) else without


def _worth(bundles: Sequence[Bundle], which: tuple[int, ...]) -> Decimal:
    return sum((bundles[i].known for i in which), Decimal(0))


def _explain(book: RuleBook, bundle: Bundle, rival: Bundle, log: Log) -> None:
    if bundle.codes <= rival.codes:
        return  # the same, with less
    pair = between(book, bundle, rival)
    if bundle.family == rival.family or pair is None:
        family = book.families[bundle.family]
        basis, why = family.basis, f"only one of these is billed in a month ({family.title})"
    else:
        basis, why = pair.basis, pair.why.rstrip(".")
        log.block(bundle.drafts[0].rule.code, f"Beside {rival.words}: {why}.", basis)
    log.say(f"{bundle.words} is not chosen beside {rival.words}: {why} {basis}")
    _doubt(bundle, rival, basis, log)


def _doubt(bundle: Bundle, rival: Bundle, basis: Basis, log: Log) -> None:
    if any(draft.amount is None for draft in (*bundle.drafts, *rival.drafts)):
        message = f"{rival.words} was chosen over {bundle.words} without knowing every amount."
        log.warn(message, basis)


def _note_neighbours(book: RuleBook, chosen: Sequence[Bundle], log: Log) -> None:
    for i, one in enumerate(chosen):
        for other in chosen[i + 1 :]:
            pair = between(book, one, other)
            if pair is None:
                continue
            said = f"{one.words} beside {other.words}: {pair.why}"
            if pair.act is Act.WARN:
                log.warn(said, pair.basis)
            else:
                log.say(f"{said} {pair.basis}")
