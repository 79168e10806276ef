"""What decoder tests share."""

from hypothesis import settings

# The machine is shared: a slow example is no failure, and a failing one must come again.
settings.register_profile("decoding", deadline=None, derandomize=True, max_examples=100)
settings.load_profile("decoding")
