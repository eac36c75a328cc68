"""How much processor time hostile input may take in a test."""

from typing import Final

SOON: Final = 5.0
"""
Seconds of processor time. One second is promised and measured by the benches; a crowded machine
counts several for the same work, and what hangs or blows up takes far more.
"""
