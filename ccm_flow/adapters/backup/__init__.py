"""Backups: record and running months of one instant, with their sums, and their way back."""
