"""Judges months by the rule files that are in force in a set-up."""

import hashlib
import re
from pathlib import Path

from ccm_flow.adapters.rule_files import load_shelf, rule_paths
from ccm_flow.app.billing import Rules
from ccm_flow.core.billing.evaluate import evaluate
from ccm_flow.core.billing.model import BillingFacts, BillingResult

_NAME = re.compile(rb"^rules:[ \t]*([\w.-]+)", re.MULTILINE)


class ShelfRules:
    """Implements `ccm_flow.app.billing.BillingRules`."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._known: dict[str, Rules] = {}

    def judge(self, facts: BillingFacts) -> tuple[BillingResult, Rules]:
        """
        Say what may be billed, by the rules in force for the month.

        Raises:
            NoRulesError: no file covers the month.
            BrokenRulesError: the files have errors.
        """
        book = load_shelf(self._home).book(facts.month)
        return evaluate(book, facts), self._rules(book.id)

    def _rules(self, name: str) -> Rules:
        """Give a rule file's name with the SHA-256 of its bytes; it is read once."""
        if name not in self._known:
            for path in rule_paths(self._home):
                text = path.read_bytes()
                found = _NAME.search(text)
                if found is not None:
                    id_ = found[1].decode()
                    self._known[id_] = Rules(id_, hashlib.sha256(text).hexdigest())
        return self._known[name]
