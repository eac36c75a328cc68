"""The record and the flow's projection, in SQLite or PostgreSQL."""
