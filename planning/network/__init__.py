"""The street-based, continuously connected grid: graph and connectivity.

Pure kernels: lines in metres in, frozen results out.
"""
