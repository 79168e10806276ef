"""Places of other makers, brought into the city's own tables."""
