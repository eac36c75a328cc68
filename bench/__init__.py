"""Measurements: each prints a figure beside a baseline taken in the same minute."""
