"""Reports of another system, brought in through the one door by a mapping of its columns."""
