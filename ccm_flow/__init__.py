"""Chronic care management, run from YAML playbooks by Temporal."""

__version__ = "0.1.0"
