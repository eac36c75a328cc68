"""Pictures and papers made from a plan: flow, calendar, handbook. No clock, no files."""
