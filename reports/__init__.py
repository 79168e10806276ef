"""A citizen's report, from pin to closed."""
