"""The worker processes: start as many as the load needs."""
