"""What our code costs beside others that do the same work: ``python -m tests.benchmarks``."""
