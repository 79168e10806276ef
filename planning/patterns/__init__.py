"""Metrics for identifying patterns: grids, local association, significance.

Pure kernels: arrays in, frozen results out; coordinates in a metric CRS.
"""
