"""Chronic care management, run from YAML playbooks by Temporal."""
