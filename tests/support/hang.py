"""Where a test draws the line between slow and stuck; how fast things are, the benches say."""

NO_HANG = 10.0
"""Seconds of processor time that no hostile input may take on any machine."""
