"""Runs cycles durably: one Temporal workflow for each patient's month."""
