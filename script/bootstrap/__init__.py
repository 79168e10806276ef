"""Sets a machine up for CivicGrid and runs it; needs nothing but Python's standard library."""
