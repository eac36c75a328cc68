"""The JSON API under /api/v1: the same use cases that the pages and commands work with."""
