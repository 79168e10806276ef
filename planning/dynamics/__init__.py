"""Modelling the dynamics: the space-time cube and its trends.

Pure kernels: arrays in, frozen results out; time in UTC.
"""
