"""Reads back what a billing line keeps as text."""

import json
from functools import cache

from pydantic import TypeAdapter

from ccm_flow.core.billing.model import BillingResult
from ccm_flow.core.canonical import Plain


@cache
def _result() -> TypeAdapter[BillingResult]:
    return TypeAdapter(BillingResult)


def read_result(text: str) -> BillingResult:
    """Read codes, units, amounts and reasoning."""
    return _result().validate_json(text)


def read_facts(text: str) -> Plain:
    """Read what the codes rest on."""
    facts: Plain = json.loads(text)
    return facts
