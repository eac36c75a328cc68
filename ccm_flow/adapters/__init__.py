"""The outside: database, Temporal, files, processes."""
