"""The database's history, one module per step; part of the package, so that a wheel ships it."""
