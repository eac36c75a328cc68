"""Billing rules as dated data, and what they make of one patient's month. Pure."""
