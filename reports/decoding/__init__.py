"""Photos are decoded by a program of its own, which knows nothing of the site and may do little.

`process.decode` starts it, one life for each photo; `__main__` is what it runs.
"""
